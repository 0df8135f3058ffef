#include "netrig/loadgen/run/live_facts.h"

#include <algorithm>
#include <vector>

#include "netrig/metrics/catalog.h"

namespace netrig::loadgen {
namespace {

using metrics::Timeline;
using Figure = Timeline::Figure;
namespace catalog = metrics::catalog;

// Adds the means of a column's points, in its metric's unit, to `values`.
void add(std::vector<double>& values, const Timeline::Column& column) {
  const double steps = metrics::steps_per_unit(column.metric->unit);
  values.resize(std::max(values.size(), column.points.size()));
  for (std::size_t i = 0; i < column.points.size(); ++i)
    if (column.points[i].count > 0) values[i] += column.points[i].mean() / steps;
}

bool is_sent_downstream(const Timeline::Column& column) {
  return column.metric == &catalog::kWireBytesTotal.metric() &&
         column.series.direction == metrics::Direction::downstream &&
         column.series.layer != metrics::Layer::transport_model;
}

bool is(const Timeline::Column& column, metrics::HistogramId id, Figure figure) {
  return column.metric == &id.metric() && column.figure == figure;
}

void add_series(LiveFacts& facts, const Timeline& timeline) {
  for (const Timeline::Column* const column : timeline.columns()) {
    if (is_sent_downstream(*column)) add(facts.downstream_bytes_per_second, *column);
    if (is(*column, catalog::kTickDurationSeconds, Figure::p99)) add(facts.tick_seconds_p99, *column);
    if (is(*column, catalog::kInputToAckSeconds, Figure::p95)) add(facts.input_to_ack_seconds_p95, *column);
    if (is(*column, catalog::kGeneratorLatenessSeconds, Figure::p99))
      add(facts.lateness_seconds_p99, *column);
  }
}

}  // namespace

LiveFacts live_facts(const RunProgress& now, const Progress& progress) {
  LiveFacts facts{.progress = progress, .warming_up = now.state == metrics::RunState::warming_up};
  const metrics::Registry& registry = *now.registry;
  const auto names = registry.shape().values(metrics::Label::cohort);
  const auto connected = registry.gauges(catalog::kClientsConnected);
  for (std::size_t cohort = 0; cohort < names.size(); ++cohort)
    facts.cohorts.push_back(
        {names[cohort], static_cast<std::uint64_t>(std::max<std::int64_t>(0, connected[cohort]))});
  for (const ClientPlan& client : now.plan.clients) ++facts.cohorts[client.cohort].planned;
  add_series(facts, *now.timeline);
  return facts;
}

}  // namespace netrig::loadgen
