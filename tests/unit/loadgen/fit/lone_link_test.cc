// A link that no scenario holds: a profile, a file, or only options, as a proxy is given it.
#include <boost/test/unit_test.hpp>

#include "netrig/loadgen/commands/inspect.h"
#include "netrig/loadgen/scenario/scenario_file.h"
#include "netrig/tests/unit/loadgen/report/temporary_folder.h"
#include "netrig/tests/unit/loadgen/scenario/fixture.h"

namespace netrig::loadgen {
namespace {

using testing::TemporaryFolder;
using testing::variables;

LoadedLink load(const std::string& name, std::vector<Override> overrides = {}) {
  return load_link({name, std::move(overrides)}, variables({{"LOSS", "3%"}}));
}

std::string only_problem(const LoadedLink& loaded) {
  BOOST_TEST(!loaded.link);
  BOOST_REQUIRE(loaded.diagnostics.size() == 1u);
  const Diagnostic& diagnostic = loaded.diagnostics.front();
  return diagnostic.file + ":" + std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column) +
         ": " + diagnostic.message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lone_link)

BOOST_AUTO_TEST_CASE(a_profile_by_its_name) {
  const LoadedLink loaded = load("geo");
  BOOST_REQUIRE(loaded.link);
  BOOST_TEST(loaded.link->profile == "geo");
  BOOST_TEST((loaded.link->up.delay != sim::Delay{}));
  BOOST_TEST(loaded.file_digest == 0u);
}

BOOST_AUTO_TEST_CASE(options_alone_make_a_link) {
  const LoadedLink loaded = load("", {{"rtt", "5s"}, {"up.loss", "1%"}, {"jitter", "10ms"}});
  BOOST_REQUIRE(loaded.link);
  BOOST_TEST((loaded.link->rtt->from == 5s));
  BOOST_TEST(loaded.link->up.loss_ppm == 10'000u);
  BOOST_TEST(loaded.link->down.loss_ppm == 0u);
  BOOST_TEST((loaded.link->down.jitter == 10ms));
}

BOOST_AUTO_TEST_CASE(options_replace_what_a_profile_or_a_file_says) {
  const TemporaryFolder folder;
  const std::string file =
      folder.write("line.yaml", "link:\n  up: {delay: 20ms, loss: '${LOSS}'}\n  down: {delay: 30ms}\n");
  const LoadedLink loaded = load(file, {{"down.delay", "40ms"}});
  BOOST_REQUIRE(loaded.link);
  BOOST_TEST((loaded.link->up == sim::LinkConditions{.delay = sim::ConstantDelay{20ms}, .loss_ppm = 30'000}));
  BOOST_TEST((loaded.link->down == sim::LinkConditions{.delay = sim::ConstantDelay{40ms}}));
  BOOST_TEST(brief(*loaded.link) == "profile " + file);
  BOOST_TEST(loaded.file_digest != 0u);
  BOOST_TEST((load("lan", {{"rtt", "1s"}}).link->rtt->from == 1s));
}

BOOST_AUTO_TEST_CASE(a_trace_stands_beside_the_file_that_names_it) {
  const TemporaryFolder folder;
  folder.write("train.csv", "time,delay_ms\n0s,40\n1s,60\n");
  const LoadedLink loaded = load(folder.write("line.yaml", "link: {trace: train.csv}\n"));
  BOOST_REQUIRE(loaded.link);
  BOOST_REQUIRE(loaded.link->up.schedule);
  BOOST_TEST(loaded.link->up.schedule->trace->rows.size() == 2u);
  const std::string missing = folder.write("other.yaml", "link:\n  rtt: 1ms\n  trace: nowhere.csv\n");
  BOOST_TEST(only_problem(load(missing)).starts_with(missing + ":3:10: link.trace: "));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_stands_where_it_was_written) {
  const TemporaryFolder folder;
  const std::string file = folder.write("line.yaml", "link:\n  rtt: 20\n");
  BOOST_TEST(only_problem(load(file)).starts_with(file + ":2:8: link.rtt: "));
  BOOST_TEST(only_problem(load("lnn")).starts_with("--link lnn:0:0: link.profile: expected one of lan, "));
  BOOST_TEST(only_problem(load("lan", {{"up.los", "1%"}})).starts_with("--set up.los=1%:0:0: "));
  BOOST_TEST(only_problem(load(folder.path("none.yaml"))).starts_with(folder.path("none.yaml") + ":1:1: "));
  BOOST_TEST(only_problem(load(folder.write("two.yaml", "link: {}\nseed: 1\n"))).find("one key: link") !=
             std::string::npos);
  BOOST_TEST(only_problem(load(folder.write("binary.yaml", "link: {\x01}\n"))).find(":1:8: ") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(everything_that_is_wrong_is_told_at_once) {
  const TemporaryFolder folder;
  const std::string file = folder.write("line.yaml", "link:\n  rtt: 20\n  loss: 200%\n  speed: 1\n");
  BOOST_TEST(load(file, {{"jitter", "no"}}).diagnostics.size() == 4u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
