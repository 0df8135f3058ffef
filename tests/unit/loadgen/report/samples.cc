#include "netrig/tests/unit/loadgen/report/samples.h"

#include "netrig/loadgen/report/baseline.h"

namespace netrig::loadgen::testing {
namespace {

// Quantiles spread evenly around `p50`.
Summary summary(std::uint64_t count, double p50, double step) {
  return {.count = count,
          .mean = p50 + step / 2,
          .min = p50 - step,
          .p50 = p50,
          .p90 = p50 + 2 * step,
          .p95 = p50 + 3 * step,
          .p99 = p50 + 4 * step,
          .max = p50 + 5 * step};
}

void fill_bytes(BytesResult& bytes) {
  bytes.downstream.totals.by_message = {{"StateUpdate", {.count = 1'228'800, .bytes = 136'396'800}},
                                        {"StateHeader", {.count = 38'400, .bytes = 652'800}},
                                        {"Pong", {.count = 1'920, .bytes = 47'040}},
                                        {"Welcome", {.count = 32, .bytes = 1'312}}};
  bytes.downstream.totals.by_layer = {
      .payload = 137'097'952, .protocol = 499'200, .transport_model = 3'994'560};
  bytes.downstream.per_client_per_second = summary(1'920, 71'665, 12);
  bytes.upstream.totals.by_message = {{"Input", {.count = 38'400, .bytes = 998'400}},
                                      {"Ping", {.count = 1'920, .bytes = 24'960}},
                                      {"Hello", {.count = 32, .bytes = 2'048}}};
  bytes.upstream.totals.by_layer = {.payload = 1'025'408, .protocol = 345'600, .transport_model = 1'536'000};
  bytes.upstream.per_client_per_second = summary(1'920, 714, 3);
  bytes.client_seconds = 1'920;
  bytes.state_updates = StateUpdateRate{.messages = 1'228'800, .bytes = 136'396'800, .client_seconds = 1'920};
}

CohortResult cohort(std::string name, std::string link, double rtt) {
  return {.name = std::move(name),
          .link = std::move(link),
          .clients = 8,
          .downstream_bytes = 34'400'000,
          .upstream_bytes = 342'000,
          .downstream_per_client_per_second = summary(480, 71'665, 12),
          .upstream_per_client_per_second = summary(480, 714, 3),
          .latency_seconds = {{"rtt", summary(480, rtt, rtt / 50)},
                              {"input_to_ack", summary(9'600, rtt + 0.05, rtt / 40)},
                              {"state_age", summary(9'600, rtt / 2, rtt / 60)}}};
}

void fill_host(HostResult& host) {
  host = {.wall_seconds = 0.0981,
          .cpu_seconds = 0.0969,
          .tick_seconds = summary(1'200, 61.4e-6, 3e-6),
          .tick_phase_seconds = {{"receive", summary(1'200, 2.1e-6, 1e-7)},
                                 {"step", summary(1'200, 8.4e-6, 5e-7)},
                                 {"capture", summary(1'200, 1.9e-6, 1e-7)},
                                 {"encode", summary(1'200, 12.7e-6, 1e-6)},
                                 {"send", summary(1'200, 36.3e-6, 2e-6)}},
          .rss_bytes_max = 41'943'040,
          .threads = 1};
}

void fill_scenario(RunResult& result) {
  result.version = "0.1.0";
  result.scenario = {.name = "32players",
                     .file_digest = "5d41402abc4b2a76",
                     .clock = "virtual",
                     .transport = "tcp",
                     .dialect = "netrig",
                     .replication = "full",
                     .clients = 32,
                     .duration = 60s};
  result.seed = 7;
  result.description = {
      .network = "200-5000 ms RTT, jitter up to 100 ms, loss up to 1 %", .streams = "ideal", .target = ""};
}

}  // namespace

RunResult sample_result() {
  RunResult result;
  fill_scenario(result);
  result.digest = 0x0123456789ABCDEF;
  result.simulated = 72s;
  result.events = 1'934'211;
  fill_bytes(result.bytes);
  result.latency_seconds = {{"rtt", summary(1'920, 0.6, 0.7)},
                            {"input_to_ack", summary(38'400, 0.65, 0.71)},
                            {"state_age", summary(38'400, 0.3, 0.35)},
                            {"connect", summary(32, 1.2, 1.4)}};
  result.metrics = {{"client_downstream_bytes_per_second", result.bytes.downstream.per_client_per_second},
                    {"ticks_total", std::uint64_t{1'200}},
                    {"clients_connected", 32.0},
                    {"rtt_seconds", result.latency_seconds[0].second}};
  result.ticks = {.count = 1'200, .overruns = 0, .skipped = 0, .entities_encoded = 38'400};
  result.network = {.sent = 138'240, .delivered = 138'240, .retransmitted = 691};
  result.world_digest = 0xFEDCBA9876543210;
  result.cohorts = {
      cohort("fibre", "200 ms RTT, jitter 5 ms", 0.2),
      cohort("mobile", "600 ms RTT, jitter 60 ms, loss 0.5 %, 4 Mbit/s down", 0.6),
      cohort("satellite", "2000 ms RTT, jitter 40 ms, loss 0.2 %", 2.0),
      cohort("deep-space", "5000 ms RTT, jitter 100 ms, loss 1 %, 1 Mbit/s down, drop-tail 64 KiB", 5.0)};
  result.generator = {.late_ticks = 0, .send_queue_full = 0, .lateness_seconds = {.count = 38'400}};
  fill_host(result.host);
  result.thresholds = {
      {"client_downstream_bytes_per_second", "p(95)<100000", ThresholdState::passed, 71'701, ""},
      {"client_downstream_bytes_per_second", "max<120000", ThresholdState::passed, 71'725, ""},
      {"errors_total", "count==0", ThresholdState::passed, 0, ""}};
  result.comparison = BaselineComparison{.baseline = "scenarios/baselines/32players.json"};
  result.replay = "loadgen run scenarios/32players.yaml --seed 7";
  return result;
}

RunResult troubled_result() {
  RunResult result = sample_result();
  result.exit_code = ExitCode::threshold_failed;
  result.thresholds.push_back({"rtt_seconds", "p(99.9)<5", ThresholdState::failed, 5.213041, ""});
  result.thresholds.push_back({"desyncs_total", "rate<0.001", ThresholdState::no_data, std::nullopt, ""});
  result.thresholds.push_back({"generator_lateness_seconds", "p(99)<0.005", ThresholdState::not_applicable,
                               std::nullopt, "always 0 under the virtual clock"});
  result.errors = {{"protocol_violation", 3}, {"timeout", 12}};
  result.network = {.sent = 138'240,
                    .delivered = 137'000,
                    .lost = 1'180,
                    .duplicated = 22,
                    .reordered = 411,
                    .queue_dropped = 60,
                    .retransmitted = 1'240,
                    .corrupted = 5,
                    .abandoned = 4,
                    .in_flight_before = 700,
                    .in_flight_after = 1'927,
                    .dropped = {{"queue_full", 60}, {"outage", 31}}};
  result.cohorts.front().network = {
      .sent = 100'000, .delivered = 99'000, .lost = 900, .dropped = {{"outage", 31}}};
  result.generator.lateness_seconds = summary(38'400, 0.0004, 0.0002);
  result.generator.late_ticks = 17;
  Baseline now{.identity = result.scenario,
               .seeds = {7},
               .downstream = result.bytes.downstream.totals,
               .upstream = result.bytes.upstream.totals};
  Baseline before = now;
  before.identity.file_digest = "aaaaaaaaaaaaaaaa";
  before.downstream.by_message["StateUpdate"] = {.count = 1'228'800, .bytes = 135'168'000};
  before.downstream.by_layer.payload -= 1'228'800;
  before.upstream.by_message["Input"].bytes += 38'400;
  before.upstream.by_layer.payload += 38'400;
  result.comparison = compare("scenarios/baselines/32players.json", before, now, {});
  return result;
}

}  // namespace netrig::loadgen::testing
