#include "netrig/transport/host/os_entropy.h"

#include <array>
#include <cerrno>
#include <sys/random.h>

#include "netrig/core/base/assert.h"
#include "netrig/core/base/bytes.h"

namespace netrig::transport {

std::uint64_t OsEntropy::draw() {
  std::array<std::uint8_t, 8> bytes{};
  fill(bytes);
  return load_little_endian<std::uint64_t>(bytes.data());
}

void OsEntropy::fill(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t drawn = ::getrandom(bytes.data(), bytes.size(), 0);
    if (drawn < 0 && errno == EINTR) continue;
    NETRIG_ASSERT(drawn > 0);
    bytes = bytes.subspan(static_cast<std::size_t>(drawn));
  }
}

}  // namespace netrig::transport
