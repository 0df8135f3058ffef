// Plays the inputs of a recorded client again, each at the input time whose number it had.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "netrig/loadgen/game/behaviour.h"
#include "netrig/loadgen/scenario/recording.h"

namespace netrig::loadgen {

class ReplayPlayer final : public Behaviour {
 public:
  explicit ReplayPlayer(std::shared_ptr<const RecordedClient> client) : client_(std::move(client)) {}

  void on_input_time(std::uint64_t number) override {
    number_ = number;
    const auto& inputs = client_->inputs;
    while (next_ < inputs.size() && inputs[next_].first + inputs[next_].times <= number) ++next_;
  }
  std::optional<Input> act(const Snapshot&, EntityId) override {
    if (next_ == client_->inputs.size() || client_->inputs[next_].first > number_) return std::nullopt;
    return client_->inputs[next_].input;
  }

 private:
  std::shared_ptr<const RecordedClient> client_;
  std::size_t next_ = 0;  // the first that is not over
  std::uint64_t number_ = 0;
};

}  // namespace netrig::loadgen
