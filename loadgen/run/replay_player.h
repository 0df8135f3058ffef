// Plays the inputs and messages of a recorded client again, each at the input time whose number it had.
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
    const auto& messages = client_->messages;
    while (next_message_ < messages.size() && messages[next_message_].number < number) ++next_message_;
  }
  std::optional<Input> act(const Snapshot&, EntityId) override {
    if (next_ == client_->inputs.size() || client_->inputs[next_].first > number_) return std::nullopt;
    return client_->inputs[next_].input;
  }
  void talk(const Snapshot&, EntityId, ServerMessages& server) override {
    const auto& messages = client_->messages;
    for (; next_message_ < messages.size() && messages[next_message_].number == number_; ++next_message_) {
      const RecordedMessage& said = messages[next_message_];
      if (said.is_latest) {
        server.send_latest(said.kind, said.bytes);
      } else {
        server.send({said.kind, said.bytes});
      }
    }
  }

 private:
  std::shared_ptr<const RecordedClient> client_;
  std::size_t next_ = 0;          // the first input that is not over
  std::size_t next_message_ = 0;  // the first that is not said or past
  std::uint64_t number_ = 0;
};

}  // namespace netrig::loadgen
