// Server over datagrams: a state goes out in parts, and the last word more than once.
#include <utility>

#include "netrig/core/protocol/codec.h"
#include "netrig/core/server/server.h"

namespace netrig {
namespace {

constexpr int kGoodbyeCopies = 3;  // nothing resends the last word

}  // namespace

void Server::receive_datagram(Session& session, Bytes datagram, Instant now) {
  const std::uint64_t forged = session.peer.datagrams()->forged();
  const auto messages = session.peer.receive_datagram(datagram, now);
  if (!messages) return fault(session, messages.error(), now);
  if (session.peer.datagrams()->forged() != forged) observer_.on_fault(session.id, PeerFault::forged, now);
  for (const RawMessage& message : *messages) {
    if (session.ending) return;
    on_message(session, message, now);
  }
}

bool Server::has_heard(PeerId peer) const {
  const Session* const session = find(peer);
  return session != nullptr && session->peer.over_datagrams() && session->peer.datagrams()->has_heard();
}

void Server::deliver_datagrams(Session& session, PacketSink& sink) {
  if (session.welcome_due) {
    session.welcome_due = false;
    std::vector<std::uint8_t> welcome;
    encode_body(welcome_of(session), welcome);
    session.peer.send_first(MessageType::welcome, welcome);
  }
  bool sends_state = is_encoded_ && !session.ending;
  if (sends_state && !session.peer.may_send_state(now_)) {
    sends_state = false;
    observer_.on_state_skipped(session.id, tick(), now_);
  }
  DatagramWriter& writer = session.peer.begin_write(now_);
  if (sends_state) write_state(session, writer);
  finish_datagrams(session, sink, sends_state);
  if (!session.ending) return;
  for (int copy = 0; copy < kGoodbyeCopies && *session.ending != DisconnectReason::connection_lost; ++copy) {
    session.peer.begin_write(now_).write(Disconnect{*session.ending, session.ending_message});
    finish_datagrams(session, sink, false);
  }
  sink.close(session.id);
}

// Each part behind a header of its own, so that they may come in any order.
void Server::write_state(const Session& session, DatagramWriter& writer) {
  const StateHeader header{state().tick(), session.inputs.applied(),
                           static_cast<std::uint16_t>(state().size())};
  if (parts_.empty()) writer.write(header);
  for (const StatePart& part : parts_) {
    const std::size_t bytes = part.messages->bytes.size();
    if (bytes <= kStatePartBytesMax) {
      writer.keep_together(kStateHeaderBytes + bytes);
      writer.write(header);
      writer.write_shared(part.messages, part.breakdown);
    } else {
      Bytes rest = part.messages->bytes;
      writer.write(header);
      writer.write_encoded(MessageType::state_update, take_message(rest).body);
    }
  }
}

void Server::finish_datagrams(Session& session, PacketSink& sink, bool has_state) {
  PacketBreakdown sent;
  bool is_refused = false;
  session.peer.finish_write(session.heads, now_,
                            [&](const OutgoingMessage& message, const PacketBreakdown& packet) {
                              const SendStatus status = sink.send(session.id, message);
                              if (status == SendStatus::accepted) {
                                sent += packet;
                              } else {
                                is_refused = true;
                                observer_.on_send_refused(session.id, status, now_);
                              }
                              return status;
                            });
  if (has_state && !is_refused) observer_.on_state_sent(session.id, tick(), now_);
  if (sent.total_bytes() == 0) return;
  observer_.on_packet(session.id, sent, now_);
  observer_.on_send_queue(session.id, sink.backlog_bytes(session.id), now_);
}

}  // namespace netrig
