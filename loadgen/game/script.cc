#include "netrig/loadgen/game/script.h"

#include <utility>

#include "netrig/core/base/assert.h"

namespace netrig::loadgen {
namespace {

// Time is counted in parts of an input: a second has `inputs_per_second` inputs of this many parts each, so a
// length in nanoseconds times the rate is a whole number of them.
constexpr std::int64_t kPartsPerInput = Duration{1s}.count();

}  // namespace

ScriptPlayer::ScriptPlayer(std::shared_ptr<const Script> script, std::uint32_t inputs_per_second)
    : script_(std::move(script)), inputs_per_second_(inputs_per_second) {
  levels_.push_back({.steps = script_.get(), .times = 1});
}

// The next step that takes time, out of the innermost list that is not over.
const ScriptStep* ScriptPlayer::next_step() {
  while (!levels_.empty()) {
    Level& level = levels_.back();
    if (level.next == level.steps->size()) {
      if (level.times && level.rounds == *level.times) {
        levels_.pop_back();
        continue;
      }
      level.next = 0;
      if (level.times) ++level.rounds;
    }
    const ScriptStep& step = (*level.steps)[level.next++];
    if (step.repeated.empty()) return &step;
    levels_.push_back({.steps = &step.repeated, .times = step.times});
  }
  return nullptr;
}

bool ScriptPlayer::begin_step() {
  before_ = newest_;
  step_ = next_step();
  if (step_ == nullptr) return false;
  index_ = 0;
  // The inputs that lie within [begin, begin + length); the first lies `fraction_` after `begin`.
  const std::int64_t parts = step_->length ? step_->length->count() * inputs_per_second_ : kPartsPerInput;
  const std::int64_t after_first = parts - fraction_;
  NETRIG_ASSERT(after_first > 0);  // a step is as long as an input at least, and fraction_ less than one
  const std::int64_t inputs = (after_first + kPartsPerInput - 1) / kPartsPerInput;
  inputs_ = static_cast<std::uint64_t>(inputs);
  fraction_ = inputs * kPartsPerInput - after_first;
  return true;
}

std::optional<Input> ScriptPlayer::act(const Snapshot& view, EntityId own) {
  if ((step_ == nullptr || index_ == inputs_) && !begin_step()) return std::nullopt;
  const std::uint64_t index = index_++;
  if (!step_->action) return std::nullopt;
  newest_ = step_->action({view, own, before_, index, inputs_});
  return newest_;
}

}  // namespace netrig::loadgen
