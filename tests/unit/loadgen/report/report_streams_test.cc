#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "netrig/loadgen/report/report_json.h"
#include "netrig/loadgen/report/report_sections.h"
#include "netrig/tests/unit/loadgen/report/samples.h"

namespace netrig::loadgen {
namespace {

RunResult tcp_result() {
  RunResult result = testing::sample_result();
  result.description.streams = "cubic";
  CohortStreams far, silent;
  far.cohort = "far";
  far.states_sent = 570;
  far.states_skipped = 430;
  silent.cohort = "silent";
  far.downstream = {.streams = 2,
                    .facts = {.observed = 120s,
                              .limited = {46'800ms, 73'200ms, 0s},
                              .slow_start = 30s,
                              .ramp_up = 31s,
                              .window_bytes_min = 14'600,
                              .window_bytes_max = 467'200,
                              .window_byte_ms = 120'000ull * 91'600,
                              .segments = 5'000,
                              .fast_retransmissions = 60,
                              .timeout_retransmissions = 3,
                              .timeouts = 1,
                              .acks = 2'500},
                    .ramp_up_seconds_p50 = 27,
                    .ack_wire_bytes = 100'000};
  result.streams = StreamsResult{.tcp = {}, .cohorts = {far, silent}};
  CohortResult& cohort = result.cohorts.emplace_back();
  cohort.name = "far";
  cohort.latency_seconds.emplace_back("state_age", Summary{.count = 9, .p50 = 9.8});
  return result;
}

std::string section(const RunResult& result) {
  std::ostringstream out;
  write_streams(out, result, {.width = 200});
  return out.str();
}

BOOST_AUTO_TEST_SUITE(report_streams)

BOOST_AUTO_TEST_CASE(a_cohort_reads_in_words_and_in_figures) {
  BOOST_TEST(
      section(tcp_result()) ==
      "\nSTREAMS  TCP with cubic: receive window 3.15 MB, send buffer 4.19 MB, first flight 10 segments\n"
      "  far: the stream to a client was limited by its congestion window for 61.0 % of the time; 43.0 % of "
      "its states were skipped; a state was 9.8 s old when it arrived (p50); slow start took 27 s (p50).\n"
      "  silent: no window ever limited the stream to a client; no state was skipped.\n"
      "              cwnd   rwnd    slow    least     mean  fast  RTO\n"
      "  far down  61.0 %  0.0 %  25.0 %  14.6 kB  91.6 kB    60    3\n"
      "  Share of the time in which bytes waited because the congestion window (cwnd) or the receive window "
      "(rwnd) was full, and share in slow start; the least and the mean congestion window; segments sent\n"
      "  again by fast retransmit and after a timeout (RTO).\n");
}

BOOST_AUTO_TEST_CASE(a_stream_without_windows_has_no_section) {
  BOOST_TEST(section(testing::sample_result()).empty());
  BOOST_TEST(!nlohmann::json::parse(result_json(testing::sample_result()))["results"].contains("streams"));
}

BOOST_AUTO_TEST_CASE(the_result_file_has_every_fact) {
  const auto streams = nlohmann::json::parse(result_json(tcp_result()))["results"]["streams"];
  BOOST_TEST(streams["congestion"] == "cubic");
  BOOST_TEST(streams["receive_window_bytes"] == 3 << 20);
  BOOST_TEST(streams["send_buffer_bytes"] == 4 << 20);
  BOOST_TEST(streams["initial_window_segments"] == 10);
  BOOST_TEST(streams["rto_min_seconds"] == 0.2);
  const auto& far = streams["cohorts"]["far"];
  BOOST_TEST(far["states_sent"] == 570);
  BOOST_TEST(far["states_skipped"] == 430);
  BOOST_TEST(far["downstream"] == nlohmann::json::parse(R"({"streams": 2, "observed_seconds": 120,
      "limited_seconds": {"application": 46.8, "congestion_window": 73.2, "receive_window": 0},
      "slow_start_seconds": 30, "ramp_up_seconds_p50": 27, "ramp_up_seconds_max": 31,
      "congestion_window_bytes": {"min": 14600, "mean": 91600, "max": 467200},
      "segments": 5000, "fast_retransmissions": 60, "timeout_retransmissions": 3, "retransmitted_wire_bytes": 0,
      "timeouts": 1, "window_cuts": 0, "acks": 2500, "acks_lost": 0, "ack_wire_bytes": 100000})"));
  BOOST_TEST(far["upstream"]["streams"] == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
