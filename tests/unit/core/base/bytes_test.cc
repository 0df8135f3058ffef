#include "netrig/core/base/bytes.h"

#include <boost/test/unit_test.hpp>

#include "netrig/core/base/digest.h"

using namespace netrig;

BOOST_AUTO_TEST_SUITE(bytes)

BOOST_AUTO_TEST_CASE(numbers_are_little_endian) {
  std::vector<std::uint8_t> out;
  ByteWriter writer{out};
  writer.u8(0x01);
  writer.u16(0x0302);
  writer.u32(0x07060504);
  writer.u64(0x0F0E0D0C0B0A0908);
  const std::vector<std::uint8_t> expected{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  BOOST_TEST(out == expected, boost::test_tools::per_element());

  ByteReader reader{out};
  BOOST_TEST(reader.u8() == 0x01);
  BOOST_TEST(reader.u16() == 0x0302);
  BOOST_TEST(reader.u32() == 0x07060504u);
  BOOST_TEST(reader.u64() == 0x0F0E0D0C0B0A0908u);
  BOOST_TEST(reader.ok());
  BOOST_TEST(reader.at_end());
}

BOOST_AUTO_TEST_CASE(a_reader_stays_failed_after_the_first_read_that_does_not_fit) {
  const std::vector<std::uint8_t> three{1, 2, 3};
  ByteReader reader{three};
  BOOST_TEST(reader.u32() == 0u);
  BOOST_TEST(!reader.ok());
  BOOST_TEST(reader.u8() == 0);  // a byte is there, but trust is gone
  BOOST_TEST(reader.bytes(0).empty());
  BOOST_TEST(!reader.ok());
}

BOOST_AUTO_TEST_CASE(a_length_beyond_the_end_gives_nothing) {
  const std::vector<std::uint8_t> three{1, 2, 3};
  ByteReader reader{three};
  BOOST_TEST(reader.bytes(SIZE_MAX).empty());
  BOOST_TEST(!reader.ok());
}

BOOST_AUTO_TEST_CASE(varints_have_one_form_and_their_size_is_known_before) {
  for (const std::uint32_t value : {0u, 1u, 127u, 128u, 16'383u, 16'384u, 2'097'151u, 2'097'152u,
                                    268'435'455u, 268'435'456u, 0xFFFFFFFFu}) {
    std::vector<std::uint8_t> out;
    ByteWriter{out}.varint(value);
    BOOST_TEST(out.size() == varint_size(value));
    ByteReader reader{out};
    BOOST_TEST(reader.varint() == value);
    BOOST_TEST(reader.at_end());
    for (std::size_t cut = 0; cut < out.size(); ++cut) {
      ByteReader truncated{Bytes{out}.first(cut)};
      truncated.varint();
      BOOST_TEST(!truncated.ok());
    }
  }
}

BOOST_AUTO_TEST_CASE(padded_and_overlong_varints_are_refused) {
  const std::vector<std::vector<std::uint8_t>> refused{
      {0x80, 0x00},                          // 0 in two bytes
      {0xFF, 0x80, 0x00},                    // 127 in three
      {0xFF, 0xFF, 0xFF, 0xFF, 0x10},        // 2^32
      {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01},  // six bytes
  };
  for (const auto& bytes : refused) {
    ByteReader reader{bytes};
    reader.varint();
    BOOST_TEST(!reader.ok());
  }
}

BOOST_AUTO_TEST_CASE(a_length_can_be_patched_once_it_is_known) {
  std::vector<std::uint8_t> out;
  ByteWriter writer{out};
  writer.u32(0);
  writer.u8(9);
  writer.patch_u32(0, 0x01020304);
  const std::vector<std::uint8_t> expected{4, 3, 2, 1, 9};
  BOOST_TEST(out == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(digests_follow_content_and_order) {
  const std::vector<std::uint8_t> abc{'a', 'b', 'c'};
  // XXH3-64 of "abc" with seed 0, from the xxHash reference implementation.
  BOOST_TEST(digest_text(digest_of(abc)) == "78af5f94892f3950");

  RunningDigest forwards;
  RunningDigest backwards;
  forwards.add(1);
  forwards.add(2);
  backwards.add(2);
  backwards.add(1);
  BOOST_TEST(forwards.value() != backwards.value());
}

BOOST_AUTO_TEST_SUITE_END()
