// Between an open stream connection and a seated peer: waits for the hello, asks Admission, has a token
// proven, answers. Holds nothing for a connection but a frame in progress and what its token says, for at
// most the handshake timeout. Drivers own the connections.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "netrig/core/base/address.h"
#include "netrig/core/base/frame.h"
#include "netrig/core/base/payload.h"
#include "netrig/core/protocol/admission.h"
#include "netrig/core/server/entrance.h"
#include "netrig/core/server/server.h"

namespace netrig {

class Acceptor final : public Entrance {
 public:
  // Server, observer and tokens outlive the acceptor. Without a gate, tokens are refused.
  Acceptor(Server& server, const AdmissionPolicy& policy, const Windows& windows, ServerObserver& observer,
           TokenGate* tokens = nullptr);

  // A connection opened. Nothing when its address has too many of them waiting: close it at once.
  std::optional<PendingId> open(const Address& from, Instant now);
  Outcome enter(const Address& from, Instant now) override;
  // Bytes of a connection that has not been seated or refused. A client says hello and then waits for the
  // answer: whoever goes on talking is refused.
  Outcome receive(PendingId pending, Bytes bytes, Instant now) override;
  void close(PendingId pending) override;

  std::optional<Instant> next_deadline() const override;
  // The refusal for one connection that has kept silent for too long, or longest when too many wait; call
  // until there is none, after open() too.
  std::optional<std::pair<PendingId, OutgoingMessage>> expire(Instant now) override;

  std::size_t waiting() const { return pending_.size(); }

 private:
  struct Exchange {
    Hello hello;  // without its token
    TokenClaims claims;
    SymmetricKey digest;
  };
  struct Pending {
    Address from;
    Instant opened;
    FrameReader frames{kHelloPacketBytesMax};
    std::optional<Decision> decision;
    std::optional<Exchange> exchange;    // a proof is awaited
    std::optional<Challenge> challenge;  // to be sent
  };
  using Waiting = std::map<PendingId, Pending>;
  static constexpr std::size_t kHelloPacketBytesMax = 1200;  // a hello with a token is 458 B

  void forget(Waiting::iterator pending);

  Decision on_hello(Pending& pending, Bytes packet, Instant now);
  Decision on_proof(const Pending& pending, Bytes packet, Instant now);
  template <class Message>
  OutgoingMessage reply_of(const Message& message);
  OutgoingMessage refusal(const Refuse& refuse, Instant now);

  Server& server_;
  Admission admission_;
  Windows windows_;
  ServerObserver& observer_;
  TokenGate* tokens_;
  std::size_t pending_max_;
  Waiting pending_;                                    // in the order of opening, so the oldest comes first
  std::map<std::string, std::uint32_t> pending_from_;  // of them, by host
  std::uint32_t next_pending_ = 1;
  PayloadPool replies_;
};

}  // namespace netrig
