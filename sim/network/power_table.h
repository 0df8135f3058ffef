// Logarithm and power to the base of 2 in integers, the same on every machine.
#pragma once

#include <cstdint>

namespace netrig::sim {

// -log2(u) of the uniform number u = bits / 2^64, in 1 / 2^32; 64 at most.
std::uint64_t minus_log2_q32(std::uint64_t bits);

// 2^(fraction / 2^32), in 1 / 2^28: from 1 up to 2.
std::uint64_t exp2_q28(std::uint32_t fraction_q32);

}  // namespace netrig::sim
