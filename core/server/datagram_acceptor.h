// Between a listener for datagrams and seated peers: lets DatagramAdmission decide, seats whom it accepts,
// and knows which peer an address is. Drivers own the connections, and pass in every datagram whose kind is
// below kSessionDatagram.
#pragma once

#include <array>
#include <map>
#include <optional>

#include "netrig/core/base/address.h"
#include "netrig/core/base/payload.h"
#include "netrig/core/protocol/datagram_admission.h"
#include "netrig/core/server/server.h"

namespace netrig {

class DatagramAcceptor {
 public:
  // Server, tokens, entropy and observer outlive the acceptor. `tokens` may be null: none are taken.
  DatagramAcceptor(Server& server, const AdmissionPolicy& policy, const Windows& windows, TokenGate* tokens,
                   Entropy& entropy, ServerObserver& observer)
      : server_(server), admission_(policy, windows, server, tokens, entropy), observer_(observer) {}

  struct Outcome {
    std::optional<PeerId> seated;  // the address is this peer from now on, whichever it was before
    OutgoingMessage reply;         // to send back; without parts: nothing
  };
  Outcome receive(const Address& from, Bytes datagram, Instant now);

  // After a session datagram from there was given to the server.
  void on_session_datagram(const Address& from, PeerId peer);
  // The connection to this address is gone, or its peer is.
  void close(const Address& from, Instant now);

  std::optional<Instant> next_deadline() const { return admission_.next_deadline(); }
  // A peer that never proved that it heard the answer, removed; call until there is none.
  std::optional<Address> expire(Instant now);

  const DatagramAdmission& admission() const { return admission_; }

 private:
  Server& server_;
  DatagramAdmission admission_;
  ServerObserver& observer_;
  std::map<Address, PeerId> peers_;
  std::array<std::uint8_t, kAnswerBytesMax> answer_{};
  PayloadPool replies_;
};

}  // namespace netrig
