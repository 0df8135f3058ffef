// Writing the native messages: their bodies here, once; what goes around them is the packet header's
// business, so there is one writer per header. Every byte is accounted for: message bodies under their type,
// everything else as protocol.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "netrig/core/base/bytes.h"
#include "netrig/core/protocol/messages.h"
#include "netrig/core/protocol/packet_breakdown.h"

namespace netrig {

constexpr std::uint32_t kHelloMagic =
    0x4752544E;  // "NTRG" on the wire: a foreign protocol is refused at its first message

constexpr std::size_t kStateHeaderBytes = 2 + 10;  // tag, length, body

// What stands before a body of that size: tag and length.
std::size_t envelope_bytes(std::size_t body_bytes);

class MessageWriter {
 public:
  void write(const Hello& message);
  void write(const Welcome& message);
  void write(const Refuse& message);
  void write(const Ping& message);
  void write(const Pong& message);
  void write(const Disconnect& message);
  void write(const Challenge& message);
  void write(const Proof& message);
  void write(const StateHeader& message);
  void write(const InputMessage& message);
  void write_leave();
  // A body made by encode_body, of a message that waited in a channel.
  void write_encoded(MessageType type, Bytes body);
  // Room for a body of `size` bytes, which the caller fills before the next call.
  std::span<std::uint8_t> write_space(MessageType type, std::size_t size);

 protected:
  ~MessageWriter() = default;
  // Begins a message with a body of exactly `body_bytes`, in this packet or the next, and returns where to
  // write that.
  virtual ByteWriter& message(MessageType type, std::size_t body_bytes) = 0;
};

// Messages side by side without any header, for what many packets share.
class RawWriter final : public MessageWriter {
 public:
  RawWriter(std::vector<std::uint8_t>& out, PacketBreakdown& breakdown)
      : writer_(out), breakdown_(breakdown) {}

 private:
  ByteWriter& message(MessageType type, std::size_t body_bytes) override;

  ByteWriter writer_;
  PacketBreakdown& breakdown_;
};

// Frames of one stream packet each, in one vector. A message that does not fit the current frame begins
// another. Lives for one write.
class FrameWriter final : public MessageWriter {
 public:
  FrameWriter(std::vector<std::uint8_t>& out, PacketBreakdown& breakdown)
      : writer_(out), breakdown_(breakdown) {}

  // Begins a frame that carries only an ack so far; messages follow in it.
  void acknowledge(std::uint32_t reliable_received);
  void finish();  // completes the frame in progress, if there is one

 private:
  void open_frame(std::uint8_t flags);
  ByteWriter& message(MessageType type, std::size_t body_bytes) override;

  static constexpr std::size_t kNoFrame = static_cast<std::size_t>(-1);

  ByteWriter writer_;
  PacketBreakdown& breakdown_;
  std::size_t frame_at_ = kNoFrame;  // where the frame in progress begins
};

// Appends the bodies of messages that wait in a channel until a packet takes them, or travel in a datagram of
// the handshake.
void encode_body(const Hello& message, std::vector<std::uint8_t>& out);
void encode_body(const Welcome& message, std::vector<std::uint8_t>& out);
void encode_body(const EntityRemoved& message, std::vector<std::uint8_t>& out);
void encode_body(const AppMessage& message, std::vector<std::uint8_t>& out);
void encode_body(const LatestMessage& message, std::vector<std::uint8_t>& out);

}  // namespace netrig
