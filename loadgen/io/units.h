// Quantities as people write them, as exact integers: "1.5s", "64KiB", "8Mbit/s", "20Hz", "0.1%". A unit is
// always required, and a value that is not a whole number of the base unit is refused, never rounded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "netrig/core/base/result.h"
#include "netrig/core/base/time.h"

namespace netrig::loadgen {

// How often something happens on average: 5/s.
struct EventRate {
  std::uint32_t count = 0;
  Duration per{};

  friend bool operator==(const EventRate&, const EventRate&) = default;
};

// The error is a sentence for people that lists the allowed units, without a place.
template <class T>
using Parsed = Result<T, std::string>;

enum class QuantityKind : std::uint8_t { duration, size, data_rate, frequency, length, percentage, angle };

// How a quantity is written, as a regular expression (ECMA-262). Whether netrig can count the value exactly,
// an expression cannot tell.
std::string pattern_of(QuantityKind kind);
std::string_view example_of(QuantityKind kind);  // "200ms"

Parsed<Duration> parse_duration(std::string_view text);             // ns us ms s m h
Parsed<std::int64_t> parse_size_bytes(std::string_view text);       // B kB KiB MB MiB GB GiB
Parsed<std::int64_t> parse_bits_per_second(std::string_view text);  // bit/s kbit/s Mbit/s Gbit/s B/s kB/s ...
Parsed<std::int64_t> parse_frequency_hz(std::string_view text);     // Hz kHz
Parsed<std::uint32_t> parse_percentage_ppm(std::string_view text);  // 0% to 100%, at most 4 decimals
Parsed<std::int64_t> parse_length_mm(std::string_view text);        // mm cm m km
Parsed<std::int64_t> parse_angle_mdeg(std::string_view text);       // deg, at most 3 decimals
Parsed<EventRate> parse_event_rate(std::string_view text);          // a whole number per s, min or h: 5/s
Parsed<std::int64_t> parse_thousandths(std::string_view text);      // "2.5": no unit, at most 3 decimals
Parsed<std::int64_t> parse_integer(std::string_view text);          // digits only; no sign, no leading zero

// The shortest exact form that parses back: "200ms", "1.5s", "64KiB", "8Mbit/s", "0.1%".
std::string text_of_duration(Duration duration);
std::string text_of_size(std::int64_t bytes);
std::string text_of_event_rate(const EventRate& rate);
std::string text_of_bit_rate(std::int64_t bits_per_second);
std::string text_of_length(std::int64_t millimetres);
std::string text_of_angle(std::int64_t thousandths_of_degrees);
std::string text_of_percentage(std::uint32_t parts_per_million);
std::string text_of_thousandths(std::int64_t thousandths);

}  // namespace netrig::loadgen
