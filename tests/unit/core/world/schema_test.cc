#include "netrig/core/world/schema.h"

#include <boost/test/unit_test.hpp>
#include <set>

#include "netrig/sim/world/arena_config.h"

namespace netrig {
namespace {

FieldSpec integer(std::string name, std::int32_t min, std::int32_t max, V1Encoding encoding) {
  return {.name = std::move(name), .min = min, .max = max, .v1 = encoding};
}

FieldSpec raw(std::size_t size) {
  return {.name = "raw", .kind = FieldKind::bytes, .v1 = V1Encoding::bytes, .bytes_size = size};
}

ComponentSpec component(std::string name, std::vector<FieldSpec> fields) {
  return {.name = std::move(name), .fields = std::move(fields)};
}

const FieldSpec kSound = integer("x", 0, 9, V1Encoding::f64);

void check_refused(std::vector<ComponentSpec> components, SchemaError expected) {
  const auto made = Schema::make(std::move(components));
  BOOST_REQUIRE_MESSAGE(!made.has_value(), "accepted, although: " << text(expected));
  BOOST_TEST(text(made.error()) == text(expected));
}

void check_field_refused(const FieldSpec& field, SchemaError expected) {
  check_refused({component("c", {field})}, expected);
}

void check_field_accepted(const FieldSpec& field) {
  BOOST_TEST(Schema::make({component("c", {field})}).has_value());
}

std::vector<ComponentSpec> many(std::size_t count) {
  std::vector<ComponentSpec> components;
  for (std::size_t i = 0; i < count; ++i)
    components.push_back(component(std::string("c").append(std::to_string(i)), {kSound}));
  return components;
}

BOOST_AUTO_TEST_SUITE(schema)

BOOST_AUTO_TEST_CASE(components_are_one_to_sixty_four) {
  check_refused({}, SchemaError::no_components);
  BOOST_TEST(Schema::make(many(64)).has_value());
  check_refused(many(65), SchemaError::too_many_components);
}

BOOST_AUTO_TEST_CASE(names_have_one_to_sixty_four_bytes) {
  check_refused({component("", {kSound})}, SchemaError::bad_name);
  check_refused({component(std::string(65, 'n'), {kSound})}, SchemaError::bad_name);
  check_field_refused(integer("", 0, 1, V1Encoding::f64), SchemaError::bad_name);
  check_field_refused(integer(std::string(65, 'n'), 0, 1, V1Encoding::f64), SchemaError::bad_name);
  const std::string longest(64, 'n');
  BOOST_TEST(Schema::make({component(longest, {integer(longest, 0, 1, V1Encoding::f64)})}).has_value());
}

BOOST_AUTO_TEST_CASE(names_are_unique_where_they_are_looked_up) {
  check_refused({component("a", {kSound}), component("b", {kSound}), component("a", {kSound})},
                SchemaError::duplicate_name);
  check_refused({component("a", {kSound, kSound})}, SchemaError::duplicate_name);
  BOOST_TEST(Schema::make({component("a", {kSound}), component("b", {kSound})}).has_value());
}

BOOST_AUTO_TEST_CASE(a_component_without_fields_is_refused) {
  check_refused({component("a", {})}, SchemaError::no_fields);
}

BOOST_AUTO_TEST_CASE(ranges_and_steps_must_make_sense) {
  check_field_refused(integer("x", 1, 0, V1Encoding::f64), SchemaError::bad_range);
  check_field_accepted(integer("x", 5, 5, V1Encoding::f64));
  FieldSpec stepless = kSound;
  stepless.steps_per_unit = 0;
  check_field_refused(stepless, SchemaError::bad_range);
  FieldSpec sized = kSound;
  sized.bytes_size = 1;
  check_field_refused(sized, SchemaError::bad_range);
}

BOOST_AUTO_TEST_CASE(each_kind_has_its_range) {
  FieldSpec flag = integer("f", 0, 1, V1Encoding::i8);
  flag.kind = FieldKind::flag;
  check_field_accepted(flag);
  flag.max = 2;
  check_field_refused(flag, SchemaError::bad_range);
  FieldSpec angle = integer("a", 0, 359, V1Encoding::u32);
  angle.kind = FieldKind::angle;
  check_field_accepted(angle);
  angle.min = 1;
  check_field_refused(angle, SchemaError::bad_range);
  angle.min = angle.max = 0;
  check_field_refused(angle, SchemaError::bad_range);
}

BOOST_AUTO_TEST_CASE(bytes_have_a_size_and_no_range) {
  check_field_refused(raw(0), SchemaError::bad_range);
  check_field_accepted(raw(1));
  check_field_accepted(raw(64));
  check_field_refused(raw(65), SchemaError::bad_range);
  FieldSpec ranged = raw(4);
  ranged.max = 1;
  check_field_refused(ranged, SchemaError::bad_range);
}

BOOST_AUTO_TEST_CASE(an_encoding_holds_the_whole_range) {
  check_field_accepted(integer("x", -128, 127, V1Encoding::i8));
  check_field_refused(integer("x", -129, 127, V1Encoding::i8), SchemaError::encoding_cannot_hold_range);
  check_field_refused(integer("x", -128, 128, V1Encoding::i8), SchemaError::encoding_cannot_hold_range);
  for (const V1Encoding encoding : {V1Encoding::u32, V1Encoding::u64}) {
    check_field_accepted(integer("x", 0, INT32_MAX, encoding));
    check_field_refused(integer("x", -1, 0, encoding), SchemaError::encoding_cannot_hold_range);
  }
  check_field_accepted(integer("x", INT32_MIN, INT32_MAX, V1Encoding::f64));
  check_field_refused(integer("x", 0, 0, V1Encoding::bytes), SchemaError::encoding_cannot_hold_range);
  FieldSpec text_as_number = raw(4);
  text_as_number.v1 = V1Encoding::u32;
  check_field_refused(text_as_number, SchemaError::encoding_cannot_hold_range);
}

BOOST_AUTO_TEST_CASE(an_entity_fits_one_message) {
  std::vector<FieldSpec> fields;
  for (int i = 0; i < 959; ++i) {
    fields.push_back(raw(64));
    fields.back().name = std::string("raw").append(std::to_string(i));
  }
  // 23 + (6 + 1) + 959 x 64 = 61,406 of 61,440 bytes, and 6 + 1 for one more component
  const auto exact = Schema::make({component("c", fields), component("d", {raw(27)})});
  BOOST_REQUIRE(exact.has_value());
  BOOST_TEST(exact->v1_state_update_bytes() == Schema::kStateUpdateBytesMax);
  check_refused({component("c", fields), component("d", {raw(28)})}, SchemaError::too_large);
}

BOOST_AUTO_TEST_CASE(the_arena_entity_is_111_bytes_as_a_state_update) {
  const Schema arena = sim::arena_schema({});
  BOOST_TEST(arena.v1_state_update_bytes() == 111u);
  BOOST_TEST(arena.columns() == 6u);
  BOOST_REQUIRE_EQUAL(arena.components().size(), 3u);
  const char* const names[] = {"position", "velocity", "health"};
  const std::size_t offsets[] = {23 + 6 + 8, 53 + 6 + 8, 83 + 6 + 6};
  for (std::size_t i = 0; i < 3; ++i) {
    BOOST_TEST(arena.components()[i].name == names[i]);
    BOOST_TEST(arena.components()[i].v1_data_bytes() == 16u);
    BOOST_TEST(arena.v1_data_offset(i) == offsets[i]);
  }
}

BOOST_AUTO_TEST_CASE(columns_are_found_by_name) {
  const auto made = Schema::make({component("a", {raw(6), kSound}), component("b", {kSound})});
  BOOST_REQUIRE(made.has_value());
  BOOST_TEST(made->columns() == 4u);
  BOOST_TEST(made->column_of("a", "raw") == 0u);
  BOOST_TEST(made->column_of("a", "x") == 2u);
  BOOST_TEST(made->column_of("b", "x") == 3u);
}

BOOST_AUTO_TEST_CASE(the_digest_follows_every_property) {
  const auto digest_of_field = [](const FieldSpec& field) {
    return Schema::make({component("c", {field})})->digest();
  };
  std::set<std::uint64_t> digests{digest_of_field(kSound)};
  BOOST_TEST(digests.count(digest_of_field(kSound)) == 1u);
  std::vector<FieldSpec> changed(7, kSound);
  changed[0].name = "y";
  changed[1].kind = FieldKind::angle;
  changed[2].min = 1;
  changed[3].max = 8;
  changed[4].steps_per_unit = 2;
  changed[5].v1 = V1Encoding::i8;
  changed[6].extrapolation = Extrapolation::linear;
  for (const FieldSpec& field : changed) digests.insert(digest_of_field(field));
  digests.insert(digest_of_field(raw(5)));
  digests.insert(digest_of_field(raw(6)));
  digests.insert(Schema::make({component("d", {kSound})})->digest());
  digests.insert(Schema::make({component("c", {kSound}), component("d", {kSound})})->digest());
  BOOST_TEST(digests.size() == 12u);
}

BOOST_AUTO_TEST_CASE(every_error_has_words) {
  std::set<std::string_view> texts;
  for (int error = 0; error <= static_cast<int>(SchemaError::too_large); ++error)
    texts.insert(text(static_cast<SchemaError>(error)));
  BOOST_TEST(texts.size() == 8u);
  BOOST_TEST(texts.count("unknown schema error") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig
