#include "netrig/metrics/labels.h"

#include "netrig/core/base/assert.h"

namespace netrig::metrics {
namespace {

template <class Enum>
std::optional<std::size_t> index_of(std::optional<Enum> value) {
  return value ? std::optional{static_cast<std::size_t>(*value)} : std::nullopt;
}

}  // namespace

std::string_view name_of(Label label) {
  switch (label) {
    case Label::cohort:
      return "cohort";
    case Label::direction:
      return "direction";
    case Label::layer:
      return "layer";
    case Label::message:
      return "message";
    case Label::phase:
      return "phase";
    case Label::leave_cause:
    case Label::drop_cause:
    case Label::error_cause:
      return "cause";
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

std::optional<std::size_t> Selection::at(Label label) const {
  switch (label) {
    case Label::cohort:
      return cohort;
    case Label::direction:
      return index_of(direction);
    case Label::layer:
      return index_of(layer);
    case Label::message:
      return message;
    case Label::phase:
      return index_of(phase);
    case Label::leave_cause:
      return leave_cause;
    case Label::drop_cause:
      return drop_cause;
    case Label::error_cause:
      return error_cause;
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

void Selection::set(Label label, std::size_t value) {
  switch (label) {
    case Label::cohort:
      cohort = value;
      break;
    case Label::direction:
      direction = static_cast<Direction>(value);
      break;
    case Label::layer:
      layer = static_cast<Layer>(value);
      break;
    case Label::message:
      message = value;
      break;
    case Label::phase:
      phase = static_cast<Phase>(value);
      break;
    case Label::leave_cause:
      leave_cause = value;
      break;
    case Label::drop_cause:
      drop_cause = value;
      break;
    case Label::error_cause:
      error_cause = value;
      break;
  }
}

bool Selection::includes(const Selection& series) const {
  bool agrees = true;
  for_each_label([&](Label label) { agrees = agrees && (!at(label) || at(label) == series.at(label)); });
  return agrees;
}

bool Selection::within(LabelSet labels) const {
  bool known = true;
  for_each_label([&](Label label) { known = known && (!at(label) || labels.has(label)); });
  return known;
}

}  // namespace netrig::metrics
