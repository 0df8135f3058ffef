// Where a peer is, as the transport names it. Opaque to the protocol: compared, ordered and printed, never
// parsed.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace netrig {

struct Address {
  std::string host;  // "127.0.0.1", "::1", or a name of the simulated network such as "client-7"
  std::uint16_t port = 0;

  friend auto operator<=>(const Address&, const Address&) = default;
};

}  // namespace netrig
