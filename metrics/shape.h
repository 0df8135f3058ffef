// Which series a run has: the values of every label, fixed at start-up.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/base/result.h"
#include "netrig/metrics/catalog.h"

namespace netrig::metrics {

constexpr std::size_t kCohortsMax = 64;          // 10 histograms of 58,408 B each: 37 MB of registry at most
constexpr std::size_t kLabelValuesMax = 256;     // message tags are one byte; causes are far fewer
constexpr std::size_t kLabelValueBytesMax = 64;  // it stands in every line of a scrape

enum class ShapeFault : std::uint8_t {
  no_cohort,
  too_many_values,
  empty_value,
  value_too_long,
  unprintable_value,  // a control character: a line break would tear a scrape apart
  duplicate_value,
};
std::string_view text(ShapeFault fault);

struct ShapeError {
  Label label;
  ShapeFault fault;

  friend bool operator==(const ShapeError&, const ShapeError&) = default;
};

// An index into one of these lists is the label's value in a Selection. Every list but `cohorts` may be
// empty.
struct LabelValues {
  std::vector<std::string> cohorts;
  std::vector<std::string> messages;
  std::vector<std::string> leave_causes;
  std::vector<std::string> drop_causes;
  std::vector<std::string> error_causes;
};

class Shape {
 public:
  static Result<Shape, ShapeError> make(LabelValues values);

  std::span<const std::string> values(Label label) const { return values_[static_cast<std::size_t>(label)]; }

  // Series of a metric: the product of its labels' values. They are numbered with the last label running
  // fastest.
  std::size_t series_count(const Metric& metric) const;
  // Asserts that `series` names exactly the metric's labels, with values that exist.
  std::size_t series_index(const Metric& metric, const Selection& series) const;
  Selection series_at(const Metric& metric, std::size_t index) const;

  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  Shape() = default;

  std::array<std::vector<std::string>, kLabelCount> values_;
};

}  // namespace netrig::metrics
