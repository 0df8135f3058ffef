// The server's side of the game: everything that is on the board.
#pragma once

#include <algorithm>
#include <map>

#include "netrig/core/base/digest.h"
#include "netrig/core/base/random.h"
#include "netrig/core/world/world.h"

#include "game.h"

namespace coins {

class Board final : public netrig::World {
 public:
  explicit Board(std::uint64_t seed) : random_(seed), coin_(add({.is_a_coin = true})) {}

  const netrig::Schema& schema() const override { return schema_; }
  netrig::EntityId spawn(netrig::ClientId) override { return add({}); }
  void despawn(netrig::EntityId entity) override { rows_.erase(entity); }

  void step(netrig::Tick, std::span<const netrig::PlayerInput> inputs, const netrig::RewindView&,
            netrig::WorldEvents& events) override {
    for (const netrig::PlayerInput& input : inputs) {
      const auto player = rows_.find(input.entity);
      const auto asked = Step::decode(input.input);
      if (player == rows_.end() || !asked) continue;
      Row& row = player->second;
      row[x] = std::clamp(row[x] + asked->dx, 0, kWidth - 1);
      row[y] = std::clamp(row[y] + asked->dy, 0, kHeight - 1);
      Row& coin = rows_[coin_];
      if (row[x] != coin[x] || row[y] != coin[y]) continue;
      row[score] = std::min(row[score] + 1, kScoreMax);
      place(coin);
      events.on_event(kCoinTaken, input.entity, coin_);
    }
  }

  void capture(netrig::Snapshot& out) const override {
    for (const auto& [id, row] : rows_) std::ranges::copy(row, out.add(id).begin());
  }
  std::uint64_t digest() const override {
    netrig::Snapshot state{kColumns};
    capture(state);
    return state.digest();
  }

 private:
  using Row = std::array<std::int32_t, kColumns>;
  struct Kind {
    bool is_a_coin = false;
  };

  netrig::EntityId add(Kind kind) {
    const netrig::EntityId id{++last_id_};
    Row& row = rows_[id] = {};
    row[is_coin] = kind.is_a_coin ? 1 : 0;
    place(row);
    return id;
  }
  void place(Row& row) {
    row[x] = static_cast<std::int32_t>(random_.below(kWidth));
    row[y] = static_cast<std::int32_t>(random_.below(kHeight));
  }

  netrig::Schema schema_ = coins::schema();
  netrig::Random random_;
  std::uint64_t last_id_ = 0;
  std::map<netrig::EntityId, Row> rows_;  // by id, as capture() has to be
  netrig::EntityId coin_;
};

}  // namespace coins
