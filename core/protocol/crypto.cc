#include "netrig/core/protocol/crypto.h"

#include <sodium.h>

#include "netrig/core/base/assert.h"

namespace netrig {
namespace {

static_assert(kKeyBytes == crypto_scalarmult_BYTES && kKeyBytes == crypto_scalarmult_SCALARBYTES);
static_assert(kKeyBytes == crypto_sign_SEEDBYTES && kKeyBytes == crypto_sign_PUBLICKEYBYTES);
static_assert(kKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(kNonceBytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(kSealBytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(kSignatureBytes == crypto_sign_BYTES);
static_assert(kMacBytes >= crypto_generichash_blake2b_BYTES_MIN);

// Lets the library choose the fastest code for this processor; the results are the same without.
void prepare() {
  static const int prepared = sodium_init();
  NETRIG_ASSERT(prepared >= 0);
}

// The library's signing key: the seed and the public key behind it.
struct ExpandedKey {
  explicit ExpandedKey(const SigningKey& key) {
    crypto_sign_seed_keypair(verify_key.bytes.data(), secret.data(), key.bytes.data());
  }
  ~ExpandedKey() { wipe(secret); }
  ExpandedKey(const ExpandedKey&) = delete;
  ExpandedKey& operator=(const ExpandedKey&) = delete;

  VerifyKey verify_key;
  std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret{};
};

void hash(const SymmetricKey& key, std::string_view label, std::initializer_list<Bytes> parts,
          std::span<std::uint8_t> out) {
  NETRIG_ASSERT(label.size() <= 255);
  prepare();
  crypto_generichash_blake2b_state state;
  crypto_generichash_blake2b_init(&state, key.bytes.data(), key.bytes.size(), out.size());
  const auto label_bytes = static_cast<std::uint8_t>(label.size());
  crypto_generichash_blake2b_update(&state, &label_bytes, 1);
  crypto_generichash_blake2b_update(&state, bytes_of(label).data(), label.size());
  for (const Bytes part : parts) crypto_generichash_blake2b_update(&state, part.data(), part.size());
  crypto_generichash_blake2b_final(&state, out.data(), out.size());
  sodium_memzero(&state, sizeof state);
}

}  // namespace

bool equal_in_constant_time(Bytes a, Bytes b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::span<std::uint8_t> bytes) {
  sodium_memzero(bytes.data(), bytes.size());
}

SymmetricKey make_symmetric_key(Entropy& entropy) {
  SymmetricKey key;
  entropy.fill(key.bytes);
  return key;
}

KeyPair make_key_pair(Entropy& entropy) {
  prepare();
  KeyPair pair;
  entropy.fill(pair.secret_key.bytes);
  crypto_scalarmult_base(pair.public_key.bytes.data(), pair.secret_key.bytes.data());
  return pair;
}

std::optional<SymmetricKey> agree(const SecretKey& own, const PublicKey& theirs) {
  prepare();
  SymmetricKey shared;
  if (crypto_scalarmult(shared.bytes.data(), own.bytes.data(), theirs.bytes.data()) != 0) return std::nullopt;
  return shared;
}

SigningKeyPair make_signing_key_pair(Entropy& entropy) {
  SigningKeyPair pair;
  entropy.fill(pair.signing_key.bytes);
  pair.verify_key = verify_key_of(pair.signing_key);
  return pair;
}

VerifyKey verify_key_of(const SigningKey& key) {
  prepare();
  return ExpandedKey{key}.verify_key;
}

Signature sign(const SigningKey& key, Bytes message) {
  prepare();
  const ExpandedKey expanded{key};
  Signature signature;
  crypto_sign_detached(signature.bytes.data(), nullptr, message.data(), message.size(),
                       expanded.secret.data());
  return signature;
}

bool verify(const VerifyKey& key, const Signature& signature, Bytes message) {
  prepare();
  return crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(),
                                     key.bytes.data()) == 0;
}

void seal(const SymmetricKey& key, const Nonce& nonce, Bytes associated, Bytes plain,
          std::span<std::uint8_t> sealed) {
  NETRIG_ASSERT(sealed.size() == plain.size() + kSealBytes);
  prepare();
  crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
      sealed.data(), sealed.data() + plain.size(), nullptr, plain.data(), plain.size(), associated.data(),
      associated.size(), nullptr, nonce.bytes.data(), key.bytes.data());
}

bool open(const SymmetricKey& key, const Nonce& nonce, Bytes associated, Bytes sealed,
          std::span<std::uint8_t> plain) {
  NETRIG_ASSERT(sealed.size() == plain.size() + kSealBytes);
  prepare();
  return crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
             plain.data(), nullptr, sealed.data(), plain.size(), sealed.data() + plain.size(),
             associated.data(), associated.size(), nonce.bytes.data(), key.bytes.data()) == 0;
}

Mac authenticate(const SymmetricKey& key, std::string_view label, std::initializer_list<Bytes> parts) {
  Mac mac;
  hash(key, label, parts, mac.bytes);
  return mac;
}

SymmetricKey derive(const SymmetricKey& key, std::string_view label, std::initializer_list<Bytes> parts) {
  SymmetricKey derived;
  hash(key, label, parts, derived.bytes);
  return derived;
}

}  // namespace netrig
