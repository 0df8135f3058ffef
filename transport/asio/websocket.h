// WebSocket (RFC 6455) as a layer of streams: the upgrade by Boost.Beast's HTTP parser, then binary frames. A
// stream stays a stream: frames are cut wherever it suits, and their payload is passed on as it arrives.
#pragma once

#include <memory>
#include <string>

#include "netrig/transport/asio/stream_layer.h"

namespace netrig::transport {

struct WebSocketOptions {
  std::string path = "/";  // callers ask for it; listeners answer 404 to any other
};

std::shared_ptr<const StreamLayers> websocket_layers(const WebSocketOptions& options);

}  // namespace netrig::transport
