#include "netrig/transport/endpoint_url.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <utility>
#include <vector>

namespace netrig::transport {
namespace {

BOOST_AUTO_TEST_SUITE(endpoint_url)

BOOST_AUTO_TEST_CASE(what_is_read_is_written_again) {
  for (const char* given : {"tcp://127.0.0.1:7777", "udp://[::1]:7777", "tls://example.org:443",
                            "ws://localhost:80/game?room=7", "wss://[fe80::1%eth0]:0/", "tcp://[::]:65535"}) {
    const auto url = parse_endpoint_url(given);
    BOOST_REQUIRE_MESSAGE(url, given);
    BOOST_TEST(text(*url) == given);
  }
}

BOOST_AUTO_TEST_CASE(its_parts_are_what_they_seem) {
  const auto url = parse_endpoint_url("wss://[::1]:443/game");
  BOOST_REQUIRE(url);
  BOOST_TEST((url->scheme == UrlScheme::wss));
  BOOST_TEST(url->address.host == "::1");
  BOOST_TEST(url->address.port == 443);
  BOOST_TEST(url->path == "/game");
  BOOST_TEST(parse_endpoint_url("ws://host:1")->path == "/");
  BOOST_TEST(parse_endpoint_url("tcp://host:1/")->address.port == 1);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_said) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"127.0.0.1:7777", "is no URL; write SCHEME://HOST:PORT, as tcp://127.0.0.1:7777"},
      {"http://host:80", "has an unknown scheme; there are tcp, tls, ws, wss and udp"},
      {"TCP://host:80", "has an unknown scheme; there are tcp, tls, ws, wss and udp"},
      {"tcp://host", "has no port; write HOST:PORT"},
      {"tcp://[::1]", "has no port; write [HOST]:PORT"},
      {"tcp://::1:7777", "has an IPv6 host without brackets; write [HOST]:PORT"},
      {"tcp://[::1:7777", "misses the ']' of its host"},
      {"tcp://:7777", "has no host"},
      {"tcp://me@host:7777", "has no usable host"},
      {"tcp://host:", "needs a port from 0 to 65535"},
      {"tcp://host:65536", "needs a port from 0 to 65535"},
      {"tcp://host:-1", "needs a port from 0 to 65535"},
      {"tcp://host:7x", "needs a port from 0 to 65535"},
      {"udp://host:7/path", "has a path, which only ws and wss have"},
      {"ws://host:7/path#part", "has a fragment, which no server is told"},
  };
  for (const auto& [given, what] : cases) {
    const auto url = parse_endpoint_url(given);
    BOOST_REQUIRE_MESSAGE(!url, given);
    BOOST_TEST(url.error() == '"' + std::string{given} + "\" " + what);
  }
  const std::string neither = "not a URL: it is empty, too long, or holds blanks or other than ASCII";
  for (const std::string& given : {std::string{}, std::string{"tcp://ho st:1"}, std::string{"tcp://h\nst:1"},
                                   "ws://host:1/" + std::string(3'000, 'x')})
    BOOST_TEST(parse_endpoint_url(given).error() == neither);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport
