#include "netrig/loadgen/run/summarise_series.h"

namespace netrig::loadgen {
namespace {

using metrics::Timeline;

double steps_per_unit(const Timeline::Column& column) {
  return column.figure == Timeline::Figure::count ? 1 : metrics::steps_per_unit(column.metric->unit);
}

}  // namespace

std::optional<SeriesResult> summarise_series(const Timeline& timeline, const metrics::Shape& shape) {
  if (timeline.seconds() == 0) return std::nullopt;
  SeriesResult result{.begins = timeline.began().time_since_epoch(),
                      .seconds = timeline.seconds(),
                      .step_seconds = timeline.step(),
                      .columns = {}};
  for (const Timeline::Column* const column : timeline.columns()) {
    result.columns.push_back({.name = metrics::column_name(*column, shape),
                              .host = column->metric->traits.has(metrics::Trait::host),
                              .steps_per_unit = steps_per_unit(*column),
                              .points = column->points});
  }
  return result;
}

}  // namespace netrig::loadgen
