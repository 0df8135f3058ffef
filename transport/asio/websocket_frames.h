// WebSocket frames (RFC 6455 5): reading and writing. Payload is never held back, so a lying length costs
// nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "netrig/core/base/bytes.h"
#include "netrig/transport/asio/stream_layer.h"

namespace netrig::transport {

using FrameMask = std::array<std::uint8_t, 4>;

enum class FrameKind : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10
};

// Codes of a close frame (RFC 6455 7.4.1).
enum class GoodbyeCode : std::uint16_t { normal = 1000, protocol_error = 1002, unsupported = 1003 };

void write_frame(FrameKind kind, Bytes payload, const FrameMask* mask, ByteBuffer& wire);

class FrameScanner {
 public:
  // Callers mask their frames and listeners do not: what comes must be of the other kind.
  explicit FrameScanner(bool expects_mask) : expects_mask_(expects_mask) {}

  enum class Outcome : std::uint8_t { nothing, ping, close, broken };

  // Takes bytes from the front of `bytes` until they are used up or something is to be answered. Binary
  // payload is appended to `plain`.
  Outcome scan(Bytes& bytes, ByteBuffer& plain);
  Bytes control_payload() const { return Bytes{control_}.first(control_bytes_); }  // of the ping or close
  GoodbyeCode fault_code() const { return fault_code_; }
  const char* fault() const { return fault_; }

 private:
  bool take_header(Bytes& bytes);
  bool read_header();
  Outcome take_payload(Bytes& bytes, ByteBuffer& plain);
  Outcome break_off(GoodbyeCode code, const char* why);
  std::size_t header_bytes_needed() const;

  bool expects_mask_;
  std::array<std::uint8_t, 14> header_{};  // 2 + 8 of length + 4 of mask
  std::size_t header_bytes_ = 0;
  bool in_payload_ = false;
  bool in_message_ = false;  // a binary message has begun and its last frame has not come
  FrameKind kind_ = FrameKind::binary;
  FrameMask mask_{};
  std::uint64_t payload_left_ = 0;
  std::size_t mask_at_ = 0;
  std::array<std::uint8_t, 125> control_{};
  std::size_t control_bytes_ = 0;
  GoodbyeCode fault_code_ = GoodbyeCode::normal;
  const char* fault_ = "";
};

}  // namespace netrig::transport
