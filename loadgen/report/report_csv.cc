#include "netrig/loadgen/report/report_csv.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "netrig/loadgen/io/json_writer.h"

namespace netrig::loadgen {
namespace {

void add_text(std::string& row, std::string_view text) {
  if (!row.empty()) row += ',';
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    row.append(text);
    return;
  }
  row += '"';
  for (const char letter : text) row.append(letter == '"' ? 2 : 1, letter);
  row += '"';
}

std::vector<const SeriesColumn*> in_order(const SeriesResult& series) {
  std::vector<const SeriesColumn*> columns;
  for (const SeriesColumn& column : series.columns) columns.push_back(&column);
  std::stable_partition(columns.begin(), columns.end(),
                        [](const SeriesColumn* column) { return !column->host; });
  return columns;
}

std::string heading(const std::vector<const SeriesColumn*>& columns) {
  std::string row = "at_seconds,step_seconds";
  for (const SeriesColumn* const column : columns) {
    const std::string name = (column->host ? "host." : "") + column->name;
    for (const char* const figure : {"", ".min", ".max"}) add_text(row, name + figure);
  }
  return row + '\n';
}

void add_point(std::string& row, const metrics::Point& point, double steps_per_unit) {
  if (point.count == 0) {
    row.append(",,,");
    return;
  }
  for (const double figure : {point.mean(), static_cast<double>(point.min), static_cast<double>(point.max)})
    row.append(",").append(number_text(figure / steps_per_unit));
}

}  // namespace

std::string result_csv(const RunResult& result) {
  if (!result.series) return heading({});
  const SeriesResult& series = *result.series;
  const std::vector<const SeriesColumn*> columns = in_order(series);
  std::string text = heading(columns);
  for (std::size_t point = 0; point < series.points(); ++point) {
    const std::uint64_t from = point * series.step_seconds;
    std::string row = number_text(seconds(series.begins) + static_cast<double>(from));
    add_text(row, std::to_string(std::min(series.step_seconds, series.seconds - from)));
    for (const SeriesColumn* const column : columns)
      add_point(row, column->points[point], column->steps_per_unit);
    text.append(row).append("\n");
  }
  return text;
}

}  // namespace netrig::loadgen
