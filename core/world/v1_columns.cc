#include "netrig/core/world/v1_columns.h"

#include <bit>
#include <cstring>
#include <limits>

#include "netrig/core/base/assert.h"

namespace netrig {
namespace {

static_assert(std::numeric_limits<double>::is_iec559);

double f64_value(std::int32_t value, double steps_per_unit) {
  return static_cast<double>(value) / steps_per_unit;
}

bool is_between(std::int32_t value, std::int32_t min, std::int32_t max) {
  return min <= value && value <= max;
}

// Added to a number, it leaves no place for a fraction: the sum is rounded to the nearest integer, which
// stands in its low bits. 1.5 x 2^52, for numbers up to 2^51 either way.
constexpr double kRounding = 6755399441055744.0;

// The int32 nearest to the value in steps, and whether it is the one: only then does it give the same bits
// again. No branch, because it is nearly always right.
std::int32_t nearest_f64(std::uint64_t bits, double steps_per_unit, bool& exact) {
  const double shifted = std::bit_cast<double>(bits) * steps_per_unit + kRounding;
  const auto value =
      static_cast<std::int32_t>(static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(shifted)));
  exact = std::bit_cast<std::uint64_t>(f64_value(value, steps_per_unit)) == bits;
  return value;
}

bool read_f64(std::uint64_t bits, double steps_per_unit, std::int32_t min, std::int32_t max,
              std::int32_t& value) {
  bool exact = false;
  value = nearest_f64(bits, steps_per_unit, exact);
  return exact && is_between(value, min, max);
}

bool read_unsigned(std::uint64_t wire, std::int32_t min, std::int32_t max, std::int32_t& value) {
  if (wire > static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max())) return false;
  value = static_cast<std::int32_t>(wire);
  return is_between(value, min, max);
}

constexpr std::size_t kBytesPerColumn = sizeof(std::int32_t);

void write_bytes(const std::int32_t* columns, std::uint8_t* to, std::size_t bytes) {
  for (; bytes >= kBytesPerColumn; bytes -= kBytesPerColumn, to += kBytesPerColumn)
    store_little_endian(to, static_cast<std::uint32_t>(*columns++));
  if (bytes == 0) return;
  std::uint8_t last[kBytesPerColumn];
  store_little_endian(last, static_cast<std::uint32_t>(*columns));
  for (std::size_t i = bytes; i < kBytesPerColumn; ++i) NETRIG_ASSERT(last[i] == 0);
  std::memcpy(to, last, bytes);
}

void read_bytes(const std::uint8_t* from, std::int32_t* columns, std::size_t bytes) {
  for (; bytes >= kBytesPerColumn; bytes -= kBytesPerColumn, from += kBytesPerColumn)
    *columns++ = static_cast<std::int32_t>(load_little_endian<std::uint32_t>(from));
  if (bytes == 0) return;
  std::uint8_t last[kBytesPerColumn] = {};
  std::memcpy(last, from, bytes);
  *columns = static_cast<std::int32_t>(load_little_endian<std::uint32_t>(last));
}

}  // namespace

V1Columns::V1Columns(const Schema& schema)
    : columns_(schema.columns()), state_update_bytes_(schema.v1_state_update_bytes()) {
  std::size_t column = 0;
  for (const ComponentSpec& component : schema.components()) {
    std::size_t offset = schema.v1_data_offset(components_.size());
    components_.push_back({offset, component.v1_data_bytes(), steps_.size(), 0});
    for (const FieldSpec& field : component.fields) {
      steps_.push_back({.steps_per_unit = static_cast<double>(field.steps_per_unit),
                        .min = field.min,
                        .max = field.max,
                        .column = static_cast<std::uint32_t>(column),
                        .offset = static_cast<std::uint32_t>(offset),
                        .bytes = static_cast<std::uint32_t>(field.v1_bytes()),
                        .encoding = field.v1});
      column += field.columns();
      offset += field.v1_bytes();
    }
    components_.back().steps_end = steps_.size();
  }
  pair_up();
}

void V1Columns::pair_up() {
  const auto both = [](double low, double high) {
    return Lanes{std::bit_cast<std::uint64_t>(low), std::bit_cast<std::uint64_t>(high)};
  };
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    const Step* const next = i + 1 < steps_.size() ? &steps_[i + 1] : nullptr;
    const bool is_pair = next && step.encoding == V1Encoding::f64 && next->encoding == V1Encoding::f64 &&
                         next->offset == step.offset + sizeof(double) && next->column == step.column + 1;
    if (!is_pair) {
      other_steps_.push_back(step);
      continue;
    }
    pairs_.push_back({both(step.steps_per_unit, next->steps_per_unit), both(step.min, next->min),
                      both(step.max, next->max), step.offset, step.column});
    ++i;
  }
}

