// Between one entity's int32 columns and the component data of a v1 StateUpdate. What is read back is the
// same int32 exactly, or it is an error: nothing is rounded, clamped or guessed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "netrig/core/base/bytes.h"
#include "netrig/core/base/lanes.h"
#include "netrig/core/world/schema.h"

namespace netrig {

// The schema as a flat list of steps, one for each field. Keeps no reference to the schema; allocates only
// when it is made. A row has columns() values; a component's data has component_data_bytes() bytes.
class V1Columns {
 public:
  explicit V1Columns(const Schema& schema);

  std::size_t columns() const { return columns_; }
  std::size_t components() const { return components_.size(); }
  std::size_t component_data_bytes(std::size_t component) const { return components_[component].data_bytes; }
  // Where its data begins in a StateUpdate payload that holds all components in order, and that payload's
  // size.
  std::size_t data_offset(std::size_t component) const { return components_[component].data_offset; }
  std::size_t state_update_bytes() const { return state_update_bytes_; }

  // Writes the data of every component into such a payload, and leaves the bytes between them alone. Asserts
  // that the row keeps the schema's ranges: a world that breaks them would be refused by every client.
  void write_all(std::span<const std::int32_t> row, std::span<std::uint8_t> payload) const;
  // Reads it back. False when a value is out of range or not one that write_all gives for any int32 (NaN,
  // infinity, -0.0, half a step): `row` is then part new, part old.
  [[nodiscard]] bool read_all(Bytes payload, std::span<std::int32_t> row) const;
  // The same for the rows of many payloads, of which one begins `stride` bytes behind the other.
  [[nodiscard]] bool read_rows(const std::uint8_t* payloads, std::size_t stride,
                               std::span<std::int32_t> rows) const;

  // The same for one component whose data stands alone; the row is the whole entity's. False also when `data`
  // has another length.
  void write_component(std::size_t component, std::span<const std::int32_t> row,
                       std::span<std::uint8_t> data) const;
  [[nodiscard]] bool read_component(std::size_t component, Bytes data, std::span<std::int32_t> row) const;

 private:
  struct Step {
    double steps_per_unit;
    std::int32_t min;
    std::int32_t max;
    std::uint32_t column;
    std::uint32_t offset;  // in the payload
    std::uint32_t bytes;
    V1Encoding encoding;
  };
  struct Component {
    std::size_t data_offset;
    std::size_t data_bytes;
    std::size_t steps_begin;
    std::size_t steps_end;
  };

  std::span<const Step> steps_of(const Component& component) const;
  static void write_step(const Step& step, const std::int32_t* row, std::uint8_t* to);
  static bool read_step(const Step& step, const std::uint8_t* from, std::int32_t* row);
  void pair_up();

  std::vector<Step> steps_;  // in the order of the payload
  // The same again, for reading, which is what clients do most: nearly all fields are f64 side by side, of
  // which two are read as one.
  struct F64Pair {
    Lanes steps_per_unit;
    Lanes min;
    Lanes max;
    std::size_t offset;  // in the payload
    std::size_t column;
  };
  static Lanes read_pair(const F64Pair& pair, const std::uint8_t* from, std::int32_t* to);

  std::vector<F64Pair> pairs_;
  std::vector<Step> other_steps_;
  std::vector<Component> components_;
  std::size_t columns_;
  std::size_t state_update_bytes_;
};

}  // namespace netrig
