// Two observers as one: the second hears everything after the first.
#pragma once

#include "netrig/core/server/server_observer.h"

namespace netrig {

class ServerObservers final : public ServerObserver {
 public:
  // Both outlive it.
  ServerObservers(ServerObserver& first, ServerObserver& second) : first_(first), second_(second) {}

  void on_phase(Tick tick, TickPhase phase) override {
    tell([&](ServerObserver& each) { each.on_phase(tick, phase); });
  }
  void on_tick(Tick tick, std::uint32_t entities, std::uint64_t world_digest, Instant now) override {
    tell([&](ServerObserver& each) { each.on_tick(tick, entities, world_digest, now); });
  }
  void on_ticks_skipped(std::uint32_t count, Instant now) override {
    tell([&](ServerObserver& each) { each.on_ticks_skipped(count, now); });
  }
  void on_joined(PeerId peer, ClientId client, EntityId entity, Instant now) override {
    tell([&](ServerObserver& each) { each.on_joined(peer, client, entity, now); });
  }
  void on_detached(PeerId peer, ClientId client, Instant now) override {
    tell([&](ServerObserver& each) { each.on_detached(peer, client, now); });
  }
  void on_resumed(PeerId peer, ClientId client, EntityId entity, Instant now) override {
    tell([&](ServerObserver& each) { each.on_resumed(peer, client, entity, now); });
  }
  void on_left(PeerId peer, ClientId client, DisconnectReason reason, Instant now) override {
    tell([&](ServerObserver& each) { each.on_left(peer, client, reason, now); });
  }
  void on_refused(RefuseReason reason, Instant now) override {
    tell([&](ServerObserver& each) { each.on_refused(reason, now); });
  }
  void on_packet(PeerId peer, const PacketBreakdown& packet, Instant now) override {
    tell([&](ServerObserver& each) { each.on_packet(peer, packet, now); });
  }
  void on_send_queue(PeerId peer, std::size_t bytes, Instant now) override {
    tell([&](ServerObserver& each) { each.on_send_queue(peer, bytes, now); });
  }
  void on_input(PeerId peer, ClientId client, const InputMessage& input, Instant now) override {
    tell([&](ServerObserver& each) { each.on_input(peer, client, input, now); });
  }
  void on_input_queue(PeerId peer, std::size_t inputs, Instant now) override {
    tell([&](ServerObserver& each) { each.on_input_queue(peer, inputs, now); });
  }
  void on_state_sent(PeerId peer, Tick tick, Instant now) override {
    tell([&](ServerObserver& each) { each.on_state_sent(peer, tick, now); });
  }
  void on_send_refused(PeerId peer, SendStatus status, Instant now) override {
    tell([&](ServerObserver& each) { each.on_send_refused(peer, status, now); });
  }
  void on_state_skipped(PeerId peer, Tick tick, Instant now) override {
    tell([&](ServerObserver& each) { each.on_state_skipped(peer, tick, now); });
  }
  void on_input_dropped(PeerId peer, InputFate fate, Instant now) override {
    tell([&](ServerObserver& each) { each.on_input_dropped(peer, fate, now); });
  }
  void on_rtt(PeerId peer, Duration rtt, Instant now) override {
    tell([&](ServerObserver& each) { each.on_rtt(peer, rtt, now); });
  }
  void on_fault(PeerId peer, PeerFault fault, Instant now) override {
    tell([&](ServerObserver& each) { each.on_fault(peer, fault, now); });
  }
  void on_app_message(ClientId from, const AppMessage& message, Instant now) override {
    tell([&](ServerObserver& each) { each.on_app_message(from, message, now); });
  }
  void on_latest_message(ClientId from, const LatestMessage& message, Instant now) override {
    tell([&](ServerObserver& each) { each.on_latest_message(from, message, now); });
  }
  void on_world_event(Tick tick, std::uint16_t kind, EntityId subject, EntityId object) override {
    tell([&](ServerObserver& each) { each.on_world_event(tick, kind, subject, object); });
  }

 private:
  template <class What>
  void tell(const What& what) {
    what(first_);
    what(second_);
  }

  ServerObserver& first_;
  ServerObserver& second_;
};

}  // namespace netrig
