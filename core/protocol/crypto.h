// The cryptography the protocol is built from, as values and functions. Nothing else in the tree knows which
// library does the work: a game with one of its own replaces crypto.cc. All entropy is the caller's, nothing
// is allocated, and every secret is wiped when its value dies.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "netrig/core/base/bytes.h"
#include "netrig/core/base/entropy.h"

namespace netrig {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSealBytes = 16;  // what seal() adds
constexpr std::size_t kNonceBytes = 24;
constexpr std::size_t kMacBytes = 16;
constexpr std::size_t kSignatureBytes = 64;

// Whether two secrets or authenticators of one size are equal, in a time that does not depend on where they
// differ.
bool equal_in_constant_time(Bytes a, Bytes b);
void wipe(std::span<std::uint8_t> bytes);  // not optimised away

// Bytes that may be seen. One type per meaning, so that none is passed for another.
template <class Tag, std::size_t Size>
struct OpenBytes {
  std::array<std::uint8_t, Size> bytes{};

  friend auto operator<=>(const OpenBytes&, const OpenBytes&) = default;
};
using PublicKey = OpenBytes<struct PublicKeyTag, kKeyBytes>;  // of a key exchange
using VerifyKey = OpenBytes<struct VerifyKeyTag, kKeyBytes>;  // of signatures
using Signature = OpenBytes<struct SignatureTag, kSignatureBytes>;
using Nonce = OpenBytes<struct NonceTag, kNonceBytes>;  // never twice with one key
using Mac = OpenBytes<struct MacTag, kMacBytes>;        // compared with equal_in_constant_time

// Bytes that may not. Copies are as secret as the original, and each is wiped.
template <class Tag>
struct SecretBytes {
  std::array<std::uint8_t, kKeyBytes> bytes{};

  SecretBytes() = default;
  SecretBytes(const SecretBytes&) = default;
  SecretBytes& operator=(const SecretBytes&) = default;
  ~SecretBytes() { wipe(bytes); }

  friend bool operator==(const SecretBytes& a, const SecretBytes& b) {
    return equal_in_constant_time(a.bytes, b.bytes);
  }
};
using SecretKey = SecretBytes<struct SecretKeyTag>;        // of a key exchange
using SigningKey = SecretBytes<struct SigningKeyTag>;      // the seed of a signing key pair
using SymmetricKey = SecretBytes<struct SymmetricKeyTag>;  // seals, authenticates, derives

// A session's two directions, from the holder's side.
struct SessionKeys {
  SymmetricKey send;
  SymmetricKey receive;
};

SymmetricKey make_symmetric_key(Entropy& entropy);

// --- key exchange: X25519 (RFC 7748)

struct KeyPair {
  PublicKey public_key;
  SecretKey secret_key;
};
KeyPair make_key_pair(Entropy& entropy);
// What both sides of an exchange know and nobody else. Nothing for a share that would make it known to all (a
// point of low order).
std::optional<SymmetricKey> agree(const SecretKey& own, const PublicKey& theirs);

// --- signatures: Ed25519 (RFC 8032)

struct SigningKeyPair {
  VerifyKey verify_key;
  SigningKey signing_key;
};
SigningKeyPair make_signing_key_pair(Entropy& entropy);
VerifyKey verify_key_of(const SigningKey& key);
Signature sign(const SigningKey& key, Bytes message);
bool verify(const VerifyKey& key, const Signature& signature, Bytes message);

// --- sealing: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha)

// Encrypts `plain` and authenticates it and `associated`. `sealed` is kSealBytes longer than `plain`, and may
// begin where `plain` does: then it is sealed in place.
void seal(const SymmetricKey& key, const Nonce& nonce, Bytes associated, Bytes plain,
          std::span<std::uint8_t> sealed);
// The reverse. `plain` is kSealBytes shorter than `sealed`, and may begin where that does. False: not what
// was sealed under this key, nonce and associated bytes; `plain` holds nothing of it then.
bool open(const SymmetricKey& key, const Nonce& nonce, Bytes associated, Bytes sealed,
          std::span<std::uint8_t> plain);

// --- keyed hashes: BLAKE2b (RFC 7693), over the label's length (u8), the label, and the parts side by side.
// What the parts hold must tell where each ends.

Mac authenticate(const SymmetricKey& key, std::string_view label, std::initializer_list<Bytes> parts);
// A key of its own for every label and every content of the parts; says nothing about `key`.
SymmetricKey derive(const SymmetricKey& key, std::string_view label, std::initializer_list<Bytes> parts);

}  // namespace netrig
