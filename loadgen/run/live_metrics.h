// `--prometheus HOST:PORT` of any command that has a registry, and how a run looks to Prometheus.
//
//   std::optional<LiveMetrics> live;
//   if (!options.scrapes.address.empty()) { ... live = *LiveMetrics::open(address, run_info(...), shape); }
//   ...
//   live->publish(recorder.registry(), facts);        // from the recording thread, ten times a second
//   live->hold(options.scrapes.hold, interrupted);    // when it is over
#pragma once

#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "netrig/core/base/result.h"
#include "netrig/loadgen/run/run_mode.h"
#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/metrics/prometheus_exporter.h"

namespace netrig::loadgen {

// As a command was told.
struct ScrapeOptions {
  Duration hold{};        // how long to go on listening when all is over
  std::string address{};  // where to listen for scrapes; empty: nowhere
};

metrics::RunInfo run_info(const Scenario& scenario, const RunMode& mode, std::uint64_t seed);

// An endpoint that shows what is published. Everything is called by the thread that records.
class LiveMetrics {
 public:
  static constexpr Duration kInterval = metrics::PrometheusExporter::kPublishInterval;

  // Of registries of this shape. The error is a sentence.
  static Result<LiveMetrics, std::string> open(const std::string& address, metrics::RunInfo info,
                                               const metrics::Shape& shape);

  const std::string& url() const { return exporter_->url(); }
  // Never waits for a scraper. The time of this machine is filled in.
  void publish(const metrics::Registry& registry, metrics::RunFacts facts);
  // What was published last, with this verdict.
  void judge(std::string_view verdict);
  // Keeps the endpoint there for so long, or until more signals have come than the `expected` ones.
  void hold(Duration time, const volatile std::sig_atomic_t* interrupted, std::sig_atomic_t expected) const;

 private:
  explicit LiveMetrics(std::unique_ptr<metrics::PrometheusExporter> exporter)
      : exporter_(std::move(exporter)) {}

  std::unique_ptr<metrics::PrometheusExporter> exporter_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  metrics::RunFacts facts_;  // published last
};

}  // namespace netrig::loadgen
