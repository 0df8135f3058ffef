// The nine components that the original serialises: fields in order, little-endian, doubles as their IEEE
// bits (NaN and infinities too). One length is right for each; any other is an error.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "netrig/core/base/bytes.h"
#include "netrig/core/base/result.h"
#include "netrig/core/venture/error.h"

namespace netrig::venture {

// kType is the component's type in a StateUpdate. It is the callers' convention: the format knows no types.
struct Position {
  double x = 0;
  double y = 0;
  static constexpr std::string_view kType = "position";
  static constexpr auto kFields = std::tuple{&Position::x, &Position::y};
};

struct Velocity {
  double vx = 0;
  double vy = 0;
  static constexpr std::string_view kType = "velocity";
  static constexpr auto kFields = std::tuple{&Velocity::vx, &Velocity::vy};
};

struct Health {
  double current = 0;
  double max = 0;
  static constexpr std::string_view kType = "health";
  static constexpr auto kFields = std::tuple{&Health::current, &Health::max};
};

struct Stats {
  double attack = 0;
  double defense = 0;
  double magic_power = 0;
  static constexpr std::string_view kType = "stats";
  static constexpr auto kFields = std::tuple{&Stats::attack, &Stats::defense, &Stats::magic_power};
};

struct Team {
  std::uint64_t id = 0;  // 0 is neutral
  static constexpr std::string_view kType = "team";
  static constexpr auto kFields = std::tuple{&Team::id};
};

struct Level {
  std::uint32_t level = 0;
  std::uint32_t xp = 0;
  static constexpr std::string_view kType = "level";
  static constexpr auto kFields = std::tuple{&Level::level, &Level::xp};
};

struct InputDirection {
  std::int8_t dx = 0;
  std::int8_t dy = 0;
  static constexpr std::string_view kType = "input";
  static constexpr auto kFields = std::tuple{&InputDirection::dx, &InputDirection::dy};
};

struct Attack {
  std::uint64_t target_id = 0;
  static constexpr std::string_view kType = "attack";
  static constexpr auto kFields = std::tuple{&Attack::target_id};
};

struct Item {
  std::uint64_t item_id = 0;
  static constexpr std::string_view kType = "item";
  static constexpr auto kFields = std::tuple{&Item::item_id};
};

template <class T>
concept ComponentValue = requires {
  { T::kType } -> std::convertible_to<std::string_view>;
  std::tuple_size<std::remove_cvref_t<decltype(T::kFields)>>::value;
};

// The unsigned integer whose bytes stand on the wire for a field.
template <class Field>
using WireWord = std::conditional_t<sizeof(Field) == 8, std::uint64_t,
                                    std::conditional_t<sizeof(Field) == 4, std::uint32_t, std::uint8_t>>;

template <ComponentValue T>
constexpr std::size_t kComponentDataBytes =
    std::apply([](auto... field) { return (sizeof(std::declval<T&>().*field) + ...); }, T::kFields);

template <ComponentValue T>
using ComponentBytes = std::array<std::uint8_t, kComponentDataBytes<T>>;

template <ComponentValue T>
ComponentBytes<T> encode(const T& component) {
  ComponentBytes<T> out;
  std::uint8_t* to = out.data();
  const auto write = [&to](auto value) {
    store_little_endian(to, std::bit_cast<WireWord<decltype(value)>>(value));
    to += sizeof value;
  };
  std::apply([&](auto... field) { (write(component.*field), ...); }, T::kFields);
  return out;
}

template <ComponentValue T>
Result<T, DecodeError> decode(Bytes data) {
  if (data.size() != kComponentDataBytes<T>) return DecodeError::wrong_length;
  T component;
  const std::uint8_t* from = data.data();
  const auto read = [&from](auto& value) {
    using Field = std::remove_reference_t<decltype(value)>;
    static_assert(sizeof(WireWord<Field>) == sizeof value);
    value = std::bit_cast<Field>(load_little_endian<WireWord<Field>>(from));
    from += sizeof value;
  };
  std::apply([&](auto... field) { (read(component.*field), ...); }, T::kFields);
  return component;
}

static_assert(kComponentDataBytes<Position> == 16 && kComponentDataBytes<Velocity> == 16);
static_assert(kComponentDataBytes<Health> == 16 && kComponentDataBytes<Stats> == 24);
static_assert(kComponentDataBytes<Team> == 8 && kComponentDataBytes<Level> == 8);
static_assert(kComponentDataBytes<InputDirection> == 2);
static_assert(kComponentDataBytes<Attack> == 8 && kComponentDataBytes<Item> == 8);

}  // namespace netrig::venture
