// What the command line will have one day, by name: each is refused with "not built yet" instead of
// "unknown", so that nobody looks for a typing error. Whatever gets built leaves this list.
#pragma once

#include <array>
#include <string_view>

namespace netrig::loadgen {

constexpr std::array<std::string_view, 6> kPlannedCommands{"report",   "explain", "sweep",
                                                           "capacity", "fuzz",    "merge"};

constexpr std::array<std::string_view, 2> kPlannedOutputs{"html", "pcap"};

}  // namespace netrig::loadgen
