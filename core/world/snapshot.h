// The state of every entity at one tick, as int32 columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "netrig/core/base/ids.h"

namespace netrig {

// Rows are entities, in ascending order of id; columns follow the schema. Storage is entity-major (all
// columns of one entity side by side), because whole entities are what is encoded, decoded and compared.
// Reused from tick to tick: reset() keeps the capacity.
class Snapshot {
 public:
  explicit Snapshot(std::size_t columns = 0) : columns_(columns) {}

  void reset(Tick tick) {
    tick_ = tick;
    ids_.clear();
    values_.clear();
  }
  // Appends a row of zeros for `id`, which is greater than every id before it. Valid until the next add or
  // reset.
  std::span<std::int32_t> add(EntityId id);

  Tick tick() const { return tick_; }
  std::size_t size() const { return ids_.size(); }
  std::size_t columns() const { return columns_; }
  EntityId id(std::size_t row) const { return ids_[row]; }
  std::span<const EntityId> ids() const { return ids_; }
  std::span<const std::int32_t> row(std::size_t row) const {
    return std::span{values_}.subspan(row * columns_, columns_);
  }
  // The row of `id`, or size() when there is none. O(log size).
  std::size_t find(EntityId id) const;

  // Of tick, ids and values: equal on server and client, or the two have diverged.
  std::uint64_t digest() const;

  friend bool operator==(const Snapshot&, const Snapshot&) = default;

 private:
  Tick tick_;
  std::size_t columns_;
  std::vector<EntityId> ids_;
  std::vector<std::int32_t> values_;  // size() * columns_
};

}  // namespace netrig
