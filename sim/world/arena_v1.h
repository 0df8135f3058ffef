// The arena's inputs in the original protocol's words. A player moves with "move" (dx i8, dy i8, full speed
// 127) and looks where it goes; it shoots with "attack" (u64 target, 0: whoever stands there), and goes on as
// before meanwhile.
#pragma once

#include "netrig/core/world/v1_inputs.h"

namespace netrig::sim {

class ArenaV1Inputs final : public V1Inputs {
 public:
  V1Command command_of(const Input& input) const override;
  std::optional<Input> input_of(std::string_view type, Bytes data, const Input& before) const override;
};

}  // namespace netrig::sim
