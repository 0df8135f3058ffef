#include "netrig/core/world/schema.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/core/base/bytes.h"
#include "netrig/core/base/digest.h"

namespace netrig {
namespace {

// A StateUpdate as venture lays it out: timestamp 8, entity 8, priority 1, sequence 4, component count 2;
// then each component with the lengths of its type (2) and of its data (4).
constexpr std::size_t kV1FixedBytes = 8 + 8 + 1 + 4 + 2;
constexpr std::size_t kV1ComponentFixedBytes = 2 + 4;

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= Schema::kNameBytesMax;
}

// Whether an item before `items[index]` has its name. Quadratic, over a few dozen names read once.
template <class Named>
bool repeats_name(const std::vector<Named>& items, std::size_t index) {
  const auto end = items.begin() + static_cast<std::ptrdiff_t>(index);
  return std::any_of(items.begin(), end, [&](const Named& item) { return item.name == items[index].name; });
}

bool has_sound_range(const FieldSpec& field) {
  if (field.min > field.max || field.steps_per_unit < 1) return false;
  if (field.kind == FieldKind::bytes) {
    const bool has_size = field.bytes_size >= 1 && field.bytes_size <= Schema::kFieldBytesMax;
    return has_size && field.min == 0 && field.max == 0;
  }
  if (field.bytes_size != 0) return false;
  if (field.kind == FieldKind::flag) return field.min == 0 && field.max == 1;
  if (field.kind == FieldKind::angle) return field.min == 0 && field.max > 0;
  return true;
}

bool encoding_holds_range(const FieldSpec& field) {
  if ((field.kind == FieldKind::bytes) != (field.v1 == V1Encoding::bytes)) return false;
  switch (field.v1) {
    case V1Encoding::i8:
      return field.min >= INT8_MIN && field.max <= INT8_MAX;
    case V1Encoding::u32:
    case V1Encoding::u64:
      return field.min >= 0;
    case V1Encoding::f64:  // 53 bits of mantissa hold any int32 over any int32
    case V1Encoding::bytes:
      return true;
  }
  return false;
}

std::optional<SchemaError> find_error(const ComponentSpec& component) {
  if (component.fields.empty()) return SchemaError::no_fields;
  for (std::size_t i = 0; i < component.fields.size(); ++i) {
    const FieldSpec& field = component.fields[i];
    if (!is_name(field.name)) return SchemaError::bad_name;
    if (repeats_name(component.fields, i)) return SchemaError::duplicate_name;
    if (!has_sound_range(field)) return SchemaError::bad_range;
    if (!encoding_holds_range(field)) return SchemaError::encoding_cannot_hold_range;
  }
  return std::nullopt;
}

std::optional<SchemaError> find_error(const std::vector<ComponentSpec>& components) {
  if (components.empty()) return SchemaError::no_components;
  if (components.size() > Schema::kComponentsMax) return SchemaError::too_many_components;
  for (std::size_t i = 0; i < components.size(); ++i) {
    if (!is_name(components[i].name)) return SchemaError::bad_name;
    if (repeats_name(components, i)) return SchemaError::duplicate_name;
    if (const auto error = find_error(components[i])) return error;
  }
  return std::nullopt;
}

void write_name(ByteWriter& writer, std::string_view name) {
  writer.u32(static_cast<std::uint32_t>(name.size()));
  writer.bytes(bytes_of(name));
}

void write_field(ByteWriter& writer, const FieldSpec& field) {
  write_name(writer, field.name);
  writer.u8(static_cast<std::uint8_t>(field.kind));
  writer.u32(static_cast<std::uint32_t>(field.min));
  writer.u32(static_cast<std::uint32_t>(field.max));
  writer.u32(static_cast<std::uint32_t>(field.steps_per_unit));
  writer.u8(static_cast<std::uint8_t>(field.v1));
  writer.u32(static_cast<std::uint32_t>(field.bytes_size));
  writer.u8(static_cast<std::uint8_t>(field.extrapolation));
}

std::uint64_t schema_digest(const std::vector<ComponentSpec>& components) {
  std::vector<std::uint8_t> description;
  ByteWriter writer(description);
  for (const ComponentSpec& component : components) {
    write_name(writer, component.name);
    writer.u32(static_cast<std::uint32_t>(component.fields.size()));
    for (const FieldSpec& field : component.fields) write_field(writer, field);
  }
  return digest_of(description);
}

}  // namespace

std::string_view text(SchemaError error) {
  switch (error) {
    case SchemaError::no_components:
      return "a schema needs at least one component";
    case SchemaError::too_many_components:
      return "a schema has at most 64 components";
    case SchemaError::bad_name:
      return "a name has 1 to 64 bytes";
    case SchemaError::duplicate_name:
      return "two components, or two fields of one component, have the same name";
    case SchemaError::no_fields:
      return "a component needs at least one field";
    case SchemaError::bad_range:
      return "a field's range, step or size is not one that its kind can have";
    case SchemaError::encoding_cannot_hold_range:
      return "a field's encoding cannot hold its range";
    case SchemaError::too_large:
      return "one entity's state is larger than a message may be";
  }
  return "unknown schema error";
}

std::size_t FieldSpec::v1_bytes() const {
  switch (v1) {
    case V1Encoding::i8:
      return 1;
    case V1Encoding::u32:
      return 4;
    case V1Encoding::f64:
    case V1Encoding::u64:
      return 8;
    case V1Encoding::bytes:
      return bytes_size;
  }
  return 0;
}

std::size_t ComponentSpec::v1_data_bytes() const {
  std::size_t bytes = 0;
  for (const FieldSpec& field : fields) bytes += field.v1_bytes();
  return bytes;
}

Result<Schema, SchemaError> Schema::make(std::vector<ComponentSpec> components) {
  if (const auto error = find_error(components)) return *error;
  Schema schema;
  schema.v1_state_update_bytes_ = kV1FixedBytes;
  for (const ComponentSpec& component : components) {
    schema.v1_data_offsets_.push_back(schema.v1_state_update_bytes_ + kV1ComponentFixedBytes +
                                      component.name.size());
    schema.v1_state_update_bytes_ = schema.v1_data_offsets_.back() + component.v1_data_bytes();
    for (const FieldSpec& field : component.fields) schema.columns_ += field.columns();
  }
  if (schema.v1_state_update_bytes_ > kStateUpdateBytesMax) return SchemaError::too_large;
  schema.digest_ = schema_digest(components);
  schema.components_ = std::move(components);
  return schema;
}

std::size_t Schema::column_of(std::string_view component, std::string_view field) const {
  std::size_t column = 0;
  for (const ComponentSpec& candidate : components_) {
    for (const FieldSpec& spec : candidate.fields) {
      if (candidate.name == component && spec.name == field) return column;
      column += spec.columns();
    }
  }
  const bool field_exists = false;
  NETRIG_ASSERT(field_exists);
  return columns_;
}

}  // namespace netrig
