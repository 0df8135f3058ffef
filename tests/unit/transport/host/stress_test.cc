// Whatever threads call in whatever order, nothing hangs and nothing races: run with the thread sanitizer
// too.
#include <arpa/inet.h>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netrig/tests/unit/transport/host/host_testing.h"

namespace netrig::transport::testing {
namespace {

// Calls `work` over and over on threads of its own, as long as it lives.
class Callers {
 public:
  Callers(int count, std::function<void()> work) {
    for (int i = 0; i < count; ++i)
      threads_.emplace_back([this, work] {
        while (!over_) {
          work();
          ++calls_;
        }
      });
  }
  ~Callers() {
    over_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  Callers(const Callers&) = delete;
  Callers& operator=(const Callers&) = delete;

  bool have_called(int times) const { return calls_ >= times; }

 private:
  std::atomic<bool> over_ = false;
  std::atomic<int> calls_ = 0;
  std::vector<std::thread> threads_;
};

// A socket of this machine that takes what comes and never says a word.
class Mute {
 public:
  explicit Mute(int type) : socket_(::socket(AF_INET, type | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    BOOST_REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&at), size) == 0);
    if (type == SOCK_STREAM) BOOST_REQUIRE(::listen(socket_, 0) == 0);
    BOOST_REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    at_ = at;
  }
  ~Mute() {
    for (const int filler : fillers_) ::close(filler);
    ::close(socket_);
  }
  Mute(const Mute&) = delete;
  Mute& operator=(const Mute&) = delete;

  // Its queue of callers is full: the kernel drops the requests of the next ones, as a black hole does.
  void fill() {
    for (int i = 0; i < 4; ++i) {
      const int filler = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      static_cast<void>(::connect(filler, reinterpret_cast<const sockaddr*>(&at_), sizeof at_));
      fillers_.push_back(filler);
    }
  }
  std::string url(std::string_view scheme) const {
    return std::string{scheme} + "://127.0.0.1:" + std::to_string(ntohs(at_.sin_port));
  }

 private:
  int socket_;
  sockaddr_in at_{};
  std::vector<int> fillers_;
};

BOOST_FIXTURE_TEST_SUITE(stress, Game)

BOOST_AUTO_TEST_CASE(many_threads_may_call_while_it_stops) {
  ServerHost server{world, options};
  ClientHost client{schema, client_options};
  const Callers callers{3, [&] {
                          server.broadcast(1, words("hi"));
                          server.send(ClientId{1}, 1, words("hi"));
                          server.kick(ClientId{1}, "out");
                          static_cast<void>(server.players());
                          static_cast<void>(server.take_events());
                          static_cast<void>(server.local());
                          client.send_input(DuelInput{}.encode());
                          client.send(1, words("hi"));
                          static_cast<void>(client.take_updates());
                          static_cast<void>(client.take_events());
                          static_cast<void>(client.latency());
                          static_cast<void>(client.dropped() + server.dropped());
                          std::this_thread::sleep_for(std::chrono::microseconds{200});
                        }};
  for (int round = 0; round < 10; ++round) {
    BOOST_REQUIRE_EQUAL(server.start("tcp://127.0.0.1:0"), "");
    BOOST_REQUIRE_EQUAL(client.connect(url_of(server)), "");
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
    round % 2 == 0 ? server.stop() : client.disconnect();
  }
}

// Two starts at once were two servers, of which one ran on in the same world with nobody to stop it. Every
// test had started from one thread.
BOOST_AUTO_TEST_CASE(several_threads_may_start_and_stop_the_same_host) {
  ServerHost server{world, options};
  ClientHost client{schema, client_options};
  std::atomic<int> failed_starts = 0;  // told here: Boost.Test is for one thread
  {
    const Callers starters{2, [&] {
                             if (!server.start("tcp://127.0.0.1:0").empty()) ++failed_starts;
                           }};
    const Callers stoppers{2, [&] { server.stop(); }};
    const Callers clients{
        2, [&] {
          const auto at = server.local();
          if (at && at->port != 0)
            static_cast<void>(client.connect("tcp://127.0.0.1:" + std::to_string(at->port)));
          client.disconnect();
        }};
    BOOST_TEST(eventually([&] { return starters.have_called(20) && clients.have_called(20); }));
  }
  BOOST_TEST(failed_starts == 0);
  server.stop();
  BOOST_TEST(!server.local());
  BOOST_REQUIRE_EQUAL(server.start("tcp://127.0.0.1:0"), "");
  ClientHeard at_client{client};
  static_cast<void>(client.take_events());
  BOOST_REQUIRE_EQUAL(client.connect(url_of(server)), "");
  BOOST_TEST(at_client.hears(AtClient::connected));
}

BOOST_AUTO_TEST_CASE(a_client_may_leave_while_nobody_answers) {
  Mute streams{SOCK_STREAM};
  Mute datagrams{SOCK_DGRAM};
  Mute black_hole{SOCK_STREAM};
  black_hole.fill();
  for (const std::string& url :
       {streams.url("tcp"), streams.url("tls"), datagrams.url("udp"), black_hole.url("tcp")}) {
    BOOST_TEST_CONTEXT(url) {
      for (const int wait_ms : {0, 20}) {
        ClientHost client{schema, client_options};
        BOOST_REQUIRE_EQUAL(client.connect(url), "");
        std::this_thread::sleep_for(std::chrono::milliseconds{wait_ms});
        client.disconnect();
        BOOST_TEST(!client.connected());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_server_stops_though_a_player_does_not_read_and_does_not_go) {
  ServerHost server{world, options};
  BOOST_REQUIRE_EQUAL(server.start("tcp://127.0.0.1:0"), "");
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(server.local()->port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  BOOST_REQUIRE(::connect(silent, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  server.stop();
  BOOST_TEST(!server.local());
  ::close(silent);
}

BOOST_AUTO_TEST_CASE(full_queues_keep_nobody_from_stopping) {
  options.words_max = options.events_max = 8;
  client_options.words_max = client_options.events_max = 8;
  ServerHost server{world, options};
  ClientHost client{schema, client_options};
  for (int round = 0; round < 3; ++round) {
    BOOST_REQUIRE_EQUAL(server.start("tcp://127.0.0.1:0"), "");
    BOOST_REQUIRE_EQUAL(client.connect(url_of(server)), "");
    BOOST_REQUIRE(eventually([&] { return client.connected(); }));
    const std::uint64_t dropped_before = server.dropped() + client.dropped();
    const std::vector<std::uint8_t> long_word(10'000);
    {
      const Callers talkers{2, [&] {  // nobody takes what they say
                              server.broadcast(1, long_word);
                              client.send(1, long_word);
                              client.send_input(DuelInput{}.encode());
                            }};
      BOOST_REQUIRE(eventually([&] { return server.dropped() + client.dropped() > dropped_before + 100; }));
      server.stop();
      client.disconnect();
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport::testing
