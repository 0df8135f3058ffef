// The primitives against the vectors of their documents, and what the protocol asks of them beyond.
#include "netrig/core/protocol/crypto.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace netrig::testing {
namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer from_hex(std::string_view text) {
  Buffer bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string{text.substr(i, 2)}, nullptr, 16)));
  }
  return bytes;
}

template <class Value>
Value value_of(std::string_view hex) {
  Value value;
  const Buffer bytes = from_hex(hex);
  BOOST_REQUIRE(bytes.size() == value.bytes.size());
  std::copy(bytes.begin(), bytes.end(), value.bytes.begin());
  return value;
}

// Plays back bytes that a document calls random.
class FixedEntropy final : public Entropy {
 public:
  explicit FixedEntropy(Buffer bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t draw() override {
    BOOST_REQUIRE(at_ + 8 <= bytes_.size());
    at_ += 8;
    return load_little_endian<std::uint64_t>(bytes_.data() + at_ - 8);
  }

 private:
  Buffer bytes_;
  std::size_t at_ = 0;
};

BOOST_AUTO_TEST_SUITE(crypto)

// RFC 7748, section 6.1.
BOOST_AUTO_TEST_CASE(x25519_agrees_as_in_its_rfc) {
  FixedEntropy alice{from_hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")};
  FixedEntropy bob{from_hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")};
  const KeyPair a = make_key_pair(alice);
  const KeyPair b = make_key_pair(bob);
  BOOST_TEST((a.public_key ==
              value_of<PublicKey>("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")));
  BOOST_TEST((b.public_key ==
              value_of<PublicKey>("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")));
  const auto shared =
      value_of<SymmetricKey>("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  BOOST_TEST((agree(a.secret_key, b.public_key) == shared));
  BOOST_TEST((agree(b.secret_key, a.public_key) == shared));
}

BOOST_AUTO_TEST_CASE(a_share_that_everybody_could_compute_is_refused) {
  SeededEntropy entropy{Random{1}};
  const KeyPair own = make_key_pair(entropy);
  PublicKey low;
  BOOST_TEST(!agree(own.secret_key, low).has_value());
  low.bytes[0] = 1;
  BOOST_TEST(!agree(own.secret_key, low).has_value());
}

// RFC 8032, section 7.1, test 2.
BOOST_AUTO_TEST_CASE(ed25519_signs_as_in_its_rfc) {
  const auto key = value_of<SigningKey>("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  const auto open = value_of<VerifyKey>("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const Buffer message{0x72};
  const auto signature = value_of<Signature>(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2e"
      "aeb4302a"
      "eeb00d291612bb0c00");
  BOOST_TEST((verify_key_of(key) == open));
  BOOST_TEST((sign(key, message) == signature));
  BOOST_TEST(verify(open, signature, message));
  BOOST_TEST(!verify(open, signature, Buffer{0x73}));
  Signature other = signature;
  other.bytes[5] ^= 1;
  BOOST_TEST(!verify(open, other, message));
}

// draft-irtf-cfrg-xchacha-03, appendix A.3.1.
BOOST_AUTO_TEST_CASE(xchacha20_poly1305_seals_as_in_its_draft) {
  const auto key = value_of<SymmetricKey>("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  const auto nonce = value_of<Nonce>("404142434445464748494a4b4c4d4e4f5051525354555657");
  const Buffer associated = from_hex("50515253c0c1c2c3c4c5c6c7");
  const std::string_view plain =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen "
      "would "
      "be it.";
  Buffer sealed(plain.size() + kSealBytes);
  seal(key, nonce, associated, bytes_of(plain), sealed);
  BOOST_TEST((Buffer{sealed.begin(), sealed.begin() + 16} == from_hex("bd6d179d3e83d43b9576579493c0e939")));
  BOOST_TEST((Buffer{sealed.end() - 16, sealed.end()} == from_hex("c0875924c1c7987947deafd8780acf49")));

  Buffer opened(plain.size());
  BOOST_TEST(open(key, nonce, associated, sealed, opened));
  BOOST_TEST(text_of(opened) == plain);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Buffer changed = sealed;
    changed[i] ^= 0x10;
    BOOST_TEST(!open(key, nonce, associated, changed, opened));
  }
  BOOST_TEST(!open(key, nonce, bytes_of("other"), sealed, opened));
}

BOOST_AUTO_TEST_CASE(sealing_and_opening_work_in_place) {
  SeededEntropy entropy{Random{2}};
  const SymmetricKey key = make_symmetric_key(entropy);
  Buffer bytes(100, 9);
  seal(key, {}, {}, Bytes{bytes}.first(84), bytes);
  BOOST_TEST((Buffer{bytes.begin(), bytes.begin() + 84} != Buffer(84, 9)));
  BOOST_TEST(open(key, {}, {}, bytes, std::span{bytes}.first(84)));
  BOOST_TEST((Buffer{bytes.begin(), bytes.begin() + 84} == Buffer(84, 9)));
}

// Made with Python: hashlib.blake2b(bytes([len(label)]) + label + data, key=key, digest_size=16 or 32).
BOOST_AUTO_TEST_CASE(keyed_hashes_are_blake2b_over_label_and_parts) {
  SymmetricKey key;
  for (std::size_t i = 0; i < kKeyBytes; ++i) key.bytes[i] = static_cast<std::uint8_t>(i);
  BOOST_TEST((authenticate(key, "label", {bytes_of("one"), bytes_of("two")}) ==
              value_of<Mac>("fa7f62d5afd8940a73122404815226d7")));
  BOOST_TEST((derive(key, "label", {bytes_of("onetwo")}) ==
              value_of<SymmetricKey>("74e6c3bf379792512a283e75d8a839640968466093d8431c898441e2559b433a")));
  BOOST_TEST(!(derive(key, "label", {}) == derive(key, "other", {})));
  BOOST_TEST(!(derive(key, "label", {}) == derive(SymmetricKey{}, "label", {})));
}

BOOST_AUTO_TEST_CASE(equality_is_of_all_bytes) {
  BOOST_TEST(equal_in_constant_time(Buffer{1, 2, 3}, Buffer{1, 2, 3}));
  BOOST_TEST(!equal_in_constant_time(Buffer{1, 2, 3}, Buffer{1, 2, 4}));
  BOOST_TEST(!equal_in_constant_time(Buffer{1, 2, 3}, Buffer{1, 2}));
  BOOST_TEST(equal_in_constant_time({}, {}));
}

BOOST_AUTO_TEST_CASE(a_secret_is_wiped_when_its_value_dies) {
  alignas(SymmetricKey) std::array<std::uint8_t, sizeof(SymmetricKey)> memory{};
  auto* const key = new (memory.data()) SymmetricKey;
  key->bytes.fill(0xAB);
  key->~SymmetricKey();
  BOOST_TEST((memory == decltype(memory){}));
}

BOOST_AUTO_TEST_CASE(entropy_fills_every_byte_and_repeats_for_a_seed) {
  for (const std::size_t size : {0u, 1u, 7u, 8u, 9u, 32u, 33u}) {
    SeededEntropy once{Random{3}};
    SeededEntropy again{Random{3}};
    Buffer a(size), b(size);
    once.fill(a);
    again.fill(b);
    BOOST_TEST((a == b));
    if (size >= 7) BOOST_TEST(std::count(a.begin(), a.end(), 0) < 3);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
