#include "netrig/loadgen/io/units.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <optional>
#include <span>

#include "netrig/core/base/random.h"

namespace netrig::loadgen {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t worth;  // in base units
};

constexpr std::array<Unit, 6> kDurationUnits{{{"ns", 1},
                                              {"us", 1'000},
                                              {"ms", 1'000'000},
                                              {"s", 1'000'000'000},
                                              {"m", 60'000'000'000},
                                              {"h", 3'600'000'000'000}}};
constexpr std::array<Unit, 7> kSizeUnits{{{"B", 1},
                                          {"kB", 1'000},
                                          {"KiB", 1'024},
                                          {"MB", 1'000'000},
                                          {"MiB", 1'048'576},
                                          {"GB", 1'000'000'000},
                                          {"GiB", 1'073'741'824}}};
constexpr std::array<Unit, 9> kBitRateUnits{{{"bit/s", 1},
                                             {"kbit/s", 1'000},
                                             {"Mbit/s", 1'000'000},
                                             {"Gbit/s", 1'000'000'000},
                                             {"B/s", 8},
                                             {"kB/s", 8'000},
                                             {"KiB/s", 8'192},
                                             {"MB/s", 8'000'000},
                                             {"MiB/s", 8'388'608}}};
constexpr std::array<Unit, 2> kFrequencyUnits{{{"Hz", 1}, {"kHz", 1'000}}};
constexpr std::array<Unit, 4> kLengthUnits{{{"mm", 1}, {"cm", 10}, {"m", 1'000}, {"km", 1'000'000}}};
constexpr std::array<Unit, 3> kEventRateUnits{
    {{"/s", 1'000'000'000}, {"/min", 60'000'000'000}, {"/h", 3'600'000'000'000}}};
constexpr std::array<Unit, 1> kAngleUnits{{{"deg", 1'000}}};
constexpr std::array<Unit, 1> kPercentageUnits{{{"%", kPartsPerMillion / 100}}};

// What a quantity is called in messages, an example of it, and its units.
struct Quantity {
  std::string_view name;
  std::string_view example;
  std::span<const Unit> units;
};

const Quantity kDuration{"a duration", "200ms", kDurationUnits};
const Quantity kSize{"a size", "64KiB", kSizeUnits};
const Quantity kBitRate{"a data rate", "8Mbit/s", kBitRateUnits};
const Quantity kFrequency{"a frequency", "20Hz", kFrequencyUnits};
const Quantity kLength{"a length", "100m", kLengthUnits};
const Quantity kPercentage{"a percentage", "0.1%", kPercentageUnits};
const Quantity kAngle{"an angle", "90deg", kAngleUnits};
const Quantity kEventRate{"a rate", "5/s", kEventRateUnits};
const Quantity kDecimal{"a number", "2.5", {}};
const Quantity kInteger{"a whole number", "32", {}};

const Quantity& quantity_of(QuantityKind kind) {
  switch (kind) {
    case QuantityKind::duration:
      return kDuration;
    case QuantityKind::size:
      return kSize;
    case QuantityKind::data_rate:
      return kBitRate;
    case QuantityKind::frequency:
      return kFrequency;
    case QuantityKind::length:
      return kLength;
    case QuantityKind::angle:
      return kAngle;
    case QuantityKind::percentage:
      break;
  }
  return kPercentage;
}

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kQuotedBytesMax = 40;
  if (text.size() <= kQuotedBytesMax) return fmt::format("\"{}\"", text);
  std::size_t end = kQuotedBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not inside a character
  return fmt::format("\"{}...\"", text.substr(0, end));
}

std::string unit_list(std::span<const Unit> units) {
  std::string list;
  for (const Unit& unit : units) list.append(list.empty() ? "" : " ").append(unit.name);
  return list;
}

// " (units: ns us ...)" where there is a choice.
std::string allowed(const Quantity& quantity) {
  return quantity.units.size() > 1 ? fmt::format(" (units: {})", unit_list(quantity.units)) : "";
}

std::string expected(const Quantity& quantity, std::string_view text) {
  return fmt::format("expected {} such as {}{}, got {}", quantity.name, quantity.example, allowed(quantity),
                     quoted(text));
}

// "12.5ms" in its parts. `fraction` has no trailing zeros.
struct Parts {
  std::string_view whole;
  std::string_view fraction;
  std::string_view unit;
};

std::size_t count_digits(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

std::optional<Parts> split(std::string_view text) {
  Parts parts;
  parts.whole = text.substr(0, count_digits(text));
  if (parts.whole.empty()) return std::nullopt;
  text.remove_prefix(parts.whole.size());
  if (text.starts_with('.')) {
    parts.fraction = text.substr(1, count_digits(text.substr(1)));
    if (parts.fraction.empty()) return std::nullopt;
    text.remove_prefix(1 + parts.fraction.size());
    while (parts.fraction.ends_with('0')) parts.fraction.remove_suffix(1);
  }
  if (text.starts_with(' ') && text.size() > 1) text.remove_prefix(1);
  parts.unit = text;
  return parts;
}

// The digits as a number below 2^63, or nothing.
std::optional<std::int64_t> number(std::string_view digits) {
  std::int64_t value = 0;
  for (const char digit : digits) {
    const std::int64_t ones = digit - '0';
    if (value > (std::numeric_limits<std::int64_t>::max() - ones) / 10) return std::nullopt;
    value = value * 10 + ones;
  }
  return value;
}

// fraction x worth when that is whole, e.g. .25 x 1024 = 256.
std::optional<std::int64_t> scaled_fraction(std::string_view fraction, std::int64_t worth) {
  constexpr std::size_t kDecimalsMax = 18;  // 10^18 < 2^63; no unit is finer
  if (fraction.size() > kDecimalsMax) return std::nullopt;
  std::int64_t denominator = 1;
  for (std::size_t i = 0; i < fraction.size(); ++i) denominator *= 10;
  const std::int64_t numerator = number(fraction).value_or(0);
  const std::int64_t common = std::gcd(worth, denominator);
  if (numerator % (denominator / common) != 0) return std::nullopt;
  return numerator / (denominator / common) * (worth / common);
}

std::string too_large(std::string_view text) {
  return quoted(text) + " is too large to be represented";
}

Parsed<std::int64_t> combine(const Parts& parts, const Unit& unit, std::string_view text) {
  const std::optional<std::int64_t> whole = number(parts.whole);
  if (!whole || *whole > (std::numeric_limits<std::int64_t>::max() - unit.worth) / unit.worth)
    return too_large(text);
  const std::optional<std::int64_t> fraction = scaled_fraction(parts.fraction, unit.worth);
  if (!fraction) return quoted(text) + " is finer than netrig counts; use fewer decimals";
  return *whole * unit.worth + *fraction;
}

// Errors that every quantity shares and that deserve their own words.
std::optional<std::string> unusual(std::string_view text) {
  if (text.size() > 1 && text[0] == '-' && is_digit(text[1])) return quoted(text) + " must not be negative";
  if (text.size() > 1 && text[0] == '0' && is_digit(text[1]))
    return quoted(text) + " has a leading zero; numbers are decimal, write it without";
  return std::nullopt;
}

Parsed<std::int64_t> parse(std::string_view text, const Quantity& quantity) {
  if (const auto message = unusual(text)) return *message;
  const std::optional<Parts> parts = split(text);
  if (!parts) return expected(quantity, text);
  const auto unit = std::ranges::find(quantity.units, parts->unit, &Unit::name);
  if (unit != quantity.units.end()) return combine(*parts, *unit, text);
  if (parts->unit.empty())
    return fmt::format("{} has no unit; write {} such as {}{}", quoted(text), quantity.name, quantity.example,
                       allowed(quantity));
  return expected(quantity, text);
}

// Whole in the largest unit that divides it, else in the largest that needs at most three decimals.
std::string shortest(std::int64_t value, std::span<const Unit> units) {
  std::string best = std::to_string(value) + std::string{units.front().name};
  for (const Unit& unit : units) {
    if (value < unit.worth) continue;
    const std::int64_t thousandths_worth = unit.worth / 1000;
    const bool whole = value % unit.worth == 0;
    const bool decimal = unit.worth % 1000 == 0 && unit.worth < 60'000'000'000;
    if (!whole && (!decimal || value % thousandths_worth != 0)) continue;
    std::string text = std::to_string(value / unit.worth);
    if (!whole) {
      std::string decimals = std::to_string(value % unit.worth / thousandths_worth);
      decimals.insert(0, 3 - decimals.size(), '0');
      while (decimals.ends_with('0')) decimals.pop_back();
      text.append(".").append(decimals);
    }
    text += unit.name;
    if (text.size() <= best.size()) best = std::move(text);
  }
  return best;
}

// `value` / `one`, which is a power of ten, without trailing zeros.
std::string decimal(std::int64_t value, std::int64_t one) {
  std::string text = std::to_string(value / one);
  std::string decimals = std::to_string(one + value % one).substr(1);
  while (decimals.ends_with('0')) decimals.pop_back();
  return text.append(decimals.empty() ? "" : ".").append(decimals);
}

}  // namespace

std::string pattern_of(QuantityKind kind) {
  std::string units;
  for (const Unit& unit : quantity_of(kind).units) units.append(units.empty() ? "" : "|").append(unit.name);
  return "^(0|[1-9][0-9]*)(\\.[0-9]+)? ?(" + units + ")$";
}

std::string_view example_of(QuantityKind kind) {
  return quantity_of(kind).example;
}

Parsed<Duration> parse_duration(std::string_view text) {
  const Parsed<std::int64_t> parsed = parse(text, kDuration);
  if (!parsed) return parsed.error();
  return Duration{*parsed};
}

Parsed<std::int64_t> parse_size_bytes(std::string_view text) {
  return parse(text, kSize);
}

Parsed<std::int64_t> parse_bits_per_second(std::string_view text) {
  return parse(text, kBitRate);
}

Parsed<std::int64_t> parse_frequency_hz(std::string_view text) {
  return parse(text, kFrequency);
}

Parsed<std::uint32_t> parse_percentage_ppm(std::string_view text) {
  const Parsed<std::int64_t> parsed = parse(text, kPercentage);
  if (!parsed) return parsed.error();
  if (*parsed > kPartsPerMillion) return quoted(text) + " is more than 100%";
  return static_cast<std::uint32_t>(*parsed);
}

Parsed<std::int64_t> parse_length_mm(std::string_view text) {
  return parse(text, kLength);
}

Parsed<std::int64_t> parse_thousandths(std::string_view text) {
  if (const auto message = unusual(text)) return *message;
  const std::optional<Parts> parts = split(text);
  if (!parts || !parts->unit.empty()) return expected(kDecimal, text);
  return combine(*parts, {"", 1'000}, text);
}

Parsed<std::int64_t> parse_angle_mdeg(std::string_view text) {
  return parse(text, kAngle);
}

Parsed<std::int64_t> parse_integer(std::string_view text) {
  if (const auto message = unusual(text)) return *message;
  if (text.empty() || count_digits(text) != text.size()) return expected(kInteger, text);
  const std::optional<std::int64_t> value = number(text);
  if (!value) return too_large(text);
  return *value;
}

Parsed<EventRate> parse_event_rate(std::string_view text) {
  const std::size_t digits = count_digits(text);
  const auto unit = std::ranges::find(kEventRateUnits, text.substr(digits), &Unit::name);
  if (digits == 0 || unit == kEventRateUnits.end()) return expected(kEventRate, text);
  if (const auto message = unusual(text)) return *message;
  const std::optional<std::int64_t> count = number(text.substr(0, digits));
  if (!count || *count > std::numeric_limits<std::uint32_t>::max()) return too_large(text);
  return EventRate{static_cast<std::uint32_t>(*count), Duration{unit->worth}};
}

std::string text_of_event_rate(const EventRate& rate) {
  const auto unit = std::ranges::find(kEventRateUnits, rate.per.count(), &Unit::worth);
  return std::to_string(rate.count) + std::string{unit->name};
}

std::string text_of_duration(Duration duration) {
  if (duration == Duration::zero()) return "0s";
  return shortest(duration.count(), kDurationUnits);
}

std::string text_of_size(std::int64_t bytes) {
  return shortest(bytes, kSizeUnits);
}

std::string text_of_bit_rate(std::int64_t bits_per_second) {
  return shortest(bits_per_second, std::span{kBitRateUnits}.first(4));
}

std::string text_of_length(std::int64_t millimetres) {
  return shortest(millimetres, kLengthUnits);
}

std::string text_of_thousandths(std::int64_t thousandths) {
  return decimal(thousandths, 1'000);
}

std::string text_of_angle(std::int64_t thousandths_of_degrees) {
  return decimal(thousandths_of_degrees, 1'000) + "deg";
}

std::string text_of_percentage(std::uint32_t parts_per_million) {
  return decimal(parts_per_million, 10'000) + "%";
}

}  // namespace netrig::loadgen
