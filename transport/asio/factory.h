// The transport that a URL names.
#pragma once

#include <memory>
#include <string>

#include "netrig/transport/asio/tcp.h"
#include "netrig/transport/asio/tls.h"
#include "netrig/transport/asio/udp.h"
#include "netrig/transport/endpoint_url.h"

namespace netrig::transport {

struct SocketOptions {
  TcpOptions tcp;  // of every stream
  UdpOptions udp;
  TlsOptions tls;  // of tls and wss
};

// Why the host of an address that is connected to cannot be found, in the system's words; empty when it can.
// Asks now, and waits for the answer.
std::string why_unresolvable(const Address& address);

enum class SocketRole : std::uint8_t { listens, connects };

// The error is a sentence: what is missing, which file is wrong. `scheduler` outlives the transport.
Result<std::unique_ptr<Transport>, std::string> make_socket_transport(AsioScheduler& scheduler,
                                                                      const EndpointUrl& url, SocketRole role,
                                                                      const SocketOptions& options = {});

}  // namespace netrig::transport
