// A session in the original dialect: commands go out from the first moment on, and updates are watched.
#pragma once

#include <memory>
#include <optional>

#include "netrig/core/client/venture_client.h"
#include "netrig/core/world/v1_inputs.h"
#include "netrig/loadgen/run/client_session.h"
#include "netrig/loadgen/run/update_watch.h"
#include "netrig/loadgen/run/virtual_client.h"

namespace netrig::loadgen {

class VentureSession final : public ClientSession, VentureClientObserver {
 public:
  // Environment and owner outlive it.
  VentureSession(const ClientEnvironment& environment, const VirtualClientPlan& plan, SessionOwner& owner);

  void open(Instant local) override;
  void leave(Instant local) override { client_.disconnect(local); }
  void on_connection_lost(Instant local) override { client_.on_connection_lost(local); }

  void receive(Bytes bytes, Instant local) override { client_.receive(bytes, local); }
  void advance(Instant local) override { client_.advance(local); }
  std::optional<Instant> next_deadline() const override { return client_.next_deadline(); }
  bool has_due(Instant) const override { return client_.has_due(); }
  void flush(PacketSink& sink) override { client_.flush(sink); }

  ClientState state() const override { return client_.state(); }
  const Snapshot& view() const override { return nothing_; }
  // Nobody tells it whether it may.
  bool sends_inputs() const override {
    return client_.state() == ClientState::connecting || client_.connected();
  }
  bool watches() const override { return false; }

  void on_input_time() override;
  void push_input(const Input& input, Instant planned, Instant local) override;

 private:
  // VentureClientObserver
  void on_connected(Instant now) override;
  void on_update(const venture::StateUpdateView& update, Instant now) override;
  void on_closed(DisconnectReason reason, Instant now) override;
  void on_packet(const PacketBreakdown& packet, Instant now) override;
  void on_packet_received(const PacketBreakdown& packet, Instant now) override;
  void on_send_refused(SendStatus status, Instant now) override;
  void on_fault(PeerFault fault, Instant now) override;

  const ClientEnvironment& environment_;
  std::uint32_t index_;
  SessionOwner& owner_;
  std::unique_ptr<V1Inputs> inputs_;
  VentureClient client_;
  UpdateWatch watch_;
  Snapshot nothing_;  // whose entities are which, and what they are made of, is the server's secret
  bool in_session_ = false;
  std::optional<std::uint64_t> timestamp_;  // of the newest update
};

}  // namespace netrig::loadgen
