#include "netrig/loadgen/run/sockets.h"

#include <utility>

#include "netrig/loadgen/io/human.h"
#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/transport/asio/tcp.h"
#include "netrig/transport/memory.h"

namespace netrig::loadgen {

using sim::TransportKind;

Result<std::unique_ptr<transport::Transport>, Failure> Sockets::open(transport::AsioScheduler& scheduler,
                                                                     transport::SocketRole role) const {
  using Made = std::unique_ptr<transport::Transport>;
  if (!url) return Made{std::make_unique<transport::MemoryTransport>(scheduler)};
  auto made = make_socket_transport(scheduler, *url, role, {.tcp = {}, .udp = {}, .tls = tls});
  if (!made) return Failure{made.error()};
  return std::move(*made);
}

Result<void, Failure> provide_descriptors(std::size_t connections) {
  // Files, listeners and timers, and connections that end while others begin.
  constexpr std::size_t kOthers = 64;
  const std::size_t needed = connections + kOthers;
  const std::size_t allowed = transport::raise_descriptor_limit();
  if (allowed >= needed) return {};
  return Failure{whole(std::uint64_t{connections}) + " connections need " + whole(std::uint64_t{needed}) +
                 " descriptors, and this process may open " + whole(std::uint64_t{allowed}) +
                 ": raise the hard limit (ulimit -Hn)"};
}

Result<Sockets, Failure> loopback_sockets(TransportKind kind) {
  Sockets sockets;
  if (kind == TransportKind::memory) return sockets;
  const std::string scheme{name_of(kind, kTransportNames)};
  sockets.url = *transport::parse_endpoint_url(scheme + "://127.0.0.1:0");
  if (!is_encrypted(sockets.url->scheme)) return sockets;
  sockets.tls.own = transport::loopback_certificate();
  if (!sockets.tls.own) return Failure{"cannot make a certificate for " + scheme + " on this machine"};
  return sockets;
}

}  // namespace netrig::loadgen
