// Counts heap allocations: allocation_count.cc replaces operator new in the program it is linked into.
#pragma once

#include <cstdint>

namespace netrig::testing {

std::uint64_t allocations();  // calls of operator new since the program's start

}  // namespace netrig::testing
