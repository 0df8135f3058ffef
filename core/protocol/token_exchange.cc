#include "netrig/core/protocol/token_exchange.h"

namespace netrig {
namespace {

constexpr std::string_view kProofLabel = "netrig stream proof";

Mac check_of(const SymmetricKey& token_secret, const SymmetricKey& digest) {
  return authenticate(token_secret, "netrig stream challenge", {digest.bytes});
}

}  // namespace

SymmetricKey exchange_digest(const Challenge& challenge, Bytes hello_body) {
  return derive(SymmetricKey{}, "netrig stream", {challenge.nonce, hello_body});
}

Challenge make_challenge(const TokenClaims& claims, Bytes hello_body, Entropy& entropy) {
  Challenge challenge;
  entropy.fill(challenge.nonce);
  challenge.check = check_of(claims.secret, exchange_digest(challenge, hello_body)).bytes;
  return challenge;
}

bool is_proof(const Proof& proof, const TokenClaims& claims, const SymmetricKey& digest) {
  return is_proof(TokenProof{{proof.mac}, {proof.signature}}, claims, kProofLabel, digest.bytes);
}

std::optional<Proof> answer_challenge(const Challenge& challenge, const ClientToken& token,
                                      Bytes hello_body) {
  const SymmetricKey digest = exchange_digest(challenge, hello_body);
  if (!equal_in_constant_time(check_of(token.secret, digest).bytes, challenge.check)) return std::nullopt;
  const TokenProof proof = prove_token(token, kProofLabel, digest.bytes);
  return Proof{proof.mac.bytes, proof.signature.bytes};
}

}  // namespace netrig
