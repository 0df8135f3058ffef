#include "netrig/loadgen/run/sockets.h"

#include <algorithm>

#include "netrig/core/base/assert.h"
#include "netrig/loadgen/io/units.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/scenario/diagnostic.h"
#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/transport/asio/tcp.h"
#include "netrig/transport/asio/udp.h"
#include "netrig/transport/memory.h"

namespace netrig::loadgen {

using sim::TransportKind;

std::unique_ptr<transport::Transport> Sockets::open(transport::AsioScheduler& scheduler) const {
  if (kind == TransportKind::memory) return std::make_unique<transport::MemoryTransport>(scheduler);
  if (kind == TransportKind::udp) return std::make_unique<transport::AsioUdpTransport>(scheduler);
  NETRIG_ASSERT(kind == TransportKind::tcp);
  return std::make_unique<transport::AsioTcpTransport>(scheduler);
}

namespace {

std::vector<std::string_view> schemes() {
  std::vector<std::string_view> names;
  for (const auto& named : kTransportNames)
    if (named.value != TransportKind::memory) names.push_back(named.name);
  return names;
}

}  // namespace

Result<ServerUrl, std::string> parse_server_url(std::string_view text) {
  const std::string quoted = '"' + printable(text) + '"';
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos)
    return quoted + " is no URL; write SCHEME://HOST:PORT, such as tcp://127.0.0.1:7777";
  const std::string_view scheme = text.substr(0, colon);
  const std::vector<std::string_view> known = schemes();
  if (std::ranges::count(known, scheme) == 0)
    return quoted + ": no transport is called \"" + printable(scheme) + '"' + did_you_mean(scheme, known) +
           "; there are tcp, tls, ws, wss and udp";
  std::string_view rest = text.substr(colon + 3);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const std::size_t last = rest.rfind(':');
  const bool has_port = last != std::string_view::npos && rest.find(']', last) == std::string_view::npos;
  if (!has_port) return quoted + " has no port; write SCHEME://HOST:PORT";
  const auto port = parse_integer(rest.substr(last + 1));
  if (!port || *port < 0 || *port > UINT16_MAX) return quoted + ": a port is a number from 0 to 65535";
  std::string host{rest.substr(0, last)};
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.find_first_of("/?#@[] ") != std::string::npos)
    return quoted + " has no usable host; write SCHEME://HOST:PORT";
  const auto kind = std::ranges::find(kTransportNames, scheme, &NamedValue<TransportKind>::name);
  return ServerUrl{kind->value, {std::move(host), static_cast<std::uint16_t>(*port)}};
}

std::string text(const ServerUrl& url) {
  const bool is_v6 = url.address.host.find(':') != std::string::npos;
  const std::string host = is_v6 ? '[' + url.address.host + ']' : url.address.host;
  return std::string{name_of(url.kind, kTransportNames)} + "://" + host + ':' +
         std::to_string(url.address.port);
}

bool has_sockets(TransportKind kind) {
  return kind == TransportKind::memory || kind == TransportKind::tcp || kind == TransportKind::udp;
}

}  // namespace netrig::loadgen
