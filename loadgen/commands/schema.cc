#include "netrig/loadgen/commands/schema.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <fmt/format.h>
#include <memory>
#include <string_view>
#include <system_error>

#include "netrig/core/base/assert.h"
#include "netrig/loadgen/io/json_writer.h"
#include "netrig/loadgen/io/units.h"
#include "netrig/loadgen/scenario/scenario_decode.h"
#include "netrig/loadgen/scenario/shape.h"

namespace netrig::loadgen {
namespace {

using Layout = JsonWriter::Layout;
using Type = ValueShape::Type;

// ${NAME} in a value stands for anything: what the variable holds is not known here.
constexpr std::string_view kVariablePattern = R"(\$\{)";

struct Definition {
  Type type;
  std::string_view name;
  QuantityKind quantity;
};
constexpr std::array<Definition, 7> kDefinitions{{{Type::duration, "duration", QuantityKind::duration},
                                                  {Type::size, "size", QuantityKind::size},
                                                  {Type::data_rate, "data_rate", QuantityKind::data_rate},
                                                  {Type::frequency, "frequency", QuantityKind::frequency},
                                                  {Type::length, "length", QuantityKind::length},
                                                  {Type::percentage, "percentage", QuantityKind::percentage},
                                                  {Type::angle, "angle", QuantityKind::angle}}};

template <class Fill>
void object(JsonWriter& json, Fill&& fill) {
  json.begin_object();
  fill();
  json.end_object();
}

template <class Fill>
void object(JsonWriter& json, std::string_view key, Fill&& fill) {
  json.key(key);
  object(json, fill);
}

void reference(JsonWriter& json, std::string_view name) {
  json.begin_object(Layout::one_line);
  json.member("$ref", "#/$defs/" + std::string{name});
  json.end_object();
}

void write_definition(JsonWriter& json, const Definition& definition) {
  object(json, definition.name, [&] {
    json.member("type", "string");
    json.key("anyOf");
    json.begin_array(Layout::one_line);
    for (const std::string& pattern : {pattern_of(definition.quantity), std::string{kVariablePattern}}) {
      json.begin_object();
      json.member("pattern", pattern);
      json.end_object();
    }
    json.end_array();
    json.key("examples");
    json.begin_array(Layout::one_line);
    json.value(example_of(definition.quantity));
    json.end_array();
  });
}

void write_definitions(JsonWriter& json) {
  object(json, "$defs", [&] {
    object(json, "variable", [&] {
      json.member("type", "string");
      json.member("pattern", kVariablePattern);
    });
    for (const Definition& definition : kDefinitions) write_definition(json, definition);
  });
}

// --- single values

void write_text(JsonWriter& json, const ValueShape& value) {
  json.begin_object();
  json.key("type");  // YAML reads `name: 32` as a number; the loader takes what is written
  json.begin_array(Layout::one_line);
  for (const std::string_view type : {"string", "number", "boolean"}) json.value(type);
  json.end_array();
  if (!value.pattern.empty()) json.member("pattern", value.pattern);
  json.end_object();
}

void write_integer(JsonWriter& json, const ValueShape& value) {
  json.begin_object(Layout::one_line);
  json.member("type", "integer");
  json.member("minimum", std::stoull(value.min));
  json.member("maximum", std::stoull(value.max));
  json.end_object();
}

double number_of(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  NETRIG_ASSERT(error == std::errc{} && end == text.data() + text.size());
  return number;
}

void write_number(JsonWriter& json, const ValueShape& value) {
  json.begin_object(Layout::one_line);
  json.member("type", "number");
  json.member("minimum", number_of(value.min));
  json.member("maximum", number_of(value.max));
  json.end_object();
}

void write_choice(JsonWriter& json, const ValueShape& value) {
  json.begin_object(Layout::one_line);
  json.key("enum");
  json.begin_array();
  for (const ValueShape::Choice& choice : value.choices) json.value(choice.name);
  json.end_array();
  json.end_object();
}

void write_value(JsonWriter& json, const ValueShape& value) {
  switch (value.type) {
    case Type::text:
      return write_text(json, value);
    case Type::integer:
      return write_integer(json, value);
    case Type::number:
      return write_number(json, value);
    case Type::boolean:
      json.begin_object(Layout::one_line);
      json.member("type", "boolean");
      return json.end_object();
    case Type::choice:
      return write_choice(json, value);
    case Type::duration:
    case Type::size:
    case Type::data_rate:
    case Type::frequency:
    case Type::length:
    case Type::percentage:
    case Type::angle:
      for (const Definition& definition : kDefinitions)
        if (definition.type == value.type) return reference(json, definition.name);
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

// The quantities of $defs know of variables themselves.
bool needs_variable(const Shape& shape) {
  for (const ValueShape& value : shape.values()) {
    const bool is_open = value.type == Type::text && value.pattern.empty();
    bool is_defined = is_open;
    for (const Definition& definition : kDefinitions) is_defined |= definition.type == value.type;
    if (!is_defined) return true;
  }
  return false;
}

// --- keys

// The meaning, the words of a choice with theirs, and bounds that the schema itself cannot say.
std::string description(const KeyShape& key) {
  std::string text = key.meaning;
  for (const ValueShape& value : key.shape->values()) {
    if (!value.min.empty()) text += fmt::format(" From {} to {}.", value.min, value.max);
    for (const ValueShape::Choice& choice : value.choices)
      if (!choice.meaning.empty()) text += fmt::format(" {}: {}.", choice.name, choice.meaning);
  }
  return text;
}

void write_shape(JsonWriter& json, const Shape& shape);

void write_key(JsonWriter& json, const KeyShape& key) {
  object(json, key.name, [&] {
    json.member("description", description(key));
    write_shape(json, *key.shape);
  });
}

void write_required(JsonWriter& json, const MapShape& map, const MapShape* variant) {
  json.key("required");
  json.begin_array(Layout::one_line);
  for (const MapShape* const part : {&map, variant}) {
    if (part == nullptr) continue;
    for (const KeyShape& key : part->keys)
      if (key.required) json.value(key.name);
  }
  json.end_array();
}

// A variant's own keys stand beside those that all variants have.
void write_map(JsonWriter& json, const MapShape& map, const MapShape* variant) {
  json.member("type", "object");
  object(json, "properties", [&] {
    for (const KeyShape& key : map.keys) write_key(json, key);
    if (variant == nullptr) return;
    for (const KeyShape& key : variant->keys) write_key(json, key);
  });
  write_required(json, map, variant);
  if (map.keys_min > 0) json.member("minProperties", map.keys_min);
  if (map.keys_max > 0) json.member("maxProperties", map.keys_max);
  json.member("additionalProperties", false);
}

// if the selector says so, or is missing and this is the first, then these keys.
void write_variant(JsonWriter& json, const MapShape& map, const MapShape::Variant& variant, bool is_first) {
  object(json, [&] {
    object(json, "if", [&] {
      object(json, "properties",
             [&] { object(json, map.selector, [&] { json.member("const", variant.selected); }); });
      json.key("required");
      json.begin_array(Layout::one_line);
      if (!is_first) json.value(map.selector);
      json.end_array();
    });
    object(json, "then", [&] { write_map(json, map, variant.shape->as_map()); });
  });
}

void write_any_map(JsonWriter& json, const MapShape& map) {
  if (map.variants.size() < 2)
    return write_map(json, map, map.variants.empty() ? nullptr : map.variants.front().shape->as_map());
  json.member("type", "object");
  object(json, "properties", [&] {
    for (const KeyShape& key : map.keys) write_key(json, key);
  });
  json.key("allOf");
  json.begin_array();
  for (const MapShape::Variant& variant : map.variants)
    write_variant(json, map, variant, &variant == &map.variants.front());
  json.end_array();
}

void write_list(JsonWriter& json, const ListShape& list) {
  json.member("type", "array");
  json.member("minItems", std::uint64_t{list.elements_min});
  json.member("maxItems", std::uint64_t{list.elements_max});
  object(json, "items", [&] { write_shape(json, *list.element); });
}

// Members of an object that the caller has begun.
void write_shape(JsonWriter& json, const Shape& shape) {
  if (shape.values().empty() && shape.as_list() == nullptr && shape.as_map() != nullptr)
    return write_any_map(json, *shape.as_map());
  if (shape.values().empty() && shape.as_map() == nullptr && shape.as_list() != nullptr)
    return write_list(json, *shape.as_list());
  json.key("anyOf");
  json.begin_array();
  for (const ValueShape& value : shape.values()) write_value(json, value);
  if (needs_variable(shape)) reference(json, "variable");
  if (shape.as_map() != nullptr) object(json, [&] { write_any_map(json, *shape.as_map()); });
  if (shape.as_list() != nullptr) object(json, [&] { write_list(json, *shape.as_list()); });
  json.end_array();
}

}  // namespace

std::string scenario_schema(const GameRegistry& games) {
  const std::unique_ptr<const Shape> shape = describe_scenario(games);
  JsonWriter json;
  object(json, [&] {
    json.member("$schema", "https://json-schema.org/draft/2020-12/schema");
    json.member("title", "netrig scenario");
    json.member("description", fmt::format("Version {} of the format.", kScenarioVersion));
    write_shape(json, *shape);
    write_definitions(json);
  });
  return json.finish();
}

}  // namespace netrig::loadgen
