// Connect tokens: how a game's backend, which knows who its players are, tells a game server. The issuer and
// the servers share a token key. A token names one player and one signing key of theirs, is good for a while
// and for one session, and is useless to whoever copies it off the wire: its holder must sign with that key
// and know the token's own secret, which is sealed inside and never sent in the clear. Because the secret
// goes into the session's keys as well, only a server with the token key can answer.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "netrig/core/base/result.h"
#include "netrig/core/base/time.h"
#include "netrig/core/protocol/crypto.h"

namespace netrig {

constexpr std::size_t kIdentityBytesMax = 256;
constexpr std::size_t kTokenIdBytes = 16;
// version | nonce | sealed(id, not before, expiry, verify key, secret, identity's length, identity)
constexpr std::size_t kTokenClaimsBytes =
    kTokenIdBytes + 8 + 8 + kKeyBytes + kKeyBytes + 2 + kIdentityBytesMax;
constexpr std::size_t kTokenBytes = 1 + kNonceBytes + kTokenClaimsBytes + kSealBytes;

using Token = OpenBytes<struct TokenTag, kTokenBytes>;  // sealed, as it travels
using TokenId = OpenBytes<struct TokenIdTag, kTokenIdBytes>;
using TokenKey = SymmetricKey;

// Who the issuer says the player is: an account, a name, rights. Only the game knows what is in it.
class Identity {
 public:
  Identity() = default;
  explicit Identity(Bytes bytes);  // at most kIdentityBytesMax

  Bytes bytes() const { return Bytes{bytes_}.first(size_); }
  friend bool operator==(const Identity&, const Identity&) = default;

 private:
  std::array<std::uint8_t, kIdentityBytesMax> bytes_{};  // zeros after size_
  std::uint16_t size_ = 0;
};

// What a token says. Times are seconds since 1970, UTC.
struct TokenClaims {
  TokenId id;
  std::uint64_t not_before_s = 0;
  std::uint64_t expires_s = 0;  // from here on it is refused
  VerifyKey client;
  SymmetricKey secret;
  Identity identity;
};

// What the player's side holds: the token, and what it takes to use it.
struct ClientToken {
  Token token;
  SymmetricKey secret;     // the token's own
  SigningKey signing_key;  // behind the verify key that the token names
};

// --- the issuer's side

struct TokenOrder {
  VerifyKey client;
  Identity identity;
  std::uint64_t not_before_s = 0;
  std::uint64_t expires_s = 0;  // after not_before_s
};
struct IssuedToken {
  Token token;
  SymmetricKey secret;  // for the client alone, over a channel that others cannot read
};
IssuedToken issue_token(const TokenKey& key, const TokenOrder& order, Entropy& entropy);

// --- the server's side

enum class TokenFault : std::uint8_t {
  forged,  // damaged, or sealed with another key
  early,   // not good yet
  expired,
  used,  // by a session before
  full,  // more tokens are good and used than can be remembered: none is taken until some expire
};
std::string_view text(TokenFault fault);

// Which tokens a server takes. One for all its ways in, because it knows which were used. What was used is
// forgotten when the server ends: give tokens a short life.
class TokenGate {
 public:
  struct Config {
    std::vector<TokenKey> keys{};       // the newest, and those it replaced not long ago
    std::uint64_t unix_s_at_start = 0;  // seconds since 1970 at Instant{}
    std::size_t used_max = 65'536;      // some 6 MB; at 100 players a minute, tokens may live for 10 h
  };
  // Entropy outlives the gate.
  TokenGate(Config config, Entropy& entropy);

  // What the token says, if it is good now and was not used. Allocates nothing.
  Result<TokenClaims, TokenFault> open(Bytes token, Instant now) const;
  // The session begins: no other will with this token. Claims that open() gave; an error if they were used
  // since, or no more can be remembered.
  Result<void, TokenFault> use(const TokenClaims& claims, Instant now);

  Entropy& entropy() { return entropy_; }
  std::size_t remembered() const { return used_.size(); }

 private:
  std::uint64_t unix_s(Instant now) const;
  bool unseal(Bytes token, std::span<std::uint8_t, kTokenClaimsBytes> claims) const;

  Config config_;
  Entropy& entropy_;
  std::map<TokenId, std::uint64_t> used_;  // until when each is good, at most config_.used_max
};

// --- proving that one holds what a token needs, over any bytes that must not be changed or moved elsewhere

constexpr std::size_t kTokenProofBytes = kMacBytes + kSignatureBytes;
struct TokenProof {
  Mac mac;              // by the token's secret: cheap to check, so nobody else makes the server do the rest
  Signature signature;  // by the client's key: so that no other holder of the token key can have made it
};
TokenProof prove_token(const ClientToken& token, std::string_view label, Bytes bound);
bool is_proof(const TokenProof& proof, const TokenClaims& claims, std::string_view label, Bytes bound);

}  // namespace netrig
