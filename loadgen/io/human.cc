#include "netrig/loadgen/io/human.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <string_view>

#include "netrig/core/base/assert.h"

namespace netrig::loadgen {
namespace {

std::string grouped(std::string digits, std::string_view sign = "") {
  for (std::size_t end = digits.size(); end > 3; end -= 3) digits.insert(end - 3, 1, ',');
  return digits.insert(0, sign);
}

std::string three_digits(double value) {
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  std::string text = fmt::format("{:.{}f}", value, decimals);
  return decimals == 0 ? grouped(std::move(text)) : text;
}

// Without zeros at the end of a fraction.
std::string trimmed(std::string number) {
  if (number.find('.') == std::string::npos) return number;
  number.erase(number.find_last_not_of('0') + 1);
  if (number.back() == '.') number.pop_back();
  return number;
}

struct Scale {
  double unit;
  std::string_view name;
};

// The greatest scale in which the rounded value has a digit before the point; else the last.
template <std::size_t kCount>
const Scale& scale_of(double value, const std::array<Scale, kCount>& scales) {
  for (const Scale& scale : scales)
    if (value / scale.unit >= 0.9995) return scale;
  return scales.back();
}

template <std::size_t kCount>
std::string scaled(double value, const std::array<Scale, kCount>& scales) {
  const Scale& scale = scale_of(value, scales);
  return trimmed(three_digits(value / scale.unit)).append(scale.name);
}

constexpr std::array kSeconds{Scale{1, " s"}, Scale{1e-3, " ms"}, Scale{1e-6, " us"}, Scale{1e-9, " ns"}};
constexpr std::array kBytes{Scale{1e12, " TB"}, Scale{1e9, " GB"}, Scale{1e6, " MB"}, Scale{1e3, " kB"},
                            Scale{1, " B"}};
constexpr std::array kCounts{Scale{1e9, " G"}, Scale{1e6, " M"}, Scale{1e3, " k"}, Scale{1, ""}};

std::string_view unit_text(metrics::Unit unit) {
  switch (unit) {
    case metrics::Unit::count:
      return "";
    case metrics::Unit::seconds:
      return " s";
    case metrics::Unit::bytes:
      return " B";
    case metrics::Unit::bytes_per_second:
      return " B/s";
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

// Six significant digits without an exponent; no trailing zeros behind a point.
std::string six_digits(double value) {
  const double magnitude = std::abs(value);
  int decimals = magnitude >= 99'999.5 ? 0 : 5;
  for (double limit = 1e1; decimals > 0 && magnitude >= limit && limit < 1e6; limit *= 10) --decimals;
  for (double limit = 1; decimals < 9 && magnitude < limit; limit /= 10) ++decimals;  // to a nanosecond
  const std::string text = trimmed(fmt::format("{:.{}f}", magnitude, decimals));
  const std::size_t point = std::min(text.find('.'), text.size());
  return grouped(text.substr(0, point), value < 0 ? "-" : "") + text.substr(point);
}

}  // namespace

std::string whole(std::uint64_t value) {
  return grouped(fmt::format("{}", value));
}

std::string whole(double value) {
  const std::string digits = fmt::format("{:.0f}", std::abs(value));
  return grouped(digits, value < 0 && digits != "0" ? "-" : "");
}

std::string signed_whole(std::int64_t value) {
  const std::string digits = fmt::format("{}", value);
  if (value < 0) return grouped(digits.substr(1), "-");
  return grouped(digits, value > 0 ? "+" : "");
}

std::string short_seconds(double seconds) {
  return seconds <= 0 ? "0 s" : scaled(seconds, kSeconds);
}

std::string table_seconds(double seconds) {
  if (seconds <= 0) return "0 s";
  const Scale& scale = scale_of(seconds, kSeconds);
  return three_digits(seconds / scale.unit).append(scale.name);
}

std::string short_bytes(double bytes) {
  return scaled(bytes, kBytes);
}

std::string short_count(double count) {
  return scaled(count, kCounts);
}

std::string short_speedup(double factor) {
  return trimmed(three_digits(factor)) + "x";
}

std::string percent(double part, double of) {
  if (of <= 0) return "-";
  const double share = 100 * part / of;
  return share > 0 && share < 0.05 ? "<0.1 %" : fmt::format("{:.1f} %", share);
}

std::string signed_percent(double part, double of) {
  if (of <= 0) return part > 0 ? "new" : "-";
  const double share = 100 * part / of;
  if (std::abs(share) < 0.05 && share != 0) return share > 0 ? "+<0.1 %" : "-<0.1 %";
  return fmt::format("{:+.1f} %", share);
}

std::string in_base_unit(double value, metrics::Unit unit) {
  return six_digits(value).append(unit_text(unit));
}

}  // namespace netrig::loadgen
