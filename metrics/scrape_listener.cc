#include "netrig/metrics/scrape_listener.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <list>
#include <netdb.h>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace netrig::metrics {
namespace {

using HostClock = std::chrono::steady_clock;

constexpr int kBacklog = 128;
constexpr int kPollMilliseconds = 1'000;  // how late a silent scraper may be cut off
constexpr int kDeafMilliseconds = 100;    // after the system refused to let one more in

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

bool make_nonblocking(int descriptor) {
  return ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0 &&
         ::fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0;
}

struct HostAndPort {
  std::string host;
  std::string port;
};

// Nothing when it is neither HOST:PORT, [IPv6]:PORT nor PORT.
std::optional<HostAndPort> split(const std::string& address) {
  HostAndPort parts;
  const std::size_t colon = address.rfind(':');
  parts.port = colon == std::string::npos ? address : address.substr(colon + 1);
  parts.host = colon == std::string::npos || colon == 0 ? "127.0.0.1" : address.substr(0, colon);
  if (parts.host.starts_with('[') && parts.host.ends_with(']'))
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  else if (parts.host.find(':') != std::string::npos)
    return std::nullopt;  // IPv6 without brackets: which part is the port?
  const bool is_number = !parts.port.empty() && parts.port.size() <= 5 &&
                         parts.port.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number || std::stoul(parts.port) > 65'535 || parts.host.empty()) return std::nullopt;
  return parts;
}

std::string url_of(int descriptor) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size);
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  ::getnameinfo(reinterpret_cast<sockaddr*>(&bound), size, host.data(), host.size(), port.data(), port.size(),
                NI_NUMERICHOST | NI_NUMERICSERV);
  const std::string name = host.data();
  const bool is_v6 = name.find(':') != std::string::npos;
  return "http://" + (is_v6 ? '[' + name + ']' : name) + ':' + port.data() + "/metrics";
}

// Not open when the system refused: errno says why.
Descriptor listen_on(const addrinfo& where) {
  Descriptor socket{::socket(where.ai_family, where.ai_socktype, where.ai_protocol)};
  const int on = 1;
  const bool listens = socket.is_open() && make_nonblocking(socket.number()) &&
                       ::setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                       ::bind(socket.number(), where.ai_addr, where.ai_addrlen) == 0 &&
                       ::listen(socket.number(), kBacklog) == 0;
  if (!listens) {
    const int why = errno;  // closing may change it
    socket = Descriptor{};
    errno = why;
  }
  return socket;
}

Result<Descriptor, std::string> listen_on(const std::string& address) {
  const std::optional<HostAndPort> parts = split(address);
  if (!parts) return address + " is not HOST:PORT, such as 127.0.0.1:9464 or [::1]:9464";
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int problem = ::getaddrinfo(parts->host.c_str(), parts->port.c_str(), &hints, &found);
  if (problem != 0) return address + ": " + ::gai_strerror(problem);
  Descriptor socket = listen_on(*found);
  const int why = errno;
  ::freeaddrinfo(found);
  if (!socket.is_open()) return address + ": " + std::strerror(why);
  return socket;
}

std::string head(std::string_view status, std::string_view type, std::size_t bytes) {
  return "HTTP/1.1 " + std::string{status} + "\r\nContent-Type: " + std::string{type} +
         "\r\nContent-Length: " + std::to_string(bytes) + "\r\nConnection: close\r\n\r\n";
}

struct Connection {
  Descriptor socket;
  HostClock::time_point ends;
  std::string request{};
  std::string head{};  // of the answer; empty: still reading
  std::shared_ptr<const std::string> body{};
  std::size_t sent = 0;
};

// Method and path, once the whole head of the request is there.
std::optional<std::pair<std::string_view, std::string_view>> request_line(const std::string& request) {
  const std::string_view text = request;
  if (text.find("\r\n\r\n") == std::string_view::npos && text.find("\n\n") == std::string_view::npos)
    return std::nullopt;
  const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  const std::size_t first = line.find(' ');
  if (first == std::string_view::npos) return std::pair{line, std::string_view{}};
  const std::string_view rest = line.substr(first + 1);
  return std::pair{line.substr(0, first), rest.substr(0, rest.find_first_of(" ?"))};
}

}  // namespace

class ScrapeListener::Loop {
 public:
  Loop(Descriptor listening, Descriptor stops, Descriptor stop, Page page)
      : listening_(std::move(listening)),
        stops_(std::move(stops)),
        stop_(std::move(stop)),
        page_(std::move(page)) {}

  void run() {
    while (turn()) {
    }
  }
  void stop() { stop_ = Descriptor{}; }  // the other end of the pipe hears it

