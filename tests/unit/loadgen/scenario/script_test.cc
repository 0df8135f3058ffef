#include "netrig/loadgen/game/script.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "netrig/sim/world/arena_input.h"
#include "netrig/tests/unit/loadgen/report/temporary_folder.h"
#include "netrig/tests/unit/loadgen/scenario/fixture.h"

namespace netrig::loadgen {
namespace {

// Says its own letter.
ScriptAction letter(char which) {
  return [which](const ScriptMoment&) {
    return Input{std::vector<std::uint8_t>{static_cast<std::uint8_t>(which)}};
  };
}

ScriptStep step(char which, std::optional<Duration> length = {}) {
  return {.action = letter(which), .length = length};
}

ScriptStep wait(Duration length) {
  return {.action = {}, .length = length};
}

ScriptStep repeat(std::vector<ScriptStep> steps, std::optional<std::uint32_t> times = {}) {
  return {.action = {}, .length = {}, .repeated = std::move(steps), .times = times};
}

// The letters of `count` inputs; a dot where it sends none.
std::string played(Script script, std::uint32_t inputs_per_second, int count) {
  ScriptPlayer player{std::make_shared<Script>(std::move(script)), inputs_per_second};
  std::string letters;
  for (int i = 0; i < count; ++i) {
    const std::optional<Input> input = player.act(Snapshot{}, EntityId{1});
    letters += input ? static_cast<char>(input->bytes()[0]) : '.';
  }
  return letters;
}

// What the arena's players do by these steps, at 4 inputs a second.
std::vector<sim::ArenaInput> in_the_arena(const std::string& steps, int count) {
  const Scenario scenario = testing::valid(
      testing::kSmall + "    behaviour: scripted\n    input_rate: 4Hz\n    script: " + steps + "\n");
  ScriptPlayer player{scenario.cohorts[0].script, scenario.cohorts[0].input_rate_hz};
  std::vector<sim::ArenaInput> inputs;
  for (int i = 0; i < count; ++i)
    if (const std::optional<Input> input = player.act(Snapshot{}, EntityId{1}))
      inputs.push_back(*sim::ArenaInput::decode(*input));
  return inputs;
}

std::string problems(const std::string& steps) {
  return testing::problems(testing::kSmall + "    behaviour: scripted\n    script: " + steps + "\n");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(script)

BOOST_AUTO_TEST_CASE(a_step_lasts_its_time_or_one_input_and_afterwards_nothing_is_sent) {
  BOOST_TEST(played({step('a', 200ms), step('b'), wait(100ms), step('c', 150ms)}, 20, 13) == "aaaab..ccc...");
}

BOOST_AUTO_TEST_CASE(steps_that_are_no_multiple_of_an_input_do_not_drift) {
  // 60 inputs a second, steps of 100 ms: 6 inputs each, although an input lasts 16.67 ms.
  const std::string sixty = played({repeat({step('a', 100ms), step('b', 100ms)})}, 60, 60 * 60);
  for (std::size_t i = 0; i < sixty.size(); ++i) BOOST_TEST_REQUIRE(sixty[i] == "ab"[i / 6 % 2], i);
  // 20 inputs a second, steps of 75 ms: one and a half inputs, so two and one in turn.
  BOOST_TEST(played({repeat({step('a', 75ms), step('b', 75ms)})}, 20, 9) == "aabaabaab");
}

BOOST_AUTO_TEST_CASE(repeats_stand_in_one_another_and_for_ever_is_for_ever) {
  BOOST_TEST(played({repeat({step('a'), repeat({step('b')}, 2)}, 2), step('c')}, 20, 9) == "abbabbc..");
  const std::string long_run = played({step('a'), repeat({step('b'), step('c')})}, 20, 10'001);
  BOOST_TEST(long_run.substr(0, 5) == "abcbc");
  BOOST_TEST(long_run.substr(9'996) == "cbcbc");
}

BOOST_AUTO_TEST_CASE(a_moment_says_where_in_the_step_it_is_and_what_was_said_before_it) {
  std::vector<std::string> seen;
  const ScriptAction note = [&](const ScriptMoment& moment) {
    const Bytes before = moment.before.bytes();
    seen.push_back((before.empty() ? std::string{"-"} : std::string(1, static_cast<char>(before[0]))) +
                   std::to_string(moment.index) + "/" + std::to_string(moment.inputs));
    return Input{std::vector<std::uint8_t>{'x'}};
  };
  Script script{{.action = note, .length = 100ms}, wait(50ms), step('b'), {.action = note, .length = {}}};
  played(std::move(script), 20, 6);
  BOOST_TEST(seen == (std::vector<std::string>{"-0/2", "-1/2", "b0/1"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(in_the_arena_a_player_walks_turns_and_shoots) {
  const auto walked = in_the_arena("[{heading: 90deg, walk: true, for: 500ms}]", 4);
  BOOST_TEST_REQUIRE(walked.size() == 2u);
  BOOST_TEST((walked[0] == sim::ArenaInput{.move_x = 0, .move_y = 127, .aim = 16'384, .fire = false}));
  BOOST_TEST((walked[1] == walked[0]));
  const auto slowly = in_the_arena("[{heading: 180deg, walk: true, speed: 50%}]", 1);
  BOOST_TEST((slowly.at(0) == sim::ArenaInput{.move_x = -63, .move_y = 0, .aim = 32'768, .fire = false}));
  const auto turned = in_the_arena("[{heading: 90deg}, {turn_right: 180deg, for: 1s}, {shoot: true}]", 6);
  BOOST_TEST_REQUIRE(turned.size() == 6u);
  const std::vector<sim::Angle> aims{16'384, 8'192, 0, 57'344, 49'152, 49'152};
  for (std::size_t i = 0; i < aims.size(); ++i) BOOST_TEST(turned[i].aim == aims[i], i);
  BOOST_TEST((turned[5].fire && turned[5].move_x == 0 && !turned[4].fire));
}

BOOST_AUTO_TEST_CASE(a_turn_of_any_size_ends_where_it_should) {
  const auto turned = in_the_arena("[{heading: 0deg}, {turn_left: 1000deg, for: 7s}]", 29);
  BOOST_TEST(turned.at(28).aim == static_cast<sim::Angle>((1000 - 720) * 65'536 / 360 - 65'536 + 65'536));
}

BOOST_AUTO_TEST_CASE(each_mistake_in_a_script_is_told_at_its_place) {
  const auto said = [](const std::string& steps, const std::string& message) {
    const std::string all = problems(steps);
    BOOST_TEST(all.find(message) != std::string::npos, all << " should say: " << message);
    BOOST_TEST(all.starts_with("s.yaml:9:"), all);
  };
  said("[{walk: true, fro: 2s}]", "unknown key \"fro\" in clients[0].script[0]; did you mean \"for\"?");
  said("[{aim: neares}]",
       "clients[0].script[0].aim: expected one of ahead, nearest, got \"neares\"; did you mean \"nearest\"?");
  said("[{wait: 49ms}]",
       "clients[0].script[0].wait: is shorter than the time of one input at an input_rate of 20Hz");
  said("[{walk: true}, {for: 1s}]", "clients[0].script[1]: says nothing to do");
  said("[{walk: true, wait: 1s}]", "clients[0].script[0]: a step either waits, or repeats others, or does");
  said("[{repeat: [{stop: true}], for: 1s}]", "a step either waits, or repeats others, or does");
  said("[{stop: true, times: 2}]", "clients[0].script[0].times: of what?");
  said("[{walk: true, stop: true}]", "clients[0].script[0].stop: it walks");
  said("[{turn_left: 1deg, turn_right: 1deg}]", "clients[0].script[0].turn_right: it turns left already");
  said("[{repeat: [{repeat: [{repeat: [{repeat: [{stop: true}]}]}]}]}]",
       "repeats stand in one another at most 3 deep");
  said("[{repeat: []}]", "clients[0].script[0].repeat: needs at least one step");
  said("[go]", "clients[0].script[0]: expected a map of keys, got a single value");
  said("{walk: true}", "clients[0].script: expected a list of steps such as");
}

BOOST_AUTO_TEST_CASE(who_plays_a_script_needs_one_and_one_that_nobody_plays_is_told) {
  BOOST_TEST(testing::problems(testing::kSmall + "    behaviour: scripted\n")
                 .find("clients[0].behaviour: scripted needs a `script`") != std::string::npos);
  const LoadedScenario unused = testing::parse(testing::kSmall + "    script: [{stop: true}]\n");
  BOOST_TEST(unused.scenario.has_value());
  BOOST_TEST_REQUIRE(unused.diagnostics.size() == 1u);
  BOOST_TEST(unused.diagnostics[0].message.find("nobody plays it") != std::string::npos);
  BOOST_TEST(testing::valid(testing::kSmall +
                            "    behaviour: {scripted: 50%, wander: 50%}\n    script: [{stop: true}]\n")
                 .cohorts[0]
                 .script->size() == 1u);
}

// Its mistakes stand in the file they are in.
BOOST_AUTO_TEST_CASE(a_script_may_stand_in_a_file_beside_the_scenario) {
  testing::TemporaryFolder folder;
  const auto load = [&] {
    return load_scenario(folder.path("s.yaml"), {}, testing::variables({{"SPEED", "50%"}}), testing::games());
  };
  folder.write("s.yaml", testing::kSmall + "    behaviour: scripted\n    script: patrol.yaml\n");
  folder.write("patrol.yaml", "- {walk: true, speed: \"${SPEED}\", for: 1s}\n");
  const LoadedScenario good = load();
  BOOST_TEST_REQUIRE(good.scenario.has_value());
  BOOST_TEST(good.scenario->cohorts[0].script->size() == 1u);

  folder.write("patrol.yaml", "- {walk: true, for: 1s}\n- {wlak: true}\n");
  const LoadedScenario bad = load();
  BOOST_TEST(!bad.scenario);
  BOOST_TEST(bad.file_digest != good.file_digest);
  BOOST_TEST_REQUIRE(bad.diagnostics.size() == 1u);
  const std::string said = text(bad.diagnostics[0]);
  BOOST_TEST(said.find("patrol.yaml:2:4: unknown key \"wlak\"") != std::string::npos, said);
  BOOST_TEST(said.find("  - {wlak: true}\n     ^") != std::string::npos, said);

  for (const std::string broken : {"", "- {walk: [\n", "- {walk: \xff}\n", "walk: true\n"}) {
    folder.write("patrol.yaml", broken);
    const LoadedScenario loaded = load();
    BOOST_TEST(!loaded.scenario);
    BOOST_TEST_REQUIRE(!loaded.diagnostics.empty());
    BOOST_TEST(loaded.diagnostics[0].file.ends_with("patrol.yaml"), text(loaded.diagnostics[0]));
  }
  folder.write("s.yaml", testing::kSmall + "    behaviour: scripted\n    script: nowhere.yaml\n");
  BOOST_TEST(load().diagnostics.at(0).message.find("nowhere.yaml: No such file or directory") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
