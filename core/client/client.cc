#include "netrig/core/client/client.h"

#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/message_writer.h"
#include "netrig/core/protocol/token_exchange.h"

namespace netrig {

Client::Client(const ClientConfig& config, const Schema& schema, ClientObserver& observer)
    : config_(config),
      windows_(derive_windows(config.horizon)),
      schema_digest_(schema.digest()),
      observer_(observer),
      peer_(windows_, Instant{}),
      inputs_(windows_.inputs_queued_max),
      reader_(schema),
      assembler_(schema),
      seen_(windows_.history_ticks) {}

// --- the session's life

void Client::connect(Instant now) {
  NETRIG_ASSERT(state_ == ClientState::idle);
  forget_session();
  peer_ = Peer{windows_, now_};
  resuming_ = false;
  begin(now);
}

void Client::resume(Instant now) {
  NETRIG_ASSERT(state_ == ClientState::idle && can_resume_);
  resuming_ = true;
  begin(now);
}

// What belongs to the connection.
void Client::begin(Instant now) {
  state_ = ClientState::connecting;
  now_ = now;
  connect_started_ = now;
  peer_.restart(now);
  outbox_.clear();
  hello_due_ = true;
  hello_body_.clear();
  proof_due_.reset();
  has_proved_ = false;
  leave_due_ = false;
  close_due_ = false;
  bad_packets_ = 0;
  last_message_.clear();
  inputs_.clear();
  reader_.abandon();
  repeated_.clear();
  handshake_.reset();
  if (over_datagrams()) begin_handshake(now);
}

// What belongs to the session.
void Client::forget_session() {
  welcome_.reset();
  can_resume_ = false;
  last_input_ = {};
  input_ack_ = {};
  reader_.reset();
  assembler_.reset();
  seen_.assign(seen_.size(), {});
}

void Client::disconnect(Instant now) {
  if (state_ == ClientState::idle) return;
  if (state_ == ClientState::connecting) return close(DisconnectReason::left, now);
  if (state_ == ClientState::connected) leave_due_ = true;
  state_ = ClientState::leaving;
}

void Client::on_connection_lost(Instant now) {
  if (state_ == ClientState::idle) return;
  close(state_ == ClientState::leaving ? DisconnectReason::left : DisconnectReason::connection_lost, now);
  close_due_ = false;
}

void Client::close(DisconnectReason reason, Instant now) {
  const bool was_in_session = state_ != ClientState::connecting;
  const bool broke = reason == DisconnectReason::connection_lost || reason == DisconnectReason::timeout;
  if (was_in_session) can_resume_ = broke && welcome_->resume_grace_ms > 0;
  state_ = ClientState::idle;
  close_due_ = true;
  outbox_.clear();
  observer_.on_closed(reason, now);
}

void Client::advance(Instant now) {
  now_ = now;
  if (state_ == ClientState::idle) return;
  peer_.advance_datagrams(now);
  const bool is_silent = state_ == ClientState::connecting
                             ? now - connect_started_ >= windows_.handshake_timeout
                             : peer_.is_idle(now);
  if (is_silent) close(DisconnectReason::timeout, now);
}

std::optional<Instant> Client::next_deadline() const {
  if (state_ == ClientState::idle) return std::nullopt;
  if (handshake_ && !handshake_->is_over()) return handshake_->next_deadline();
  const Instant datagrams = peer_.next_datagram_at().value_or(Instant::max());
  if (state_ == ClientState::connecting) {
    return std::min(connect_started_ + windows_.handshake_timeout, datagrams);
  }
  return std::min({peer_.next_ping_at(), peer_.idle_at(), datagrams});
}

// --- incoming

void Client::receive(Bytes bytes, Instant now) {
  now_ = now;
  if (state_ == ClientState::idle) return;
  if (over_datagrams()) return receive_datagram(bytes, now);
  const bool in_step = peer_.read(bytes, now, [&](Bytes packet) {
    on_packet(packet, now);
    return state_ != ClientState::idle;
  });
  if (!in_step) fault(PeerFault::out_of_step, now);
}

void Client::fault(PeerFault fault, Instant now) {
  observer_.on_fault(fault, now);
  const bool forgivable = fault == PeerFault::undecodable || fault == PeerFault::unexpected;
  if (!forgivable) return close(DisconnectReason::protocol_error, now);
  if (++bad_packets_ < kBadPacketsMax) return;
  observer_.on_fault(PeerFault::too_many_bad_packets, now);
  close(DisconnectReason::protocol_error, now);
}

void Client::on_packet(Bytes packet, Instant now) {
  const Result<PacketView, DecodeFault> view = decode_packet(packet, Sender::server);
  if (!view) return fault(PeerFault::undecodable, now);
  if (config_.reports_received) {
    PacketBreakdown messages;
    for (Bytes rest = view->messages; !rest.empty();) add_message(messages, take_message(rest));
    report_received(messages, kFrameHeaderBytes + packet.size(), now);
  }
  if (view->reliable_ack && !peer_.on_reliable_ack(*view->reliable_ack))
    return fault(PeerFault::false_ack, now);
  Bytes rest = view->messages;
  if (state_ == ClientState::connecting) {
    on_answer(rest.empty() ? RawMessage{} : take_message(rest), now);
    if (state_ != ClientState::connected) return;
  }
  if (view->has_state && !stage_state(rest, now)) return;
  if (!view->has_others) return;
  while (!rest.empty() && state_ != ClientState::idle) on_message(take_message(rest), now);
}

void Client::report_received(PacketBreakdown messages, std::size_t bytes, Instant now) {
  messages.protocol_bytes = bytes - std::min<std::size_t>(bytes, messages.payload_bytes());
  observer_.on_packet_received(messages, now);
}

// The state of a packet is taken whole or not at all, before anything else in it counts.
bool Client::stage_state(Bytes rest, Instant now) {
  bool fits = welcome_.has_value();
  while (fits && !rest.empty()) {
    fits = reader_.add_next(rest);
    if (!fits || rest.empty()) break;
    const RawMessage message = take_message(rest);
    if (message.type == MessageType::state_header) fits = begin_state(*decode_state_header(message.body));
  }
  if (!fits) {
    reader_.abandon();
    fault(PeerFault::unexpected, now);
  } else if (reader_.complete()) {
    reader_.publish();
    publish_state(reader_.newest(), reader_.header(), now);
  }
  return fits;
}

bool Client::begin_state(const StateHeader& header) {
  return header.input_ack <= last_input_ && header.input_ack >= input_ack_ && reader_.begin(header);
}

void Client::publish_state(const Snapshot& state, const StateHeader& header, Instant now) {
  seen_[state.tick().value % seen_.size()] = {state.tick(), state.digest()};
  const InputSequence before = std::exchange(input_ack_, header.input_ack);
  observer_.on_state(state, header, before, now);
}

void Client::on_pong(const Pong& pong, Instant now) {
  const PongFate fate = peer_.on_pong(pong, now);
  if (fate == PongFate::false_answer) return fault(PeerFault::false_ack, now);
  if (fate == PongFate::measured) observer_.on_rtt(peer_.rtt().latest(), now);
}

void Client::on_message(const RawMessage& message, Instant now) {
  switch (message.type) {
    case MessageType::state_header:
    case MessageType::state_update:
      return;  // staged above
    case MessageType::ping:
      return peer_.on_ping(*decode_ping(message.body), now);
    case MessageType::pong:
      return on_pong(*decode_pong(message.body), now);
    case MessageType::disconnect: {
      const Disconnect goodbye = *decode_disconnect(message.body);
      last_message_ = goodbye.message;
      return close(goodbye.reason, now);
    }
    case MessageType::entity_removed:
      peer_.on_reliable_message();
      return observer_.on_entity_removed(*decode_entity_removed(message.body), now);
    case MessageType::app_reliable:
      peer_.on_reliable_message();
      return observer_.on_app_message(*decode_app_reliable(message.body), now);
    case MessageType::app_latest: {
      const LatestMessage latest = *decode_app_latest(message.body);
      if (peer_.is_latest(latest)) observer_.on_latest_message(latest, now);
      return;
    }
    default:
      return fault(PeerFault::unexpected, now);  // a second answer
  }
}

// What comes first on a connection answers the hello, or is out of place.
void Client::on_answer(const RawMessage& answer, Instant now) {
  if (answer.type == MessageType::refuse) {
    const Refuse refuse = *decode_refuse(answer.body);
    last_message_ = text(refuse.reason);
    state_ = ClientState::idle;
    close_due_ = true;
    return observer_.on_refused(refuse, now);
  }
  if (answer.type == MessageType::challenge) return on_challenge(*decode_challenge(answer.body), now);
  if (answer.type != MessageType::welcome) return fault(PeerFault::unexpected, now);
  const Welcome welcome = *decode_welcome(answer.body);
  if (!is_acceptable(welcome)) return fault(PeerFault::unexpected, now);
  on_welcome(welcome, now);
}

// A server that cannot open the token is not the one it is for: it gets no proof.
void Client::on_challenge(const Challenge& challenge, Instant now) {
  std::optional<Proof> proof;
  if (!hello_body_.empty() && !has_proved_) proof = answer_challenge(challenge, *config_.token, hello_body_);
  if (!proof) return fault(PeerFault::unexpected, now);
  proof_due_ = proof;
  has_proved_ = true;
}

void Client::on_welcome(const Welcome& welcome, Instant now) {
  if (welcome.resumed) {
    if (!peer_.resume(welcome.received)) return fault(PeerFault::false_ack, now);
  } else if (resuming_) {
    observer_.on_session_lost(peer_.reliable_unacked(), now);
    forget_session();
    if (over_datagrams()) {
      peer_.forget_channels();  // whose datagram is being read
    } else {
      peer_ = Peer{windows_, now_};
      peer_.restart(now);
    }
  }
  state_ = ClientState::connected;
  welcome_ = welcome;
  observer_.on_connected(welcome, now);
}

bool Client::is_acceptable(const Welcome& welcome) const {
  const bool speaks_it = welcome.version >= kProtocolVersionMin && welcome.version <= kProtocolVersionMax;
  const bool is_offered = (welcome.features & ~(config_.offered | config_.required)) == 0;
  const bool is_same = resuming_ && welcome.epoch == welcome_->epoch && welcome.client == welcome_->client;
  const bool may_resume = !welcome.resumed || is_same;
  const bool was_asked = hello_body_.empty() || has_proved_;
  return speaks_it && is_offered && (config_.required & ~welcome.features) == 0 && may_resume && was_asked;
}

Hello Client::hello() const {
  const Features offered = config_.offered | config_.required;
  Hello hello{kProtocolVersionMin, kProtocolVersionMax, offered, config_.required, schema_digest_};
  if (resuming_) {
    hello.resume = {welcome_->epoch, welcome_->client, welcome_->resume_key, peer_.reliable_received()};
  }
  return hello;
}

// --- outgoing

InputSequence Client::push_input(const Input& input, Instant now) {
  if (state_ != ClientState::connected) return InputSequence{};
  last_input_ = InputSequence{last_input_.value + 1};
  if (inputs_.full()) {
    observer_.on_input_overflow(inputs_.front().sequence, now);
    inputs_.pop();
  }
  inputs_.push({last_input_, view().tick(), input});
  return last_input_;
}

SendStatus Client::send(const AppMessage& message) {
  return connected() ? peer_.send_reliable(message) : SendStatus::closed;
}

SendStatus Client::send_latest(std::uint16_t key, Bytes bytes) {
  return connected() ? peer_.send_latest(key, bytes) : SendStatus::closed;
}

std::optional<std::uint64_t> Client::view_digest(Tick tick) const {
  const SeenState& seen = seen_[tick.value % seen_.size()];
  if (seen.tick != tick || tick == Tick{}) return std::nullopt;
  return seen.digest;
}

bool Client::has_due(Instant now) const {
  if (state_ == ClientState::idle) return false;
  const bool waits = hello_due_ || leave_due_ || close_due_ || !outbox_.empty() || !inputs_.empty();
  return waits || (state_ == ClientState::connected && peer_.has_due(now));
}

void Client::fill_outbox() {
  const bool is_free = outbox_.empty();
  FrameWriter writer{outbox_.frames, outbox_.breakdown};
  if (is_free) write_due(writer);
  if (leave_due_) {
    leave_due_ = false;
    writer.write_leave();
  }
  writer.finish();
}

void Client::write_due(FrameWriter& writer) {
  if (hello_due_) {
    hello_due_ = false;
    Hello said = hello();
    if (config_.token && !resuming_) {
      said.token = config_.token->token.bytes;
      encode_body(said, hello_body_);
    }
    writer.write(said);
  }
  if (proof_due_) writer.write(*std::exchange(proof_due_, {}));
  if (state_ == ClientState::connecting) return;
  if (peer_.has_due(now_)) peer_.write_due(writer, now_);
  for (; !inputs_.empty(); inputs_.pop()) writer.write(inputs_.front());
}

void Client::flush(PacketSink& sink) {
  if (over_datagrams()) {
    flush_datagrams(sink);
  } else {
    flush_stream(sink);
  }
  if (close_due_) {
    close_due_ = false;
    sink.close(PeerId{});
  }
}

void Client::flush_stream(PacketSink& sink) {
  if (state_ != ClientState::idle) fill_outbox();
  if (!outbox_.empty()) {
    std::shared_ptr<Payload> head = heads_.acquire();
    head->bytes.assign(outbox_.frames.begin(), outbox_.frames.end());
    const OutgoingMessage message{PayloadPool::seal(std::move(head)), {}};
    if (send_packet(message, outbox_.breakdown, sink) == SendStatus::accepted) outbox_.clear();
  }
  if (state_ == ClientState::leaving && outbox_.empty()) close(DisconnectReason::left, now_);
}

SendStatus Client::send_packet(const OutgoingMessage& message, const PacketBreakdown& breakdown,
                               PacketSink& sink) {
  const SendStatus status = sink.send(PeerId{}, message);
  if (status == SendStatus::accepted) {
    observer_.on_packet(breakdown, now_);
  } else {
    observer_.on_send_refused(status, now_);
  }
  return status;
}

}  // namespace netrig
