// Between an open stream connection and a seated peer: waits for the hello, asks Admission, answers. Holds
// nothing for a connection but a frame in progress, for at most the handshake timeout. Drivers own the
// connections.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "netrig/core/base/address.h"
#include "netrig/core/base/frame.h"
#include "netrig/core/base/payload.h"
#include "netrig/core/protocol/admission.h"
#include "netrig/core/server/server.h"

namespace netrig {

using PendingId = Id<struct PendingTag, std::uint32_t>;  // a connection that is not a peer yet

class Acceptor {
 public:
  struct Outcome {
    enum class Kind : std::uint8_t {
      waiting,  // more bytes are needed
      seated,   // it is `peer` from now on: its bytes go to Server::receive
      refused,  // send `reply`, then close
    };
    Kind kind = Kind::waiting;
    PeerId peer;
    OutgoingMessage reply;
  };

  // Server and observer outlive the acceptor.
  Acceptor(Server& server, const AdmissionPolicy& policy, const Windows& windows, ServerObserver& observer)
      : server_(server), admission_(policy), windows_(windows), observer_(observer) {}

  // A connection opened. Nothing when its address has too many of them waiting: close it at once.
  std::optional<PendingId> open(const Address& from, Instant now);
  // Bytes of a connection that has not been seated or refused. A client says hello and then waits for the
  // answer: whoever goes on talking is refused.
  Outcome receive(PendingId pending, Bytes bytes, Instant now);
  void close(PendingId pending) { pending_.erase(pending); }

  std::optional<Instant> next_deadline() const;
  // The refusal for one connection that has kept silent for too long; call until there is none.
  std::optional<std::pair<PendingId, OutgoingMessage>> expire(Instant now);

  std::size_t waiting() const { return pending_.size(); }

 private:
  struct Pending {
    Address from;
    Instant opened;
    FrameReader frames{kHelloPacketBytesMax};
    std::optional<Decision> decision;
  };
  static constexpr std::size_t kHelloPacketBytesMax = 1200;  // a hello is 28 B today; a token will fit

  OutgoingMessage refusal(const Refuse& refuse, Instant now);

  Server& server_;
  Admission admission_;
  Windows windows_;
  ServerObserver& observer_;
  std::map<PendingId, Pending> pending_;  // in the order of opening, so the oldest comes first
  std::uint32_t next_pending_ = 1;
  PayloadPool replies_;
};

}  // namespace netrig
