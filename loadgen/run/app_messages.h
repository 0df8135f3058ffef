// A game's own messages in a run: counted by kind, and heard by its referee once a tick.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "netrig/core/base/ids.h"
#include "netrig/core/server/server.h"
#include "netrig/loadgen/game/game.h"
#include "netrig/loadgen/report/run_result.h"
#include "netrig/metrics/catalog.h"

namespace netrig::loadgen {

// What was sent and what arrived, by kind and direction. Kinds that the game has not named are one, "other".
class AppMessageCounts {
 public:
  explicit AppMessageCounts(const GameKind& game);

  void sent(metrics::Direction direction, const AppMessage& message);
  void received(metrics::Direction direction, const AppMessage& message);
  void merge(const AppMessageCounts& other);  // of the same game

  // Those of which there was any, downstream first, in the order of registration.
  std::vector<AppMessageResult> results() const;

 private:
  struct Row {
    std::uint16_t kind = 0;
    std::string name;
    std::array<AppMessageResult, 2> by_direction;
  };

  AppMessageResult& at(metrics::Direction direction, std::uint16_t kind);

  std::vector<Row> rows_;  // the last: all others
};

// Keeps what the server hears and what the world reports during a tick, and lets the game's referee answer
// when the tick is over: an observer must not call the server back.
class RefereeDesk final : PlayerMessages {
 public:
  // What one tick may leave waiting. 10,000 players with 6 messages each; more are dropped and counted.
  static constexpr std::size_t kWaitingMax = 65'536;
  // What one player's messages may take of it, with what is kept besides each: nobody fills it alone.
  static constexpr std::size_t kWaitingBytesOfPlayerMax = 256 * 1024;

  // All of them outlive the desk. `measuring`: whether counts are kept now.
  RefereeDesk(const Game& game, Server& server, AppMessageCounts& counts, const bool& measuring);

  void on_message(ClientId from, const AppMessage& message);
  void on_event(std::uint16_t kind, EntityId subject, EntityId object);
  // Outside the server's calls, before its flush.
  void answer();

  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Waiting {
    bool is_event = false;
    ClientId from;
    std::uint16_t kind = 0;
    EntityId subject;
    EntityId object;
    std::vector<std::uint8_t> bytes;
  };

  SendStatus send(ClientId client, const AppMessage& message) override;
  SendStatus send_latest(ClientId client, std::uint16_t kind, Bytes bytes) override;
  std::size_t broadcast(const AppMessage& message) override;
  bool has_room();
  bool has_room_for(ClientId from, std::size_t bytes);

  std::unique_ptr<Referee> referee_;  // null: nobody listens
  Server& server_;
  AppMessageCounts& counts_;
  const bool& measuring_;
  std::vector<Waiting> waiting_;
  std::map<ClientId, std::size_t> waiting_bytes_;
  std::uint64_t dropped_ = 0;
};

}  // namespace netrig::loadgen
