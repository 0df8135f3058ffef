// What listening has in common for streams and datagrams. Private to transport/asio.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <optional>
#include <string>

#include "netrig/transport/asio/socket_address.h"
#include "netrig/transport/transport.h"

namespace netrig::transport {

// The address that `host` spells out or names; a name is looked up at once. Nothing when there is none.
template <class Protocol>
std::optional<boost::asio::ip::address> address_to_listen_at(boost::asio::io_context& context,
                                                             const std::string& host) {
  if (host.empty()) return std::nullopt;
  if (const auto address = literal(host)) return address;
  if (is_localhost(host)) return localhost_addresses().front();
  boost::system::error_code error;
  typename Protocol::resolver resolver{context};
  const auto found = resolver.resolve(host, "", Protocol::resolver::passive, error);
  if (error || found.empty()) return std::nullopt;
  return found.begin()->endpoint().address();
}

inline TransportError listen_error(const boost::system::error_code& error) {
  switch (error.value()) {
    case EADDRINUSE:
      return TransportError::address_in_use;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return TransportError::out_of_connections;
    default:
      return TransportError::address_invalid;
  }
}

}  // namespace netrig::transport
