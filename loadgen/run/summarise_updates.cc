#include "netrig/loadgen/run/summarise_updates.h"

#include "netrig/loadgen/report/updates.h"
#include "netrig/loadgen/run/update_watch.h"
#include "netrig/metrics/catalog.h"

namespace netrig::loadgen {

namespace catalog = metrics::catalog;

std::optional<UpdatesResult> summarise_updates(const Scenario& scenario, const RunMode& mode,
                                               const metrics::RegistryView& view) {
  if (mode.dialect != Dialect::venture) return std::nullopt;
  const std::uint32_t rate_hz = scenario.server.horizon.tick_rate_hz;
  UpdatesResult result{.expected_hz = static_cast<double>(rate_hz), .own_server = mode.target.empty()};
  for (std::size_t cohort = 0; cohort < scenario.cohorts.size(); ++cohort) {
    const metrics::Selection only{.cohort = cohort};
    const auto summary = [&](metrics::HistogramId id) {
      return metrics::summarise(view.histogram(id, only), metrics::steps_per_unit(id.metric().unit))
          .value_or(Summary{});
    };
    result.cohorts.push_back({.cohort = scenario.cohorts[cohort].name,
                              .joins = view.counter(catalog::kJoinsTotal, only),
                              .per_second = summary(catalog::kClientStateUpdatesPerSecond),
                              .interval_seconds = summary(catalog::kUpdateIntervalSeconds),
                              .jitter_seconds = summary(catalog::kUpdateJitterSeconds),
                              .since_update_seconds = summary(catalog::kTimeSinceUpdateSeconds),
                              .stall_after_seconds = seconds(stall_after(rate_hz)),
                              .stalls = view.counter(catalog::kStallsTotal, only),
                              .gaps = view.counter(catalog::kSequenceGapsTotal, only),
                              .skipped = view.counter(catalog::kSequenceSkippedTotal, only),
                              .reversals = view.counter(catalog::kSequenceReversalsTotal, only),
                              .early_closes = view.counter(catalog::kEarlyClosesTotal, only)});
  }
  result.diagnosis = diagnose(result);
  return result;
}

}  // namespace netrig::loadgen
