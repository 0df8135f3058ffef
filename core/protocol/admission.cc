#include "netrig/core/protocol/admission.h"

#include <algorithm>
#include <optional>

#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/limits.h"

namespace netrig {
namespace {

// Equal or not in the same time, wherever they differ.
bool is_equal(const ResumeKey& a, const ResumeKey& b) {
  return ((a.high ^ b.high) | (a.low ^ b.low)) == 0;
}

bool has_room(const AdmissionPolicy& policy, const Address& from, const Seats& seats, RefuseReason& reason) {
  reason = RefuseReason::server_full;
  if (seats.taken >= seats.total) return false;
  if (is_lifted(policy, from)) return true;
  reason = RefuseReason::address_limit;
  const std::uint32_t eighth = std::max(1u, seats.total / 8);
  const std::uint32_t address_max = policy.seats_per_address_max == 0 ? eighth : policy.seats_per_address_max;
  return seats.taken_from_address < address_max;
}

}  // namespace

Decision refused(RefuseReason reason) {
  return {Decision::Verdict::reply, {}, {reason, kProtocolVersionMin, kProtocolVersionMax}};
}

RefuseReason refuse_reason(TokenFault fault) {
  switch (fault) {
    case TokenFault::forged:
      return RefuseReason::token_invalid;
    case TokenFault::early:
    case TokenFault::expired:
      return RefuseReason::token_expired;
    case TokenFault::used:
      return RefuseReason::token_used;
    case TokenFault::full:
      return RefuseReason::server_full;
  }
  return RefuseReason::token_invalid;
}

Decision Admission::on_first_message(const Address& from, const SeatBook& book, Bytes packet) const {
  const std::optional<FirstHello> first = sole_hello(packet);
  if (!first) return refused(RefuseReason::malformed);
  const Hello& hello = first->hello;
  const std::optional<ResumeKey> key = book.resume_key(hello.resume);
  return on_hello(from, book.seats(from), hello, key && is_equal(*key, hello.resume.key));
}

Decision Admission::on_hello(const Address& from, const Seats& seats, const Hello& hello,
                             bool resumes) const {
  const std::uint16_t version = std::min(hello.version_max, kProtocolVersionMax);
  if (version < std::max(hello.version_min, kProtocolVersionMin)) return refused(RefuseReason::version);
  if ((hello.required & ~policy_.supported) != 0) return refused(RefuseReason::features);
  if (hello.schema_digest != policy_.schema_digest) return refused(RefuseReason::schema);
  if (seats.stopping) return refused(RefuseReason::stopping);
  PeerInfo info{from, version, hello.offered & policy_.supported};
  RefuseReason reason{};
  if (resumes) {
    info.resume = hello.resume;
  } else if (!has_room(policy_, from, seats, reason)) {
    return refused(reason);
  }
  return {Decision::Verdict::accept, info, {}};
}

}  // namespace netrig
