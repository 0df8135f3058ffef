// Links in files of their own, as scenarios name them.
#include "netrig/loadgen/scenario/link_file.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "netrig/loadgen/commands/inspect.h"
#include "netrig/tests/unit/loadgen/report/temporary_folder.h"
#include "netrig/tests/unit/loadgen/scenario/fixture.h"

namespace netrig::loadgen {
namespace {

using testing::kSmall;
using testing::TemporaryFolder;
using testing::variables;

LoadedScenario loaded(const TemporaryFolder& folder, const std::string& link) {
  return parse_scenario(kSmall + "    link: " + link + "\n  - {name: b, count: 1, link: " + link + "}\n",
                        folder.path("s.yaml"), {}, variables({}), testing::games());
}

CohortLink link_of(const TemporaryFolder& folder, const std::string& link) {
  const LoadedScenario scenario = loaded(folder, link);
  BOOST_REQUIRE_MESSAGE(scenario.scenario, scenario.diagnostics.front().message);
  return scenario.scenario->cohorts.at(0).link;
}

std::vector<std::string> problems(const TemporaryFolder& folder, const std::string& link) {
  std::vector<std::string> all;
  for (const Diagnostic& diagnostic : loaded(folder, link).diagnostics) {
    const std::string said = text(diagnostic);
    all.push_back(said.substr(0, said.find('\n')));
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(link_file)

BOOST_AUTO_TEST_CASE(a_file_beside_the_scenario_is_a_profile) {
  const TemporaryFolder folder;
  folder.write("office.yaml",
               "# measured\nlink:\n  loss: 1%\n  up: {delay: 20ms}\n  down: {delay: 30ms, loss: 2%}\n");
  const CohortLink link = link_of(folder, "{profile: office.yaml}");
  BOOST_CHECK((link.up == sim::LinkConditions{.delay = sim::ConstantDelay{20ms}, .loss_ppm = 10'000}));
  BOOST_CHECK((link.down == sim::LinkConditions{.delay = sim::ConstantDelay{30ms}, .loss_ppm = 20'000}));
  BOOST_TEST(brief(link) == "profile office.yaml");
}

BOOST_AUTO_TEST_CASE(what_stands_beside_a_file_replaces_what_it_says) {
  const TemporaryFolder folder;
  folder.write("office.yaml", "link: {loss: 1%, up: {delay: 20ms}, down: {delay: 30ms}}\n");
  const CohortLink link = link_of(folder, "{profile: office.yaml, up: {loss: 5%}}");
  BOOST_TEST(link.up.loss_ppm == 50'000u);
  BOOST_CHECK(link.up.delay == sim::Delay{sim::ConstantDelay{20ms}});
  BOOST_TEST(link.down.loss_ppm == 10'000u);
  BOOST_TEST(brief(link) == "profile office.yaml, changed: up");
}

BOOST_AUTO_TEST_CASE(a_file_may_begin_with_a_named_profile) {
  const TemporaryFolder folder;
  folder.write("mine.yaml", "link: {profile: lte, loss: 4%}\n");
  const CohortLink named = link_of(folder, "{profile: lte, loss: 4%}");
  const CohortLink in_file = link_of(folder, "{profile: ./mine.yaml}");
  BOOST_CHECK(in_file.up == named.up);
  BOOST_CHECK(in_file.down == named.down);
}

BOOST_AUTO_TEST_CASE(a_trace_is_looked_for_beside_the_file_that_names_it) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("links"));
  folder.write("links/train.csv", "time,delay\n0s,40ms\n1s,50ms\n");
  folder.write("links/train.yaml", "link: {loss: 1%, down: {trace: train.csv}}\n");
  const CohortLink link = link_of(folder, "{profile: links/train.yaml}");
  BOOST_REQUIRE(link.down.schedule);
  BOOST_TEST(link.down.schedule->trace->rows.size() == 2u);
  BOOST_CHECK(!link.up.schedule);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_file_is_said_once_with_its_line) {
  const TemporaryFolder folder;
  folder.write("bad.yaml", "link:\n  loss: 101%\n  jiter: 1ms\n");
  const std::string at = folder.path("bad.yaml");
  const std::vector<std::string> said = problems(folder, "{profile: bad.yaml}");
  BOOST_REQUIRE(said.size() == 2u);  // not once more for the other cohort
  BOOST_TEST(said[0].starts_with(at + ":2:9: link.loss: "), said[0]);
  BOOST_TEST(said[1].starts_with(at + ":3:3: unknown key \"jiter\" in link; did you mean \"jitter\"?"),
             said[1]);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_link_file_is_refused) {
  const TemporaryFolder folder;
  folder.write("other.yaml", "up: {delay: 20ms}\n");
  folder.write("more.yaml", "link: {loss: 1%}\nname: x\n");
  folder.write("empty.yaml", "");
  folder.write("bytes.yaml", "link: {loss: 1%}\x01\n");
  folder.write("nested.yaml", "link: {profile: other.yaml}\n");
  const std::vector<std::pair<std::string, std::string>> cases{
      {"none.yaml", ": No such file or directory"},
      {"other.yaml", ":1:1: a link file has one key: link"},
      {"more.yaml", ":1:1: a link file has one key: link"},
      {"empty.yaml", ":1:1: a link file has one key: link"},
      {"bytes.yaml", ":1:17: a control character; a link file is a text file"},
      {"nested.yaml", ":1:17: link.profile: a link file cannot name another one"}};
  for (const auto& [file, expected] : cases) {
    const std::vector<std::string> said = problems(folder, "{profile: " + file + "}");
    BOOST_REQUIRE(said.size() == 1u);
    BOOST_TEST(said[0].ends_with(folder.path(file) + expected), said[0]);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
