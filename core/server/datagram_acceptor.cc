#include "netrig/core/server/datagram_acceptor.h"

#include <utility>

namespace netrig {

DatagramAcceptor::Outcome DatagramAcceptor::receive(const Address& from, Bytes datagram, Instant now) {
  DatagramAdmission::Outcome admitted = admission_.receive(from, datagram, answer_, now);
  Outcome outcome;
  if (admitted.answer_bytes > 0) {
    std::shared_ptr<Payload> reply = replies_.acquire();
    reply->bytes.assign(answer_.begin(),
                        answer_.begin() + static_cast<std::ptrdiff_t>(admitted.answer_bytes));
    outcome.reply.head = PayloadPool::seal(std::move(reply));
  }
  if (admitted.cause == AdmissionCause::refused) observer_.on_refused(admitted.reason, now);
  if (admitted.cause != AdmissionCause::accepted) return outcome;
  const auto known = peers_.find(from);
  if (known != peers_.end()) server_.remove_peer(known->second, DisconnectReason::connection_lost, now);
  admitted.info.delivery = Delivery::datagram;
  outcome.seated = server_.add_peer(admitted.info, now);
  peers_[from] = *outcome.seated;
  return outcome;
}

void DatagramAcceptor::on_session_datagram(const Address& from, PeerId peer) {
  if (server_.has_heard(peer)) admission_.confirm(from);
}

void DatagramAcceptor::close(const Address& from, Instant now) {
  if (peers_.erase(from) > 0) admission_.forget(from, now);
}

std::optional<Address> DatagramAcceptor::expire(Instant now) {
  const std::optional<Address> silent = admission_.expire(now);
  if (!silent) return std::nullopt;
  const auto known = peers_.find(*silent);
  if (known != peers_.end()) {
    server_.remove_peer(known->second, DisconnectReason::timeout, now);
    peers_.erase(known);
  }
  return silent;
}

}  // namespace netrig
