// The state of every entity at one tick, as int32 columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "netrig/core/base/assert.h"
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
  }
  // Appends a row for `id`, which is greater than every id before it. Its values are whatever stood there
  // before: the caller writes every column. Valid until the next add or reset.
  std::span<std::int32_t> add(EntityId id) {
    NETRIG_ASSERT(ids_.empty() || ids_.back() < id);
    ids_.push_back(id);
    const std::size_t end = ids_.size() * columns_;
    if (values_.size() < end) values_.resize(2 * end);
    return {values_.data() + end - columns_, columns_};
  }
  // Appends rows at once. The caller writes every id, ascending and above those before, and every column; or
  // drops the rows again. Valid until the next add or reset.
  struct Rows {
    std::span<EntityId> ids;
    std::span<std::int32_t> values;  // row by row
  };
  Rows add_rows(std::size_t count) {
    const std::size_t before = ids_.size();
    ids_.resize(before + count);
    const std::size_t end = ids_.size() * columns_;
    if (values_.size() < end) values_.resize(2 * end);
    return {std::span{ids_}.subspan(before), std::span{values_}.subspan(before * columns_, count * columns_)};
  }
  void drop_rows(std::size_t count) { ids_.resize(ids_.size() - count); }

  Tick tick() const { return tick_; }
  std::size_t size() const { return ids_.size(); }
  std::size_t columns() const { return columns_; }
  EntityId id(std::size_t row) const { return ids_[row]; }
  std::span<const EntityId> ids() const { return ids_; }
  std::span<const std::int32_t> row(std::size_t row) const {
    return values().subspan(row * columns_, columns_);
  }
  // The row of `id`, or size() when there is none. O(log size).
  std::size_t find(EntityId id) const;

  // Of tick, ids and values: equal on server and client, or the two have diverged.
  std::uint64_t digest() const;

  friend bool operator==(const Snapshot& a, const Snapshot& b);

 private:
  std::span<const std::int32_t> values() const { return {values_.data(), size() * columns_}; }

  Tick tick_;
  std::size_t columns_;
  std::vector<EntityId> ids_;
  std::vector<std::int32_t> values_;  // row by row; may be longer than the rows in use
};

}  // namespace netrig
