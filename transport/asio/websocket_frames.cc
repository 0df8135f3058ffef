#include "netrig/transport/asio/websocket_frames.h"

#include <algorithm>

namespace netrig::transport {

namespace {

constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kReserved = 0x70;
constexpr std::uint8_t kKind = 0x0F;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kLength = 0x7F;
constexpr std::uint8_t kLength16 = 126;  // the length follows in 2 bytes
constexpr std::uint8_t kLength64 = 127;  // in 8

bool is_control(FrameKind kind) {
  return (static_cast<std::uint8_t>(kind) & 0x8) != 0;
}

std::uint64_t big_endian(const std::uint8_t* bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | bytes[i];
  return value;
}

}  // namespace

void write_frame(FrameKind kind, Bytes payload, const FrameMask* mask, ByteBuffer& wire) {
  wire.push_back(kFinal | static_cast<std::uint8_t>(kind));
  const std::uint8_t masked = mask != nullptr ? kMasked : 0;
  const std::size_t size = payload.size();
  const std::size_t length_bytes = size < kLength16 ? 0 : size <= 0xFFFF ? 2 : 8;
  const std::uint8_t first = length_bytes == 0   ? static_cast<std::uint8_t>(size)
                             : length_bytes == 2 ? kLength16
                                                 : kLength64;
  wire.push_back(masked | first);
  for (std::size_t i = length_bytes; i-- > 0;) wire.push_back(static_cast<std::uint8_t>(size >> (8 * i)));
  if (mask != nullptr) wire.insert(wire.end(), mask->begin(), mask->end());
  const std::size_t begin = wire.size();
  wire.insert(wire.end(), payload.begin(), payload.end());
  if (mask == nullptr) return;
  for (std::size_t i = 0; i < size; ++i) wire[begin + i] ^= (*mask)[i % 4];
}

FrameScanner::Outcome FrameScanner::scan(Bytes& bytes, ByteBuffer& plain) {
  while (!bytes.empty() || in_payload_) {
    if (!in_payload_) {
      if (!take_header(bytes)) return Outcome::nothing;
      if (!read_header()) return Outcome::broken;
    }
    const Outcome outcome = take_payload(bytes, plain);
    if (outcome != Outcome::nothing || in_payload_) return outcome;
  }
  return Outcome::nothing;
}

std::size_t FrameScanner::header_bytes_needed() const {
  if (header_bytes_ < 2) return 2;
  const std::uint8_t length = header_[1] & kLength;
  const std::size_t length_bytes = length == kLength64 ? 8 : length == kLength16 ? 2 : 0;
  return 2 + length_bytes + ((header_[1] & kMasked) != 0 ? 4 : 0);
}

bool FrameScanner::take_header(Bytes& bytes) {
  while (header_bytes_ < header_bytes_needed()) {
    if (bytes.empty()) return false;
    header_[header_bytes_++] = bytes.front();
    bytes = bytes.subspan(1);
  }
  return true;
}

bool FrameScanner::read_header() {
  const auto broken = [this](GoodbyeCode code, const char* why) {
    break_off(code, why);
    return false;
  };
  kind_ = static_cast<FrameKind>(header_[0] & kKind);
  const bool is_final = (header_[0] & kFinal) != 0;
  const bool is_masked = (header_[1] & kMasked) != 0;
  const std::uint8_t length = header_[1] & kLength;
  const std::size_t length_bytes = length == kLength64 ? 8 : length == kLength16 ? 2 : 0;
  if ((header_[0] & kReserved) != 0)
    return broken(GoodbyeCode::protocol_error, "an extension nobody agreed to");
  if (is_masked != expects_mask_) return broken(GoodbyeCode::protocol_error, "masked on the wrong side");
  payload_left_ = length_bytes == 0 ? length : big_endian(&header_[2], length_bytes);
  if (is_control(kind_)) {
    if (!is_final || payload_left_ > control_.size())
      return broken(GoodbyeCode::protocol_error, "a control frame in parts or too long");
    if (kind_ != FrameKind::close && kind_ != FrameKind::ping && kind_ != FrameKind::pong)
      return broken(GoodbyeCode::protocol_error, "an unknown kind of frame");
    control_bytes_ = 0;
  } else {
    if (kind_ == FrameKind::text) return broken(GoodbyeCode::unsupported, "text, not binary");
    if (kind_ != FrameKind::binary && kind_ != FrameKind::continuation)
      return broken(GoodbyeCode::protocol_error, "an unknown kind of frame");
    if ((kind_ == FrameKind::continuation) != in_message_)
      return broken(GoodbyeCode::protocol_error, "parts of messages out of order");
    in_message_ = !is_final;
  }
  if (is_masked) std::copy_n(&header_[2 + length_bytes], 4, mask_.begin());
  mask_at_ = 0;
  header_bytes_ = 0;
  in_payload_ = true;
  return true;
}

FrameScanner::Outcome FrameScanner::take_payload(Bytes& bytes, ByteBuffer& plain) {
  const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, bytes.size()));
  const bool control = is_control(kind_);
  const std::size_t begin = control ? control_bytes_ : plain.size();
  if (control)
    control_bytes_ += count;
  else
    plain.resize(begin + count);
  std::uint8_t* const to = control ? control_.data() + begin : plain.data() + begin;
  for (std::size_t i = 0; i < count; ++i)
    to[i] = expects_mask_ ? bytes[i] ^ mask_[(mask_at_ + i) % 4] : bytes[i];
  mask_at_ = (mask_at_ + count) % 4;
  payload_left_ -= count;
  bytes = bytes.subspan(count);
  in_payload_ = payload_left_ > 0;
  if (in_payload_ || !control || kind_ == FrameKind::pong) return Outcome::nothing;
  return kind_ == FrameKind::ping ? Outcome::ping : Outcome::close;
}

FrameScanner::Outcome FrameScanner::break_off(GoodbyeCode code, const char* why) {
  fault_code_ = code;
  fault_ = why;
  return Outcome::broken;
}

}  // namespace netrig::transport
