// The standard normal distribution in integers, the same on every machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace netrig::sim {

constexpr std::size_t kNormalCells = 2'048;  // of the upper half; the lower half is its mirror image
constexpr std::int64_t kMicroSigma = 1'000'000;

// Quantile of 0.5 + i / 4096, in millionths of a standard deviation.
extern const std::array<std::int32_t, kNormalCells + 1> kNormalQuantiles;

// Turns 64 uniform bits into a normal draw in millionths of a standard deviation: 1 bit of sign, 11 of cell,
// 32 of position within the cell.
std::int64_t normal_micro_sigma(std::uint64_t bits);

// The share of a normal distribution above `micro_sigma`, in 1 / 2^64; between 0 and 4 standard deviations.
std::uint64_t normal_tail(std::int64_t micro_sigma);

}  // namespace netrig::sim
