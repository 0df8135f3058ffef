// Bytes of the datagrams before a session: the client's request and the server's three answers. Each has a
// check or a tag, so what was damaged on the way is never taken for something else. PROTOCOL.md, section 7,
// is normative. Decoding is total; nothing is allocated.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "netrig/core/base/result.h"
#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/cookie.h"
#include "netrig/core/protocol/limits.h"
#include "netrig/core/protocol/messages.h"
#include "netrig/core/protocol/token.h"

namespace netrig {

enum class DatagramKind : std::uint8_t { connect_request = 1, challenge = 2, accept = 3, refuse = 4 };

constexpr std::size_t kConnectRequestBytes = kDatagramBytesMax;  // padded, so that no answer is longer
constexpr std::size_t kChallengeBytes = 1 + 1 + kCookieBytes + kMacBytes;
constexpr std::size_t kAcceptHeadBytes = 1 + 1 + 2 + 4 + kKeyBytes;
constexpr std::size_t kAcceptBytes = kAcceptHeadBytes + kMacBytes;
constexpr std::size_t kRefuseDatagramBytes = 1 + 1 + 2 + 2 + kMacBytes;
constexpr std::size_t kAnswerBytesMax = kAcceptBytes;  // the longest
static_assert(kChallengeBytes <= kAnswerBytesMax && kRefuseDatagramBytes <= kAnswerBytesMax);
static_assert(kAnswerBytesMax < kConnectRequestBytes, "never more bytes out than in");

struct ConnectRequest {
  std::uint8_t attempt = 0;      // how many the client has sent before it; a challenge repeats it
  std::optional<Cookie> cookie;  // from the challenge; the first requests have none
  bool encrypted = true;         // what the client wants of the session
  // The client's half of the key exchange, or unpredictable bytes in a session without encryption. Names this
  // attempt to connect: all its requests have the same.
  PublicKey share;
  Bytes hello;                      // the body of a hello, without the key of its claim
  std::optional<Mac> resume;        // with a cookie, when the hello claims a session: proves its key
  std::optional<TokenProof> proof;  // with a cookie, when the hello has a token

  Bytes proved;  // as it stands on the wire: what the proof covers (cookie to hello)
  Bytes agreed;  // what both sides' keys depend on (flags to hello)
};
Result<ConnectRequest, DecodeFault> decode_connect_request(Bytes datagram);
// What a client proves once it has a cookie. Null: nothing of that kind.
struct RequestSecrets {
  const ClientToken* token = nullptr;
  const ResumeKey* resume_key = nullptr;
};
// Encodes everything but `proved` and `agreed`; `resume` and `proof` are made from the secrets.
void write_connect_request(const ConnectRequest& request, const RequestSecrets& secrets,
                           std::span<std::uint8_t, kConnectRequestBytes> out);
bool is_resumed(const ConnectRequest& request, const ResumeKey& key);
bool is_proved(const ConnectRequest& request, const TokenClaims& claims);

// The answers. Their checks are keyed with the request's share: whoever has not seen the request cannot make
// the client believe them.
struct CookieChallenge {
  std::uint8_t attempt = 0;  // of the request it answers
  Cookie cookie;
};
Result<CookieChallenge, DecodeFault> decode_challenge_datagram(Bytes datagram, const PublicKey& share);
std::size_t write_challenge_datagram(const CookieChallenge& challenge, const PublicKey& share,
                                     std::span<std::uint8_t> out);

Result<Refuse, DecodeFault> decode_refuse_datagram(Bytes datagram, const PublicKey& share);
std::size_t write_refuse_datagram(const Refuse& refuse, const PublicKey& share, std::span<std::uint8_t> out);

struct Accept {
  bool encrypted = false;
  std::uint16_t version = 0;
  Features features = 0;
  PublicKey share;  // the server's half
  Mac tag;

  Bytes head;  // as it stands on the wire: all before the tag
};
Result<Accept, DecodeFault> decode_accept(Bytes datagram);
// Without the tag, which depends on these bytes: the caller completes them with what derive_session() says.
void write_accept_head(const Accept& accept, std::span<std::uint8_t, kAcceptHeadBytes> out);

// What a finished handshake gives both sides: the keys of both directions, and the proof that the server
// derived the same.
struct SessionSecrets {
  SymmetricKey to_server;
  SymmetricKey to_client;
  Mac accept_tag;
};
// `token_secret`: zeros without a token. `exchanged`: what agree() gave; zeros without encryption.
SessionSecrets derive_session(const SymmetricKey& token_secret, const SymmetricKey& exchanged, Bytes agreed,
                              Bytes accept_head);

}  // namespace netrig
