#include "netrig/sim/network/words.h"

#include <span>
#include <string_view>

#include "netrig/core/base/random.h"

namespace netrig::sim {
namespace {

struct Unit {
  std::uint64_t size;
  std::string_view name;
};

// `value` in the largest unit that is not larger than it: exact, without trailing zeros. Units descend, each
// a power of ten; the last is 1.
std::string in_units(std::uint64_t value, std::span<const Unit> units) {
  std::size_t at = 0;
  while (at + 1 < units.size() && value < units[at].size) ++at;
  const auto [size, name] = units[at];
  std::string written = std::to_string(value / size);
  if (value % size != 0) {
    std::string fraction = std::to_string(size + value % size);  // a leading 1 keeps the zeros
    fraction.erase(fraction.find_last_not_of('0') + 1);
    written.append(".").append(fraction, 1);
  }
  return written.append(name);
}

constexpr Unit kTimeUnits[] = {{1'000'000'000, " s"}, {1'000'000, " ms"}, {1'000, " us"}, {1, " ns"}};
constexpr Unit kRateUnits[] = {
    {1'000'000'000, " Gbit/s"}, {1'000'000, " Mbit/s"}, {1'000, " kbit/s"}, {1, " bit/s"}};
constexpr Unit kSizeUnits[] = {{1'000'000'000, " GB"}, {1'000'000, " MB"}, {1'000, " kB"}, {1, " B"}};
constexpr Unit kPercent[] = {{kPartsPerMillion / 100, " %"}};
constexpr Unit kOnes[] = {{1'000, ""}};

}  // namespace

std::string duration_text(Duration duration) {
  const bool negative = duration < Duration{0};
  const auto magnitude = static_cast<std::uint64_t>(negative ? -duration.count() : duration.count());
  if (magnitude == 0) return "0 ms";
  return std::string{negative ? "-" : ""}.append(in_units(magnitude, kTimeUnits));
}

std::string rate_text(std::uint64_t bits_per_second) {
  return in_units(bits_per_second, kRateUnits);
}

std::string size_text(std::uint64_t bytes) {
  return in_units(bytes, kSizeUnits);
}

std::string share_text(std::uint32_t parts_per_million) {
  return in_units(parts_per_million, kPercent);
}

std::string thousandths_text(std::uint32_t thousandths) {
  return in_units(thousandths, kOnes);
}

}  // namespace netrig::sim
