#include "netrig/core/world/v1_inputs.h"

namespace netrig {
namespace {

constexpr std::string_view kInputType = "input";

}  // namespace

V1Command V1Inputs::command_of(const Input& input) const {
  return {kInputType, input};
}

std::optional<Input> V1Inputs::input_of(std::string_view type, Bytes data, const Input&) const {
  if (type != kInputType || data.size() > kInputBytesMax) return std::nullopt;
  return Input{data};
}

}  // namespace netrig
