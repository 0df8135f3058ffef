// Keeps every input and message that virtual clients say, for `--out inputs=FILE`.
#pragma once

#include <cstdint>
#include <vector>

#include "netrig/core/protocol/messages.h"
#include "netrig/loadgen/scenario/plan.h"
#include "netrig/loadgen/scenario/recording.h"
#include "netrig/loadgen/scenario/scenario.h"

namespace netrig::loadgen {

class InputRecorder {
 public:
  InputRecorder(const Scenario& scenario, const Plan& plan);

  // `number`: which of the client's input times this is; rising. `planned`: when it was due.
  void record(std::uint32_t client, std::uint64_t number, Instant planned, const Input& input);
  // Said at that input time and accepted for sending.
  void record(std::uint32_t client, std::uint64_t number, Instant planned, bool is_latest,
              const AppMessage& message);

  // All but `file_digest`, which whoever has read the file knows.
  const Recording& recording() const { return recording_; }

 private:
  Recording recording_;  // its clients are the plan's, in order
};

}  // namespace netrig::loadgen
