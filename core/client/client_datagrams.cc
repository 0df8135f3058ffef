// Client over datagrams: the handshake, states that come in parts, inputs that are said more than once.
#include <array>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/core/client/client.h"
#include "netrig/core/protocol/codec.h"

namespace netrig {
namespace {

constexpr int kInputCopies = 3;    // of an input, in as many packets, unless it is known to have arrived
constexpr int kGoodbyeCopies = 3;  // nothing resends the last word

}  // namespace

// --- the handshake

void Client::begin_handshake(Instant now) {
  const DatagramOptions& options = *config_.datagrams;
  NETRIG_ASSERT(options.entropy != nullptr);
  hello_due_ = false;
  ClientHandshake::Config config;
  config.horizon = config_.horizon;
  config.encrypted = options.encrypted;
  if (rtt().has_sample()) config.rtt_expected = rtt().smoothed();
  const ClientToken* const token = config_.token && !resuming_ ? &*config_.token : nullptr;
  handshake_.emplace(config, hello(), token, *options.entropy, now);
}

void Client::on_handshake(Bytes datagram, Instant now) {
  if (!handshake_ || handshake_->is_over()) return;
  handshake_->receive(datagram, now);
  if (handshake_->refused()) {
    last_message_ = text(handshake_->refused()->reason);
    state_ = ClientState::idle;
    close_due_ = true;
    return observer_.on_refused(*handshake_->refused(), now);
  }
  if (!handshake_->accepted()) return;
  peer_.open_datagrams(
      {Sender::server, handshake_->accepted()->version, handshake_->accepted()->keys, handshake_->rtt()});
}

void Client::flush_handshake(PacketSink& sink) {
  std::array<std::uint8_t, kConnectRequestBytes> request{};
  while (handshake_->poll(request, now_)) {
    std::shared_ptr<Payload> payload = heads_.acquire();
    payload->bytes.assign(request.begin(), request.end());
    PacketBreakdown breakdown;
    breakdown.protocol_bytes = request.size();
    send_packet({PayloadPool::seal(std::move(payload)), {}}, breakdown, sink);
  }
}

// --- incoming

void Client::receive_datagram(Bytes datagram, Instant now) {
  if (!datagram.empty() && datagram[0] < kSessionDatagram) return on_handshake(datagram, now);
  if (!peer_.over_datagrams()) return;  // the answer that opens it is still on its way, or lost
  const std::uint64_t forged = peer_.datagrams()->forged();
  const auto messages = peer_.receive_datagram(datagram, now);
  if (!messages) return fault(messages.error(), now);
  if (config_.reports_received) {
    PacketBreakdown received;
    for (const RawMessage& message : *messages) add_message(received, message);
    report_received(received, datagram.size(), now);
  }
  if (peer_.datagrams()->forged() != forged) observer_.on_fault(PeerFault::forged, now);
  for (const RawMessage& message : *messages) {
    on_datagram_message(message, now);
    if (state_ == ClientState::idle) return;
  }
}

void Client::on_datagram_message(const RawMessage& message, Instant now) {
  if (state_ == ClientState::connecting) {
    // Until the welcome, which comes before all else that is reliable, nothing else has a place to go.
    if (message.type == MessageType::welcome) on_answer(message, now);
    return;
  }
  const bool is_state =
      message.type == MessageType::state_header || message.type == MessageType::state_update;
  is_state ? on_state_message(message, now) : on_message(message, now);
}

void Client::on_state_message(const RawMessage& message, Instant now) {
  const std::uint64_t given_up = assembler_.given_up();
  bool fits = true;
  if (message.type == MessageType::state_header) {
    const StateHeader header = *decode_state_header(message.body);
    fits = header.input_ack <= last_input_ && assembler_.begin(header);
  } else {
    fits = assembler_.add(message.body);
  }
  if (fits && assembler_.complete()) {
    fits = assembler_.publish();
    const bool acks_go_on = fits && assembler_.header().input_ack >= input_ack_;
    if (acks_go_on) publish_state(assembler_.newest(), assembler_.header(), now);
    fits = acks_go_on;
  }
  if (assembler_.given_up() != given_up) observer_.on_states_given_up(assembler_.given_up() - given_up, now);
  if (!fits) fault(PeerFault::unexpected, now);
}

// --- outgoing

// Each input goes out in kInputCopies datagrams unless it is known to have arrived: a lost one then costs
// none.
void Client::write_inputs(DatagramWriter& writer) {
  for (const std::uint32_t arrived : peer_.take_arrived_marks()) {
    std::erase_if(repeated_, [arrived](const RepeatedInput& repeated) {
      return repeated.input.sequence.value == arrived;
    });
  }
  for (; !inputs_.empty(); inputs_.pop()) repeated_.push_back({inputs_.front(), kInputCopies});
  for (RepeatedInput& repeated : repeated_) {
    writer.write(repeated.input);
    writer.note_mark(repeated.input.sequence.value);
    --repeated.copies_left;
  }
  std::erase_if(repeated_, [](const RepeatedInput& repeated) { return repeated.copies_left == 0; });
}

void Client::flush_datagrams(PacketSink& sink) {
  if (state_ == ClientState::idle) return;
  if (!peer_.over_datagrams()) return flush_handshake(sink);
  const auto send = [&](const OutgoingMessage& message, const PacketBreakdown& breakdown) {
    return send_packet(message, breakdown, sink);
  };
  const bool is_leaving = state_ == ClientState::leaving;
  if (peer_.has_due(now_) || !inputs_.empty() || is_leaving) {
    write_inputs(peer_.begin_write(now_));
    peer_.finish_write(heads_, now_, send);
  }
  if (!is_leaving) return;
  for (int copy = 0; copy < kGoodbyeCopies; ++copy) {
    peer_.begin_write(now_).write_leave();
    peer_.finish_write(heads_, now_, send);
  }
  close(DisconnectReason::left, now_);
}

}  // namespace netrig
