#include "netrig/loadgen/report/report_json.h"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "netrig/tests/unit/loadgen/report/samples.h"

namespace netrig::loadgen {
namespace {

using Json = nlohmann::ordered_json;

Json parsed(const RunResult& result) {
  return Json::parse(result_json(result));
}

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

void check_keys(const Json& object, const std::vector<std::string>& expected) {
  BOOST_TEST(keys(object) == expected, boost::test_tools::per_element());
}

void check_summary(const Json& json, const Summary& summary) {
  check_keys(json, {"count", "mean", "min", "p50", "p90", "p95", "p99", "max"});
  BOOST_TEST(json["count"].get<std::uint64_t>() == summary.count);
  BOOST_TEST(json["mean"].get<double>() == summary.mean);
  BOOST_TEST(json["min"].get<double>() == summary.min);
  BOOST_TEST(json["p50"].get<double>() == summary.p50);
  BOOST_TEST(json["p90"].get<double>() == summary.p90);
  BOOST_TEST(json["p95"].get<double>() == summary.p95);
  BOOST_TEST(json["p99"].get<double>() == summary.p99);
  BOOST_TEST(json["max"].get<double>() == summary.max);
}

BOOST_AUTO_TEST_SUITE(json_results)

BOOST_AUTO_TEST_CASE(the_top_level_has_the_contract_s_keys_in_its_order) {
  check_keys(parsed(testing::sample_result()),
             {"schema", "version", "scenario", "deterministic", "verdict", "exit_code", "digest",
              "simulated_seconds", "events", "metrics", "results", "generator", "host", "thresholds",
              "baseline", "replay"});
}

BOOST_AUTO_TEST_CASE(the_head_says_what_ran_and_how_it_ended) {
  const Json json = parsed(testing::troubled_result());
  BOOST_TEST(json["schema"] == "netrig-result/1");
  BOOST_TEST(json["version"] == "0.1.0");
  check_keys(json["scenario"], {"name", "file_digest", "seed", "clock", "transport", "dialect", "replication",
                                "clients", "duration_seconds", "network", "streams", "target"});
  BOOST_TEST(json["scenario"]["name"] == "32players");
  BOOST_TEST(json["scenario"]["seed"] == 7);
  BOOST_TEST(json["scenario"]["clients"] == 32);
  BOOST_TEST(json["scenario"]["duration_seconds"] == 60);
  BOOST_TEST(json["deterministic"] == true);
  BOOST_TEST(json["verdict"] == "failed");
  BOOST_TEST(json["exit_code"] == 99);
  BOOST_TEST(json["digest"] == "0123456789abcdef");
  BOOST_TEST(json["simulated_seconds"] == 72);
  BOOST_TEST(json["events"] == 1'934'211);
  BOOST_TEST(json["replay"] == "loadgen run scenarios/32players.yaml --seed 7");
}

BOOST_AUTO_TEST_CASE(metrics_are_whole_numbers_numbers_or_summaries) {
  const RunResult result = testing::sample_result();
  const Json metrics = parsed(result)["metrics"];
  check_keys(metrics,
             {"client_downstream_bytes_per_second", "ticks_total", "clients_connected", "rtt_seconds"});
  check_summary(metrics["rtt_seconds"], result.latency_seconds[0].second);
  BOOST_TEST(metrics["ticks_total"].is_number_integer());
  BOOST_TEST(metrics["ticks_total"] == 1'200);
  BOOST_TEST(metrics["clients_connected"] == 32);
}

BOOST_AUTO_TEST_CASE(bytes_are_integers_by_message_and_by_layer) {
  const RunResult result = testing::sample_result();
  const Json bytes = parsed(result)["results"]["bytes"];
  for (const auto& [name, direction] :
       {std::pair{"downstream", &result.bytes.downstream}, {"upstream", &result.bytes.upstream}}) {
    const Json& json = bytes[name];
    check_keys(json, {"total", "per_client_per_second", "by_message", "by_layer"});
    check_keys(json["by_layer"], {"payload", "protocol", "transport_model"});
    check_summary(json["per_client_per_second"], direction->per_client_per_second);
    BOOST_TEST(json["total"].get<std::uint64_t>() == direction->totals.by_layer.total());
    BOOST_TEST(json["by_message"].size() == direction->totals.by_message.size());
  }
  BOOST_TEST(bytes["downstream"]["by_message"]["StateUpdate"].dump() ==
             R"({"count":1228800,"bytes":136396800})");
  BOOST_TEST(bytes["state_updates"]["client_seconds"] == 1'920);
}

BOOST_AUTO_TEST_CASE(the_other_results_have_the_contract_s_keys) {
  const Json json = parsed(testing::troubled_result());
  const Json& results = json["results"];
  check_keys(results, {"bytes", "latency_seconds", "ticks", "network", "errors", "world_digest", "cohorts"});
  check_keys(results["latency_seconds"], {"rtt", "input_to_ack", "state_age", "connect"});
  check_keys(results["ticks"],
             {"count", "overruns", "skipped", "entities_encoded", "ticks_skipped", "lateness_seconds"});
  check_keys(results["network"],
             {"sent", "delivered", "lost", "duplicated", "reordered", "queue_dropped", "retransmitted",
              "corrupted", "abandoned", "in_flight_before", "in_flight_after", "dropped"});
  BOOST_TEST(results["network"]["dropped"].dump() == R"({"queue_full":60,"outage":31})");
  BOOST_TEST(results["network"]["lost"] == 1'180);
  BOOST_TEST(results["errors"].dump() == R"({"protocol_violation":3,"timeout":12})");
  BOOST_TEST(results["world_digest"] == "fedcba9876543210");
  check_keys(results["cohorts"], {"fibre", "mobile", "satellite", "deep-space"});
  check_keys(results["cohorts"]["mobile"],
             {"clients", "link", "downstream_bytes", "upstream_bytes", "downstream_per_client_per_second",
              "upstream_per_client_per_second", "latency_seconds", "network", "joins", "leaves",
              "connections_lost", "reconnects", "resumes", "reconnect_attempts"});
  check_keys(json["generator"], {"late_ticks", "send_queue_full", "lateness_seconds"});
  check_keys(json["host"], {"wall_seconds", "speedup", "tick_seconds", "tick_phase_seconds", "cpu_seconds",
                            "rss_bytes_max", "threads"});
  check_keys(json["host"]["tick_phase_seconds"], {"receive", "step", "capture", "encode", "send"});
  BOOST_TEST(json["host"]["speedup"].get<double>() == 72 / 0.0981, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(thresholds_of_every_state_are_written) {
  const Json thresholds = parsed(testing::troubled_result())["thresholds"];
  BOOST_REQUIRE_EQUAL(thresholds.size(), 6u);
  BOOST_TEST(
      thresholds[0].dump() ==
      R"({"metric":"client_downstream_bytes_per_second","expression":"p(95)<100000","value":71701,"state":"passed"})");
  BOOST_TEST(thresholds[3]["state"] == "failed");
  BOOST_TEST(thresholds[3]["value"] == 5.213041);
  BOOST_TEST(thresholds[4].dump() ==
             R"({"metric":"desyncs_total","expression":"rate<0.001","value":null,"state":"no_data"})");
  BOOST_TEST(thresholds[5]["state"] == "not_applicable");
  BOOST_TEST(thresholds[5]["reason"] == "always 0 under the virtual clock");
}

BOOST_AUTO_TEST_CASE(the_baseline_s_comparison_is_written) {
  const Json baseline = parsed(testing::troubled_result())["baseline"];
  BOOST_TEST(baseline["file"] == "scenarios/baselines/32players.json");
  BOOST_TEST(baseline["state"] == "grew");
  BOOST_TEST(
      baseline["changes"][0].dump() ==
      R"({"kind":"message","direction":"downstream","name":"StateUpdate","bytes_before":135168000,"bytes":136396800,"tolerated":false})");
}

BOOST_AUTO_TEST_CASE(what_a_run_does_not_have_is_null_or_absent) {
  RunResult result = testing::sample_result();
  result.digest.reset();
  result.comparison.reset();
  result.bytes.state_updates.reset();
  const Json json = parsed(result);
  BOOST_TEST(json["digest"].is_null());
  BOOST_TEST(!json.contains("baseline"));
  BOOST_TEST(!json["results"]["bytes"].contains("state_updates"));
}

BOOST_AUTO_TEST_CASE(an_empty_result_is_valid_json) {
  BOOST_TEST(parsed({})["results"]["cohorts"].is_object());
}

BOOST_AUTO_TEST_CASE(runs_of_several_seeds_stand_in_one_file) {
  std::vector<RunResult> runs{testing::sample_result(), testing::sample_result()};
  runs[1].seed = 8;
  SeedsResult together;
  together.documents = {result_json(runs[0]), result_json(runs[1])};
  together.exit_code = ExitCode::threshold_failed;
  const Json json = Json::parse(results_json(together));
  check_keys(json, {"schema", "verdict", "exit_code", "runs"});
  BOOST_TEST(json["verdict"] == "failed");
  BOOST_TEST(json["exit_code"] == 99);
  BOOST_TEST(json["schema"] == "netrig-results/1");
  BOOST_REQUIRE_EQUAL(json["runs"].size(), 2u);
  BOOST_TEST(json["runs"][1]["scenario"]["seed"] == 8);
  BOOST_CHECK(json["runs"][0] == parsed(runs[0]));

  together.exit_code = ExitCode::pass;
  together.output_failed = true;
  const Json unwritten = Json::parse(results_json(together));
  BOOST_TEST(unwritten["verdict"] == "passed");
  BOOST_TEST(unwritten["exit_code"] == 92);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
