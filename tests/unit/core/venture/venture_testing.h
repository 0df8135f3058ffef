// What the tests of this layer share: bytes as hex, payloads in vectors, components that own their bytes, and
// random messages.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstdlib>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/base/random.h"
#include "netrig/core/venture/animation.h"
#include "netrig/core/venture/input_command.h"
#include "netrig/core/venture/state_update.h"

namespace netrig::venture {

inline std::ostream& operator<<(std::ostream& out, DecodeError error) {
  return out << text(error);
}
inline std::ostream& operator<<(std::ostream& out, EncodeError error) {
  return out << text(error);
}

}  // namespace netrig::venture

namespace netrig::venture::testing {

using Buffer = std::vector<std::uint8_t>;

inline std::string hex(Bytes bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

// Spaces separate the fields of a literal and mean nothing.
inline Buffer unhex(std::string_view text) {
  Buffer bytes;
  std::string digits;
  for (const char digit : text) {
    if (digit == ' ') continue;
    digits += digit;
    if (digits.size() < 2) continue;
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(digits, nullptr, 16)));
    digits.clear();
  }
  BOOST_REQUIRE(digits.empty());
  return bytes;
}

template <class Message>
Buffer payload_of(const Message& message) {
  Buffer payload;
  BOOST_REQUIRE(append(message, payload).has_value());
  return payload;
}

struct OwnedComponent {
  std::string type;
  Buffer data;
};

inline std::vector<Component> views_of(const std::vector<OwnedComponent>& owned) {
  std::vector<Component> views;
  for (const OwnedComponent& component : owned) views.push_back({component.type, component.data});
  return views;
}

inline Buffer encoded_again(const StateUpdateView& view) {
  const std::vector<Component> components(view.components.begin(), view.components.end());
  return payload_of(StateUpdate{view.header, components});
}

inline Buffer encoded_again(const AnimationBatchView& view) {
  const std::vector<AnimationPacket> packets(view.packets.begin(), view.packets.end());
  return payload_of(AnimationBatch{view.timestamp, packets});
}

inline Buffer random_bytes(Random& random, std::size_t size) {
  Buffer bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.bits());
  return bytes;
}

inline std::vector<OwnedComponent> random_components(Random& random, std::size_t count_max) {
  std::vector<OwnedComponent> components(random.below(count_max + 1));
  for (OwnedComponent& component : components) {
    component.type = text_of(random_bytes(random, random.below(20)));
    component.data = random_bytes(random, random.below(40));
  }
  return components;
}

inline StateUpdateHeader random_header(Random& random) {
  return {.timestamp = random.bits(),
          .entity = EntityId{random.bits()},
          .priority = static_cast<std::uint8_t>(random.bits()),
          .sequence = static_cast<std::uint32_t>(random.bits())};
}

// The seeds a random test runs with: one that never changes, and NETRIG_SEED when that is set.
inline std::vector<std::uint64_t> seeds() {
  std::vector<std::uint64_t> all{20251101};
  if (const char* extra = std::getenv("NETRIG_SEED")) all.push_back(std::stoull(extra));
  return all;
}

// Runs `property(Random&)` with every seed. The seed stands in each failure and in the log.
template <class Property>
void for_each_seed(Property&& property) {
  for (const std::uint64_t seed : seeds()) {
    BOOST_TEST_MESSAGE("repeat with NETRIG_SEED=" << seed);
    BOOST_TEST_CONTEXT("repeat with NETRIG_SEED=" << seed) {
      Random random(seed);
      property(random);
    }
  }
}

}  // namespace netrig::venture::testing
