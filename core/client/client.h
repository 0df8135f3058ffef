// A player's side of the session, without a socket, a thread or a clock (shape: core/base/endpoint.h). Says
// hello, sends inputs, keeps the newest state. The driver owns the connection: it passes bytes in, calls
// advance() at next_deadline() and pulls what is to be sent with flush(). The states and their changes:
// core/protocol/STATES.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "netrig/core/base/entropy.h"
#include "netrig/core/base/ids.h"
#include "netrig/core/base/payload.h"
#include "netrig/core/base/ring.h"
#include "netrig/core/client/client_observer.h"
#include "netrig/core/protocol/client_handshake.h"
#include "netrig/core/protocol/limits.h"
#include "netrig/core/protocol/outbox.h"
#include "netrig/core/protocol/peer.h"
#include "netrig/core/protocol/token.h"
#include "netrig/core/replication/full_state.h"
#include "netrig/core/replication/full_state_assembler.h"
#include "netrig/core/world/schema.h"

namespace netrig {

enum class ClientState : std::uint8_t {
  idle,        // before connect(), and after a session is over
  connecting,  // hello queued or sent, no answer yet
  connected,
  leaving,  // disconnect() was called: the next flush says goodbye
};

// Over datagrams the client makes the handshake itself (core/protocol/client_handshake.h).
struct DatagramOptions {
  Entropy* entropy = nullptr;  // of its keys; outlives the client
  bool encrypted = true;       // no: a session that anybody on the way can read and change
};

struct ClientConfig {
  Horizon horizon;  // tick_rate_hz: the fastest pace at which inputs are pushed
  Features offered = 0;
  Features required = 0;
  std::optional<DatagramOptions> datagrams{};  // nothing: over a byte stream
  // For connect(); resume() needs none. With it, only a server that can open it is answered.
  std::optional<ClientToken> token{};
  bool reports_received = false;  // on_packet_received: one more look at every packet
};

class Client {
 public:
  // Schema and observer outlive the client.
  Client(const ClientConfig& config, const Schema& schema, ClientObserver& observer);

  // The token of the next connect(): each is good for one session.
  void use_token(const ClientToken& token) { config_.token = token; }
  // A proof waits for the next flush: the server has challenged the token.
  bool has_proof_due() const { return proof_due_.has_value(); }

  // Begins a session on a fresh connection. Only when idle; may follow any earlier session.
  void connect(Instant now);
  // Goes on with the last session on a fresh connection, or begins a new one if the server no longer has it.
  // Only when idle and can_resume(). Until it is connected, view() is what was seen last, not what is.
  void resume(Instant now);
  // A session whose connection broke may go on, until the server's grace is over.
  bool can_resume() const { return can_resume_; }
  // Leaves gracefully: one last flush says so and closes. No effect when idle.
  void disconnect(Instant now);
  // The connection is gone. No effect when idle.
  void on_connection_lost(Instant now);

  // Any bytes are safe, in any order.
  void receive(Bytes bytes, Instant now);
  void advance(Instant now);
  std::optional<Instant> next_deadline() const;
  // Something waits for the next flush: a first or last word, an input, a message, an answer, an ack, a ping,
  // or what the connection has refused.
  bool has_due(Instant now) const;
  void flush(PacketSink& sink);  // the one peer it sends to is PeerId{}

  // Queues one input for the next flush. Returns its number, or 0 when not connected.
  InputSequence push_input(const Input& input, Instant now);
  SendStatus send(const AppMessage& message);  // reliable, in order; `closed` when not connected
  SendStatus send_latest(std::uint16_t key, Bytes bytes);

  ClientState state() const { return state_; }
  bool connected() const { return state_ == ClientState::connected; }
  const std::optional<Welcome>& welcome() const { return welcome_; }  // of this or the last session
  // The last refusal or goodbye, for a person; empty when there was none.
  const std::string& last_message() const { return last_message_; }
  // The newest complete state, empty before the first. Valid until the next receive().
  const Snapshot& view() const { return over_datagrams() ? assembler_.newest() : reader_.newest(); }
  // Of the state of that tick as this client saw it. Nothing when it did not, or the tick has left history.
  std::optional<std::uint64_t> view_digest(Tick tick) const;
  InputSequence input_ack() const { return input_ack_; }
  const RttEstimator& rtt() const { return peer_.rtt(); }
  const Peer& peer() const { return peer_; }

 private:
  struct RepeatedInput {
    InputMessage input;
    int copies_left = 0;
  };
  struct SeenState {
    Tick tick;
    std::uint64_t digest = 0;
  };

  bool over_datagrams() const { return config_.datagrams.has_value(); }
  Hello hello() const;
  void begin(Instant now);
  void begin_handshake(Instant now);
  void on_handshake(Bytes datagram, Instant now);
  void receive_datagram(Bytes datagram, Instant now);
  void on_datagram_message(const RawMessage& message, Instant now);
  void on_state_message(const RawMessage& message, Instant now);
  void flush_handshake(PacketSink& sink);
  void flush_datagrams(PacketSink& sink);
  void flush_stream(PacketSink& sink);
  void write_inputs(DatagramWriter& writer);
  SendStatus send_packet(const OutgoingMessage& message, const PacketBreakdown& breakdown, PacketSink& sink);
  void forget_session();
  void on_welcome(const Welcome& welcome, Instant now);
  void on_packet(Bytes packet, Instant now);
  void report_received(PacketBreakdown messages, std::size_t bytes, Instant now);
  bool stage_state(Bytes messages, Instant now);
  bool begin_state(const StateHeader& header);
  void on_pong(const Pong& pong, Instant now);
  void on_message(const RawMessage& message, Instant now);
  void on_answer(const RawMessage& answer, Instant now);
  void on_challenge(const Challenge& challenge, Instant now);
  bool is_acceptable(const Welcome& welcome) const;
  void publish_state(const Snapshot& state, const StateHeader& header, Instant now);
  void fault(PeerFault fault, Instant now);
  void close(DisconnectReason reason, Instant now);
  void fill_outbox();
  void write_due(FrameWriter& writer);

  ClientConfig config_;
  Windows windows_;
  std::uint64_t schema_digest_;
  ClientObserver& observer_;

  ClientState state_ = ClientState::idle;
  Instant now_;
  Instant connect_started_;
  Peer peer_;
  Outbox outbox_;
  bool can_resume_ = false;
  bool resuming_ = false;
  bool hello_due_ = false;
  std::vector<std::uint8_t> hello_body_;  // as it was sent with a token; empty without one
  std::optional<Proof> proof_due_;
  bool has_proved_ = false;
  bool leave_due_ = false;
  bool close_due_ = false;
  std::uint32_t bad_packets_ = 0;
  std::optional<Welcome> welcome_;
  std::string last_message_;

  Ring<InputMessage> inputs_;  // pushed and not flushed yet
  InputSequence last_input_;
  InputSequence input_ack_;

  FullStateReader reader_;
  // Over datagrams.
  FullStateAssembler assembler_;
  std::optional<ClientHandshake> handshake_;
  std::vector<RepeatedInput> repeated_;  // oldest first
  std::vector<SeenState> seen_;          // by tick modulo its size, windows_.history_ticks
  PayloadPool heads_;
};

}  // namespace netrig
