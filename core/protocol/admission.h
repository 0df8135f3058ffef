// Who may become a peer: decided on a connection's first message, before any session exists. Drivers pass the
// traffic of unknown peers through it; transports do not know it.
#pragma once

#include <cstdint>
#include <optional>

#include "netrig/core/base/address.h"
#include "netrig/core/base/bytes.h"
#include "netrig/core/base/payload.h"
#include "netrig/core/protocol/crypto.h"
#include "netrig/core/protocol/messages.h"
#include "netrig/core/protocol/token.h"

namespace netrig {

// What the server has room for now, from its own books.
struct Seats {
  std::uint32_t taken = 0;
  std::uint32_t total = 0;
  std::uint32_t taken_from_address = 0;
  bool stopping = false;
};

// The server's books, for whoever admits.
class SeatBook {
 public:
  virtual ~SeatBook() = default;
  virtual Seats seats(const Address& from) const = 0;
  // The secret of the player that `claim` speaks of, if its session may go on: whoever has the secret is that
  // player. Whether its connection is known to be broken does not matter: the client may notice first.
  virtual std::optional<ResumeKey> resume_key(const ResumeClaim& claim) const = 0;
};

// Whom a token named, once its holder has proved to be that one.
struct TokenHolder {
  VerifyKey key;
  Identity identity;
};

// What is known of an admitted peer. Everything else about it is assigned by the server.
struct PeerInfo {
  Address address;
  std::uint16_t version = 0;
  Features features = 0;
  Delivery delivery = Delivery::reliable_ordered;  // how its connection delivers
  std::optional<ResumeClaim> resume{};             // proven: this player comes back, and needs no new seat
  std::optional<TokenHolder> holder{};             // nobody: it came without a token
  std::optional<SessionKeys> keys{};               // of datagrams, if they are encrypted
  std::optional<Duration> rtt{};                   // as its handshake tells: at least the true one
};

struct Decision {
  enum class Verdict : std::uint8_t {
    accept,  // `info` says as whom
    reply,   // send `refuse`, then close
    wait,    // the client has to prove its token first
  };
  Verdict verdict = Verdict::reply;
  PeerInfo info;
  Refuse refuse;
};

Decision refused(RefuseReason reason);  // and what this side speaks

struct AdmissionPolicy {
  std::uint64_t schema_digest = 0;
  Features supported = 0;
  std::uint32_t seats_per_address_max = 0;  // 0: one eighth of all seats, at least one
  // Connections that have not said hello yet, or have not proved that they heard the answer.
  std::uint32_t pending_per_address_max = 3;
  // In all: beyond it the one that has waited longest is sent away, so that a flood of the silent keeps
  // nobody out who talks. 0: as many as there are seats, at least 64.
  std::uint32_t pending_max = 0;
  // From where any number may come, as far as there are seats: a load test's own machine. Null: from nowhere.
  bool (*lifts_limits_for)(const Address& from) = nullptr;
  bool requires_token = false;
  bool allows_plaintext = false;  // datagrams without encryption, if the client wants it so
};

constexpr bool is_lifted(const AdmissionPolicy& policy, const Address& from) {
  return policy.lifts_limits_for != nullptr && policy.lifts_limits_for(from);
}

// What a client is told when its token is not taken.
RefuseReason refuse_reason(TokenFault fault);

class Admission {
 public:
  explicit Admission(const AdmissionPolicy& policy) : policy_(policy) {}

  // `packet`: the first packet of a stream, which holds one hello and nothing else.
  Decision on_first_message(const Address& from, const SeatBook& book, Bytes packet) const;
  // `resumes`: the hello's claim was proven, by its key or otherwise.
  Decision on_hello(const Address& from, const Seats& seats, const Hello& hello, bool resumes) const;

  const AdmissionPolicy& policy() const { return policy_; }

 private:
  AdmissionPolicy policy_;
};

}  // namespace netrig
