#include "netrig/tests/support/allocation_counter.h"

#include <cstdlib>
#include <cstring>
#include <new>

namespace {

// The programs that link this have one thread.
std::uint64_t allocation_count = 0;
std::size_t live_byte_count = 0;

constexpr std::size_t kHeaderBytes = alignof(std::max_align_t);  // before each block: its size

void give_back(void* memory) noexcept {
  if (memory == nullptr) return;
  char* const block = static_cast<char*>(memory) - kHeaderBytes;
  std::size_t size = 0;
  std::memcpy(&size, block, sizeof size);
  live_byte_count -= size;
  std::free(block);
}

}  // namespace

namespace netrig::testing {

std::uint64_t allocations() {
  return allocation_count;
}

std::size_t live_bytes() {
  return live_byte_count;
}

}  // namespace netrig::testing

// The array and nothrow forms call this one.
void* operator new(std::size_t size) {
  auto* const block = static_cast<char*>(std::malloc(kHeaderBytes + size));
  if (block == nullptr) throw std::bad_alloc{};
  std::memcpy(block, &size, sizeof size);
  ++allocation_count;
  live_byte_count += size;
  return block + kHeaderBytes;
}

void operator delete(void* memory) noexcept {
  give_back(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  give_back(memory);
}
