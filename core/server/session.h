// What a server keeps per player. Server's own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "netrig/core/base/ids.h"
#include "netrig/core/base/payload.h"
#include "netrig/core/base/ring.h"
#include "netrig/core/protocol/admission.h"
#include "netrig/core/protocol/limits.h"
#include "netrig/core/protocol/outbox.h"
#include "netrig/core/protocol/peer.h"
#include "netrig/core/server/server_observer.h"

namespace netrig {

// The inputs of one player between arrival and their tick: deduplicated, limited in rate, bounded, and paid
// out at the pace of the world's time, so that sending faster moves nobody faster.
class InputQueue {
 public:
  InputQueue(const Windows& windows, std::uint32_t tick_rate_hz, Instant now);

  // Takes an input, or says what became of it. Pushing out an older one is `queue_overflow`, too.
  std::optional<InputFate> push(const InputMessage& input, Instant now);

  // A tick begins: one more input may be applied, and those that an earlier gap left unused.
  void begin_tick();
  // The next input of this tick, until it has had its share. At most kInputsPerTickMax.
  const InputMessage* next();
  void pop();

  InputSequence applied() const { return applied_; }
  std::size_t size() const { return queue_.size(); }  // that wait

 private:
  Ring<InputMessage> queue_;
  InputSequence received_;
  InputSequence applied_;
  std::uint32_t applied_this_tick_ = 0;

  // World time the player has not used yet, in thousandths of a tick. A tick grants 1,008: a client whose
  // clock runs up to 0.8 % fast is not held back, and nobody gains more than that.
  std::uint32_t credit_milliticks_ = 0;
  std::uint32_t credit_max_milliticks_;

  // Arrival limit: a token bucket of inputs_burst_max, refilled at twice the tick rate.
  Duration token_interval_;
  Duration tokens_max_;
  Duration tokens_;  // as time: one token is one token_interval_
  Instant refilled_at_;
};

// A session without a connection.
struct Detached {
  Instant until;  // gone for good then
  DisconnectReason reason = DisconnectReason::connection_lost;
};

struct Session {
  Session(ClientId client_id, EntityId entity_id, const Windows& windows, std::uint32_t tick_rate_hz,
          Instant now)
      : client(client_id), entity(entity_id), peer(windows, now), inputs(windows, tick_rate_hz, now) {}

  PeerId id;  // of the connection it has, or had last
  ClientId client;
  EntityId entity;  // 0: a spectator
  PeerInfo info;
  Peer peer;
  InputQueue inputs;
  Outbox outbox;
  PayloadPool heads;  // one peer's own come back in the order they left: the oldest is free, or none is
  bool welcome_due = true;
  bool resumed = false;  // the welcome that is due says so
  ResumeKey resume_key;
  std::optional<Detached> detached;
  std::uint32_t bad_packets = 0;
  std::optional<DisconnectReason> ending;  // set: says goodbye in the next flush, hears nothing more
  std::string ending_message;
};

}  // namespace netrig
