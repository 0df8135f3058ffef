#include "netrig/core/protocol/token.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"

namespace netrig {
namespace {

constexpr std::uint8_t kTokenVersion = 1;
constexpr std::string_view kTokenLabel = "netrig token 1";  // associated with the seal

using ClaimsBytes = std::array<std::uint8_t, kTokenClaimsBytes>;

template <class Array>
std::uint8_t* put(std::uint8_t* at, const Array& bytes) {
  return std::ranges::copy(bytes, at).out;
}

ClaimsBytes encode(const TokenClaims& claims) {
  ClaimsBytes out{};
  std::uint8_t* at = put(out.data(), claims.id.bytes);
  store_little_endian(at, claims.not_before_s);
  store_little_endian(at + 8, claims.expires_s);
  at = put(at + 16, claims.client.bytes);
  at = put(at, claims.secret.bytes);
  store_little_endian(at, static_cast<std::uint16_t>(claims.identity.bytes().size()));
  put(at + 2, claims.identity.bytes());
  return out;
}

// Of bytes that the issuer sealed; nothing when it sealed what no token may say.
std::optional<TokenClaims> decode(const ClaimsBytes& bytes) {
  ByteReader reader{bytes};
  TokenClaims claims;
  reader.copy_to(claims.id.bytes);
  claims.not_before_s = reader.u64();
  claims.expires_s = reader.u64();
  reader.copy_to(claims.client.bytes);
  reader.copy_to(claims.secret.bytes);
  const std::size_t identity_bytes = reader.u16();
  if (identity_bytes > kIdentityBytesMax) return std::nullopt;
  claims.identity = Identity{reader.bytes(identity_bytes)};
  return claims;
}

// What is signed: a digest, so that the signature's input has one size whatever it vouches for.
SymmetricKey digest_of(std::string_view label, Bytes bound) {
  return derive(SymmetricKey{}, label, {bound});
}

}  // namespace

std::string_view text(TokenFault fault) {
  switch (fault) {
    case TokenFault::forged:
      return "forged";
    case TokenFault::early:
      return "early";
    case TokenFault::expired:
      return "expired";
    case TokenFault::used:
      return "used";
    case TokenFault::full:
      return "full";
  }
  return "unknown";
}

Identity::Identity(Bytes bytes) : size_(static_cast<std::uint16_t>(bytes.size())) {
  NETRIG_ASSERT(bytes.size() <= kIdentityBytesMax);
  std::ranges::copy(bytes, bytes_.begin());
}

IssuedToken issue_token(const TokenKey& key, const TokenOrder& order, Entropy& entropy) {
  NETRIG_ASSERT(order.expires_s > order.not_before_s);
  TokenClaims claims{{}, order.not_before_s, order.expires_s, order.client, {}, order.identity};
  entropy.fill(claims.id.bytes);
  entropy.fill(claims.secret.bytes);
  Nonce nonce;  // drawn: 24 bytes do not repeat
  entropy.fill(nonce.bytes);

  IssuedToken issued{{}, claims.secret};
  issued.token.bytes[0] = kTokenVersion;
  put(issued.token.bytes.data() + 1, nonce.bytes);
  ClaimsBytes plain = encode(claims);
  seal(key, nonce, bytes_of(kTokenLabel), plain, std::span{issued.token.bytes}.subspan(1 + kNonceBytes));
  wipe(plain);
  return issued;
}

TokenGate::TokenGate(Config config, Entropy& entropy) : config_(std::move(config)), entropy_(entropy) {
  NETRIG_ASSERT(!config_.keys.empty() && config_.used_max > 0);
}

std::uint64_t TokenGate::unix_s(Instant now) const {
  return config_.unix_s_at_start + static_cast<std::uint64_t>(now.time_since_epoch() / 1s);
}

bool TokenGate::unseal(Bytes token, std::span<std::uint8_t, kTokenClaimsBytes> claims) const {
  if (token.size() != kTokenBytes || token[0] != kTokenVersion) return false;
  Nonce nonce;
  put(nonce.bytes.data(), token.subspan(1, kNonceBytes));
  const Bytes sealed = token.subspan(1 + kNonceBytes);
  return std::ranges::any_of(config_.keys, [&](const TokenKey& key) {
    return netrig::open(key, nonce, bytes_of(kTokenLabel), sealed, claims);
  });
}

Result<TokenClaims, TokenFault> TokenGate::open(Bytes token, Instant now) const {
  ClaimsBytes plain{};
  if (!unseal(token, plain)) return TokenFault::forged;
  const std::optional<TokenClaims> claims = decode(plain);
  wipe(plain);
  if (!claims) return TokenFault::forged;
  if (unix_s(now) < claims->not_before_s) return TokenFault::early;
  if (unix_s(now) >= claims->expires_s) return TokenFault::expired;
  if (used_.contains(claims->id)) return TokenFault::used;
  return *claims;
}

Result<void, TokenFault> TokenGate::use(const TokenClaims& claims, Instant now) {
  if (used_.contains(claims.id)) return TokenFault::used;
  if (used_.size() >= config_.used_max) {
    std::erase_if(used_, [&](const auto& entry) { return entry.second <= unix_s(now); });
  }
  if (used_.size() >= config_.used_max) return TokenFault::full;
  used_.emplace(claims.id, claims.expires_s);
  return {};
}

TokenProof prove_token(const ClientToken& token, std::string_view label, Bytes bound) {
  return {authenticate(token.secret, label, {bound}), sign(token.signing_key, digest_of(label, bound).bytes)};
}

bool is_proof(const TokenProof& proof, const TokenClaims& claims, std::string_view label, Bytes bound) {
  const Mac mac = authenticate(claims.secret, label, {bound});
  return equal_in_constant_time(mac.bytes, proof.mac.bytes) &&
         verify(claims.client, proof.signature, digest_of(label, bound).bytes);
}

}  // namespace netrig
