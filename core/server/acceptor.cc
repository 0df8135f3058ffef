#include "netrig/core/server/acceptor.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/message_writer.h"

namespace netrig {

std::optional<PendingId> Acceptor::open(const Address& from, Instant now) {
  const auto same_host = std::count_if(pending_.begin(), pending_.end(), [&](const auto& entry) {
    return entry.second.from.host == from.host;
  });
  if (same_host >= admission_.policy().pending_per_address_max) {
    observer_.on_refused(RefuseReason::address_limit, now);
    return std::nullopt;
  }
  const PendingId id{next_pending_++};
  Pending& pending = pending_[id];
  pending.from = from;
  pending.opened = now;
  return id;
}

Acceptor::Outcome Acceptor::receive(PendingId id, Bytes bytes, Instant now) {
  const auto found = pending_.find(id);
  NETRIG_ASSERT(found != pending_.end());
  Pending& pending = found->second;

  const Refuse malformed{RefuseReason::malformed, kProtocolVersionMin, kProtocolVersionMax};
  bool goes_on = false;
  const bool in_step = pending.frames.read(bytes, [&](Bytes packet) {
    goes_on = pending.decision.has_value();
    if (!goes_on) {
      pending.decision = admission_.on_first_message(pending.from, server_, packet);
    }
    return !goes_on;
  });
  if (in_step && !pending.decision) return {};
  goes_on = goes_on || pending.frames.partial_bytes() > 0;

  const std::optional<Decision> decision = pending.decision;
  pending_.erase(found);
  if (!in_step || goes_on) return {Outcome::Kind::refused, {}, refusal(malformed, now)};
  if (decision->verdict == Decision::Verdict::reply) {
    return {Outcome::Kind::refused, {}, refusal(decision->refuse, now)};
  }
  return {Outcome::Kind::seated, server_.add_peer(decision->info, now), {}};
}

std::optional<Instant> Acceptor::next_deadline() const {
  if (pending_.empty()) return std::nullopt;
  return pending_.begin()->second.opened + windows_.handshake_timeout;
}

std::optional<std::pair<PendingId, OutgoingMessage>> Acceptor::expire(Instant now) {
  const std::optional<Instant> deadline = next_deadline();
  if (!deadline || now < *deadline) return std::nullopt;
  const PendingId id = pending_.begin()->first;
  pending_.erase(pending_.begin());
  const Refuse refuse{RefuseReason::handshake_timeout, kProtocolVersionMin, kProtocolVersionMax};
  return std::pair{id, refusal(refuse, now)};
}

OutgoingMessage Acceptor::refusal(const Refuse& refuse, Instant now) {
  observer_.on_refused(refuse.reason, now);
  std::shared_ptr<Payload> payload = replies_.acquire();
  PacketBreakdown breakdown;
  FrameWriter writer{payload->bytes, breakdown};
  writer.write(refuse);
  writer.finish();
  return {PayloadPool::seal(std::move(payload)), {}};
}

}  // namespace netrig
