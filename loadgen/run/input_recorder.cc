#include "netrig/loadgen/run/input_recorder.h"

#include <algorithm>
#include <memory>

namespace netrig::loadgen {

InputRecorder::InputRecorder(const Scenario& scenario, const Plan& plan) {
  recording_.game = scenario.game_kind->name;
  recording_.scenario = scenario.name;
  recording_.seed = plan.seed;
  for (const ClientPlan& client : plan.clients) {
    auto recorded = std::make_shared<RecordedClient>();
    recorded->name = client.name;
    recorded->input_rate_hz = scenario.cohorts[client.cohort].input_rate_hz;
    recording_.clients.push_back(std::move(recorded));
  }
}

void InputRecorder::record(std::uint32_t client, std::uint64_t number, Instant planned, const Input& input) {
  std::vector<RecordedInput>& inputs = recording_.clients[client]->inputs;
  const bool goes_on = !inputs.empty() && number == inputs.back().first + inputs.back().times &&
                       std::ranges::equal(input.bytes(), inputs.back().input.bytes());
  if (goes_on) {
    ++inputs.back().times;
  } else {
    inputs.push_back({number, 1, planned, input});
  }
}

void InputRecorder::record(std::uint32_t client, std::uint64_t number, Instant planned, bool is_latest,
                           const AppMessage& message) {
  recording_.clients[client]->messages.push_back(
      {number, planned, is_latest, message.kind, {message.bytes.begin(), message.bytes.end()}});
}

}  // namespace netrig::loadgen
