#include "netrig/loadgen/io/system_entropy.h"

#include <array>
#include <cerrno>
#include <sys/random.h>
#include <system_error>

#include "netrig/core/base/bytes.h"

namespace netrig::loadgen {

std::uint64_t SystemEntropy::draw() {
  std::array<std::uint8_t, 8> bytes{};
  fill(bytes);
  return load_little_endian<std::uint64_t>(bytes.data());
}

void SystemEntropy::fill(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t drawn = ::getrandom(bytes.data(), bytes.size(), 0);
    if (drawn < 0 && errno == EINTR) continue;
    if (drawn < 0) throw std::system_error(errno, std::generic_category(), "getrandom");
    bytes = bytes.subspan(static_cast<std::size_t>(drawn));
  }
}

}  // namespace netrig::loadgen
