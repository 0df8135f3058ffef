// The shape of everything that speaks a protocol: Client, Server and the venture dialect's pair. An endpoint
// owns no socket, no thread and no clock. Bytes and `now` go in; output is pulled at one known point, never
// pushed from the middle of a change.
#pragma once

#include <concepts>
#include <optional>

#include "netrig/core/base/payload.h"
#include "netrig/core/base/time.h"

namespace netrig {

template <class T>
concept Endpoint = requires(T endpoint, const T constant, PacketSink& sink, Instant now) {
  endpoint.advance(now);  // does everything that is due by `now`
  { constant.next_deadline() } -> std::same_as<std::optional<Instant>>;  // when advance() is needed next
  endpoint.flush(sink);                                                  // hands over what was produced
};

template <class T>
concept ClientEndpoint = Endpoint<T> && requires(T endpoint, Bytes bytes, Instant now) {
  endpoint.receive(bytes, now);  // any bytes are safe
};

template <class T>
concept ServerEndpoint = Endpoint<T> && requires(T endpoint, PeerId peer, Bytes bytes, Instant now) {
  endpoint.receive(peer, bytes, now);  // any bytes are safe
};

}  // namespace netrig
