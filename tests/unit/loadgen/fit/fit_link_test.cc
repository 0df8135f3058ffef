// The command: what it prints and writes, and that a scenario reads it back as the link that was fitted.
#include "netrig/loadgen/commands/fit_link.h"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <sstream>

#include "netrig/loadgen/fit/link_fit.h"
#include "netrig/loadgen/fit/ping_links.h"
#include "netrig/tests/unit/loadgen/report/temporary_folder.h"
#include "netrig/tests/unit/loadgen/scenario/fixture.h"

namespace netrig::loadgen {
namespace {

using testing::TemporaryFolder;

struct Ran {
  int status = 0;
  std::string out;
  std::string err;
};

Ran run(const std::string& file, const std::string& out_file = "") {
  std::ostringstream out;
  std::ostringstream err;
  const ExitCode code = fit_link_command({file, out_file}, out, err);
  return {status(code), out.str(), err.str()};
}

// As `ping -D -i 0.2` writes it.
std::string log_of(const RoundTrips& trips) {
  std::string log = "PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.\n";
  for (std::size_t i = 0; i < trips.size(); ++i)
    if (trips[i])
      log += fmt::format("[{:.6f}] 64 bytes from 192.0.2.1: icmp_seq={} ttl=57 time={:.3f} ms\n",
                         1.7e9 + 0.2 * static_cast<double>(i), (i + 1) % 65'536, seconds(*trips[i]) * 1e3);
  return log + fmt::format("{} packets transmitted, 1 received\n", trips.size());
}

CohortLink link_in(const TemporaryFolder& folder, const std::string& file) {
  const LoadedScenario loaded =
      parse_scenario(testing::kSmall + "    link: {profile: " + file + "}\n", folder.path("s.yaml"), {},
                     testing::variables({}), testing::games());
  BOOST_REQUIRE_MESSAGE(loaded.scenario, loaded.diagnostics.front().message);
  return loaded.scenario->cohorts.front().link;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fit_link_command_)

BOOST_AUTO_TEST_CASE(a_scenario_reads_back_the_link_that_was_fitted) {
  sim::LinkConditions up{.delay = sim::ConstantDelay{20ms}};
  sim::LinkConditions down{.delay = sim::UniformDelay{20ms, 80ms}, .correlation_ppm = 700'000};
  up.bursts = down.bursts = sim::bursts_of(30'000, 4'000);
  const RoundTrips trips = ping_links(up, down, {.pings = 5'000, .interval = 200ms}, Random{5});
  const TemporaryFolder folder;
  const Ran ran = run(folder.write("ping.log", log_of(trips)), folder.path("fitted.yaml"));
  BOOST_TEST(ran.status == 0);
  BOOST_TEST(ran.err == "");
  PingSeries series{.round_trips = trips, .interval = 200ms};
  for (auto& trip : series.round_trips)  // as ping rounds them
    if (trip) trip = std::chrono::round<std::chrono::microseconds>(*trip);
  const auto fit = fit_link(series);
  const CohortLink link = link_in(folder, "fitted.yaml");
  BOOST_CHECK(link.up == fit->up);
  BOOST_CHECK(link.down == fit->down);
  BOOST_CHECK(fit->loss.burst_length > Duration{200ms});
}

BOOST_AUTO_TEST_CASE(what_was_fitted_is_shown_in_columns) {
  const TemporaryFolder folder;
  RoundTrips trips(100, 20ms);
  for (std::size_t i = 0; i < 50; ++i) trips[2 * i] = 30ms;
  trips[70].reset();
  const Ran ran = run(folder.write("ping.log", log_of(trips)));
  BOOST_TEST(ran.status == 0);
  for (const char* const line : {
           ": 100 pings, 99 answered, one each 200 ms.\n",
           "#   round trip                    measured   this link\n",
           "#   least                          20.0 ms     20.0 ms\n",
           "#   most                           30.0 ms     30.0 ms\n",
           "#   correlation of ranks            -1.000 ",
           "#   lost                            1.00 % ",
           "# Losses come one by one, as far as so many pings can tell; half of them each way.\n",
           "link:\n  up:\n    delay: 10ms\n    loss: 0.5013%\n  down:\n    delay:\n      table:\n        [ "
           "[0%, 10ms],",
       })
    BOOST_TEST(ran.out.find(line) != std::string::npos, "missing: " << line << " in:\n" << ran.out);
}

BOOST_AUTO_TEST_CASE(a_table_of_conditions_becomes_a_link_too) {
  const TemporaryFolder folder;
  const std::string csv =
      folder.write("train.csv", "# a train\ntime,delay_ms,rate,loss\n0s,40,8Mbit/s,0%\n1s,40,2Mbit/s,2%\n");
  const Ran ran = run(csv, folder.path("train.yaml"));
  BOOST_TEST(ran.status == 0);
  for (const char* const line : {": 2 rows over 2 s.\n", "#   rate each way, least          2 Mbit/s\n",
                                 "#   loss each way, mean             1.00 %\n"})
    BOOST_TEST(ran.out.find(line) != std::string::npos, "missing: " << line << " in:\n" << ran.out);
  const CohortLink link = link_in(folder, "train.yaml");
  BOOST_TEST(link.down.loss_ppm == 10'000u);
  BOOST_TEST(link.down.rate_bits_per_second == 2'000'000u);
  BOOST_CHECK(link.up.delay == sim::Delay{sim::ConstantDelay{40ms}});
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_used_is_104_with_its_line) {
  const TemporaryFolder folder;
  const auto said = [&](std::string_view contents) {
    const Ran ran = run(folder.write("in", contents));
    BOOST_TEST(ran.status == 104);
    BOOST_TEST(ran.out == "");
    return ran.err.substr(folder.path("in").size());
  };
  BOOST_TEST(said("time,delay\n0s,40ms\n1s,x\n").starts_with(":3: delay: "));
  BOOST_TEST(said("time,speed\n0s,40ms\n").starts_with(":1: there is no column \"speed\""));
  BOOST_TEST(said("64 bytes from 192.0.2.1: icmp_seq=1 ttl=57 time=x ms\n").starts_with(":1: time=: "));
  BOOST_TEST(said("64 bytes from 192.0.2.1: icmp_seq=1 ttl=57 time=1 ms\n") ==
             ": 1 answers within 10s; at least 20 are needed to fit a link\n");
  BOOST_TEST(said("").starts_with(":1: no answers to a ping"));
  BOOST_TEST(run(folder.path("none")).status == 104);
}

BOOST_AUTO_TEST_CASE(a_link_that_cannot_be_written_is_92) {
  const TemporaryFolder folder;
  const std::string log = folder.write("ping.log", log_of(RoundTrips(20, 20ms)));
  const Ran ran = run(log, folder.path("none/link.yaml"));
  BOOST_TEST(ran.status == 92);
  BOOST_TEST(ran.err.ends_with("none/link.yaml: No such file or directory\n"), ran.err);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
