// How both ends of a stream come to believe in a token: the client sends it in its hello; the server answers
// with a nonce and a check that only one who could open the token can make; the client proves that the token
// is its own, for this connection and this hello. On a stream without TLS that says who is at the other end,
// not that nobody between reads or changes what follows.
#pragma once

#include "netrig/core/protocol/messages.h"
#include "netrig/core/protocol/token.h"

namespace netrig {

// What both sides vouch for: the nonce and the hello's body.
SymmetricKey exchange_digest(const Challenge& challenge, Bytes hello_body);

// --- the server's side

// With a drawn nonce. The server keeps the digest until the proof comes.
Challenge make_challenge(const TokenClaims& claims, Bytes hello_body, Entropy& entropy);
bool is_proof(const Proof& proof, const TokenClaims& claims, const SymmetricKey& digest);

// --- the client's side

// The proof for a server that could open the token. Nothing for one that could not.
std::optional<Proof> answer_challenge(const Challenge& challenge, const ClientToken& token, Bytes hello_body);

}  // namespace netrig
