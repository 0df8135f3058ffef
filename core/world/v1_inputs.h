// A game's inputs as the original protocol's InputCommands say them, and back. The format names no types: a
// type and its data mean what client and server agree on.
#pragma once

#include <optional>
#include <string_view>

#include "netrig/core/base/bytes.h"
#include "netrig/core/world/input.h"

namespace netrig {

struct V1Command {
  std::string_view type;  // of static life
  Input data;
};

// As it stands: type "input", the game's own encoding as data. Games whose players existing servers
// understand override it.
class V1Inputs {
 public:
  virtual ~V1Inputs() = default;
  virtual V1Command command_of(const Input& input) const;
  // Nothing: no command of this game. `before`: what the player did last, or an empty input.
  virtual std::optional<Input> input_of(std::string_view type, Bytes data, const Input& before) const;
};

}  // namespace netrig
