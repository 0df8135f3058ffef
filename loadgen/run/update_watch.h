// What one client of the venture dialect can tell of its server: when updates come, how they are numbered,
// and when they do not come. Records while measuring only, as the recorder does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "netrig/core/base/ids.h"
#include "netrig/core/base/time.h"
#include "netrig/metrics/recorder/recorder.h"

namespace netrig::loadgen {

// A silence that a player notices: five updates that did not come, and a fifth of a second at least.
constexpr std::uint32_t kStallUpdates = 5;
constexpr Duration kStallMin = 200ms;
Duration stall_after(std::uint32_t updates_hz);

class UpdateWatch {
 public:
  // Entities whose intervals are measured; those beyond count in everything else. 4,096 x 24 B.
  static constexpr std::size_t kEntitiesMax = 4'096;

  // The recorder outlives it.
  UpdateWatch(metrics::Recorder& recorder, std::uint32_t client, Duration stall_after)
      : recorder_(recorder), client_(client), stall_after_(stall_after) {}

  void restart();  // a new connection
  void on_update(EntityId entity, std::uint32_t sequence, Instant now);
  // At each of the client's input times, from its first update on.
  void look(Instant now);

 private:
  struct Seen {
    EntityId entity;
    Instant at;
    std::optional<Duration> interval{};
  };

  void follow_sequence(std::uint32_t sequence);
  void follow_entity(EntityId entity, Instant now);
  Seen* find(EntityId entity);
  void note_silence(Duration silence);

  metrics::Recorder& recorder_;
  std::uint32_t client_;
  Duration stall_after_;
  std::optional<std::uint32_t> sequence_;
  std::optional<Instant> newest_at_;
  bool stalled_ = false;    // and counted
  std::vector<Seen> seen_;  // by entity
  std::size_t next_ = 0;    // where the next update is usually found: they come in order
};

}  // namespace netrig::loadgen
