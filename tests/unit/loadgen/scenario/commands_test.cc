#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "netrig/loadgen/commands/inspect.h"
#include "netrig/loadgen/commands/validate.h"
#include "netrig/tests/unit/loadgen/scenario/fixture.h"

namespace netrig::loadgen {
namespace {

const std::string kSmoke = std::string{NETRIG_SOURCE_DIR} + "/scenarios/smoke.yaml";

struct Ran {
  ExitCode code = ExitCode::pass;
  std::string out;
  std::string err;
};

Ran validate(std::vector<std::string> files, std::vector<Override> overrides = {}, bool as_json = false) {
  std::ostringstream out;
  std::ostringstream err;
  const ExitCode code = validate_command(
      {std::move(files), std::move(overrides), testing::variables({}), as_json}, testing::games(), out, err);
  return {code, out.str(), err.str()};
}

Ran inspect(std::vector<Override> overrides) {
  std::ostringstream out;
  std::ostringstream err;
  const ExitCode code =
      inspect_command({kSmoke, std::move(overrides), testing::variables({})}, testing::games(), out, err);
  return {code, out.str(), err.str()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scenario_commands)

BOOST_AUTO_TEST_CASE(validate_names_each_good_file_and_exits_0) {
  const Ran ran = validate({kSmoke, kSmoke});
  BOOST_TEST((ran.code == ExitCode::pass));
  BOOST_TEST(ran.out ==
             kSmoke + ": valid: smoke, 4 clients, 2 s\n" + kSmoke + ": valid: smoke, 4 clients, 2 s\n");
  BOOST_TEST(ran.err == "");
}

BOOST_AUTO_TEST_CASE(validate_goes_on_after_a_bad_file_and_exits_104) {
  const Ran ran = validate({"/nonexistent", kSmoke});
  BOOST_TEST(status(ran.code) == 104);
  BOOST_TEST(ran.err == "/nonexistent:1:1: No such file or directory\n");
  BOOST_TEST(ran.out == kSmoke + ": valid: smoke, 4 clients, 2 s\n");
}

BOOST_AUTO_TEST_CASE(validate_writes_json_and_nothing_else) {
  const Ran ran = validate({"/nonexistent", kSmoke}, {}, true);
  BOOST_TEST(status(ran.code) == 104);
  BOOST_TEST(ran.err == "");
  const auto parsed = nlohmann::json::parse(ran.out);
  BOOST_TEST(parsed.size() == 1u);
  BOOST_TEST(parsed[0]["message"] == "No such file or directory");
  BOOST_TEST(nlohmann::json::parse(validate({kSmoke}, {}, true).out).empty());
}

BOOST_AUTO_TEST_CASE(inspect_says_what_a_run_would_do) {
  const Ran ran = inspect({{"clients.players.link", "{rtt: {from: 40ms, to: 1s}, jitter: 5ms, loss: 1%}"},
                           {"clients.players.join", "{ramp: 2s}"}});
  BOOST_TEST((ran.code == ExitCode::pass));
  for (const char* line : {
           "smoke\n  Four clients for two seconds on a short line without loss.\n",
           "  seed        1\n",
           "  transport   tcp, congestion ideal\n",
           "  server      20 Hz, 4 players at most, replication full, avatars from_start\n",
           "  world       arena, 8 entities: 2 NPCs, 2 pickups, the rest players\n",
           "  players (4 clients)\n    behaviour 2 wander, 2 fight; 20 inputs a second\n"
           "    link      RTT 40 ms to 1 s, each way +-5 ms, loss 1 %\n"
           "    join      evenly over 2 s, the first at 0 ms\n",
           "           0 s        1  ##########\n        500 ms        2  ####################\n",
           "         1.5 s        4  ########################################\n",
           "  state updates               17,760  8 entities x 111 B x 20 Hz\n",
           "  desyncs_total                           count==0\n",
       })
    BOOST_TEST(ran.out.find(line) != std::string::npos, "missing: " << line << "in:\n" << ran.out);
}

BOOST_AUTO_TEST_CASE(inspect_of_a_bad_scenario_exits_104) {
  const Ran ran = inspect({{"seed", "x"}});
  BOOST_TEST(status(ran.code) == 104);
  BOOST_TEST(ran.out == "");
  BOOST_TEST(ran.err == "--set seed=x: seed: expected a whole number such as 32, got \"x\"\n");
}

BOOST_AUTO_TEST_CASE(links_are_described_in_words) {
  const auto words = [](const std::string& link) {
    return describe(testing::valid(testing::kSmall + "    link: " + link + "\n").cohorts[0].link);
  };
  BOOST_TEST(words("{rtt: 200ms}") == "RTT 200 ms");
  BOOST_TEST(words("{rtt: 200ms, loss: 1%}") == "RTT 200 ms, each way loss 1 %");
  BOOST_TEST(words("{rtt: 200ms, up: {loss: 1%}}") == "RTT 200 ms, up loss 1 %");
  BOOST_TEST(words("{jitter: 1ms}") == "each way: delay 0 ms +-1 ms");
  BOOST_TEST(words("{up: {delay: 1s}}") == "up: delay 1 s; down: delay 0 ms");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
