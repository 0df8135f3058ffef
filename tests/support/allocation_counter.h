// Counts the heap of a whole test program: allocation_counter.cc, linked into it, replaces operator new.
#pragma once

#include <cstddef>
#include <cstdint>

namespace netrig::testing {

std::uint64_t allocations();  // calls of operator new since the program's start
std::size_t live_bytes();     // asked for by new and not given back yet

}  // namespace netrig::testing
