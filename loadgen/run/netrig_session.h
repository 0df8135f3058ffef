// A session in the native dialect.
#pragma once

#include <optional>
#include <vector>

#include "netrig/core/base/entropy.h"
#include "netrig/core/client/client.h"
#include "netrig/loadgen/run/client_session.h"
#include "netrig/loadgen/run/virtual_client.h"

namespace netrig::loadgen {

class NetrigSession final : public ClientSession, ClientObserver {
 public:
  // Environment and owner outlive it.
  NetrigSession(const ClientEnvironment& environment, const VirtualClientPlan& plan, SessionOwner& owner);

  void open(Instant local) override;
  void leave(Instant local) override { client_.disconnect(local); }
  void on_connection_lost(Instant local) override { client_.on_connection_lost(local); }

  void receive(Bytes bytes, Instant local) override { client_.receive(bytes, local); }
  void advance(Instant local) override { client_.advance(local); }
  std::optional<Instant> next_deadline() const override { return client_.next_deadline(); }
  bool has_due(Instant local) const override { return client_.has_due(local); }
  bool answers() const override { return client_.has_proof_due(); }
  void flush(PacketSink& sink) override { client_.flush(sink); }

  ClientState state() const override { return client_.state(); }
  const Snapshot& view() const override { return client_.view(); }
  EntityId own() const override;
  bool sends_inputs() const override { return client_.connected() && (plays_unseen_ || own() != EntityId{}); }
  bool watches() const override { return client_.connected() && !sends_inputs(); }

  void push_input(const Input& input, Instant planned, Instant local) override;
  SendStatus send(const AppMessage& message) override { return client_.send(message); }
  SendStatus send_latest(std::uint16_t kind, Bytes bytes) override {
    return client_.send_latest(kind, bytes);
  }

 private:
  std::optional<Duration> age_of(Tick tick) const;

  // ClientObserver
  void on_connected(const Welcome& welcome, Instant now) override;
  void on_session_lost(std::uint32_t unacked, Instant now) override;
  void on_states_given_up(std::uint64_t count, Instant now) override;
  void on_refused(const Refuse& refuse, Instant now) override;
  void on_closed(DisconnectReason reason, Instant now) override;
  void on_state(const Snapshot& state, const StateHeader& header, InputSequence acked_before,
                Instant now) override;
  void on_app_message(const AppMessage& message, Instant now) override;
  void on_latest_message(const LatestMessage& message, Instant now) override;
  void on_packet(const PacketBreakdown& packet, Instant now) override;
  void on_packet_received(const PacketBreakdown& packet, Instant now) override;
  void on_send_refused(SendStatus status, Instant now) override;
  void on_rtt(Duration rtt, Instant now) override;
  void on_fault(PeerFault fault, Instant now) override;

  const ClientEnvironment& environment_;
  std::uint32_t index_;
  Horizon horizon_;
  bool plays_unseen_;
  SessionOwner& owner_;
  SeededEntropy entropy_;
  Client client_;
  std::vector<Instant> planned_at_;  // by input sequence modulo its size, in run time; empty before the first
  InputSequence newest_input_;
  std::optional<Duration> previous_rtt_;
};

}  // namespace netrig::loadgen
