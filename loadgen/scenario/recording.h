// Every input and message of a run's players with its planned time, as `--out inputs=FILE` writes it and
// `behaviour: replay` reads it: JSON, one object a line. loadgen/README.md documents the format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/base/result.h"
#include "netrig/core/base/time.h"
#include "netrig/core/protocol/limits.h"
#include "netrig/core/world/input.h"
#include "netrig/loadgen/scenario/scenario_tree.h"

namespace netrig::loadgen {

constexpr std::uint32_t kRecordingVersion = 1;
constexpr std::size_t kRecordingBytesMax = 256 * 1024 * 1024;  // 32 players who turn once a second, for a day

// One input, said at `times` of the client's input times that follow each other. The first has the number
// `first`, counted from 1 at the client's join, and was planned for `planned`, on the run's clock.
struct RecordedInput {
  std::uint64_t first = 0;
  std::uint64_t times = 0;
  Instant planned;
  Input input;
};

// A message of the game's own, said at the client's input time `number` after its input.
struct RecordedMessage {
  std::uint64_t number = 0;
  Instant planned;
  bool is_latest = false;  // on the latest-wins channel
  std::uint16_t kind = 0;
  std::vector<std::uint8_t> bytes;  // kAppMessageBytesMax at most
};

struct RecordedClient {
  std::string name;  // "metro-0"
  std::uint32_t input_rate_hz = 0;
  std::vector<RecordedInput> inputs;      // in the order of their numbers
  std::vector<RecordedMessage> messages;  // in the order in which they were said
};

struct Recording {
  std::string game;
  std::string scenario;
  std::uint64_t file_digest = 0;
  std::uint64_t seed = 0;
  std::vector<std::shared_ptr<RecordedClient>> clients;

  std::uint64_t input_count() const;
  std::uint64_t message_count() const;
};

// The file, in order of time.
std::string recording_text(const Recording& recording);

// Nothing when it is not one, is cut off or contradicts itself: reported with line and column.
std::shared_ptr<const Recording> parse_recording(std::string_view text, Findings& findings);

}  // namespace netrig::loadgen
