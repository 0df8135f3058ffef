// What only the whole of a scenario shows: each part is right, and together they make no run.
#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/loadgen/scenario/fixture.h"

namespace netrig::loadgen {

using testing::kSmall;
using testing::problems;

BOOST_AUTO_TEST_SUITE(scenario_checks)

BOOST_AUTO_TEST_CASE(nobody_who_joins_before_the_end_is_an_error) {
  const std::string late = problems(kSmall + "measure: {after: start}\n", {{"clients.0.join", "{at: 1h}"}});
  BOOST_TEST(late.find("the run ends before the first of them joins") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_can_be_known_is_checked_beside_errors_elsewhere) {
  const std::string both = problems(
      kSmall,
      {{"server.players_max", "1"}, {"clients.0.count", "2"}, {"clients.0.link", "{rtt: 5s, queue: 1MiB}"}});
  BOOST_TEST(both.find("server.players_max is 1") != std::string::npos);
  BOOST_TEST(both.find("has a queue and no rate") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_no_machine_could_hold_is_refused_with_the_arithmetic) {
  const std::string text =
      "netrig: 1\nname: big\nduration: 10s\ntransport: memory\n"
      "server: {tick_rate: 240Hz, players_max: 100}\nworld: {npcs: 10000, pickups: 10000}\n"
      "clients:\n  - name: far\n    count: 4\n    link: {rtt: 10s}\n";
  BOOST_TEST(
      problems(text).starts_with("s.yaml:5:21: server.tick_rate: 20,004 entities x 111 B x 240 Hz x 10s of "
                                 "round trip are 5.33 GB of states "
                                 "under way at once; at most 4.29 GB are possible. Fewer entities, a lower "
                                 "rate or a shorter round trip would "
                                 "fit"));
  BOOST_TEST(problems(text, {{"server.tick_rate", "120Hz"}}) == "");
  BOOST_TEST(problems(text, {{"clients.0.link.rtt", "5s"}}) == "");

  const std::vector<Override> datagrams{{"transport", "udp"},
                                        {"world.npcs", "900"},
                                        {"world.pickups", "900"},
                                        {"server.jitter_max", "10s"},
                                        {"clients.0.count", "100"}};
  BOOST_TEST(
      problems(text, datagrams)
          .find("server: 100 clients x 240 Hz x 206 datagrams a tick x 62s that each is remembered (2 x "
                "(rtt_max 10s + 2 x jitter_max 10s) + 2s) x 24 B are 7.36 GB; at most 4.29 GB are possible. "
                "A lower rate, fewer entities, or an rtt_max and jitter_max no larger than the links need "
                "would fit") != std::string::npos);
  std::vector<Override> shorter = datagrams;
  shorter[3].value = "1s";
  BOOST_TEST(problems(text, shorter) == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
