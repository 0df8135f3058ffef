// A link that is replaced while bytes are in it.
#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/transport/proxy/proxy_world.h"

namespace netrig::transport::testing {
namespace {

constexpr auto kTcp = sim::TransportKind::tcp;
constexpr auto kUdp = sim::TransportKind::udp;

struct Line : ProxyWorld {
  explicit Line(sim::TransportKind kind, const sim::LinkConditions& both, ProxyOptions options = {})
      : ProxyWorld(setup(kind, both, both), options) {
    connect(player);
    run_for(0s);
    if (kind == kUdp) player.send("hello");
    run_for(10s);
    guest().bytes.clear();
    guest().messages.clear();
    guest().when_received = [this](Party&) { arrivals.push_back(now()); };
  }
  ~Line() {
    player.destroy();
    run_for(1s);
  }
  Party& guest() { return host.guest(); }
  void change(const sim::LinkConditions& both) {
    link.up = link.down = both;
    proxy.change_links(links());
  }

  Party player;
  std::vector<Duration> arrivals;
};

BOOST_AUTO_TEST_SUITE(link_change)

BOOST_AUTO_TEST_CASE(a_stream_keeps_its_order_when_the_new_link_is_faster) {
  Line line{kTcp, delayed(2s)};
  const Duration start = line.now();
  line.player.send("old");
  line.run_for(100ms);
  line.change(delayed(10ms));
  line.player.send("new");
  line.run_for(1'800ms);
  BOOST_TEST(line.guest().bytes.empty());  // what came later waits for what came before
  line.run_for(1s);
  BOOST_TEST((line.guest().bytes == Text{'o', 'l', 'd', 'n', 'e', 'w'}));
  BOOST_TEST((line.arrivals.front() == start + 2s));
  BOOST_TEST((line.arrivals.back() == start + 2s));
  line.player.send("!");
  line.run_for(10ms);
  BOOST_TEST(line.guest().bytes.size() == 7u);
}

BOOST_AUTO_TEST_CASE(a_slower_link_holds_only_what_comes_after_it) {
  Line line{kTcp, delayed(100ms)};
  const Duration start = line.now();
  line.player.send("old");
  line.run_for(50ms);
  line.change(delayed(5s));
  line.player.send("new");
  line.run_for(10s);
  BOOST_REQUIRE(line.arrivals.size() == 2u);
  BOOST_TEST((line.arrivals[0] == start + 100ms));
  BOOST_TEST((line.arrivals[1] == start + 50ms + 5s));
}

BOOST_AUTO_TEST_CASE(datagrams_of_both_links_pass_each_other) {
  Line line{kUdp, delayed(2s)};
  line.player.send("old");
  line.run_for(100ms);
  line.change(delayed(10ms));
  line.player.send("new");
  line.run_for(10ms);
  BOOST_REQUIRE(line.guest().messages.size() == 1u);
  BOOST_TEST((line.guest().messages[0] == Text{'n', 'e', 'w'}));
  line.run_for(2s);
  BOOST_TEST((line.guest().messages.at(1) == Text{'o', 'l', 'd'}));
}

// Whoever mends a link that lost everything wants its streams back.
BOOST_AUTO_TEST_CASE(a_stream_comes_out_of_a_link_that_lost_everything) {
  Line line{kTcp, delayed(50ms)};
  sim::LinkConditions dead = delayed(50ms);
  dead.loss_ppm = 1'000'000;
  line.change(dead);
  line.player.send("lost and ");
  line.run_for(10s);
  BOOST_TEST(line.guest().bytes.empty());
  line.change(delayed(20ms));
  const Duration start = line.now();
  line.player.send("found");
  line.run_for(10s);
  BOOST_TEST(
      (line.guest().bytes == Text{'l', 'o', 's', 't', ' ', 'a', 'n', 'd', ' ', 'f', 'o', 'u', 'n', 'd'}));
  // One longest delay of the old link, for what was under way, and one round trip of the new: sent again.
  BOOST_TEST((line.arrivals.front() == start + 50ms + 40ms));
}

BOOST_AUTO_TEST_CASE(an_end_comes_out_of_a_link_that_lost_everything) {
  Line line{kTcp, delayed(50ms)};
  sim::LinkConditions dead = delayed(50ms);
  dead.loss_ppm = 1'000'000;
  line.change(dead);
  line.player.send("goodbye");
  line.player.close();
  line.run_for(5s);
  BOOST_TEST(!line.guest().reason);
  line.change(delayed(20ms));
  line.run_for(1s);
  BOOST_TEST(line.guest().bytes.size() == 7u);
  BOOST_TEST((line.guest().reason == CloseReason::remote));
}

BOOST_AUTO_TEST_CASE(many_changes_lose_and_double_nothing_of_a_stream) {
  Line line{kTcp, delayed(200ms)};
  Text sent;
  for (int i = 0; i < 200; ++i) {
    const Text bytes(1 + static_cast<std::size_t>(i) * 37 % 5'000, static_cast<std::uint8_t>(i));
    line.player.send(message(bytes));
    sent.insert(sent.end(), bytes.begin(), bytes.end());
    line.run_for(7ms);
    sim::LinkConditions next = delayed(Duration{(i * 53 % 400) * 1'000'000});
    next.loss_ppm = i % 3 == 0 ? 200'000 : 0;
    next.rate_bits_per_second = i % 5 == 0 ? 1'000'000 : 0;
    next.queue_bytes_max = i % 5 == 0 ? 3'000 : 0;
    line.change(next);
  }
  line.change(delayed(1ms));
  line.run_for(60s);
  BOOST_TEST((line.guest().bytes == sent));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport::testing
