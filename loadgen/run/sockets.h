// Which real transport a run uses, and what it needs besides: one kind of socket, or memory.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "netrig/core/base/result.h"
#include "netrig/sim/network/header_model.h"
#include "netrig/transport/asio/factory.h"
#include "netrig/transport/endpoint_url.h"
#include "netrig/transport/transport.h"

namespace netrig::loadgen {

// Why something could not begin, as a sentence.
struct Failure {
  std::string reason;
};

struct Sockets {
  std::optional<transport::EndpointUrl> url{};  // where the server listens or is; none: in memory
  transport::TlsOptions tls{};

  // The scheduler outlives the transport.
  Result<std::unique_ptr<transport::Transport>, Failure> open(transport::AsioScheduler& scheduler,
                                                              transport::SocketRole role) const;
};

// Lifts this process's limit of open descriptors as far as it may go. The failure says how far it must.
Result<void, Failure> provide_descriptors(std::size_t connections);

// Of a run that has its own server: on loopback, with a certificate of its own where the transport wants one.
Result<Sockets, Failure> loopback_sockets(sim::TransportKind kind);

}  // namespace netrig::loadgen
