// Which real transport a run uses, and what it needs besides: one kind of socket, or memory.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "netrig/core/base/address.h"
#include "netrig/core/base/result.h"
#include "netrig/sim/network/header_model.h"
#include "netrig/transport/asio/asio_scheduler.h"
#include "netrig/transport/transport.h"

namespace netrig::loadgen {

// Why something could not begin, as a sentence.
struct Failure {
  std::string reason;
};

struct Sockets {
  sim::TransportKind kind = sim::TransportKind::tcp;

  // The scheduler outlives the transport.
  std::unique_ptr<transport::Transport> open(transport::AsioScheduler& scheduler) const;
};

// Where a server is, or listens: "tcp://127.0.0.1:7777", "udp://[::1]:7777".
struct ServerUrl {
  sim::TransportKind kind = sim::TransportKind::tcp;
  Address address;
};
// The error is a sentence.
Result<ServerUrl, std::string> parse_server_url(std::string_view text);
std::string text(const ServerUrl& url);

// Whether this build has sockets of that kind.
bool has_sockets(sim::TransportKind kind);

}  // namespace netrig::loadgen
