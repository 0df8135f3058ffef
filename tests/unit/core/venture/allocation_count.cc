#include "netrig/tests/unit/core/venture/allocation_count.h"

#include <cstdlib>
#include <new>

namespace {
std::uint64_t count = 0;  // the programs that link this have one thread
}  // namespace

namespace netrig::testing {

std::uint64_t allocations() {
  return count;
}

}  // namespace netrig::testing

// The array and nothrow forms call this one.
void* operator new(std::size_t size) {
  ++count;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc{};
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
