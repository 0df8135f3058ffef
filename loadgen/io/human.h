// Numbers as people read them: three significant digits and a unit, or whole with thousands separators.
#pragma once

#include <cstdint>
#include <string>

#include "netrig/metrics/catalog.h"

namespace netrig::loadgen {

std::string whole(std::uint64_t value);              // "1,228,800"
std::string whole(double value);                     // rounded: "71,040"
std::string signed_whole(std::int64_t value);        // "+1,228,800", "-12", "0"
std::string short_seconds(double seconds);           // "213 ms", "5.21 s", "12.3 us", "0 s"
std::string table_seconds(double seconds);           // always three digits: "5.00 s"
std::string short_bytes(double bytes);               // "73.6 kB"; SI, as bandwidth is
std::string short_count(double count);               // "1.93 M"
std::string short_speedup(double factor);            // "612x", "0.98x"
std::string percent(double part, double of);         // "96.4 %", "<0.1 %", "-" when there is no whole
std::string signed_percent(double part, double of);  // "+0.9 %"

// At most six significant digits and the unit of a threshold's metric, so that it can be read against its
// limit: "71,040 B/s", "5.21304 s".
std::string in_base_unit(double value, metrics::Unit unit);

}  // namespace netrig::loadgen
