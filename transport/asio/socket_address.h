// Between the addresses of core and those of sockets. Private to transport/asio.
#pragma once

#include <array>
#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>

#include "netrig/core/base/address.h"

namespace netrig::transport {

// The address that `host` spells out: "127.0.0.1", "::1", "[::1]", "fe80::1%eth0". Nothing when it is a name.
inline std::optional<boost::asio::ip::address> literal(const std::string& host) {
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  boost::system::error_code error;
  const auto address =
      boost::asio::ip::make_address(bracketed ? host.substr(1, host.size() - 2) : host, error);
  if (error) return std::nullopt;
  return address;
}

// The two addresses that this name always has, the one to try first in front; no name server and no file is
// asked (RFC 6761, 6.3). A bare system has no /etc/hosts.
inline bool is_localhost(const std::string& host) {
  return host == "localhost";
}
inline std::array<boost::asio::ip::address, 2> localhost_addresses() {
  return {boost::asio::ip::address_v4::loopback(), boost::asio::ip::address_v6::loopback()};
}

// As the rest of netrig names it. An IPv4 peer of an IPv6 socket is the same as one of an IPv4 socket.
template <class Endpoint>
Address address_of(const Endpoint& endpoint) {
  const auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    const auto mapped = make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
    return {mapped.to_string(), endpoint.port()};
  }
  return {address.to_string(), endpoint.port()};
}

}  // namespace netrig::transport
