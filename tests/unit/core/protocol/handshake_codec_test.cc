// Bytes of the handshake's datagrams: what is written is read back, anything else is not.
#include "netrig/core/protocol/handshake_codec.h"

#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/core/protocol/handshake_testing.h"

namespace netrig::testing {
namespace {

PublicKey share_of(std::uint8_t number) {
  PublicKey share;
  share.bytes.fill(number);
  return share;
}

Buffer request_bytes(const ConnectRequest& request, const ClientToken* token = nullptr) {
  Buffer bytes(kConnectRequestBytes);
  write_connect_request(request, {token, nullptr}, std::span{bytes}.first<kConnectRequestBytes>());
  return bytes;
}

// Every single bit, flipped alone, makes `decodes` say no.
template <class Decodes>
void no_flip_decodes(const Buffer& bytes, Decodes&& decodes) {
  BOOST_REQUIRE(decodes(bytes));
  std::size_t taken = 0;
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    Buffer changed = bytes;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    taken += decodes(changed);
  }
  BOOST_TEST(taken == 0u);
  for (std::size_t size = 0; size < bytes.size(); ++size) taken += decodes(Bytes{bytes}.first(size));
  Buffer longer = bytes;
  longer.push_back(0);
  taken += decodes(longer);
  BOOST_TEST(taken == 0u);
}

BOOST_AUTO_TEST_SUITE(handshake_codec)

BOOST_AUTO_TEST_CASE(a_request_says_the_same_when_read_back) {
  const Buffer hello(24, 3);
  ConnectRequest request;
  request.attempt = 7;
  request.share = share_of(9);
  request.hello = hello;
  const Buffer first = request_bytes(request);
  const auto read = decode_connect_request(first);
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->attempt == 7);
  BOOST_TEST(!read->cookie.has_value());
  BOOST_TEST(read->encrypted);
  BOOST_TEST((read->share == share_of(9)));
  BOOST_TEST((Buffer{read->hello.begin(), read->hello.end()} == hello));
  BOOST_TEST(!read->proof.has_value());

  request.encrypted = false;
  request.cookie.emplace().bytes.fill(5);
  const Buffer second = request_bytes(request);
  const auto again = decode_connect_request(second);
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST((again->cookie == request.cookie));
  BOOST_TEST(!again->encrypted);
}

BOOST_AUTO_TEST_CASE(a_request_changed_in_any_bit_or_of_another_size_is_void) {
  const auto decodes = [](Bytes bytes) { return decode_connect_request(bytes).has_value(); };
  Door door;
  const ClientToken token = door.token();
  const Buffer hello(24, 3);
  ConnectRequest request;
  request.hello = hello;
  no_flip_decodes(request_bytes(request), decodes);
  request.cookie.emplace().bytes.fill(5);
  no_flip_decodes(request_bytes(request), decodes);
  no_flip_decodes(request_bytes(request, &token), decodes);
}

BOOST_AUTO_TEST_CASE(a_length_beyond_the_request_is_void) {
  const Buffer hello(24, 3);
  ConnectRequest request;
  request.hello = hello;
  Buffer bytes = request_bytes(request);
  for (std::uint32_t length = 0; length < 65'536; ++length) {
    if (length == 24) continue;
    store_little_endian(bytes.data() + 55, static_cast<std::uint16_t>(length));
    if (decode_connect_request(bytes)) BOOST_FAIL("decoded with a length of " << length);
  }
}

BOOST_AUTO_TEST_CASE(a_challenge_and_a_refusal_are_for_the_share_they_answer) {
  std::array<std::uint8_t, kAnswerBytesMax> out{};
  CookieChallenge challenge;
  challenge.attempt = 4;
  challenge.cookie.bytes.fill(8);
  BOOST_TEST(write_challenge_datagram(challenge, share_of(1), out) == kChallengeBytes);
  Buffer bytes(out.begin(), out.begin() + kChallengeBytes);
  BOOST_REQUIRE(decode_challenge_datagram(bytes, share_of(1)).has_value());
  BOOST_TEST(decode_challenge_datagram(bytes, share_of(1))->attempt == 4);
  BOOST_TEST((decode_challenge_datagram(bytes, share_of(1))->cookie == challenge.cookie));
  BOOST_TEST(!decode_challenge_datagram(bytes, share_of(2)).has_value());
  no_flip_decodes(bytes,
                  [](Bytes changed) { return decode_challenge_datagram(changed, share_of(1)).has_value(); });

  BOOST_TEST(write_refuse_datagram({RefuseReason::schema, 1, 2}, share_of(1), out) == kRefuseDatagramBytes);
  bytes.assign(out.begin(), out.begin() + kRefuseDatagramBytes);
  const auto refuse = decode_refuse_datagram(bytes, share_of(1));
  BOOST_REQUIRE(refuse.has_value());
  BOOST_TEST(text(refuse->reason) == "schema");
  BOOST_TEST(refuse->version_max == 2);
  BOOST_TEST(!decode_refuse_datagram(bytes, share_of(2)).has_value());
  no_flip_decodes(bytes,
                  [](Bytes changed) { return decode_refuse_datagram(changed, share_of(1)).has_value(); });
}

BOOST_AUTO_TEST_CASE(session_secrets_depend_on_all_that_was_said) {
  SymmetricKey one;
  one.bytes[0] = 1;
  const Bytes asked = bytes_of("asked");
  const Bytes accepted = bytes_of("accepted");
  const SessionSecrets base = derive_session({}, {}, asked, accepted);
  BOOST_TEST(!(base.to_server == base.to_client));
  BOOST_TEST(!(derive_session(one, {}, asked, accepted).to_server == base.to_server));
  BOOST_TEST(!(derive_session({}, one, asked, accepted).to_server == base.to_server));
  BOOST_TEST((derive_session({}, {}, bytes_of("other"), accepted).accept_tag != base.accept_tag));
  BOOST_TEST((derive_session({}, {}, asked, bytes_of("other")).accept_tag != base.accept_tag));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
