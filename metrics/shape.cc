#include "netrig/metrics/shape.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace netrig::metrics {
namespace {

bool is_control(char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  return byte < 0x20 || byte == 0x7F;
}

std::optional<ShapeFault> fault_of(const std::string& value) {
  if (value.empty()) return ShapeFault::empty_value;
  if (value.size() > kLabelValueBytesMax) return ShapeFault::value_too_long;
  if (std::any_of(value.begin(), value.end(), is_control)) return ShapeFault::unprintable_value;
  return std::nullopt;
}

std::optional<ShapeFault> fault_of(Label label, std::span<const std::string> values) {
  if (label == Label::cohort && values.empty()) return ShapeFault::no_cohort;
  if (values.size() > (label == Label::cohort ? kCohortsMax : kLabelValuesMax))
    return ShapeFault::too_many_values;
  for (const std::string& value : values)
    if (const std::optional<ShapeFault> fault = fault_of(value)) return fault;
  std::vector<std::string_view> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) return ShapeFault::duplicate_value;
  return std::nullopt;
}

}  // namespace

std::string_view text(ShapeFault fault) {
  switch (fault) {
    case ShapeFault::no_cohort:
      return "no cohort";
    case ShapeFault::too_many_values:
      return "too many values";
    case ShapeFault::empty_value:
      return "an empty value";
    case ShapeFault::value_too_long:
      return "a value that is too long";
    case ShapeFault::unprintable_value:
      return "a value with a control character";
    case ShapeFault::duplicate_value:
      return "the same value twice";
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

Result<Shape, ShapeError> Shape::make(LabelValues values) {
  Shape shape;
  const auto put = [&](Label label, std::vector<std::string> list) {
    shape.values_[static_cast<std::size_t>(label)] = std::move(list);
  };
  put(Label::cohort, std::move(values.cohorts));
  put(Label::direction, {"downstream", "upstream"});
  put(Label::layer, {"payload", "protocol", "transport_model"});
  put(Label::message, std::move(values.messages));
  put(Label::phase, {"receive", "step", "capture", "encode", "send"});
  put(Label::leave_cause, std::move(values.leave_causes));
  put(Label::drop_cause, std::move(values.drop_causes));
  put(Label::error_cause, std::move(values.error_causes));
  std::optional<ShapeError> error;
  for_each_label([&](Label label) {
    const std::optional<ShapeFault> fault = fault_of(label, shape.values(label));
    if (fault && !error) error = ShapeError{label, *fault};
  });
  if (error) return *error;
  return shape;
}

std::size_t Shape::series_count(const Metric& metric) const {
  std::size_t count = 1;
  for_each_label([&](Label label) {
    if (metric.labels.has(label)) count *= values(label).size();
  });
  return count;
}

std::size_t Shape::series_index(const Metric& metric, const Selection& series) const {
  std::size_t index = 0;
  for_each_label([&](Label label) {
    const std::optional<std::size_t> value = series.at(label);
    NETRIG_ASSERT(value.has_value() == metric.labels.has(label));
    if (!value) return;
    NETRIG_ASSERT(*value < values(label).size());
    index = index * values(label).size() + *value;
  });
  return index;
}

Selection Shape::series_at(const Metric& metric, std::size_t index) const {
  NETRIG_ASSERT(index < series_count(metric));
  Selection series;
  for (std::size_t i = kLabelCount; i-- > 0;) {
    const auto label = static_cast<Label>(i);
    if (!metric.labels.has(label)) continue;
    series.set(label, index % values(label).size());
    index /= values(label).size();
  }
  return series;
}

}  // namespace netrig::metrics
