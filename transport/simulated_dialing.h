// What connecting over a modelled link costs. Part of simulated.h's implementation, and of the proxy's.
#pragma once

#include <cstdint>

#include "netrig/core/base/time.h"
#include "netrig/transport/simulated.h"

namespace netrig::transport {

struct ConnectDelays {
  Duration to_listener{0};  // from connect() until the listener hears of it, or until it is given up
  Duration to_caller{0};    // from there until the caller knows the answer
  bool is_answered = true;  // no: every request met an outage
};

// n round trips: the last answer leaves the listener when its part of them is over. `connection`: how many
// the same client made before.
ConnectDelays draw_connect_delays(const LinkSetup& setup, std::uint32_t connection, Instant dialed_at);

}  // namespace netrig::transport