 private:
  // False: stopped.
  bool turn() {
    HostClock::time_point now = HostClock::now();
    const auto listens = static_cast<short>(now < deaf_until_ ? 0 : POLLIN);
    std::vector<pollfd> ends{{stops_.number(), POLLIN, 0}, {listening_.number(), listens, 0}};
    for (const Connection& each : connections_)
      ends.push_back({each.socket.number(), static_cast<short>(each.head.empty() ? POLLIN : POLLOUT), 0});
    const int patience = listens != 0 ? kPollMilliseconds : kDeafMilliseconds;
    if (::poll(ends.data(), ends.size(), patience) < 0 && errno != EINTR) return false;
    if (ends[0].revents != 0) return false;
    now = HostClock::now();

    auto connection = connections_.begin();
    for (std::size_t i = 2; i < ends.size(); ++i) {
      const bool goes_on = now < connection->ends && (ends[i].revents == 0 || serve(*connection));
      connection = goes_on ? std::next(connection) : connections_.erase(connection);
    }
    if (ends[1].revents != 0) accept_all();
    return true;
  }

  void accept_all() {
    while (true) {
      Descriptor socket{::accept(listening_.number(), nullptr, nullptr)};
      if (!socket.is_open()) {
        // Out of descriptors, say: there is room once somebody is gone, and until then it waits outside.
        if (errno == EAGAIN) return;
        if (errno == EINTR || errno == ECONNABORTED) continue;
        if (!connections_.empty()) connections_.pop_front();
        deaf_until_ = HostClock::now() + std::chrono::milliseconds{kDeafMilliseconds};
        return;
      }
      if (!make_nonblocking(socket.number())) continue;
      if (connections_.size() == kConnectionsMax) connections_.pop_front();
      connections_.push_back(
          {std::move(socket), HostClock::now() + std::chrono::seconds{kConnectionSecondsMax}});
    }
  }

  // False: it is done, or broken.
  bool serve(Connection& connection) {
    if (connection.head.empty() && !read(connection)) return false;
    return connection.head.empty() || write(connection);
  }

  bool read(Connection& connection) {
    std::array<char, 4096> chunk{};
    const ssize_t count = ::recv(connection.socket.number(), chunk.data(), chunk.size(), 0);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    if (count == 0) return false;
    connection.request.append(chunk.data(), static_cast<std::size_t>(count));
    if (const auto line = request_line(connection.request)) {
      answer(connection, line->first, line->second);
      return true;
    }
    return connection.request.size() < kRequestBytesMax;
  }

  void answer(Connection& connection, std::string_view method, std::string_view path) {
    constexpr std::string_view kPlain = "text/plain; charset=utf-8";
    const auto say = [&](std::string_view status, const char* text) {
      connection.body = std::make_shared<const std::string>(text);
      connection.head = head(status, kPlain, connection.body->size());
    };
    if (method != "GET" && method != "HEAD") return say("405 Method Not Allowed", "only GET\n");
    if (path == "/") return say("200 OK", "netrig: metrics are at /metrics\n");
    if (path != "/metrics") return say("404 Not Found", "metrics are at /metrics\n");
    connection.body = page_();
    connection.head = head("200 OK", "text/plain; version=0.0.4; charset=utf-8", connection.body->size());
    if (method == "HEAD") connection.body = std::make_shared<const std::string>();
  }

  bool write(Connection& connection) {
    while (true) {
      const bool in_head = connection.sent < connection.head.size();
      const std::string& part = in_head ? connection.head : *connection.body;
      const std::size_t from = in_head ? connection.sent : connection.sent - connection.head.size();
      if (from == part.size() && !in_head) break;
      const ssize_t count =
          ::send(connection.socket.number(), part.data() + from, part.size() - from, MSG_NOSIGNAL);
      if (count < 0) return errno == EAGAIN || errno == EINTR;
      connection.sent += static_cast<std::size_t>(count);
    }
    ::shutdown(connection.socket.number(), SHUT_WR);
    return false;
  }

  Descriptor listening_;
  Descriptor stops_;  // both ends of a pipe; closing the second ends the loop
  Descriptor stop_;
  Page page_;
  HostClock::time_point deaf_until_{};  // nobody is let in before
  std::list<Connection> connections_;   // in the order in which they came
};

Result<std::unique_ptr<ScrapeListener>, std::string> ScrapeListener::open(const std::string& address,
                                                                          Page page) {
  auto listening = listen_on(address);
  if (!listening) return listening.error();
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return address + ": " + std::strerror(errno);
  std::string url = url_of(listening->number());
  auto loop = std::make_unique<Loop>(*std::move(listening), Descriptor{pipe[0]}, Descriptor{pipe[1]},
                                     std::move(page));
  return std::unique_ptr<ScrapeListener>{new ScrapeListener{std::move(loop), std::move(url)}};
}

ScrapeListener::ScrapeListener(std::unique_ptr<Loop> loop, std::string url)
    : loop_(std::move(loop)), url_(std::move(url)), thread_([this] { loop_->run(); }) {}

ScrapeListener::~ScrapeListener() {
  loop_->stop();
  thread_.join();
}

}  // namespace netrig::metrics
