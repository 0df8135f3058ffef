// What an entity is made of: components of typed fields, held as int32 columns. Everything that writes
// entities to the wire follows the schema, so a game brings its own components without an edit in core.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/base/result.h"

namespace netrig {

// How a field's int32 appears in a v1 component. Decoding returns the same int32 exactly; anything else is an
// error.
enum class V1Encoding : std::uint8_t {
  f64,    // value / steps_per_unit as an IEEE double: one int-to-double and one division
  i8,     // one byte, two's complement
  u32,    // four bytes; the value is not negative
  u64,    // eight bytes; the value is not negative
  bytes,  // `bytes_size` raw bytes, four to a column, little-endian, the unused rest of the last column zero
};

enum class FieldKind : std::uint8_t { integer, flag, angle, bytes };

// How replication may guess the value between snapshots (used by delta replication and interpolation).
enum class Extrapolation : std::uint8_t { hold, linear };

struct FieldSpec {
  std::string name;
  FieldKind kind = FieldKind::integer;
  std::int32_t min = 0;             // inclusive; values outside are refused on decode
  std::int32_t max = 0;             // inclusive
  std::int32_t steps_per_unit = 1;  // 1000: the int32 counts thousandths of a unit
  V1Encoding v1 = V1Encoding::f64;
  std::size_t bytes_size = 0;  // kind bytes only: 1-64
  Extrapolation extrapolation = Extrapolation::hold;

  std::size_t columns() const { return kind == FieldKind::bytes ? (bytes_size + 3) / 4 : 1; }
  std::size_t v1_bytes() const;
};

struct ComponentSpec {
  std::string name;  // 1-64 bytes; the component's type on the wire
  std::vector<FieldSpec> fields;

  std::size_t v1_data_bytes() const;  // of the component's data in a StateUpdate: its fields, side by side
};

enum class SchemaError : std::uint8_t {
  no_components,
  too_many_components,
  bad_name,
  duplicate_name,
  no_fields,
  bad_range,
  encoding_cannot_hold_range,
  too_large,
};
std::string_view text(SchemaError error);

class Schema {
 public:
  static constexpr std::size_t kComponentsMax = 64;  // also the bound on a StateUpdate in a session
  static constexpr std::size_t kNameBytesMax = 64;
  static constexpr std::size_t kFieldBytesMax = 64;  // of one field of kind bytes
  // One entity in one frame: 64 KiB less 4 KiB for the message around it. Bounds the fields too, of which
  // each takes a byte at least.
  static constexpr std::size_t kStateUpdateBytesMax = 60 * 1024;

  // Checks names, ranges and that every field's encoding holds its range: a flag is 0 to 1, an angle begins
  // at 0, bytes have encoding bytes and no range, and nothing else has a bytes_size.
  static Result<Schema, SchemaError> make(std::vector<ComponentSpec> components);

  std::span<const ComponentSpec> components() const { return components_; }
  std::size_t columns() const { return columns_; }  // int32 columns of one entity
  // One entity as a StateUpdate payload with all components in order.
  std::size_t v1_state_update_bytes() const { return v1_state_update_bytes_; }
  // Where the data of a component begins in that payload.
  std::size_t v1_data_offset(std::size_t component) const { return v1_data_offsets_[component]; }
  // Equal schemas have equal digests, on every machine.
  std::uint64_t digest() const { return digest_; }

  // The first column of a field, by names; components().size() etc. are the caller's to know. Asserts that it
  // exists.
  std::size_t column_of(std::string_view component, std::string_view field) const;

 private:
  std::vector<ComponentSpec> components_;
  std::vector<std::size_t> v1_data_offsets_;  // one for each component
  std::size_t columns_ = 0;
  std::size_t v1_state_update_bytes_ = 0;
  std::uint64_t digest_ = 0;
};

}  // namespace netrig
