#include "netrig/core/protocol/sent_packets.h"

#include <algorithm>

#include "netrig/core/base/assert.h"
#include "netrig/core/base/random.h"

namespace netrig {
namespace {

constexpr std::uint32_t kRecentPackets = 512;
constexpr int kClockDriftDivisor = 1000;     // two clocks, each slewed by at most 500 ppm (NTP)
constexpr int kReorderEpochRoundTrips = 16;  // how long a reordering is remembered (RFC 8985 section 6.2)
constexpr Duration kReorderEpochMin = 2s;

}  // namespace

SentPackets::SentPackets(const Windows& windows, std::uint64_t first_sequence, std::optional<Duration> rtt,
                         SentPacketObserver& observer)
    : windows_(windows),
      observer_(observer),
      first_sequence_(first_sequence),
      first_(first_sequence),
      judged_below_(first_sequence),
      timed_below_(first_sequence) {
  NETRIG_ASSERT(windows.packets_kept_max > 0);
  if (rtt) rtt_.add(*rtt);
}

void SentPackets::add(std::span<const SentItem> items, std::size_t bytes, std::uint32_t ack_number,
                      bool wants_ack, Instant now) {
  forget(now);
  while (packets_.size() >= windows_.packets_kept_max) {
    const SentPacket& oldest = packets_.front();
    if (oldest.state == SentPacket::State::in_flight && oldest.wants_ack) {
      ++facts_.forgotten;
      lose(first_, LossCause::timeout, now);
    }
    pop();
  }
  SentPacket packet;
  packet.sent_at = now;
  packet.wants_ack = wants_ack;
  if (wants_ack && !unanswered_since_) unanswered_since_ = now;
  packet.items_first = items_begin_ + static_cast<std::uint32_t>(items_.size());
  packet.items = static_cast<std::uint16_t>(items.size());
  packet.ack_number = ack_number;
  packet.bytes = static_cast<std::uint16_t>(bytes);
  for (const SentItem& item : items) items_.push_back(item);
  packets_.push_back(packet);
}

std::uint64_t SentPackets::next_not_acked(std::uint64_t sequence) {
  const std::size_t from = sequence - first_;
  std::size_t found = from;
  const auto step_of = [&](std::size_t i) { return std::max<std::size_t>(1, packets_[i].skip); };
  for (; found < packets_.size() && packets_[found].state == SentPacket::State::acked; ++facts_.looked_at)
    found += step_of(found);
  for (std::size_t i = from; i < found && i < packets_.size();) {
    const std::size_t step = step_of(i);
    packets_[i].skip = static_cast<std::uint16_t>(std::min<std::size_t>(found - i, UINT16_MAX));
    i += step;
  }
  return first_ + found;
}

bool SentPackets::on_ack(const Ack& ack, Instant now) {
  if (next_sequence() == first_sequence_) return false;
  const std::uint64_t newest = next_sequence() - 1;
  const auto ahead = static_cast<std::int32_t>(ack.largest - static_cast<std::uint32_t>(newest));
  if (ahead > 0) return false;
  const auto behind = static_cast<std::uint64_t>(-static_cast<std::int64_t>(ahead));
  const std::uint64_t oldest_distance = behind + ack.ranges[ack.count - 1].first;
  if (oldest_distance > newest - first_sequence_) return false;
  const std::uint64_t largest = newest - behind;

  const bool measures = largest >= first_ && at(largest).state != SentPacket::State::acked;
  const Duration away = measures ? now - at(largest).sent_at : Duration{};
  const Duration held = std::chrono::microseconds{ack.delay_us};
  if (measures && held > away + away / kClockDriftDivisor) return false;

  const Instant largest_sent_at = largest >= first_ ? at(largest).sent_at : Instant{};
  for (const AckRange& range : ack.all()) {
    if (largest - range.last < first_) break;  // judged and forgotten long ago, as all that follows
    const std::uint64_t last = largest - range.last;
    std::uint64_t sequence = next_not_acked(std::max(largest - range.first, first_));
    for (; sequence <= last; sequence = next_not_acked(sequence + 1))
      acknowledge(sequence, largest_sent_at, now);
  }
  if (measures) rtt_.add(std::max(away - held, Duration{}));
  if (measures && (!largest_acked_ || largest > *largest_acked_)) {
    largest_acked_ = largest;
    largest_acked_sent_at_ = largest_sent_at;
  }
  judge_by_gap(now);
  skip_judged();
  forget(now);
  return true;
}

void SentPackets::acknowledge(std::uint64_t sequence, Instant largest_sent_at, Instant now) {
  SentPacket& packet = at(sequence);
  const bool was_lost = packet.state == SentPacket::State::lost;
  if (largest_acked_ && sequence < *largest_acked_)
    note_overtaken(largest_sent_at - packet.sent_at + 1ns, now);
  if (was_lost) {
    --facts_.lost;
    ++facts_.late_acks;
    if (recent_lost_ > 0) {
      --recent_lost_;
    } else if (before_lost_ > 0) {
      --before_lost_;
    }
  } else {
    count_judged(false);
  }
  ++facts_.acked;
  bytes_acked_ += packet.bytes;
  packet.state = SentPacket::State::acked;
  packet.skip = 1;
  backoff_ = 0;
  unanswered_since_.reset();
  observer_.on_packet_acked(sequence, packet, now);
}

void SentPackets::lose(std::uint64_t sequence, LossCause cause, Instant now) {
  SentPacket& packet = at(sequence);
  packet.state = SentPacket::State::lost;
  packet.lost_by_timeout = cause == LossCause::timeout;
  ++facts_.lost;
  ++(cause == LossCause::gap ? facts_.lost_by_gap : facts_.lost_by_timeout);
  count_judged(true);
  observer_.on_packet_lost(sequence, packet, cause, now);
}

void SentPackets::drop(std::uint64_t sequence, Instant now) {
  NETRIG_ASSERT(sequence >= first_ && sequence < next_sequence());
  SentPacket& packet = at(sequence);
  if (packet.state != SentPacket::State::in_flight) return;
  // Neither acked nor lost in the counts; an ack for it would be a lie, and changes nothing.
  packet.state = SentPacket::State::acked;
  packet.skip = 1;
  ++facts_.refused;
  observer_.on_packet_lost(sequence, packet, LossCause::refused, now);
  skip_judged();
}

void SentPackets::count_judged(bool lost) {
  if (recent_judged_ >= kRecentPackets) {
    before_judged_ = recent_judged_;
    before_lost_ = recent_lost_;
    recent_judged_ = recent_lost_ = 0;
  }
  ++recent_judged_;
  recent_lost_ += lost ? 1 : 0;
}

std::uint32_t SentPackets::loss_ppm() const {
  const std::uint64_t judged = recent_judged_ + before_judged_;
  if (judged == 0) return 0;
  return static_cast<std::uint32_t>(std::uint64_t{recent_lost_ + before_lost_} * kPartsPerMillion / judged);
}

void SentPackets::note_overtaken(Duration by, Instant now) {
  const Duration epoch = std::max(kReorderEpochMin, kReorderEpochRoundTrips * rtt_.smoothed());
  if (now - overtaken_epoch_ > epoch) {
    overtaken_by_before_ = now - overtaken_epoch_ > 2 * epoch ? Duration{} : overtaken_by_;
    overtaken_by_ = {};
    overtaken_epoch_ = now;
  }
  overtaken_by_ = std::max(overtaken_by_, std::min(by, windows_.reorder_max));
}

Duration SentPackets::reorder_window() const {
  const Duration most = std::max(overtaken_by_, overtaken_by_before_);
  return most + most / 8;
}

// In order of sending: both conditions hold for all packets up to some point.
void SentPackets::judge_by_gap(Instant now) {
  if (!largest_acked_ || *largest_acked_ < kReorderPackets) return;
  const std::uint64_t last = *largest_acked_ - kReorderPackets;
  const Instant sent_by = largest_acked_sent_at_ - reorder_window();
  for (; judged_below_ <= last && judged_below_ < next_sequence(); ++judged_below_) {
    if (at(judged_below_).sent_at > sent_by) return;
    if (at(judged_below_).state == SentPacket::State::in_flight) lose(judged_below_, LossCause::gap, now);
  }
}

Duration SentPackets::timeout() const {
  const Duration once = rtt_.timeout(windows_.ack_delay_max);
  // Nothing is on its way for longer: more patience would tell no more.
  const Duration most = windows_.rtt_max + windows_.reorder_max + 2 * windows_.ack_delay_max;
  return std::max(once, std::min(once * (std::int64_t{1} << backoff_), most));
}

void SentPackets::judge_by_time(Instant now) {
  const Duration wait = timeout();
  bool any = false;
  for (; timed_below_ < next_sequence(); ++timed_below_) {
    const SentPacket& packet = at(timed_below_);
    if (packet.state != SentPacket::State::in_flight || !packet.wants_ack) continue;
    if (packet.sent_at + wait > now) break;
    lose(timed_below_, LossCause::timeout, now);
    any = true;
  }
  // Once for all packets of one silence.
  if (!any || now < backed_off_at_ + wait) return;
  backoff_ = std::min(backoff_ + 1, kTimeoutDoublingsMax);
  backed_off_at_ = now;
}

void SentPackets::advance(Instant now) {
  judge_by_time(now);
  skip_judged();
  forget(now);
}

void SentPackets::skip_judged() {
  while (judged_below_ < next_sequence() && at(judged_below_).state != SentPacket::State::in_flight)
    ++judged_below_;
  timed_below_ = std::max(timed_below_, judged_below_);
  while (timed_below_ < next_sequence() &&
         (at(timed_below_).state != SentPacket::State::in_flight || !at(timed_below_).wants_ack))
    ++timed_below_;
}

std::optional<Instant> SentPackets::timeout_at() const {
  if (timed_below_ == next_sequence()) return std::nullopt;
  return packets_[timed_below_ - first_].sent_at + timeout();
}

// An acked packet is of no more use, and a lost one once its ack cannot come any more: behind a gap that is
// soon; after silence, what was sent again may bring the ack of both.
void SentPackets::forget(Instant now) {
  const Duration behind_gap = timeout() + windows_.reorder_max;
  const Duration behind_silence =
      rtt_.has_sample() ? std::min(2 * timeout(), windows_.packet_kept_for) : windows_.packet_kept_for;
  while (!packets_.empty()) {
    const SentPacket& oldest = packets_.front();
    if (oldest.state == SentPacket::State::in_flight) return;
    const Duration kept_for = oldest.lost_by_timeout ? behind_silence : behind_gap;
    if (oldest.state == SentPacket::State::lost && oldest.sent_at + kept_for > now) return;
    pop();
  }
}

void SentPackets::pop() {
  const SentPacket packet = packets_.pop_front();
  for (std::uint32_t i = 0; i < packet.items; ++i) items_.pop_front();
  items_begin_ += packet.items;
  ++first_;
  judged_below_ = std::max(judged_below_, first_);
  timed_below_ = std::max(timed_below_, first_);
}

}  // namespace netrig
