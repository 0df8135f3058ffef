// Who may become a peer: decided on a connection's first message, before any session exists. Drivers pass the
// traffic of unknown peers through it; transports do not know it.
#pragma once

#include <cstdint>

#include "netrig/core/base/address.h"
#include "netrig/core/base/bytes.h"
#include "netrig/core/protocol/messages.h"

namespace netrig {

// What the server has room for now, from its own books.
struct Seats {
  std::uint32_t taken = 0;
  std::uint32_t total = 0;
  std::uint32_t taken_from_address = 0;
  bool stopping = false;
};

// What is known of an admitted peer. Everything else about it is assigned by the server.
struct PeerInfo {
  Address address;
  std::uint16_t version = 0;
  Features features = 0;
};

struct Decision {
  enum class Verdict : std::uint8_t {
    accept,  // `info` says as whom
    reply,   // send `refuse`, then close
  };
  Verdict verdict = Verdict::reply;
  PeerInfo info;
  Refuse refuse;
};

struct AdmissionPolicy {
  std::uint64_t schema_digest = 0;
  Features supported = 0;
  std::uint32_t seats_per_address_max = 0;    // 0: one eighth of all seats, at least one
  std::uint32_t pending_per_address_max = 3;  // connections that have not said hello yet
};

class Admission {
 public:
  explicit Admission(const AdmissionPolicy& policy) : policy_(policy) {}

  // `packet`: the first packet of a stream, which holds one hello and nothing else.
  Decision on_first_message(const Address& from, const Seats& seats, Bytes packet) const;

  const AdmissionPolicy& policy() const { return policy_; }

 private:
  AdmissionPolicy policy_;
};

}  // namespace netrig
