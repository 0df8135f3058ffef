#include "netrig/core/protocol/reliable_sender.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "netrig/core/base/assert.h"

namespace netrig {
namespace {

constexpr std::size_t kReliableBodyBytesMax = kAppMessageBytesMax + 6;  // with key and sequence, or kind
constexpr std::uint8_t kAttemptsCounted = 100;

std::uint8_t copies(std::uint8_t attempt, Duration smoothed) {
  const bool redundant = attempt > 2 || (attempt == 2 && smoothed >= kRedundantRttMin);
  if (!redundant) return 1;
  return static_cast<std::uint8_t>(std::min<std::uint32_t>(2u * (attempt - 1u), kCopiesMax));
}

}  // namespace

ReliableSender::ReliableSender(const Windows& windows, std::size_t message_bytes_max)
    : in_flight_max_(windows.numbered_in_flight_max),
      message_bytes_max_(message_bytes_max),
      spacing_min_(windows.ack_delay_max) {
  NETRIG_ASSERT(in_flight_max_ >= 1 && in_flight_max_ <= kReliableMessagesMax);
  NETRIG_ASSERT(message_bytes_max > 256 && message_bytes_max <= kDatagramBytesMax);
  const std::size_t parts_max = kReliableBodyBytesMax / (message_bytes_max - kPartHeadBytes) + 2;
  NETRIG_ASSERT(parts_max <= in_flight_max_);
}

SendStatus ReliableSender::send(MessageType type, Bytes body) {
  if (body.size() > kReliableBodyBytesMax) return SendStatus::too_large;
  const std::size_t part_bytes_max = message_bytes_max_ - kPartHeadBytes;
  const bool whole = body.size() + kNumberedHeadBytes <= message_bytes_max_;
  const std::size_t stream_bytes = 1 + body.size();  // of parts: inner tag and inner body
  const std::size_t parts = whole ? 1 : (stream_bytes + part_bytes_max - 1) / part_bytes_max;
  const std::size_t needed = whole ? window_bytes(body.size()) : parts * window_bytes(part_bytes_max);
  if (messages_.size() + parts > in_flight_max_ || window_used_ + needed > kReliableBytesMax)
    return SendStatus::queue_full;

  if (!whole) {
    send_parts(type, body, parts);
    return SendStatus::accepted;
  }
  Message message;
  message.inner = type;
  message.head = static_cast<std::uint8_t>(type);
  store(body);
  queue(message);
  return SendStatus::accepted;
}

void ReliableSender::send_parts(MessageType inner, Bytes body, std::size_t parts) {
  const std::uint8_t tag = static_cast<std::uint8_t>(inner);
  store({&tag, 1});
  for (std::size_t part = 0; part < parts; ++part) {
    const std::size_t room = message_bytes_max_ - kPartHeadBytes - (part == 0 ? 1 : 0);
    const Bytes piece = body.first(std::min(room, body.size()));
    body = body.subspan(piece.size());
    store(piece);
    Message message;
    message.type = MessageType::part;
    message.inner = inner;
    message.head = part + 1 == parts ? kPartIsLast : 0;
    message.first_part = part == 0;
    queue(message);
  }
  NETRIG_ASSERT(body.empty());
}

void ReliableSender::store(Bytes bytes) {
  const std::size_t used = bytes_end_ - bytes_begin_;
  if (used + bytes.size() > bytes_.size()) {
    std::vector<std::uint8_t> larger(std::bit_ceil(std::max<std::size_t>(1'024, used + bytes.size())));
    for (std::uint64_t i = bytes_begin_; i < bytes_end_; ++i)
      larger[i & (larger.size() - 1)] = bytes_[i & (bytes_.size() - 1)];
    bytes_ = std::move(larger);
  }
  const std::size_t at = bytes_end_ & (bytes_.size() - 1);
  const std::size_t before_end = std::min(bytes.size(), bytes_.size() - at);
  std::copy_n(bytes.begin(), before_end, bytes_.begin() + static_cast<std::ptrdiff_t>(at));
  std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(before_end), bytes.end(), bytes_.begin());
  bytes_end_ += bytes.size();
}

void ReliableSender::queue(Message message) {
  message.at = messages_.empty() ? bytes_begin_ : messages_.back().at + messages_.back().size;
  message.size = static_cast<std::uint16_t>(bytes_end_ - message.at);
  window_used_ += window_bytes(message.size);
  messages_.push_back(message);
}

const ReliableSender::Message* ReliableSender::find(std::uint32_t number) const {
  const std::uint32_t index = number - first_;  // modulo 2^32; far beyond the end for those acked long ago
  return index < messages_.size() ? &messages_[index] : nullptr;
}
ReliableSender::Message* ReliableSender::find(std::uint32_t number) {
  return const_cast<Message*>(std::as_const(*this).find(number));
}

ReliableSender::Due ReliableSender::due_of(std::uint32_t number, const Message& message) const {
  const bool counts = message.first_part;
  return {number, message.type, message.head, message.inner, message.size, counts};
}

// The first of `queue` that is due and still needs to go out.
std::optional<ReliableSender::Due> ReliableSender::due_again(GrowingRing<Again>& queue, Instant now) {
  while (!queue.empty()) {
    const Message* const message = find(queue.front().number);
    const bool settled = message == nullptr || message->acked || message->copies_due == 0;
    if (!settled) {
      if (queue.front().at > now) return std::nullopt;
      return due_of(queue.front().number, *message);
    }
    queue.pop_front();
  }
  return std::nullopt;
}

std::optional<ReliableSender::Due> ReliableSender::next_due(Instant now) {
  if (const std::optional<Due> due = due_again(lost_, now)) return due;
  if (const std::optional<Due> due = due_again(copies_, now)) return due;
  const Message* const message = find(unsent_);
  if (message == nullptr) return std::nullopt;
  return due_of(unsent_, *message);
}

void ReliableSender::copy_body(const Due& due, std::uint8_t* to) const {
  const Message& message = *find(due.number);
  const std::size_t mask = bytes_.size() - 1;
  const std::size_t at = message.at & mask;
  const std::size_t before_end = std::min<std::size_t>(message.size, bytes_.size() - at);
  std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at), before_end, to);
  std::copy_n(bytes_.begin(), message.size - before_end, to + before_end);
}

void ReliableSender::on_written(const Due& due, Duration smoothed, Instant now) {
  Message& message = *find(due.number);
  ++message.copies_in_flight;
  if (due.number == unsent_) {
    ++unsent_;
    message.attempts = 1;
    return;
  }
  ++resends_;
  const bool from_lost = !lost_.empty() && lost_.front().number == due.number;
  (from_lost ? lost_ : copies_).pop_front();
  if (--message.copies_due > 0)
    copies_.push_back({due.number, now + std::max(spacing_min_, smoothed / kCopySpacingDivisor)});
}

void ReliableSender::on_acked(std::uint32_t number) {
  Message* const message = find(number);
  if (message == nullptr) return;
  message->acked = true;
  while (!messages_.empty() && messages_.front().acked) {
    const Message done = messages_.pop_front();
    bytes_begin_ += done.size;
    window_used_ -= window_bytes(done.size);
    ++first_;
    const bool is_whole = done.type == MessageType::numbered || (done.head & kPartIsLast) != 0;
    if (is_whole) ++acked_messages_;
  }
}

void ReliableSender::on_lost(std::uint32_t number, Duration smoothed, Instant now) {
  Message* const message = find(number);
  if (message == nullptr || message->acked) return;
  --message->copies_in_flight;
  if (message->copies_in_flight > 0 || message->copies_due > 0) return;
  message->attempts = std::min<std::uint8_t>(kAttemptsCounted, message->attempts + 1);
  message->copies_due = copies(message->attempts, smoothed);
  lost_.push_back({number, now});
}

bool ReliableSender::has_due(Instant now) const {
  const bool copy_due = !copies_.empty() && copies_.front().at <= now;
  return !lost_.empty() || copy_due || find(unsent_) != nullptr;
}

std::optional<Instant> ReliableSender::next_copy_at() const {
  if (copies_.empty()) return std::nullopt;
  return copies_.front().at;
}

}  // namespace netrig
