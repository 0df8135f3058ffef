#include "netrig/transport/simulated_dialing.h"

#include <optional>

#include "netrig/sim/network/passage.h"
#include "netrig/sim/network/timeline.h"

namespace netrig::transport {
namespace {

// Requests and answers of connecting, one by one.
class Dialing {
 public:
  Dialing(const LinkSetup& setup, std::uint32_t connection)
      : Dialing(setup, setup.random.fork("connect.up", connection),
                setup.random.fork("connect.down", connection)) {}

  // When the listener hears of a request first made then, or nothing when it never does.
  std::optional<Instant> request(Instant at) {
    Duration wait = kConnectRetry;
    for (int tries = 0; tries <= kConnectRetries; ++tries, at += wait, wait *= 2) {
      const Instant arrives_at = up_.released(at + up_.draw_delay(at));
      if (!up_times_.cut(at) && !down_times_.cut(arrives_at)) return arrives_at;
    }
    return std::nullopt;
  }
  Instant answer(Instant at) { return down_.released(at + down_.draw_delay(at)); }

 private:
  Dialing(const LinkSetup& setup, const Random& up, const Random& down)
      : up_(setup.up, up, up), down_(setup.down, down, down), up_times_(setup.up), down_times_(setup.down) {}

  sim::Passage up_;
  sim::Passage down_;
  sim::Timeline up_times_;
  sim::Timeline down_times_;
};

}  // namespace

ConnectDelays draw_connect_delays(const LinkSetup& setup, std::uint32_t connection, Instant dialed_at) {
  ConnectDelays delays;
  Dialing dialing{setup, connection};
  for (int trip = sim::connect_round_trips(setup.kind); trip > 0 && delays.is_answered; --trip) {
    const Instant request_at = dialed_at + delays.to_listener + delays.to_caller;
    const std::optional<Instant> arrives_at = dialing.request(request_at);
    delays.is_answered = arrives_at.has_value();
    delays.to_listener = arrives_at.value_or(request_at + kConnectGivenUpAfter) - dialed_at;
    if (arrives_at) delays.to_caller = dialing.answer(*arrives_at) - *arrives_at;
  }
  return delays;
}

}  // namespace netrig::transport
