// Two sides of a layer joined back to back: what one has to send, the other receives, in pieces of any size.
#pragma once

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "netrig/transport/asio/stream_layer.h"

namespace netrig::transport::testing {

inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string text_of(const ByteBuffer& bytes) {
  return {bytes.begin(), bytes.end()};
}

struct LayerSide {
  std::unique_ptr<StreamLayer> layer;
  LayerState state = LayerState::opening;
  ByteBuffer wire;   // waits for the other side
  ByteBuffer plain;  // received
};

struct LayerPair {
  LayerPair(const StreamLayers& layers, const Address& to, std::size_t piece_bytes = 1'000'000)
      : LayerPair(layers, layers, to, piece_bytes) {}
  LayerPair(const StreamLayers& of_caller, const StreamLayers& of_listener, const Address& to,
            std::size_t piece_bytes = 1'000'000)
      : piece(piece_bytes) {
    caller.layer = of_caller.for_caller(to);
    listener.layer = of_listener.for_listener();
    caller.layer->begin(caller.wire);
    listener.layer->begin(listener.wire);
    run();
  }

  // Until neither has anything to send.
  void run() {
    while (!caller.wire.empty() || !listener.wire.empty()) {
      pass(caller, listener);
      pass(listener, caller);
    }
  }
  void say(LayerSide& from, std::string_view text) {
    from.layer->send(bytes_of(text), from.wire);
    run();
  }

  LayerSide caller;
  LayerSide listener;
  std::size_t piece;

 private:
  void pass(LayerSide& from, LayerSide& to) {
    ByteBuffer wire;
    wire.swap(from.wire);
    for (Bytes left{wire}; !left.empty();) {
      const Bytes first = left.first(std::min(piece, left.size()));
      to.state = to.layer->receive(first, to.plain, to.wire);
      left = left.subspan(first.size());
    }
  }
};

}  // namespace netrig::transport::testing
