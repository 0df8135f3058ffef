#include "netrig/transport/endpoint_url.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace netrig::transport {

namespace {

constexpr std::array<UrlScheme, 5> kSchemes{UrlScheme::tcp, UrlScheme::tls, UrlScheme::ws, UrlScheme::wss,
                                            UrlScheme::udp};
constexpr std::size_t kUrlBytesMax = 2'048;

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool has_path(UrlScheme scheme) {
  return scheme == UrlScheme::ws || scheme == UrlScheme::wss;
}

// "example.org:7777" or "[::1]:7777". Answers what is wrong with it, or nothing.
std::string_view read_authority(std::string_view text, Address& address) {
  const bool bracketed = text.starts_with('[');
  const std::size_t end = bracketed ? text.find(']') : text.rfind(':');
  if (end == std::string_view::npos)
    return bracketed ? "misses the ']' of its host" : "has no port; write HOST:PORT";
  const std::string_view host = text.substr(bracketed ? 1 : 0, end - (bracketed ? 1 : 0));
  std::string_view port = text.substr(bracketed ? end + 1 : end);
  if (host.empty()) return "has no host";
  if (!bracketed && host.find(':') != std::string_view::npos)
    return "has an IPv6 host without brackets; write [HOST]:PORT";
  if (host.find_first_of("@?#[]") != std::string_view::npos) return "has no usable host";
  if (!port.starts_with(':')) return "has no port; write [HOST]:PORT";
  port.remove_prefix(1);
  std::uint16_t number = 0;
  const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (port.empty() || error != std::errc{} || rest != port.data() + port.size())
    return "needs a port from 0 to 65535";
  address = {std::string{host}, number};
  return {};
}

}  // namespace

std::string_view text(UrlScheme scheme) {
  switch (scheme) {
    case UrlScheme::tcp:
      return "tcp";
    case UrlScheme::tls:
      return "tls";
    case UrlScheme::ws:
      return "ws";
    case UrlScheme::wss:
      return "wss";
    case UrlScheme::udp:
      return "udp";
  }
  return "unknown";
}

bool is_encrypted(UrlScheme scheme) {
  return scheme == UrlScheme::tls || scheme == UrlScheme::wss;
}

Result<EndpointUrl, std::string> parse_endpoint_url(std::string_view given) {
  if (given.empty() || given.size() > kUrlBytesMax || !is_printable(given))
    return std::string{"not a URL: it is empty, too long, or holds blanks or other than ASCII"};
  const auto wrong = [given](const std::string& what) { return '"' + std::string{given} + "\" " + what; };
  const std::size_t colon = given.find("://");
  if (colon == std::string_view::npos)
    return wrong("is no URL; write SCHEME://HOST:PORT, as tcp://127.0.0.1:7777");
  const std::string_view scheme = given.substr(0, colon);
  const auto* const known =
      std::find_if(kSchemes.begin(), kSchemes.end(), [scheme](UrlScheme one) { return text(one) == scheme; });
  if (known == kSchemes.end()) return wrong("has an unknown scheme; there are tcp, tls, ws, wss and udp");

  EndpointUrl url{.scheme = *known, .address = {}};
  const std::string_view rest = given.substr(colon + 3);
  const std::size_t slash = rest.find('/');
  if (slash != std::string_view::npos) url.path = rest.substr(slash);
  if (!has_path(url.scheme) && url.path != "/") return wrong("has a path, which only ws and wss have");
  if (url.path.find('#') != std::string::npos) return wrong("has a fragment, which no server is told");
  const std::string_view fault = read_authority(rest.substr(0, slash), url.address);
  if (!fault.empty()) return wrong(std::string{fault});
  return url;
}

std::string text(const EndpointUrl& url) {
  const bool is_v6 = url.address.host.find(':') != std::string::npos;
  const std::string host = is_v6 ? '[' + url.address.host + ']' : url.address.host;
  return std::string{text(url.scheme)} + "://" + host + ':' + std::to_string(url.address.port) +
         (has_path(url.scheme) ? url.path : "");
}

}  // namespace netrig::transport
