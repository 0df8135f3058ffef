// A race for coins on a small board: what the server and the clients both know of it. Whoever steps onto the
// coin has it, and the next one lies elsewhere.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "netrig/core/protocol/limits.h"
#include "netrig/core/world/input.h"
#include "netrig/core/world/schema.h"

namespace coins {

constexpr std::int32_t kWidth = 24;
constexpr std::int32_t kHeight = 10;
constexpr std::int32_t kScoreMax = 1'000'000;
constexpr std::uint16_t kCoinTaken = 1;  // of the world's events
constexpr std::uint16_t kNews = 1;       // of messages to everybody: a line of text

// What an entity is made of, column by column. The coin is an entity too.
enum Column : std::size_t { x, y, score, is_coin, kColumns };

inline netrig::Schema schema() {
  using netrig::V1Encoding;
  return *netrig::Schema::make(
      {{.name = "place",
        .fields = {{.name = "x", .max = kWidth - 1, .v1 = V1Encoding::i8},
                   {.name = "y", .max = kHeight - 1, .v1 = V1Encoding::i8}}},
       {.name = "race",
        .fields = {{.name = "score", .max = kScoreMax, .v1 = V1Encoding::u32},
                   {.name = "is_coin", .kind = netrig::FieldKind::flag, .max = 1, .v1 = V1Encoding::i8}}}});
}

// Ticks 20 times a second, and round trips of up to 5 s.
inline netrig::Horizon horizon() {
  return {.rtt_max = std::chrono::seconds{5}, .tick_rate_hz = 20};
}

// What a player asks for in a tick: one step, on the board or not.
struct Step {
  int dx = 0;
  int dy = 0;

  netrig::Input encode() const {
    return netrig::Input{std::array{static_cast<std::uint8_t>(dx + 1), static_cast<std::uint8_t>(dy + 1)}};
  }
  // Nothing when somebody sent anything else: it came from outside.
  static std::optional<Step> decode(const netrig::Input& input) {
    const netrig::Bytes bytes = input.bytes();
    if (bytes.size() != 2 || bytes[0] > 2 || bytes[1] > 2) return std::nullopt;
    const Step step{.dx = bytes[0] - 1, .dy = bytes[1] - 1};
    return std::abs(step.dx) + std::abs(step.dy) <= 1 ? std::optional{step} : std::nullopt;
  }
};

}  // namespace coins
