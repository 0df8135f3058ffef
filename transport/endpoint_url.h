// Where a server listens or is found, in one word: "tcp://127.0.0.1:7777", "wss://[::1]:443/game".
#pragma once

#include <string>
#include <string_view>

#include "netrig/core/base/address.h"
#include "netrig/core/base/result.h"

namespace netrig::transport {

enum class UrlScheme : std::uint8_t { tcp, tls, ws, wss, udp };
std::string_view text(UrlScheme scheme);
bool is_encrypted(UrlScheme scheme);  // by TLS: tls and wss

struct EndpointUrl {
  UrlScheme scheme = UrlScheme::tcp;
  Address address;         // the host without brackets
  std::string path = "/";  // ws and wss
};

// The error is a sentence that quotes the text. Port 0 lets a listener choose one.
Result<EndpointUrl, std::string> parse_endpoint_url(std::string_view text);
std::string text(const EndpointUrl& url);

}  // namespace netrig::transport
