// Each class of bad input, with the text and the place that a person sees.
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include "netrig/tests/unit/loadgen/scenario/fixture.h"

namespace netrig::loadgen {

using testing::kSmall;
using testing::parse;
using testing::problems;
using testing::variables;

BOOST_AUTO_TEST_SUITE(scenario_bad_input)

BOOST_AUTO_TEST_CASE(a_misspelt_key_is_answered_with_the_key_that_was_meant) {
  BOOST_TEST(problems(kSmall + "server: {tick_rte: 20Hz}\n") ==
             "s.yaml:8:10: unknown key \"tick_rte\" in server; did you mean \"tick_rate\"?\n"
             "  server: {tick_rte: 20Hz}\n"
             "           ^\n");
}

BOOST_AUTO_TEST_CASE(a_key_far_from_any_is_answered_with_all_of_them) {
  BOOST_TEST(problems(kSmall + "stream: {congestion: ideal, window: 3}\n") ==
             "s.yaml:8:29: unknown key \"window\" in stream; known keys: congestion, "
             "receive_window, send_buffer, initial_window, rto_min\n"
             "  stream: {congestion: ideal, window: 3}\n"
             "                              ^\n");
}

BOOST_AUTO_TEST_CASE(all_errors_are_reported_at_once_in_the_order_of_the_file) {
  BOOST_TEST(
      problems("netrig: 1\n"
               "nme: x\n"
               "duration: 10\n"
               "transport: tpc\n"
               "clients:\n"
               "  - count: -1\n") ==
      "s.yaml:1:1: missing key \"name\"\n"
      "  netrig: 1\n"
      "  ^\n"
      "s.yaml:2:1: unknown key \"nme\"; did you mean \"name\"?\n"
      "  nme: x\n"
      "  ^\n"
      "s.yaml:3:11: duration: \"10\" has no unit; write a duration such as 200ms (units: ns us ms s m h)\n"
      "  duration: 10\n"
      "            ^\n"
      "s.yaml:4:12: transport: expected one of memory, tcp, tls, ws, wss, udp, got \"tpc\"; did you mean "
      "\"tcp\"?\n"
      "  transport: tpc\n"
      "             ^\n"
      "s.yaml:6:5: missing key \"name\" in clients[0]\n"
      "    - count: -1\n"
      "      ^\n"
      "s.yaml:6:12: clients[0].count: \"-1\" must not be negative\n"
      "    - count: -1\n"
      "             ^\n");
}

BOOST_AUTO_TEST_CASE(a_duplicate_key_names_both_lines) {
  BOOST_TEST(problems(kSmall + "name: other\n") ==
             "s.yaml:8:1: duplicate key \"name\"; it stands on line 2 already\n"
             "  name: other\n"
             "  ^\n");
}

BOOST_AUTO_TEST_CASE(wrong_types_say_what_was_expected) {
  BOOST_TEST(problems(kSmall + "server: 5\n") ==
             "s.yaml:8:9: server: expected a map of keys, got a single value\n"
             "  server: 5\n"
             "          ^\n");
  BOOST_TEST(problems(kSmall + "seed: [1]\n") ==
             "s.yaml:8:7: seed: expected a whole number, got a list\n"
             "  seed: [1]\n"
             "        ^\n");
  BOOST_TEST(problems(kSmall + "phase: {a: b}\n") ==
             "s.yaml:8:8: phase: expected one of random, zero, got a map of keys\n"
             "  phase: {a: b}\n"
             "         ^\n");
  BOOST_TEST(problems("netrig: 1\nname: x\nduration: 1s\ntransport: memory\nclients: many\n") ==
             "s.yaml:5:10: clients: expected a list of cohorts, got a single value\n"
             "  clients: many\n"
             "           ^\n");
}

BOOST_AUTO_TEST_CASE(numbers_in_quotes_and_empty_values_are_refused) {
  BOOST_TEST(problems(kSmall + "seed: \"5\"\n") ==
             "s.yaml:8:7: seed: is text in quotes; write the number without them\n"
             "  seed: \"5\"\n"
             "        ^\n");
  for (const char* empty : {"", " ~", " null", " NULL"})
    BOOST_TEST(problems(kSmall + "seed:" + empty + "\n") ==
               fmt::format("s.yaml:8:1: seed: has no value\n  seed:{}\n  ^\n", empty));
}

BOOST_AUTO_TEST_CASE(units_ranges_and_overflow_are_checked) {
  BOOST_TEST(
      problems(kSmall + "    link: {rtt: 20s, loss: 0.01, jitter: -5ms, rate: 1Mb, queue: 010B}\n") ==
      "s.yaml:8:17: clients[0].link.rtt: must be between 0s and 10s, got 20s\n"
      "      link: {rtt: 20s, loss: 0.01, jitter: -5ms, rate: 1Mb, queue: 010B}\n"
      "                  ^\n"
      "s.yaml:8:28: clients[0].link.loss: \"0.01\" has no unit; write a percentage such as 0.1%\n"
      "      link: {rtt: 20s, loss: 0.01, jitter: -5ms, rate: 1Mb, queue: 010B}\n"
      "                             ^\n"
      "s.yaml:8:42: clients[0].link.jitter: \"-5ms\" must not be negative\n"
      "      link: {rtt: 20s, loss: 0.01, jitter: -5ms, rate: 1Mb, queue: 010B}\n"
      "                                           ^\n"
      "s.yaml:8:54: clients[0].link.rate: expected a data rate such as 8Mbit/s (units: bit/s kbit/s Mbit/s "
      "Gbit/s B/s kB/s KiB/s MB/s MiB/s), got \"1Mb\"\n"
      "      link: {rtt: 20s, loss: 0.01, jitter: -5ms, rate: 1Mb, queue: 010B}\n"
      "                                                       ^\n"
      "s.yaml:8:66: clients[0].link.queue: \"010B\" has a leading zero; numbers are decimal, write it "
      "without\n"
      "      link: {rtt: 20s, loss: 0.01, jitter: -5ms, rate: 1Mb, queue: 010B}\n"
      "                                                                   ^\n");
  BOOST_TEST(problems(kSmall + "seed: 99999999999999999999\n") ==
             "s.yaml:8:7: seed: \"99999999999999999999\" is too large to be represented\n"
             "  seed: 99999999999999999999\n"
             "        ^\n");
  BOOST_TEST(problems(kSmall + "server: {players_max: 0}\n") ==
             "s.yaml:8:23: server.players_max: must be between 1 and 10000, got 0\n"
             "  server: {players_max: 0}\n"
             "                        ^\n");
}

BOOST_AUTO_TEST_CASE(another_version_of_the_format_is_named) {
  BOOST_TEST(
      problems("netrig: 2\nname: x\nduration: 1s\ntransport: memory\nclients: [{name: a, count: 1}]\n") ==
      "s.yaml:1:9: netrig: this loadgen reads scenarios of version 1, not 2\n"
      "  netrig: 2\n"
      "          ^\n");
}

BOOST_AUTO_TEST_CASE(merge_keys_and_keys_that_are_no_words_are_refused) {
  BOOST_TEST(problems(kSmall + "<<: {a: 1}\n") ==
             "s.yaml:8:1: merge keys (\"<<\") are not supported; write the keys out\n"
             "  <<: {a: 1}\n"
             "  ^\n");
  BOOST_TEST(problems(kSmall + "? [a]\n: 3\n") ==
             "s.yaml:8:3: a key must be a plain word\n"
             "  ? [a]\n"
             "    ^\n");
}

BOOST_AUTO_TEST_CASE(a_file_without_a_value_is_empty) {
  BOOST_TEST(problems("") == "s.yaml:1:1: the scenario is empty\n");
  BOOST_TEST(problems("# only this\n") == "s.yaml:1:1: the scenario is empty\n  # only this\n  ^\n");
  BOOST_TEST(problems("hello") ==
             "s.yaml:1:1: a scenario: expected a map of keys, got a single value\n  hello\n  ^\n");
}

BOOST_AUTO_TEST_CASE(a_second_document_is_refused) {
  BOOST_TEST(problems(kSmall + "---\nnetrig: 1\n") ==
             "s.yaml:8:1: a second document begins here; a scenario is one document\n  ---\n  ^\n");
}

BOOST_AUTO_TEST_CASE(syntax_errors_have_a_place) {
  BOOST_TEST(problems("a: [1\nb") ==
             "s.yaml:2:1: not valid YAML: end of sequence flow not found\n  b\n  ^\n");
  BOOST_TEST(problems("a: *nope\n") ==
             "s.yaml:1:4: not valid YAML: the referenced anchor is not defined\n  a: *nope\n     ^\n");
  BOOST_TEST(problems("server:\n\ttick_rate: 20Hz\n") ==
             "s.yaml:2:11: not valid YAML: this line is indented with a tab; use spaces\n"
             "  \ttick_rate: 20Hz\n"
             "  \t         ^\n");
}

BOOST_AUTO_TEST_CASE(the_column_counts_characters) {
  BOOST_TEST(problems(kSmall + "world: {\"größe\": 1, npcs: x}\n") ==
             "s.yaml:8:9: unknown key \"größe\" in world; known keys: game, npcs, pickups, width, height\n"
             "  world: {\"größe\": 1, npcs: x}\n"
             "          ^\n"
             "s.yaml:8:27: world.npcs: expected a whole number such as 32, got \"x\"\n"
             "  world: {\"größe\": 1, npcs: x}\n"
             "                            ^\n");
}

// The parser takes the end of the file for the end of a quoted text, and all between for the text.
BOOST_AUTO_TEST_CASE(a_quote_that_is_never_closed_is_refused_where_it_opens) {
  const std::string said = "this quote is never closed\n";
  const std::string start = "s.yaml:8:14: " + said;
  BOOST_TEST(
      problems(kSmall + "description: \"abc\nthresholds: {errors_total: count>5}\n").starts_with(start));
  BOOST_TEST(problems(kSmall + "description: 'it''s\n").starts_with(start));
  BOOST_TEST(problems(kSmall + "description: \"a\\\"\n").starts_with(start));
  BOOST_TEST(problems(kSmall + "description: &name \"a\n").find(said) != std::string::npos);
  BOOST_TEST(problems(kSmall + "description: \"two\n  lines, \\\" and 'both'\"\n") == "");
  BOOST_TEST(problems(kSmall + "description: 'it''s\n  closed'\n") == "");
}

BOOST_AUTO_TEST_CASE(tags_are_refused) {
  BOOST_TEST(
      problems(kSmall + "description: !!python/object:os.system x\n").find("says nothing in a scenario") !=
      std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_variable_within_braces_is_told_to_need_quotes) {
  BOOST_TEST(problems(kSmall + "stream: {congestion: ${C:-ideal}}\n")
                 .find("within braces a variable needs quotes") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_text_are_refused_where_they_stand) {
  const std::string not_utf8 = "not UTF-8 from here on; a scenario is a UTF-8 text file\n";
  const std::string control = "a control character; a scenario is a text file\n";
  // The line is shown with each of its bytes that could harm a terminal replaced.
  BOOST_TEST(problems("a: 1\nb\xFF") == "s.yaml:2:2: " + not_utf8 + "  b\uFFFD\n   ^\n");
  BOOST_TEST(problems("\xC0\xAF") == "s.yaml:1:1: " + not_utf8 + "  \uFFFD\uFFFD\n  ^\n");  // overlong
  BOOST_TEST(problems("\xED\xA0\x80").starts_with("s.yaml:1:1: " + not_utf8));  // half of a surrogate pair
  BOOST_TEST(problems("\xF4\x90\x80\x80").starts_with("s.yaml:1:1: " + not_utf8));   // beyond Unicode
  BOOST_TEST(problems("ä\xE2\x82").starts_with("s.yaml:1:2: " + not_utf8 + "  ä"));  // cut off
  BOOST_TEST(problems(std::string_view{"a: \0b", 5}) == "s.yaml:1:4: " + control + "  a: \uFFFDb\n     ^\n");
  BOOST_TEST(problems("\x7F"
                      "ELF\x02") == "s.yaml:1:1: " + control + "  \uFFFDELF\uFFFD\n  ^\n");
}

BOOST_AUTO_TEST_CASE(escapes_cannot_reach_the_terminal) {
  BOOST_TEST(problems(kSmall + "phase: \"\\e[2J\"\n").find('\x1B') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(deep_nesting_stops_at_the_limit) {
  const auto nested = [](std::size_t depth) {
    return fmt::format("a: {}{}\n", std::string(depth, '['), std::string(depth, ']'));
  };
  const std::string message = "nested too deeply";
  BOOST_TEST(problems(nested(60)).find(message) == std::string::npos);
  BOOST_TEST(problems(nested(70)).substr(0, 53) == "s.yaml:1:67: nested too deeply: more than 64 levels\n ");
  for (const std::size_t depth : {1'000u, 100'000u})
    BOOST_TEST(problems(nested(depth)).find(message) != std::string::npos);
  std::string lists = "a:\n";
  for (int i = 0; i < 400; ++i) lists += "- ";
  BOOST_TEST(problems(lists + "x").find(message) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(aliases_cannot_multiply_without_bound) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i)
    bomb += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i,
                        i - 1);
  const LoadedScenario loaded = parse(bomb);
  BOOST_REQUIRE(loaded.diagnostics.size() == 1u);
  BOOST_TEST(loaded.diagnostics[0].message == "too many values: more than 100000, aliases included");
  BOOST_TEST(problems("a: &x [*x]\n") ==
             "s.yaml:1:8: this alias refers to the value it stands in\n  a: &x [*x]\n         ^\n");
}

BOOST_AUTO_TEST_CASE(the_hundredth_problem_is_the_last_one_shown) {
  std::string text = kSmall;
  for (int i = 0; i < 150; ++i) text += fmt::format("key{}: 1\n", i);
  const LoadedScenario loaded = parse(text);
  BOOST_REQUIRE(loaded.diagnostics.size() == 101u);
  BOOST_TEST(loaded.diagnostics.back().message == "and 50 more problems");
}

BOOST_AUTO_TEST_CASE(variables_without_value_or_form_are_errors_at_their_place) {
  BOOST_TEST(
      problems(kSmall + "seed: ${NOPE}\n") ==
      "s.yaml:8:7: the environment variable NOPE is not set; write ${NOPE:-default} to give it a default\n"
      "  seed: ${NOPE}\n"
      "        ^\n");
  BOOST_TEST(problems(kSmall + "seed: ${N O}\n") ==
             "s.yaml:8:7: \"${N O}\" is not ${NAME} or ${NAME:-default}; write $$ for a plain $\n"
             "  seed: ${N O}\n"
             "        ^\n");
  BOOST_TEST(problems(kSmall + "seed: ${OPEN\n") ==
             "s.yaml:8:7: \"${\" is never closed by \"}\"\n"
             "  seed: ${OPEN\n"
             "        ^\n");
  const Environment environment = variables({{"WORD", "x"}, {"LONG", std::string(70'000, 'x')}});
  BOOST_TEST(problems(kSmall + "seed: ${WORD}\n", {}, environment) ==
             "s.yaml:8:7: seed: expected a whole number such as 32, got \"x\"\n"
             "  seed: ${WORD}\n"
             "        ^\n");
  BOOST_TEST(problems(kSmall + "seed: ${LONG}\n", {}, environment) ==
             "s.yaml:8:7: the value is longer than 64 KiB\n"
             "  seed: ${LONG}\n"
             "        ^\n");
}

BOOST_AUTO_TEST_CASE(thresholds_name_known_metrics_in_a_known_grammar) {
  const std::string found = problems(kSmall +
                                     "thresholds:\n"
                                     "  tick_overrun_total: count==0\n"
                                     "  errors_total: []\n"
                                     "  desyncs_total: {}\n"
                                     "  rtt_seconds: [p(95), 'max<1']\n");
  BOOST_TEST(
      found.starts_with("s.yaml:9:3: thresholds: there is no metric \"tick_overrun_total\"; did you mean "
                        "\"tick_overruns_total\"?\n"
                        "    tick_overrun_total: count==0\n"
                        "    ^\n"
                        "s.yaml:10:17: thresholds.errors_total: needs at least one expression\n"
                        "    errors_total: []\n"
                        "                  ^\n"
                        "s.yaml:11:18: thresholds.desyncs_total: expected an expression such as "
                        "\"p(95)<100000\", got a map of keys\n"
                        "    desyncs_total: {}\n"
                        "                   ^\n"
                        "s.yaml:12:17: thresholds.rtt_seconds: "));
}

BOOST_AUTO_TEST_CASE(an_ideal_stream_has_no_windows_to_set) {
  BOOST_TEST(problems(kSmall + "stream: {congestion: ideal, rto_min: 1s}\n") ==
             "s.yaml:8:29: stream.rto_min: an ideal stream has no windows and no timeout; write it with "
             "congestion: cubic\n"
             "  stream: {congestion: ideal, rto_min: 1s}\n"
             "                              ^\n");
}

BOOST_AUTO_TEST_CASE(windows_have_bounds) {
  for (const char* wrong :
       {"receive_window: 1kB", "receive_window: 2GiB", "send_buffer: 4kB", "send_buffer: 65MiB",
        "initial_window: 0", "initial_window: 101", "rto_min: 999us", "rto_min: 61s"})
    BOOST_TEST(problems(kSmall + "stream: {congestion: cubic, " + wrong + "}\n").starts_with("s.yaml:8:"),
               wrong);
}

BOOST_AUTO_TEST_CASE(a_state_must_fit_the_send_buffer) {
  const std::string tcp = kSmall + "stream: {congestion: cubic, send_buffer: 4KiB}\n";
  BOOST_TEST(problems(tcp, {{"transport", "tcp"}}) == "");
  const std::string found = problems(tcp + "world: {npcs: 40}\n", {{"transport", "tcp"}});
  BOOST_TEST(found.find("stream.send_buffer: a state never fits 4096 B: ") != std::string::npos, found);
}

BOOST_AUTO_TEST_CASE(a_stream_transport_needs_its_model_written_down) {
  BOOST_TEST(
      problems("netrig: 1\nname: x\nduration: 1s\ntransport: tcp\nclients: [{name: a, count: 1}]\n") ==
      "s.yaml:4:12: transport: tcp is modelled as a stream, so its congestion must be written down: add "
      "`stream: {congestion: cubic}`, or ideal for one that no window limits\n"
      "  transport: tcp\n"
      "             ^\n");
  for (const char* transport : {"memory", "udp"})
    BOOST_TEST(problems(kSmall, {{"transport", transport}}) == "");
  for (const char* transport : {"tls", "ws", "wss"})
    BOOST_TEST(problems(kSmall, {{"transport", transport}}) != "");
}

BOOST_AUTO_TEST_CASE(links_that_contradict_themselves_are_refused) {
  BOOST_TEST(
      problems(kSmall + "    link: {rtt: 1s, up: {delay: 1s}}\n") ==
      "s.yaml:8:26: clients[0].link.up.delay: the link has an rtt, which sets the delay of both directions; "
      "write one or the other\n"
      "      link: {rtt: 1s, up: {delay: 1s}}\n"
      "                           ^\n");
  BOOST_TEST(problems(kSmall + "    link: {down: {queue: 64KiB}}\n") ==
             "s.yaml:8:11: clients[0].link.down: has a queue and no rate; without a rate nothing ever waits\n"
             "      link: {down: {queue: 64KiB}}\n"
             "            ^\n");
  BOOST_TEST(problems(kSmall + "    link: {up: {delay: {uniform: [2s, 1s]}}}\n") ==
             "s.yaml:8:34: clients[0].link.up.delay.uniform: the smaller delay comes first\n"
             "      link: {up: {delay: {uniform: [2s, 1s]}}}\n"
             "                                   ^\n");
  BOOST_TEST(problems(kSmall + "    link: {up: {delay: {}}}\n") ==
             "s.yaml:8:24: clients[0].link.up.delay: expected one shape: uniform, normal, pareto or table\n"
             "      link: {up: {delay: {}}}\n"
             "                         ^\n");
  BOOST_TEST(problems(kSmall + "    link: {rtt: {from: 1s}}\n") ==
             "s.yaml:8:17: missing key \"to\" in clients[0].link.rtt\n"
             "      link: {rtt: {from: 1s}}\n"
             "                  ^\n");
}

BOOST_AUTO_TEST_CASE(links_stay_within_what_the_server_is_told) {
  BOOST_TEST(
      problems(kSmall + "    link: {rtt: 5s, jitter: 200ms}\nserver: {rtt_max: 4s, jitter_max: 100ms}\n") ==
      "s.yaml:8:11: clients[0].link: the round trip can reach 5s, above server.rtt_max (4s)\n"
      "      link: {rtt: 5s, jitter: 200ms}\n"
      "            ^\n"
      "s.yaml:8:11: clients[0].link: the jitter of 200ms is above server.jitter_max (100ms)\n"
      "      link: {rtt: 5s, jitter: 200ms}\n"
      "            ^\n");
}

BOOST_AUTO_TEST_CASE(a_state_that_never_fits_a_links_queue_is_an_error_with_its_arithmetic) {
  const auto scenario = [](std::string_view transport, std::string_view queue) {
    return fmt::format(
        "netrig: 1\nname: small\nduration: 10s\ntransport: {}\n"
        "server: {{avatars: from_start, players_max: 20}}\n"
        "clients:\n  - name: a\n    count: 2\n    link: {{down: {{rate: 1Mbit/s, queue: {}}}}}\n",
        transport, queue);
  };
  const std::string tcp = "tcp\nstream: {congestion: ideal}";
  BOOST_TEST(problems(scenario(tcp, "2362B")) == "");
  BOOST_TEST(
      problems(scenario(tcp, "2361B")) ==
      "s.yaml:10:11: clients[0].link: a state never fits its queue of 2361 B: 20 entities x 111 B, 62 B of "
      "protocol and 80 B of tcp headers make one write of 2362 B each tick\n"
      "      link: {down: {rate: 1Mbit/s, queue: 2361B}}\n"
      "            ^\n");
  BOOST_TEST(problems(scenario("memory", "2282B")) == "");
  BOOST_TEST(problems(scenario("memory", "2281B")) != "");
}

BOOST_AUTO_TEST_CASE(behaviours_are_known_and_add_up) {
  BOOST_TEST(problems(kSmall + "    behaviour: wonder\n") ==
             "s.yaml:8:16: clients[0].behaviour: there is no behaviour \"wonder\" (wander, fight, idle, "
             "scripted, replay); did "
             "you mean "
             "\"wander\"?\n"
             "      behaviour: wonder\n"
             "                 ^\n");
  BOOST_TEST(problems(kSmall + "    behaviour: {wander: 75%, fight: 20%}\n") ==
             "s.yaml:8:16: clients[0].behaviour: the shares must add up to 100%, got 95%\n"
             "      behaviour: {wander: 75%, fight: 20%}\n"
             "                 ^\n");
  BOOST_TEST(problems(kSmall + "    behaviour: {}\n") ==
             "s.yaml:8:16: clients[0].behaviour: the shares must add up to 100%, got 0%\n"
             "      behaviour: {}\n"
             "                 ^\n");
}

BOOST_AUTO_TEST_CASE(nobody_leaves_before_joining) {
  BOOST_TEST(
      problems(kSmall + "    join: {at: 5s}\n    leave: {at: 1s}\n") ==
      "s.yaml:9:12: clients[0].leave: clients would leave before they have joined (the first joins at 5s)\n"
      "      leave: {at: 1s}\n"
      "             ^\n");
  BOOST_TEST(
      problems(kSmall + "    join: {ramp: 9s}\n    leave: {at: 8s}\n") ==
      "s.yaml:9:12: clients[0].leave: clients would leave before they have joined (the last joins at 9s)\n"
      "      leave: {at: 8s}\n"
      "             ^\n");
  BOOST_TEST(problems(kSmall + "    join: {ramp: 9s}\n    leave: {at: 8s, ramp: 9s}\n") == "");
}

BOOST_AUTO_TEST_CASE(cohorts_have_names_of_their_own_and_bounds_in_all) {
  BOOST_TEST(problems(kSmall + "  - {name: a, count: 1}\n  - {name: b c, count: 1}\n") ==
             "s.yaml:8:5: clients[1].name: there is a cohort \"a\" already\n"
             "    - {name: a, count: 1}\n"
             "      ^\n"
             "s.yaml:9:12: clients[2].name: must be 1 to 32 letters, digits, - or _, got \"b c\"\n"
             "    - {name: b c, count: 1}\n"
             "             ^\n");
  BOOST_TEST(problems(kSmall + "  - {name: b, count: 99999}\n") ==
             "s.yaml:6:3: clients: 100001 clients in all; at most 100000 are possible\n"
             "    - name: a\n"
             "    ^\n");
  BOOST_TEST(problems("netrig: 1\nname: x\nduration: 1s\ntransport: memory\nclients: []\n") ==
             "s.yaml:5:10: clients: needs at least one cohort\n"
             "  clients: []\n"
             "           ^\n");
}

BOOST_AUTO_TEST_CASE(more_clients_than_seats_are_an_error_only_where_the_run_would_wait_for_them) {
  const std::string three = kSmall + "  - {name: b, count: 1}\nserver: {players_max: 2}\n";
  BOOST_TEST(problems(three) ==
             "s.yaml:6:3: clients: 3 clients at once, server.players_max is 2, so `measure: {after: "
             "all_joined}` would "
             "wait for ever\n"
             "    - name: a\n"
             "    ^\n");
  const LoadedScenario refused = parse(three + "measure: {after: start}\n");
  BOOST_TEST(refused.scenario.has_value());
  BOOST_REQUIRE(refused.diagnostics.size() == 1u);
  BOOST_TEST(text(refused.diagnostics[0]) ==
             "s.yaml:6:3: warning: clients: 3 clients at once, server.players_max is 2, so some are refused\n"
             "    - name: a\n"
             "    ^\n");
  BOOST_TEST(problems(three, {{"clients.a.leave", "{at: 5s}"}, {"clients.b.join", "{at: 5s}"}}) == "");
}

BOOST_AUTO_TEST_CASE(files_that_cannot_be_read_stand_at_their_first_character) {
  const auto file_problems = [](const std::string& path) {
    const LoadedScenario loaded = load_scenario(path, {}, variables({}), testing::games());
    BOOST_TEST(!loaded.scenario);
    return loaded.diagnostics.size() == 1 ? text(loaded.diagnostics[0]) : "not one diagnostic";
  };
  BOOST_TEST(file_problems("/nonexistent/x.yaml") == "/nonexistent/x.yaml:1:1: No such file or directory\n");
  BOOST_TEST(file_problems("/") == "/:1:1: Is a directory\n");
  BOOST_TEST(file_problems("/dev/zero") == "/dev/zero:1:1: larger than 1048576 bytes\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
