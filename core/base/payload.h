// Encoded bytes that many connections share: written once, hashed once, never copied for a broadcast.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "netrig/core/base/bytes.h"
#include "netrig/core/base/ids.h"

namespace netrig {

// Immutable once sealed. `digest` is digest_of(bytes), computed by seal() and by nobody again.
struct Payload {
  std::vector<std::uint8_t> bytes;
  std::uint64_t digest = 0;
};
using PayloadRef = std::shared_ptr<const Payload>;

// Hands out payloads to write into and takes back those that nobody refers to any more, so that a steady
// stream allocates nothing after warm-up. Holds about as many as are in flight. One thread's own.
class PayloadPool {
 public:
  std::shared_ptr<Payload> acquire();                        // empty, its capacity kept
  static PayloadRef seal(std::shared_ptr<Payload> payload);  // computes the digest; write no more after it
  std::size_t size() const { return ring_.size(); }

 private:
  std::vector<std::shared_ptr<Payload>> ring_;  // from next_ on: those handed out longest ago first
  std::size_t next_ = 0;
  std::size_t largest_ = 0;  // bytes that came back: each payload makes room for them at once, or not again
};

// What one `send` takes: a part of one peer's own and a part shared by many. Either may be null. The bytes on
// the wire are head then body.
struct OutgoingMessage {
  PayloadRef head;
  PayloadRef body;

  std::size_t size() const { return (head ? head->bytes.size() : 0) + (body ? body->bytes.size() : 0); }
};

// A piece of received bytes. `owner` keeps the bytes alive for those who copy it; without one they are valid
// only during the call.
struct Chunk {
  Bytes bytes;
  PayloadRef owner;
};

enum class Delivery : std::uint8_t {
  datagram,          // each message whole or not at all, in any order
  reliable_ordered,  // a byte pipe: chunk boundaries mean nothing
};

enum class SendStatus : std::uint8_t { accepted, queue_full, too_large, closed };

// Where an endpoint's output goes when it is pulled with flush(). Implemented by whoever owns the
// connections.
class PacketSink {
 public:
  virtual ~PacketSink() = default;
  // One write. Anything but `accepted` means that nothing was taken.
  virtual SendStatus send(PeerId peer, const OutgoingMessage& message) = 0;
  // Bytes accepted for this peer but not yet handed to the network (unsent, not unacked).
  virtual std::size_t backlog_bytes(PeerId peer) const = 0;
  // The endpoint is done with this peer: close its connection once what was accepted has left.
  virtual void close(PeerId peer) = 0;
};

}  // namespace netrig
