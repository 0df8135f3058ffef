// The version of this build, as the build's project() declares it. Private to loadgen.
#pragma once

#include <string_view>

namespace netrig::loadgen {

inline constexpr std::string_view kVersion = NETRIG_VERSION;

}  // namespace netrig::loadgen