// As read_f64 does it, for two at once. Zero when both are right.
inline Lanes V1Columns::read_pair(const F64Pair& pair, const std::uint8_t* from, std::int32_t* to) {
  const Lanes wire = Lanes::load(from);
  const Lanes shifted = plus(times(wire, pair.steps_per_unit), Lanes::of(kRounding));
  const Lanes value = minus(shifted, Lanes::of(kRounding));
  shifted.store_low_halves(to);
  return (over(value, pair.steps_per_unit) ^ wire) | is_not_at_least(value, pair.min) |
         is_not_at_least(pair.max, value);
}

inline void V1Columns::write_step(const Step& step, const std::int32_t* row, std::uint8_t* to) {
  const std::int32_t* columns = row + step.column;
  if (step.encoding == V1Encoding::bytes) return write_bytes(columns, to, step.bytes);
  const std::int32_t value = *columns;
  NETRIG_ASSERT(is_between(value, step.min, step.max));
  if (step.encoding == V1Encoding::f64)
    store_little_endian(to, std::bit_cast<std::uint64_t>(f64_value(value, step.steps_per_unit)));
  else if (step.encoding == V1Encoding::u64)
    store_little_endian(to, static_cast<std::uint64_t>(value));
  else if (step.encoding == V1Encoding::u32)
    store_little_endian(to, static_cast<std::uint32_t>(value));
  else
    *to = static_cast<std::uint8_t>(value);
}

inline bool V1Columns::read_step(const Step& step, const std::uint8_t* from, std::int32_t* row) {
  std::int32_t& value = row[step.column];
  switch (step.encoding) {
    case V1Encoding::f64:
      return read_f64(load_little_endian<std::uint64_t>(from), step.steps_per_unit, step.min, step.max,
                      value);
    case V1Encoding::i8:
      value = static_cast<std::int8_t>(*from);
      return is_between(value, step.min, step.max);
    case V1Encoding::u32:
      return read_unsigned(load_little_endian<std::uint32_t>(from), step.min, step.max, value);
    case V1Encoding::u64:
      return read_unsigned(load_little_endian<std::uint64_t>(from), step.min, step.max, value);
    case V1Encoding::bytes:
      read_bytes(from, &value, step.bytes);
      return true;
  }
  return false;
}

std::span<const V1Columns::Step> V1Columns::steps_of(const Component& component) const {
  return std::span{steps_}.subspan(component.steps_begin, component.steps_end - component.steps_begin);
}

void V1Columns::write_all(std::span<const std::int32_t> row, std::span<std::uint8_t> payload) const {
  NETRIG_ASSERT(row.size() == columns_ && payload.size() == state_update_bytes_);
  for (const Step& step : steps_) write_step(step, row.data(), payload.data() + step.offset);
}

bool V1Columns::read_all(Bytes payload, std::span<std::int32_t> row) const {
  NETRIG_ASSERT(row.size() == columns_ && payload.size() == state_update_bytes_);
  return read_rows(payload.data(), payload.size(), row);
}

// Field by field, not row by row: what belongs to a field stays in registers.
bool V1Columns::read_rows(const std::uint8_t* payloads, std::size_t stride,
                          std::span<std::int32_t> rows) const {
  NETRIG_ASSERT(rows.size() % columns_ == 0);
  const std::size_t columns = columns_;
  const std::size_t count = rows.size() / columns;
  Lanes wrong;
  for (const F64Pair pair : pairs_) {
    const std::uint8_t* from = payloads + pair.offset;
    std::int32_t* to = rows.data() + pair.column;
    for (std::size_t i = 0; i < count; ++i, from += stride, to += columns)
      wrong = wrong | read_pair(pair, from, to);
  }
  bool ok = wrong.is_zero();
  for (const Step& step : other_steps_) {
    const std::uint8_t* from = payloads + step.offset;
    std::int32_t* row = rows.data();
    for (std::size_t i = 0; i < count; ++i, from += stride, row += columns) ok &= read_step(step, from, row);
  }
  return ok;
}

void V1Columns::write_component(std::size_t component, std::span<const std::int32_t> row,
                                std::span<std::uint8_t> data) const {
  const Component& part = components_[component];
  NETRIG_ASSERT(row.size() == columns_ && data.size() == part.data_bytes);
  for (const Step& step : steps_of(part))
    write_step(step, row.data(), data.data() + (step.offset - part.data_offset));
}

bool V1Columns::read_component(std::size_t component, Bytes data, std::span<std::int32_t> row) const {
  const Component& part = components_[component];
  NETRIG_ASSERT(row.size() == columns_);
  if (data.size() != part.data_bytes) return false;
  bool ok = true;
  for (const Step& step : steps_of(part))
    ok &= read_step(step, data.data() + (step.offset - part.data_offset), row.data());
  return ok;
}

}  // namespace netrig
