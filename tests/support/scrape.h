// A scrape, as Prometheus would make it, for tests.
#pragma once

#include <boost/test/unit_test.hpp>
#include <netdb.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace netrig::testing {

// Head and page of an endpoint on 127.0.0.1.
inline std::string scraped(const std::string& url) {
  const std::size_t port = url.rfind(':') + 1;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  BOOST_REQUIRE(::getaddrinfo("127.0.0.1", url.substr(port, url.rfind('/') - port).c_str(), &hints, &found) ==
                0);
  const int socket = ::socket(found->ai_family, found->ai_socktype, 0);
  BOOST_REQUIRE(::connect(socket, found->ai_addr, found->ai_addrlen) == 0);
  ::freeaddrinfo(found);
  const std::string request = "GET /metrics HTTP/1.1\r\n\r\n";
  BOOST_REQUIRE(::send(socket, request.data(), request.size(), 0) == static_cast<ssize_t>(request.size()));
  std::string answer;
  char chunk[4096];
  for (ssize_t count = 1; count > 0;) {
    count = ::recv(socket, chunk, sizeof chunk, 0);
    if (count > 0) answer.append(chunk, static_cast<std::size_t>(count));
  }
  ::close(socket);
  return answer;
}

}  // namespace netrig::testing
