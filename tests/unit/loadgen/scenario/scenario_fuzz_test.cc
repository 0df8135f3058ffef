// Any bytes are a scenario or at least one diagnostic, and never anything else.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "netrig/core/base/random.h"
#include "netrig/loadgen/scenario/plan.h"
#include "netrig/tests/unit/loadgen/scenario/fixture.h"

namespace netrig::loadgen {
namespace {

constexpr int kMutants = 6'000;
constexpr std::uint64_t kMutationsMax = 8;

std::string file_text(const std::string& name) {
  std::ifstream file{std::string{NETRIG_SOURCE_DIR} + "/scenarios/" + name};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Pieces that mean something to YAML, to our units, or to a terminal.
constexpr std::string_view kPieces[] = {"\n",
                                        "  ",
                                        "- ",
                                        ": ",
                                        "{",
                                        "}",
                                        "[",
                                        "]",
                                        "*a",
                                        "&a ",
                                        "<<: ",
                                        "---\n",
                                        "...\n",
                                        "#",
                                        "\"",
                                        "'",
                                        "|",
                                        ">",
                                        "?",
                                        "!!x ",
                                        "%",
                                        "${",
                                        "${A}",
                                        "$$",
                                        "null",
                                        "~",
                                        "0",
                                        "-1",
                                        "1e9",
                                        "9999999",
                                        "0x1",
                                        "ms",
                                        "Mbit/s",
                                        "1h",
                                        "\t",
                                        "\r",
                                        "\xC3",
                                        "\xFF",
                                        "\x1B",
                                        "count: 1\n",
                                        "clients:\n",
                                        "rtt: {from: 1s, to: 2s}\n",
                                        "{uniform: [1s, 1s]}",
                                        "p(95)<1",
                                        "100%",
                                        "\xEF\xBB\xBF"};

void mutate(std::string& text, Random& random) {
  const std::size_t at = random.below(text.size() + 1);
  const std::size_t length = std::min<std::size_t>(random.below(12), text.size() - at);
  switch (random.below(5)) {
    case 0:
      text.erase(at, length);
      break;
    case 1:
      text.insert(at, kPieces[random.below(std::size(kPieces))]);
      break;
    case 2:
      if (at < text.size()) text[at] = static_cast<char>(random.below(256));
      break;
    case 3:
      text.insert(random.below(text.size() + 1), text.substr(at, random.below(200)));
      break;
    default:
      text.replace(at, length, kPieces[random.below(std::size(kPieces))]);
  }
}

std::uint64_t extra_seed() {
  const char* given = std::getenv("NETRIG_SEED");
  return given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scenario_fuzz)

BOOST_AUTO_TEST_CASE(mutated_scenarios_are_a_scenario_or_a_diagnostic) {
  const std::uint64_t seed = extra_seed();
  BOOST_TEST_MESSAGE("NETRIG_SEED=" << seed);
  const std::string originals[] = {file_text("32players.yaml"), file_text("smoke.yaml"),
                                   file_text("satellite_5s.yaml")};
  int valid = 0;
  int refused = 0;
  for (int i = 0; i < kMutants; ++i) {
    Random random = Random{seed}.fork("mutant", static_cast<std::uint64_t>(i));
    std::string text = originals[random.below(std::size(originals))];
    for (std::uint64_t left = 1 + random.below(kMutationsMax); left > 0; --left) mutate(text, random);
    const LoadedScenario loaded = testing::parse(text);
    const bool has_errors = has_error(loaded.diagnostics);
    BOOST_TEST_REQUIRE(loaded.scenario.has_value() != has_errors, "mutant " << i << ":\n" << text);
    ++(has_errors ? refused : valid);
    for (const Diagnostic& diagnostic : loaded.diagnostics)
      BOOST_TEST_REQUIRE((diagnostic.line > 0 && diagnostic.column > 0), "mutant " << i << ":\n" << text);
    if (loaded.scenario && client_count(*loaded.scenario) <= 1'000)
      BOOST_TEST_REQUIRE(make_plan(*loaded.scenario, 1).clients.size() == client_count(*loaded.scenario));
  }
  BOOST_TEST(valid > kMutants / 50);    // mutations in comments and numbers leave some as they should be
  BOOST_TEST(refused > kMutants / 10);  // and the checks do find the others
}

BOOST_AUTO_TEST_CASE(random_bytes_are_a_diagnostic) {
  for (std::uint64_t i = 0; i < 2'000; ++i) {
    Random random = Random{extra_seed()}.fork("bytes", i);
    std::string text(random.below(200), '\0');
    for (char& byte : text)
      byte = static_cast<char>(i % 2 == 0 ? random.below(256) : 0x20 + random.below(95));
    const LoadedScenario loaded = testing::parse(text);
    BOOST_TEST_REQUIRE((!loaded.scenario && has_error(loaded.diagnostics)), text);
  }
}

BOOST_AUTO_TEST_CASE(mutated_overrides_are_an_effect_or_a_diagnostic) {
  for (std::uint64_t i = 0; i < 2'000; ++i) {
    Random random = Random{extra_seed()}.fork("override", i);
    std::string written = "clients.a.link={rtt: {from: 1s, to: 2s}}";
    for (std::uint64_t left = 1 + random.below(4); left > 0; --left) mutate(written, random);
    const std::optional<Override> override_ = parse_override(written);
    if (!override_) continue;
    const LoadedScenario loaded = testing::parse(testing::kSmall, {*override_});
    BOOST_TEST_REQUIRE(loaded.scenario.has_value() != has_error(loaded.diagnostics), written);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
