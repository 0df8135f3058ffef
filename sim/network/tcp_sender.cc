#include "netrig/sim/network/tcp_sender.h"

#include <algorithm>

#include "netrig/core/base/assert.h"

namespace netrig::sim {

TcpSender::TcpSender(const TcpOptions& options, Duration handshake, std::uint32_t segment_charge)
    : options_(options),
      segment_charge_(segment_charge),
      window_(options.initial_window_segments * kSegmentBytes),
      rtt_(handshake, options.timeout_min) {}

void TcpSender::append(std::uint32_t bytes, Instant now) {
  facts_.note_first_byte(window_, now);
  if (segments_.empty()) {
    facts_.pass_time(window_, now);
    const Duration idle = now - last_sent_at_;
    if (transmitted_ > 0 && idle > rtt_.timeout()) window_.on_restart(idle, rtt_.timeout());
    facts_.note_window(window_);
  }
  segments_.push_back({.sent_at = now, .bytes = bytes});
  unsent_bytes_ += bytes;
  buffered_bytes_ += bytes + segment_charge_;
}

// --- sending

bool TcpSender::fits_window(std::uint32_t bytes) const {
  return in_flight_bytes_ == 0 || in_flight_bytes_ + bytes <= window_.bytes();
}

std::optional<TcpSender::Sending> TcpSender::send_next(Instant now) {
  while (!lost_.empty()) {
    const std::uint64_t number = lost_.front();
    if (number >= first_ && segment(number).lost) {
      if (!sends_one_anyway_ && !fits_window(segment(number).bytes))
        return stop_at(StreamLimit::congestion_window, now);
      lost_.pop_front();
      return transmit(number, now);
    }
    lost_.pop_front();
  }
  if (unsent_bytes_ == 0) return stop_at(StreamLimit::application, now);
  const std::uint32_t bytes = segment(unsent_).bytes;
  if (outstanding_bytes_ + bytes > options_.receive_window_bytes)
    return stop_at(StreamLimit::receive_window, now);
  if (!fits_window(bytes)) return stop_at(StreamLimit::congestion_window, now);
  return transmit(unsent_, now);
}

std::optional<TcpSender::Sending> TcpSender::stop_at(StreamLimit limit, Instant now) {
  facts_.pass_time(window_, now);
  facts_.note_limit(limit, now);
  note_use(limit == StreamLimit::congestion_window);
  return std::nullopt;
}

TcpSender::Sending TcpSender::transmit(std::uint64_t number, Instant now) {
  Segment& sent = segment(number);
  const bool again = number < unsent_;
  if (!again) {
    ++unsent_;
    unsent_bytes_ -= sent.bytes;
    outstanding_bytes_ += sent.bytes;
    sent.sent_at = now;
  }
  sent.sent_again = again;
  sent.lost = false;
  sent.in_flight = true;
  in_flight_bytes_ += sent.bytes;
  sent.transmission = ++transmitted_;
  transmissions_.push_back({number, transmitted_});
  sends_one_anyway_ = false;
  last_sent_at_ = now;
  // As Linux does, the oldest segment's retransmission starts its wait anew.
  if (!timer_ || (again && number == first_)) timer_ = now + rtt_.timeout();
  facts_.note_sending(sent.bytes + segment_charge_, again, recovery_ == Recovery::after_timeout);
  return {{number, transmitted_}, sent.bytes, again};
}

// --- acknowledgements

void TcpSender::on_ack(GrowingRing<Transmission>& arrivals, std::uint64_t count, Instant now) {
  facts_.pass_time(window_, now);
  acked_bytes_ = 0;
  sampled_ = false;
  for (; count > 0; --count) acknowledge(arrivals.pop_front(), now);
  const std::uint64_t in_order_bytes = forget_acknowledged();
  if (in_order_bytes > 0) {
    timeouts_in_a_row_ = 0;
    timer_.reset();
    if (outstanding_bytes_ > 0) timer_ = now + rtt_.timeout();
  }
  if (recovery_ != Recovery::none && first_ >= recovery_end_) recovery_ = Recovery::none;
  if (find_losses() && recovery_ == Recovery::none) {
    // What was acknowledged in order was so before the gap showed, and had made the window wider.
    if (in_order_bytes > 0) window_.on_acked(in_order_bytes, window_was_limiting(), rtt_.smoothed(), now);
    window_.on_loss();
    facts_.note_cut();
    facts_.note_window_cut();
    enter(Recovery::fast);
  }
  if (recovery_ != Recovery::fast && acked_bytes_ > 0)
    window_.on_acked(acked_bytes_, window_was_limiting(), rtt_.smoothed(), now);
  facts_.note_window(window_);
}

void TcpSender::acknowledge(const Transmission& arrived, Instant now) {
  newest_acknowledged_ = std::max(newest_acknowledged_, arrived.number);
  if (arrived.segment < first_) return;
  Segment& told = segment(arrived.segment);
  if (told.acknowledged) return;
  told.acknowledged = true;
  told.lost = false;
  leave_flight(told);
  acked_bytes_ += told.bytes;
  if (sampled_ || told.sent_again) return;  // Karn's rule: which sending was it?
  rtt_.sample(now - told.sent_at);
  sampled_ = true;
}

void TcpSender::leave_flight(Segment& left) {
  if (left.in_flight) in_flight_bytes_ -= left.bytes;
  left.in_flight = false;
}

// How many bytes got through with everything before them, and are not waited for any more.
std::uint64_t TcpSender::forget_acknowledged() {
  std::uint64_t forgotten = 0;
  while (!segments_.empty() && segments_.front().acknowledged) {
    const std::uint32_t bytes = segments_.pop_front().bytes;
    outstanding_bytes_ -= bytes;
    buffered_bytes_ -= bytes + segment_charge_;
    forgotten += bytes;
    ++first_;
  }
  return forgotten;
}

// --- losses

bool TcpSender::find_losses() {
  bool found = false;
  while (!transmissions_.empty() && transmissions_.front().number + kReorderingMax <= newest_acknowledged_) {
    const Transmission old = transmissions_.pop_front();
    if (old.segment < first_) continue;
    const Segment& sent = segment(old.segment);
    if (sent.transmission != old.number || !sent.in_flight) continue;
    mark_lost(old.segment);
    found = true;
  }
  return found;
}

void TcpSender::mark_lost(std::uint64_t number) {
  leave_flight(segment(number));
  segment(number).lost = true;
  lost_.insert_sorted(number, [](std::uint64_t a, std::uint64_t b) { return a < b; });
}

void TcpSender::enter(Recovery recovery) {
  recovery_ = recovery;
  recovery_end_ = unsent_;
  sends_one_anyway_ = true;
}

// RFC 6298, 5.4 to 5.6: everything that was not acknowledged counts as lost.
void TcpSender::on_timer(Instant now) {
  NETRIG_ASSERT(outstanding_bytes_ > 0);
  facts_.pass_time(window_, now);
  window_.on_timeout(timeouts_in_a_row_ > 0);
  ++timeouts_in_a_row_;
  facts_.note_timeout();
  facts_.note_cut();
  facts_.note_window(window_);
  rtt_.back_off();
  timer_ = now + rtt_.timeout();
  while (!lost_.empty()) lost_.pop_front();
  for (std::uint64_t number = first_; number < unsent_; ++number)
    if (!segment(number).acknowledged) mark_lost(number);
  enter(Recovery::after_timeout);
}

// --- whether the window is what limits: as Linux tells it, from the fullest moment of the last window

void TcpSender::note_use(bool is_window_full) {
  const bool is_fuller = !was_full_ && in_flight_bytes_ > used_bytes_max_;
  if (first_ < use_until_ && !is_window_full && !is_fuller) return;
  was_full_ = is_window_full;
  used_bytes_max_ = in_flight_bytes_;
  use_until_ = unsent_;
}

bool TcpSender::window_was_limiting() const {
  return was_full_ || (window_.in_slow_start() && window_.bytes() < 2 * used_bytes_max_);
}

}  // namespace netrig::sim
