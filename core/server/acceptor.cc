#include "netrig/core/server/acceptor.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/message_writer.h"
#include "netrig/core/protocol/token_exchange.h"

namespace netrig {
namespace {

constexpr std::uint32_t kPendingMin = 64;  // a small server's friends may all come at once

}  // namespace

Acceptor::Acceptor(Server& server, const AdmissionPolicy& policy, const Windows& windows,
                   ServerObserver& observer, TokenGate* tokens)
    : server_(server),
      admission_(policy),
      windows_(windows),
      observer_(observer),
      tokens_(tokens),
      pending_max_(policy.pending_max != 0 ? policy.pending_max
                                           : std::max(kPendingMin, server.seats({}).total)) {}

std::optional<PendingId> Acceptor::open(const Address& from, Instant now) {
  const auto host = pending_from_.find(from.host);
  const std::uint32_t same_host = host == pending_from_.end() ? 0 : host->second;
  const AdmissionPolicy& policy = admission_.policy();
  if (!is_lifted(policy, from) && same_host >= policy.pending_per_address_max) {
    observer_.on_refused(RefuseReason::address_limit, now);
    return std::nullopt;
  }
  ++pending_from_[from.host];
  const PendingId id{next_pending_++};
  Pending& pending = pending_[id];
  pending.from = from;
  pending.opened = now;
  return id;
}

void Acceptor::close(PendingId id) {
  if (const auto found = pending_.find(id); found != pending_.end()) forget(found);
}

void Acceptor::forget(Waiting::iterator pending) {
  const auto host = pending_from_.find(pending->second.from.host);
  if (--host->second == 0) pending_from_.erase(host);
  pending_.erase(pending);
}

Acceptor::Outcome Acceptor::enter(const Address& from, Instant now) {
  const std::optional<PendingId> pending = open(from, now);
  if (!pending) return {Outcome::Kind::refused, {}, {}};
  return {Outcome::Kind::waiting, {}, {}, *pending};
}

Acceptor::Outcome Acceptor::receive(PendingId id, Bytes bytes, Instant now) {
  const auto found = pending_.find(id);
  NETRIG_ASSERT(found != pending_.end());
  Pending& pending = found->second;

  const Refuse malformed{RefuseReason::malformed, kProtocolVersionMin, kProtocolVersionMax};
  bool goes_on = false;
  const bool in_step = pending.frames.read(bytes, [&](Bytes packet) {
    goes_on = pending.decision.has_value();
    if (goes_on) return false;
    const Decision decision =
        pending.exchange ? on_proof(pending, packet, now) : on_hello(pending, packet, now);
    if (decision.verdict != Decision::Verdict::wait) pending.decision = decision;
    return true;
  });
  if (in_step && !pending.decision) {
    const std::optional<Challenge> challenge = std::exchange(pending.challenge, {});
    return {Outcome::Kind::waiting, {}, challenge ? reply_of(*challenge) : OutgoingMessage{}};
  }
  goes_on = goes_on || pending.frames.partial_bytes() > 0;

  const std::optional<Decision> decision = pending.decision;
  forget(found);
  if (!in_step || goes_on) return {Outcome::Kind::refused, {}, refusal(malformed, now)};
  if (decision->verdict == Decision::Verdict::reply) {
    return {Outcome::Kind::refused, {}, refusal(decision->refuse, now)};
  }
  return {Outcome::Kind::seated, server_.add_peer(decision->info, now), {}};
}

// A hello with a token that opens is challenged; the seat is given with the proof.
Decision Acceptor::on_hello(Pending& pending, Bytes packet, Instant now) {
  const Decision decision = admission_.on_first_message(pending.from, server_, packet);
  if (decision.verdict != Decision::Verdict::accept || decision.info.resume) return decision;
  const FirstHello first = *sole_hello(packet);
  if (first.hello.token.empty()) {
    return admission_.policy().requires_token ? refused(RefuseReason::token_required) : decision;
  }
  if (tokens_ == nullptr) return refused(RefuseReason::token_invalid);
  const Result<TokenClaims, TokenFault> claims = tokens_->open(first.hello.token, now);
  if (!claims) return refused(refuse_reason(claims.error()));
  pending.challenge = make_challenge(*claims, first.body, tokens_->entropy());
  pending.exchange = Exchange{first.hello, *claims, exchange_digest(*pending.challenge, first.body)};
  pending.exchange->hello.token = {};
  return {Decision::Verdict::wait, {}, {}};
}

Decision Acceptor::on_proof(const Pending& pending, Bytes packet, Instant now) {
  const std::optional<Proof> proof = sole_proof(packet);
  if (!proof) return refused(RefuseReason::malformed);
  const Exchange& exchange = *pending.exchange;
  if (!is_proof(*proof, exchange.claims, exchange.digest)) return refused(RefuseReason::token_invalid);
  Decision decision = admission_.on_hello(pending.from, server_.seats(pending.from), exchange.hello, false);
  if (decision.verdict != Decision::Verdict::accept) return decision;
  if (const auto used = tokens_->use(exchange.claims, now); !used)
    return refused(refuse_reason(used.error()));
  decision.info.holder = TokenHolder{exchange.claims.client, exchange.claims.identity};
  return decision;
}

std::optional<Instant> Acceptor::next_deadline() const {
  if (pending_.empty()) return std::nullopt;
  return pending_.begin()->second.opened + windows_.handshake_timeout;
}

std::optional<std::pair<PendingId, OutgoingMessage>> Acceptor::expire(Instant now) {
  const std::optional<Instant> deadline = next_deadline();
  if (!deadline || (now < *deadline && pending_.size() <= pending_max_)) return std::nullopt;
  const PendingId id = pending_.begin()->first;
  forget(pending_.begin());
  const Refuse refuse{RefuseReason::handshake_timeout, kProtocolVersionMin, kProtocolVersionMax};
  return std::pair{id, refusal(refuse, now)};
}

template <class Message>
OutgoingMessage Acceptor::reply_of(const Message& message) {
  std::shared_ptr<Payload> payload = replies_.acquire();
  PacketBreakdown breakdown;
  FrameWriter writer{payload->bytes, breakdown};
  writer.write(message);
  writer.finish();
  return {PayloadPool::seal(std::move(payload)), {}};
}

OutgoingMessage Acceptor::refusal(const Refuse& refuse, Instant now) {
  observer_.on_refused(refuse.reason, now);
  return reply_of(refuse);
}

}  // namespace netrig
