#include <algorithm>

#include "netrig/core/server/session.h"

namespace netrig {
namespace {

constexpr std::uint32_t kInputsPerTickMax = 4;  // a queue that a stall filled drains at most this fast
constexpr std::uint32_t kTickMilliticks = 1000;
constexpr std::uint32_t kGrantMilliticks = 1008;

}  // namespace

InputQueue::InputQueue(const Windows& windows, std::uint32_t tick_rate_hz, Instant now)
    : queue_(windows.inputs_queued_max),
      credit_max_milliticks_(windows.inputs_queued_max * kTickMilliticks),
      token_interval_(Duration{1s} / (2 * tick_rate_hz)),
      tokens_max_(windows.inputs_burst_max * token_interval_),
      tokens_(tokens_max_),
      refilled_at_(now) {}

std::optional<InputFate> InputQueue::push(const InputMessage& input, Instant now) {
  if (input.sequence <= received_) return InputFate::repeated;
  if (input.sequence.value - received_.value > kInputSequenceJumpMax) return InputFate::jumped;
  tokens_ = std::min(tokens_ + (now - refilled_at_), tokens_max_);
  refilled_at_ = now;
  if (tokens_ < token_interval_) return InputFate::over_rate;
  tokens_ -= token_interval_;

  received_ = input.sequence;
  const bool overflows = queue_.full();
  if (overflows) queue_.pop();
  queue_.push(input);
  return overflows ? std::optional{InputFate::queue_overflow} : std::nullopt;
}

void InputQueue::begin_tick() {
  applied_this_tick_ = 0;
  credit_milliticks_ = std::min(credit_milliticks_ + kGrantMilliticks, credit_max_milliticks_);
}

const InputMessage* InputQueue::next() {
  const bool spent = credit_milliticks_ < kTickMilliticks || applied_this_tick_ == kInputsPerTickMax;
  return spent || queue_.empty() ? nullptr : &queue_.front();
}

void InputQueue::pop() {
  applied_ = queue_.front().sequence;
  queue_.pop();
  credit_milliticks_ -= kTickMilliticks;
  ++applied_this_tick_;
}

}  // namespace netrig
