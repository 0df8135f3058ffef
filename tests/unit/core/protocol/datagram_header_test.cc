#include "netrig/core/protocol/datagram_header.h"

#include <boost/test/unit_test.hpp>

#include "netrig/core/base/random.h"
#include "netrig/core/protocol/datagram_codec.h"
#include "netrig/tests/support/seed.h"

using namespace netrig;

namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer encoded(const Ack& ack) {
  Buffer bytes;
  ByteWriter writer{bytes};
  writer.u8(kFlagAck);
  encode_ack(ack, writer);
  return bytes;
}

Ack three_ranges() {
  Ack ack;
  ack.largest = 1'000;
  ack.delay_us = 300;
  ack.count = 3;
  ack.ranges[0] = {0, 1};      // 999 to 1000
  ack.ranges[1] = {3, 3};      // 997; 998 is missing
  ack.ranges[2] = {200, 500};  // 500 to 800; 801 to 996 are missing
  return ack;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(datagram_header)

BOOST_AUTO_TEST_CASE(an_ack_is_these_bytes) {
  const Buffer expected{1,    0xE8, 0x03, 0,   0,  // flags, largest
                        0xAC, 0x02,                // 300 us
                        1,    2,                   // one more in a row, two more ranges
                        0,    0,                   // one missing, one there
                        0xC3, 0x01, 0xAC, 0x02};   // 196 missing, 301 there
  BOOST_TEST(encoded(three_ranges()) == expected, boost::test_tools::per_element());
  BOOST_TEST(ack_bytes(three_ranges()) == expected.size() - 1);
}

BOOST_AUTO_TEST_CASE(an_ack_comes_back_as_it_was) {
  Ack ack;
  const auto view = decode_datagram_header(encoded(three_ranges()), ack);
  BOOST_REQUIRE(view.has_value());
  BOOST_TEST(view->has_ack);
  BOOST_TEST(view->messages.empty());
  BOOST_TEST(ack.largest == 1'000u);
  BOOST_TEST(ack.delay_us == 300u);
  BOOST_TEST(ack.count == 3u);
  BOOST_TEST((ack.ranges[2] == AckRange{200, 500}));
}

BOOST_AUTO_TEST_CASE(every_truncation_of_an_ack_is_refused) {
  const Buffer whole = encoded(three_ranges());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Ack ack;
    const auto view = decode_datagram_header(Bytes{whole}.first(size), ack);
    BOOST_TEST(!view.has_value());
    if (!view) BOOST_TEST((view.error() == DecodeFault::truncated));
  }
}

BOOST_AUTO_TEST_CASE(more_than_64_ranges_and_ranges_beyond_2_to_the_32_are_refused) {
  Ack ack;
  Buffer many{1, 0, 0, 0, 0, 0, 0, 64};
  many.resize(many.size() + 128);
  BOOST_TEST((decode_datagram_header(many, ack).error() == DecodeFault::out_of_range));
  const Buffer far{1, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1, 0, 0};
  BOOST_TEST((decode_datagram_header(far, ack).error() == DecodeFault::out_of_range));
}

BOOST_AUTO_TEST_CASE(undefined_flags_and_empty_packets_are_refused) {
  Ack ack;
  BOOST_TEST((decode_datagram_header(Buffer{2, 4}, ack).error() == DecodeFault::bad_header));
  BOOST_TEST((decode_datagram_header(Buffer{0}, ack).error() == DecodeFault::empty));
  BOOST_TEST((decode_datagram_header({}, ack).error() == DecodeFault::truncated));
}

BOOST_AUTO_TEST_CASE(a_sequence_is_the_number_nearest_to_the_expected_one) {
  const std::uint64_t two_to_32 = std::uint64_t{1} << 32;
  BOOST_TEST(unwrap_sequence(5, 0).value() == 5u);
  BOOST_TEST(unwrap_sequence(0xFFFFFFFF, two_to_32).value() == two_to_32 - 1);
  BOOST_TEST(unwrap_sequence(3, two_to_32 - 2).value() == two_to_32 + 3);
  BOOST_TEST(unwrap_sequence(3, 7 * two_to_32 + 9).value() == 7 * two_to_32 + 3);
  BOOST_TEST(!unwrap_sequence(0xFFFFFFFF, 0).has_value());  // before the first
}

// Any bytes give a value or an error, and what is taken survives being written again.
BOOST_AUTO_TEST_CASE(any_bytes_are_refused_or_mean_what_they_say) {
  Random random = Random{testing::test_seed()}.fork("datagram bytes", 0);
  std::size_t taken = 0;
  for (int round = 0; round < 40'000; ++round) {
    Buffer bytes(random.below(24));
    for (std::uint8_t& byte : bytes)
      byte = static_cast<std::uint8_t>(random.chance(800'000) ? random.below(4) : random.bits());
    Ack ack;
    const auto view = decode_datagram(bytes, random.chance(500'000) ? Sender::client : Sender::server, ack);
    if (!view || !view->has_ack) continue;
    ++taken;
    const Buffer again = encoded(ack);
    BOOST_REQUIRE(again.size() + view->messages.size() == bytes.size());
    BOOST_REQUIRE(std::equal(again.begin(), again.end(), bytes.begin()));
  }
  BOOST_TEST(taken > 100u);
}

BOOST_AUTO_TEST_SUITE_END()
