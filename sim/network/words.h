// Quantities as people write them, exact and without trailing zeros.
#pragma once

#include <cstdint>
#include <string>

#include "netrig/core/base/time.h"

namespace netrig::sim {

std::string duration_text(Duration duration);             // "250 us", "1.5 ms", "5 s"
std::string rate_text(std::uint64_t bits_per_second);     // "8 Mbit/s"
std::string size_text(std::uint64_t bytes);               // "65.536 kB"
std::string share_text(std::uint32_t parts_per_million);  // "0.25 %"
std::string thousandths_text(std::uint32_t thousandths);  // "2.5"

}  // namespace netrig::sim
