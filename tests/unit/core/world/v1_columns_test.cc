#include "netrig/core/world/v1_columns.h"

#include <array>
#include <bit>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <optional>

#include "netrig/core/base/random.h"
#include "netrig/sim/world/arena_config.h"
#include "netrig/tests/support/duel_world.h"

namespace netrig {
namespace {

using Data = std::vector<std::uint8_t>;
using Row = std::vector<std::int32_t>;

V1Columns columns_of(const FieldSpec& field) {
  return V1Columns{*Schema::make({{.name = "c", .fields = {field}}})};
}

V1Columns numbers(V1Encoding encoding, std::int32_t min, std::int32_t max, std::int32_t steps_per_unit = 1) {
  return columns_of({.name = "x", .min = min, .max = max, .steps_per_unit = steps_per_unit, .v1 = encoding});
}

V1Columns raw(std::size_t size) {
  return columns_of({.name = "x", .kind = FieldKind::bytes, .v1 = V1Encoding::bytes, .bytes_size = size});
}

Data written(const V1Columns& columns, const Row& row) {
  Data data(columns.component_data_bytes(0));
  columns.write_component(0, row, data);
  return data;
}

// By both ways of reading, which must agree: the component alone, and within a StateUpdate.
std::optional<Row> read(const V1Columns& columns, const Data& data) {
  Row row(columns.columns(), -77);
  const bool ok = columns.read_component(0, data, row);
  if (data.size() == columns.component_data_bytes(0)) {
    Data payload(columns.data_offset(0));
    payload.insert(payload.end(), data.begin(), data.end());
    Row whole(columns.columns(), -77);
    BOOST_TEST(columns.read_all(payload, whole) == ok);
    if (ok) BOOST_TEST(whole == row, boost::test_tools::per_element());
  }
  return ok ? std::optional{row} : std::nullopt;
}

void check_round_trip(const V1Columns& columns, const Row& row) {
  const auto back = read(columns, written(columns, row));
  BOOST_REQUIRE(back.has_value());
  BOOST_TEST(*back == row, boost::test_tools::per_element());
}

Data bits_of(double value) {
  Data data(8);
  store_little_endian(data.data(), std::bit_cast<std::uint64_t>(value));
  return data;
}

Data unsigned_bytes(std::uint64_t value, std::size_t size) {
  Data data;
  for (std::size_t i = 0; i < size; ++i) data.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  return data;
}

BOOST_AUTO_TEST_SUITE(v1_columns)

BOOST_AUTO_TEST_CASE(each_encoding_writes_its_literal_bytes) {
  const Data one_and_a_half{0, 0, 0, 0, 0, 0, 0xF8, 0x3F};
  BOOST_TEST(written(numbers(V1Encoding::f64, 0, 9999, 1000), {1500}) == one_and_a_half);
  BOOST_TEST(written(numbers(V1Encoding::i8, -128, 127), {-2}) == Data{0xFE});
  BOOST_TEST(written(numbers(V1Encoding::u32, 0, INT32_MAX), {0x01020304}) == (Data{4, 3, 2, 1}));
  BOOST_TEST(written(numbers(V1Encoding::u64, 0, INT32_MAX), {0x01020304}) == (Data{4, 3, 2, 1, 0, 0, 0, 0}));
  BOOST_TEST(written(raw(6), {0x04030201, 0x0605}) == (Data{1, 2, 3, 4, 5, 6}));
}

BOOST_AUTO_TEST_CASE(f64_gives_back_every_kind_of_int32) {
  Random random{1};
  for (const std::int32_t steps : {1, 2, 3, 7, 10, 100, 1000, 1024, 65'537, 999'999'937, INT32_MAX}) {
    const V1Columns columns = numbers(V1Encoding::f64, INT32_MIN, INT32_MAX, steps);
    for (const std::int32_t value : {INT32_MIN, INT32_MIN + 1, -1, 0, 1, INT32_MAX - 1, INT32_MAX})
      check_round_trip(columns, {value});
    for (int i = 0; i < 20'000; ++i) {
      const auto value = static_cast<std::int32_t>(random.between(INT32_MIN, INT32_MAX));
      Data data = written(columns, {value});
      std::int32_t back = 0;
      if (!columns.read_component(0, data, {&back, 1}) || back != value)
        BOOST_FAIL("lost " << value << " at " << steps << " steps per unit");
    }
  }
}

BOOST_AUTO_TEST_CASE(f64_refuses_what_no_int32_gives) {
  using Limits = std::numeric_limits<double>;
  const V1Columns columns = numbers(V1Encoding::f64, -5000, 100'000, 1000);
  for (const double wrong : {Limits::quiet_NaN(),
                             -Limits::quiet_NaN(),
                             Limits::signaling_NaN(),
                             Limits::infinity(),
                             -Limits::infinity(),
                             -0.0,
                             0.0005,
                             1.0005,
                             Limits::denorm_min(),
                             Limits::min(),
                             -Limits::denorm_min(),
                             Limits::max(),
                             Limits::lowest(),
                             std::nextafter(1.5, 2),
                             std::nextafter(1.5, 1),
                             std::nextafter(0.0, -1),
                             std::nextafter(100.0, 101),
                             std::nextafter(-5.0, -6),
                             1e300,
                             -1e10})
    BOOST_TEST(!read(columns, bits_of(wrong)).has_value(), "accepted " << wrong);
  BOOST_TEST((read(columns, bits_of(1.5)) == Row{1500}));
}

BOOST_AUTO_TEST_CASE(f64_refuses_one_step_beyond_its_range) {
  const V1Columns columns = numbers(V1Encoding::f64, -5000, 100'000, 1000);
  BOOST_TEST((read(columns, bits_of(-5.0)) == Row{-5000}));
  BOOST_TEST((read(columns, bits_of(100.0)) == Row{100'000}));
  BOOST_TEST(!read(columns, bits_of(-5001 / 1000.0)).has_value());
  BOOST_TEST(!read(columns, bits_of(100'001 / 1000.0)).has_value());
  const V1Columns whole = numbers(V1Encoding::f64, INT32_MIN, INT32_MAX);
  BOOST_TEST(!read(whole, bits_of(2'147'483'648.0)).has_value());
  BOOST_TEST(!read(whole, bits_of(-2'147'483'649.0)).has_value());
  BOOST_TEST(!read(whole, bits_of(2'147'483'647.25)).has_value());
}

BOOST_AUTO_TEST_CASE(i8_round_trips_and_keeps_its_range) {
  const V1Columns whole = numbers(V1Encoding::i8, -128, 127);
  for (std::int32_t value = -128; value <= 127; ++value) check_round_trip(whole, {value});
  const V1Columns narrow = numbers(V1Encoding::i8, -3, 3);
  for (int byte = 0; byte < 256; ++byte) {
    const auto value = static_cast<std::int8_t>(byte);
    BOOST_TEST(read(narrow, {static_cast<std::uint8_t>(byte)}).has_value() == (value >= -3 && value <= 3));
  }
}

BOOST_AUTO_TEST_CASE(unsigned_encodings_round_trip_and_keep_their_range) {
  for (const auto& [encoding, size] : {std::pair{V1Encoding::u32, 4u}, std::pair{V1Encoding::u64, 8u}}) {
    const V1Columns whole = numbers(encoding, 0, INT32_MAX);
    for (const std::int32_t value : {0, 1, 255, 65'536, INT32_MAX}) check_round_trip(whole, {value});
    BOOST_TEST(!read(whole, unsigned_bytes(0x80000000u, size)).has_value());
    BOOST_TEST(!read(whole, unsigned_bytes(UINT64_MAX, size)).has_value());
    const V1Columns narrow = numbers(encoding, 10, 20);
    BOOST_TEST(!read(narrow, unsigned_bytes(9, size)).has_value());
    BOOST_TEST((read(narrow, unsigned_bytes(10, size)) == Row{10}));
    BOOST_TEST((read(narrow, unsigned_bytes(20, size)) == Row{20}));
    BOOST_TEST(!read(narrow, unsigned_bytes(21, size)).has_value());
  }
  // The low half alone would be in range.
  BOOST_TEST(!read(numbers(V1Encoding::u64, 0, 20), unsigned_bytes(0x1'0000'000Au, 8)).has_value());
}

BOOST_AUTO_TEST_CASE(bytes_of_every_size_round_trip) {
  for (std::size_t size = 1; size <= Schema::kFieldBytesMax; ++size) {
    const V1Columns columns = raw(size);
    BOOST_TEST(columns.columns() == (size + 3) / 4);
    Data data(size);
    for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(0xFF - i);
    const auto row = read(columns, data);
    BOOST_REQUIRE(row.has_value());
    BOOST_TEST(written(columns, *row) == data);
  }
}

BOOST_AUTO_TEST_CASE(the_unused_rest_of_the_last_column_is_zero) {
  BOOST_TEST((read(raw(1), {0xFF}) == Row{0xFF}));
  BOOST_TEST((read(raw(5), {1, 2, 3, 4, 0x80}) == Row{0x04030201, 0x80}));
}

BOOST_AUTO_TEST_CASE(data_of_another_length_is_refused) {
  for (const V1Columns& columns : {numbers(V1Encoding::f64, 0, 9), numbers(V1Encoding::i8, 0, 9),
                                   numbers(V1Encoding::u32, 0, 9), numbers(V1Encoding::u64, 0, 9), raw(6)}) {
    const std::size_t right = columns.component_data_bytes(0);
    BOOST_TEST(read(columns, Data(right)).has_value());
    for (std::size_t wrong = 0; wrong < right; ++wrong) BOOST_TEST(!read(columns, Data(wrong)).has_value());
    BOOST_TEST(!read(columns, Data(right + 1)).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_whole_row_goes_to_the_offsets_of_a_state_update) {
  const Schema schema = testing::duel_schema();
  const V1Columns columns{schema};
  const Row row{65'535, -3, 0x64636261, 0x6665, 7, 1, 250};
  Data payload(columns.state_update_bytes(), 0xEE);
  columns.write_all(row, payload);
  // 23 | 6 "pose" 4+1 | 6 "tag" 6 | 6 "score" 8+4 | 6 "charge" 8
  Data expected(23 + 10, 0xEE);
  const auto append = [&](const Data& data, std::size_t gap) {
    expected.insert(expected.end(), data.begin(), data.end());
    expected.insert(expected.end(), gap, 0xEE);
  };
  append({0xFF, 0xFF, 0, 0, 0xFD}, 9);
  append({'a', 'b', 'c', 'd', 'e', 'f'}, 11);
  append({7, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0}, 12);
  append(bits_of(2.5), 0);
  BOOST_TEST(payload == expected, boost::test_tools::per_element());

  Row back(columns.columns());
  BOOST_TEST(columns.read_all(payload, back));
  BOOST_TEST(back == row, boost::test_tools::per_element());
  for (std::size_t i = 0; i < columns.components(); ++i) {
    const auto part = Bytes{payload}.subspan(columns.data_offset(i), columns.component_data_bytes(i));
    Row alone = row;
    BOOST_TEST(columns.read_component(i, part, alone));
    BOOST_TEST(alone == row, boost::test_tools::per_element());
  }
}

// Whatever arrives is refused or is exactly what would be written: no two payloads mean the same row.
BOOST_AUTO_TEST_CASE(every_flipped_bit_is_refused_or_means_another_row) {
  for (const Schema& schema : {sim::arena_schema({}), testing::duel_schema()}) {
    const V1Columns columns{schema};
    Row row(columns.columns(), 1);
    row[0] = 33'333;
    Data payload(columns.state_update_bytes());
    columns.write_all(row, payload);
    std::size_t refused = 0;
    for (std::size_t bit = 0; bit < payload.size() * 8; ++bit) {
      Data flipped = payload;
      flipped[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
      Row back(columns.columns());
      if (!columns.read_all(flipped, back)) {
        ++refused;
        continue;
      }
      Data again = flipped;
      columns.write_all(back, again);
      BOOST_REQUIRE(again == flipped);
    }
    BOOST_TEST(refused > 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig
