#include "netrig/core/protocol/admission.h"

#include <algorithm>
#include <optional>

#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/limits.h"

namespace netrig {
namespace {

std::optional<Hello> sole_hello(Bytes packet) {
  const Result<PacketView, DecodeFault> view = decode_packet(packet, Sender::client);
  if (!view || view->reliable_ack) return std::nullopt;
  Bytes rest = view->messages;
  const RawMessage message = take_message(rest);
  if (message.type != MessageType::hello || !rest.empty()) return std::nullopt;
  return *decode_hello(message.body);
}

Decision refused(RefuseReason reason) {
  return {Decision::Verdict::reply, {}, {reason, kProtocolVersionMin, kProtocolVersionMax}};
}

}  // namespace

Decision Admission::on_first_message(const Address& from, const Seats& seats, Bytes packet) const {
  const std::optional<Hello> hello = sole_hello(packet);
  if (!hello) return refused(RefuseReason::malformed);

  const std::uint16_t version = std::min(hello->version_max, kProtocolVersionMax);
  if (version < std::max(hello->version_min, kProtocolVersionMin)) return refused(RefuseReason::version);
  if ((hello->required & ~policy_.supported) != 0) return refused(RefuseReason::features);
  if (hello->schema_digest != policy_.schema_digest) return refused(RefuseReason::schema);
  if (seats.stopping) return refused(RefuseReason::stopping);
  if (seats.taken >= seats.total) return refused(RefuseReason::server_full);
  const std::uint32_t eighth = std::max(1u, seats.total / 8);
  const std::uint32_t address_max =
      policy_.seats_per_address_max == 0 ? eighth : policy_.seats_per_address_max;
  if (seats.taken_from_address >= address_max) return refused(RefuseReason::address_limit);
  return {Decision::Verdict::accept, {from, version, hello->offered & policy_.supported}, {}};
}

}  // namespace netrig
