// What tells the series of one metric apart. Every label has a fixed list of values, known at start-up; none
// is ever a player, an address or anything else that grows with the run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace netrig::metrics {

// Series are ordered by their labels in this order.
enum class Label : std::uint8_t {
  cohort,       // a group of clients that the scenario declares
  direction,    // seen from the server: downstream goes to the clients
  layer,        // which part of the bytes on the wire
  message,      // a message type of the protocol
  phase,        // a part of one server tick
  leave_cause,  // the causes print as `cause`; a metric has at most one of them
  drop_cause,
  error_cause,
};
constexpr std::size_t kLabelCount = 8;

enum class Direction : std::uint8_t { downstream, upstream };
enum class Layer : std::uint8_t {
  payload,          // message bytes
  protocol,         // packet headers, seals, framing
  transport_model,  // what the modelled transport below adds
};
enum class Phase : std::uint8_t { receive, step, capture, encode, send };

// As a series prints it: lower-case letters, never `le`.
std::string_view name_of(Label label);

template <class Enum>
class EnumSet {
 public:
  constexpr EnumSet() = default;
  constexpr EnumSet(std::initializer_list<Enum> members) {
    for (const Enum member : members) bits_ |= bit(member);
  }
  constexpr bool has(Enum member) const { return (bits_ & bit(member)) != 0; }

 private:
  static constexpr std::uint32_t bit(Enum member) {
    return std::uint32_t{1} << static_cast<unsigned>(member);
  }

  std::uint32_t bits_ = 0;
};
using LabelSet = EnumSet<Label>;

// Values of labels, as indexes into their lists: {.cohort = 2, .direction = Direction::upstream}. One series
// when it names exactly the metric's labels; otherwise all series that agree with what it names.
struct Selection {
  std::optional<std::size_t> cohort = std::nullopt;
  std::optional<Direction> direction = std::nullopt;
  std::optional<Layer> layer = std::nullopt;
  std::optional<std::size_t> message = std::nullopt;
  std::optional<Phase> phase = std::nullopt;
  std::optional<std::size_t> leave_cause = std::nullopt;
  std::optional<std::size_t> drop_cause = std::nullopt;
  std::optional<std::size_t> error_cause = std::nullopt;

  std::optional<std::size_t> at(Label label) const;
  void set(Label label, std::size_t value);

  // True when every label that this names has the same value in `series`.
  bool includes(const Selection& series) const;
  // True when this names no label that is missing in `labels`.
  bool within(LabelSet labels) const;

  friend bool operator==(const Selection&, const Selection&) = default;
};

// Calls `use(Label)` for every label there is, in order.
template <class Use>
void for_each_label(Use&& use) {
  for (std::size_t i = 0; i < kLabelCount; ++i) use(static_cast<Label>(i));
}

}  // namespace netrig::metrics
