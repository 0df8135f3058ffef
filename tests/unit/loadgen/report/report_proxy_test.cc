#include "netrig/loadgen/report/report_proxy.h"

#include <boost/test/unit_test.hpp>
#include <sstream>

#include "netrig/loadgen/report/report_json.h"
#include "netrig/loadgen/report/report_sections.h"
#include "netrig/tests/unit/loadgen/report/samples.h"

namespace netrig::loadgen {
namespace {

using Mode = ProgressLine::Mode;

ProxyFacts facts_after(Duration running, std::uint64_t up_bytes) {
  return {.running = running, .clients = 3, .clients_came = 5, .up_bytes = up_bytes, .down_bytes = 7};
}

RunResult proxied() {
  RunResult result = testing::sample_result();
  ProxyResult& proxy = result.proxy.emplace();
  proxy.listening = "tcp://127.0.0.1:7000";
  proxy.to = "tcp://10.0.0.7:7777";
  proxy.clients = 12;
  proxy.clients_most = 8;
  proxy.turned_away = 2;
  proxy.ends = {{"closed", 9}, {"refused", 1}};
  proxy.up = {.taken_bytes = 1'000, .given_bytes = 900, .pauses = 4};
  proxy.link_changes = 1;
  return result;
}

BOOST_AUTO_TEST_SUITE(report_proxy)

BOOST_AUTO_TEST_CASE(a_line_says_who_is_there_and_what_passes) {
  ProxyFacts facts = facts_after(90s, 0);
  BOOST_TEST(proxy_sentence(facts, 1'200'000, 340'000) ==
             "90 s  3 of 5 clients here, 1.2 MB/s up, 340 kB/s down");
  facts.dropped = 17;
  facts.late_seconds_p99 = 0.0000612;
  BOOST_TEST(proxy_sentence(facts, 0, 0) ==
             "90 s  3 of 5 clients here, 0 B/s up, 0 B/s down, 17 packets dropped, p99 61.2 us late");
}

BOOST_AUTO_TEST_CASE(a_log_has_a_line_when_something_has_changed_and_no_other) {
  std::ostringstream out;
  ProxyLine line{out, Mode::plain, Style{}};
  for (Duration at = 0s; at <= 60s; at += 100ms) line.update(facts_after(at, at < 31s ? 0 : 5'000));
  const std::string text = out.str();
  BOOST_TEST(std::ranges::count(text, '\n') == 2);
}

BOOST_AUTO_TEST_CASE(a_terminal_has_one_line_in_place_with_rates_of_the_last_second) {
  std::ostringstream out;
  ProxyLine line{out, Mode::terminal, Style{.width = 80}};
  line.update(facts_after(0s, 0));
  line.update(facts_after(1s, 2'000));
  BOOST_TEST(out.str().ends_with("\r1 s  3 of 5 clients here, 2 kB/s up, 7 B/s down"));
  BOOST_TEST(out.str().find('\n') == std::string::npos);
  line.clear();
  BOOST_TEST(out.str().ends_with(' ' + std::string{"\r"}));
  std::ostringstream nothing;
  ProxyLine quiet{nothing, Mode::quiet, Style{}};
  quiet.update(facts_after(10s, 1));
  BOOST_TEST(nothing.str().empty());
}

BOOST_AUTO_TEST_CASE(the_report_has_a_section_of_its_own_in_place_of_the_generators) {
  std::ostringstream out;
  write_proxy(out, proxied(), Style{});
  const std::string text = out.str();
  for (const char* const said : {"PROXY  12 clients, at most 8 at once; 2 turned away", "1,000",
                                 "Clients ended: 9 closed, 1 refused.", "The link was changed 1 times"})
    BOOST_TEST(text.find(said) != std::string::npos, said);
  std::ostringstream generator;
  write_generator(generator, proxied(), Style{});
  BOOST_TEST(generator.str().empty());
  std::ostringstream of_a_run;
  write_proxy(of_a_run, testing::sample_result(), Style{});
  BOOST_TEST(of_a_run.str().empty());
}

BOOST_AUTO_TEST_CASE(the_result_has_its_counts_and_that_of_a_run_has_none) {
  const std::string json = result_json(proxied());
  BOOST_TEST(json.find("\"turned_away\": 2") != std::string::npos);
  BOOST_TEST(json.find("\"refused\": 1") != std::string::npos);
  BOOST_TEST(json.find("\"taken_bytes\": 1000") != std::string::npos);
  BOOST_TEST(result_json(testing::sample_result()).find("\"proxy\"") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
