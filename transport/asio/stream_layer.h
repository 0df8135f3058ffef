// What may stand between a stream and its socket, TLS or WebSocket: bytes in, bytes out, no socket and no
// clock.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "netrig/core/base/address.h"
#include "netrig/core/base/bytes.h"

namespace netrig::transport {

using ByteBuffer = std::vector<std::uint8_t>;

enum class LayerState : std::uint8_t {
  opening,  // the two sides still agree on it
  open,
  ended,   // the other side said goodbye: nothing more comes
  failed,  // fault() says why
};

// One side of one connection. What it has to send is appended to `wire`, what it received for its user to
// `plain`, which in all grows by no more bytes than came in: one call may hand on what earlier ones held
// back.
class StreamLayer {
 public:
  virtual ~StreamLayer() = default;
  virtual void begin(ByteBuffer& wire) = 0;  // once, before anything else. It may fail: fault() is not empty
  virtual LayerState receive(Bytes bytes, ByteBuffer& plain, ByteBuffer& wire) = 0;
  virtual void send(Bytes plain, ByteBuffer& wire) = 0;  // only when open
  virtual void end(ByteBuffer& wire) = 0;                // says goodbye; only when open, once
  virtual std::string fault() const = 0;
  virtual const char* name() const = 0;  // "TLS"
};

// Makes the layer of each connection.
class StreamLayers {
 public:
  virtual ~StreamLayers() = default;
  virtual std::unique_ptr<StreamLayer> for_caller(const Address& to) const = 0;
  virtual std::unique_ptr<StreamLayer> for_listener() const = 0;
};

// `upper` over `lower`: WebSocket over TLS.
std::shared_ptr<const StreamLayers> stacked(std::shared_ptr<const StreamLayers> upper,
                                            std::shared_ptr<const StreamLayers> lower);

}  // namespace netrig::transport
