#include "netrig/tests/unit/transport/host/relay.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netrig/core/base/assert.h"

namespace netrig::transport::testing {
namespace {

constexpr int kLooksEveryMs = 5;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

}  // namespace

Relay::Relay(std::uint16_t to_port) : to_port_(to_port) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at = loopback(0);
  socklen_t size = sizeof at;
  NETRIG_ASSERT(::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) == 0);
  NETRIG_ASSERT(::listen(listener_, 16) == 0);
  NETRIG_ASSERT(::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
  port_ = ntohs(at.sin_port);
  thread_ = std::thread{[this] { run(); }};
}

Relay::~Relay() {
  over_ = true;
  thread_.join();
  for (Pair& pair : pairs_) reset(pair);
  ::close(listener_);
}

void Relay::cut() {
  cuts_ = true;
  while (cuts_) std::this_thread::yield();
}

void Relay::run() {
  while (!over_) {
    std::vector<pollfd> waits{{listener_, POLLIN, 0}};
    for (const Pair& pair : pairs_) {
      waits.push_back({pair.caller, POLLIN, 0});
      waits.push_back({pair.server, POLLIN, 0});
    }
    ::poll(waits.data(), waits.size(), kLooksEveryMs);
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      Pair& pair = pairs_[i];
      const bool up = waits[1 + 2 * i].revents == 0 || carry(pair.caller, pair.server);
      const bool down = waits[2 + 2 * i].revents == 0 || carry(pair.server, pair.caller);
      if (!up || !down) reset(pair);
    }
    if (waits.front().revents != 0) accept_one();
    if (cuts_) {
      for (Pair& pair : pairs_) reset(pair);
      cuts_ = false;
    }
    std::erase_if(pairs_, [](const Pair& pair) { return pair.caller < 0; });
  }
}

void Relay::accept_one() {
  Pair pair{.caller = ::accept(listener_, nullptr, nullptr),
            .server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const sockaddr_in to = loopback(to_port_);
  const bool reached =
      !refuses_ && ::connect(pair.server, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  if (!reached) return reset(pair);
  pairs_.push_back(pair);
}

bool Relay::carry(int from, int to) {
  std::array<char, 65'536> bytes;
  const ssize_t count = ::recv(from, bytes.data(), bytes.size(), 0);
  return count > 0 && ::send(to, bytes.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
}

void Relay::reset(Pair& pair) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  for (int* const side : {&pair.caller, &pair.server}) {
    if (*side < 0) continue;
    ::setsockopt(*side, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(*side);
    *side = -1;
  }
}

}  // namespace netrig::transport::testing
