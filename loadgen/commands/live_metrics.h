// `--prometheus ADDRESS` and `--out openmetrics=FILE`: a run as Prometheus sees it, while it goes on and
// afterwards.
#pragma once

#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <string_view>

#include "netrig/core/base/result.h"
#include "netrig/loadgen/run/shard.h"
#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/metrics/prometheus_exporter.h"

namespace netrig::loadgen {

metrics::RunInfo run_info(const Scenario& scenario, std::uint64_t seed);

// An endpoint that shows the run. Everything is called by the thread that runs it.
class LiveMetrics {
 public:
  // The error is a sentence.
  static Result<LiveMetrics, std::string> open(const std::string& address, const Scenario& scenario,
                                               std::uint64_t seed);

  const std::string& url() const { return exporter_->url(); }
  void publish(const Shard& shard, std::string_view verdict = {});
  // Keeps the endpoint there for so long, or until interrupted.
  static void hold(Duration time, const volatile std::sig_atomic_t* interrupted);

 private:
  explicit LiveMetrics(std::unique_ptr<metrics::PrometheusExporter> exporter)
      : exporter_(std::move(exporter)) {}

  std::unique_ptr<metrics::PrometheusExporter> exporter_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace netrig::loadgen
