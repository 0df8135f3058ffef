#include "netrig/core/protocol/handshake_codec.h"

#include <algorithm>

#include "netrig/core/base/assert.h"

namespace netrig {
namespace {

constexpr std::uint8_t kFlagEncrypted = 0x01;
constexpr std::uint8_t kFlagCookie = 0x02;
constexpr std::uint8_t kFlagProof = 0x04;
constexpr std::uint8_t kFlagResume = 0x08;

constexpr std::string_view kRequestLabel = "netrig request";
constexpr std::string_view kProofLabel = "netrig proof";
constexpr std::string_view kResumeLabel = "netrig resume";
constexpr std::string_view kChallengeLabel = "netrig challenge";
constexpr std::string_view kRefuseLabel = "netrig refuse";

// Where the parts of a request begin.
constexpr std::size_t kAttemptAt = 1;
constexpr std::size_t kCookieAt = 2;
constexpr std::size_t kFlagsAt = kCookieAt + kCookieBytes;
constexpr std::size_t kShareAt = kFlagsAt + 1;
constexpr std::size_t kHelloAt = kShareAt + kKeyBytes + 2;
constexpr std::size_t kHelloBytesMax =
    kConnectRequestBytes - kHelloAt - kMacBytes - kTokenProofBytes - kMacBytes;

std::uint8_t kind_byte(DatagramKind kind) {
  return static_cast<std::uint8_t>(kind);
}

void copy_to(std::span<std::uint8_t> out, std::size_t at, Bytes bytes) {
  std::ranges::copy(bytes, out.subspan(at, bytes.size()).begin());
}

// A check proves nothing about who made it, except that it knew `share`.
Mac check_of(std::string_view label, const PublicKey& share, Bytes checked) {
  SymmetricKey key;
  key.bytes = share.bytes;
  return authenticate(key, label, {checked});
}

// Puts the check behind the bytes before it; returns the size of it all.
std::size_t finish(std::string_view label, const PublicKey& share, std::span<std::uint8_t> out,
                   std::size_t size) {
  copy_to(out, size, check_of(label, share, out.first(size)).bytes);
  return size + kMacBytes;
}

// A datagram of exactly `size` bytes of that kind.
std::optional<DecodeFault> fault_in_shape(Bytes datagram, DatagramKind kind, std::size_t size) {
  if (datagram.empty()) return DecodeFault::truncated;
  if (datagram[0] != kind_byte(kind)) return DecodeFault::unknown_type;
  if (datagram.size() < size) return DecodeFault::truncated;
  if (datagram.size() > size) return DecodeFault::trailing_bytes;
  return std::nullopt;
}

bool is_checked(std::string_view label, const PublicKey& share, Bytes datagram) {
  const Bytes checked = datagram.first(datagram.size() - kMacBytes);
  return equal_in_constant_time(check_of(label, share, checked).bytes, datagram.last(kMacBytes));
}

bool is_zero(Bytes bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

// Which flags may stand together: proofs need a cookie.
bool are_flags_defined(std::uint8_t flags) {
  constexpr std::uint8_t kProofs = kFlagProof | kFlagResume;
  const bool known = (flags & ~(kFlagEncrypted | kFlagCookie | kProofs)) == 0;
  return known && ((flags & kProofs) == 0 || (flags & kFlagCookie) != 0);
}

Mac resume_mac(const ResumeKey& resume_key, Bytes proved) {
  SymmetricKey key;
  store_little_endian(key.bytes.data(), resume_key.high);
  store_little_endian(key.bytes.data() + 8, resume_key.low);
  return authenticate(key, kResumeLabel, {proved});
}

}  // namespace

// --- the request

Result<ConnectRequest, DecodeFault> decode_connect_request(Bytes datagram) {
  if (const auto fault = fault_in_shape(datagram, DatagramKind::connect_request, kConnectRequestBytes)) {
    return *fault;
  }
  ByteReader reader{datagram.subspan(kAttemptAt)};
  ConnectRequest request;
  request.attempt = reader.u8();
  Cookie cookie;
  reader.copy_to(cookie.bytes);
  const std::uint8_t flags = reader.u8();
  reader.copy_to(request.share.bytes);
  request.hello = reader.bytes(reader.u16());
  if (!are_flags_defined(flags)) return DecodeFault::bad_header;
  request.encrypted = (flags & kFlagEncrypted) != 0;
  if ((flags & kFlagResume) != 0) reader.copy_to(request.resume.emplace().bytes);
  if ((flags & kFlagProof) != 0) {
    request.proof.emplace();
    reader.copy_to(request.proof->mac.bytes);
    reader.copy_to(request.proof->signature.bytes);
  }
  const std::size_t checked = kConnectRequestBytes - reader.remaining();
  const Bytes check = reader.bytes(kMacBytes);
  if (!reader.ok()) return DecodeFault::truncated;
  if (!is_zero(reader.rest())) return DecodeFault::trailing_bytes;
  if ((flags & kFlagCookie) != 0) {
    request.cookie = cookie;
  } else if (!is_zero(cookie.bytes)) {
    return DecodeFault::out_of_range;
  }
  const Mac expected = check_of(kRequestLabel, {}, datagram.first(checked));
  if (!equal_in_constant_time(expected.bytes, check)) return DecodeFault::out_of_range;
  request.proved = datagram.subspan(kCookieAt, kHelloAt - kCookieAt + request.hello.size());
  request.agreed = request.proved.subspan(kFlagsAt - kCookieAt);
  return request;
}

void write_connect_request(const ConnectRequest& request, const RequestSecrets& secrets,
                           std::span<std::uint8_t, kConnectRequestBytes> out) {
  NETRIG_ASSERT(request.hello.size() <= kHelloBytesMax);
  const bool proves = secrets.token != nullptr && request.cookie;
  const bool resumes = secrets.resume_key != nullptr && request.cookie;
  std::ranges::fill(out, std::uint8_t{0});
  out[0] = kind_byte(DatagramKind::connect_request);
  out[kAttemptAt] = request.attempt;
  if (request.cookie) copy_to(out, kCookieAt, request.cookie->bytes);
  out[kFlagsAt] = static_cast<std::uint8_t>((request.encrypted ? kFlagEncrypted : 0) |
                                            (request.cookie ? kFlagCookie : 0) | (proves ? kFlagProof : 0) |
                                            (resumes ? kFlagResume : 0));
  copy_to(out, kShareAt, request.share.bytes);
  store_little_endian(out.data() + kHelloAt - 2, static_cast<std::uint16_t>(request.hello.size()));
  copy_to(out, kHelloAt, request.hello);
  std::size_t size = kHelloAt + request.hello.size();
  const Bytes proved = Bytes{out}.subspan(kCookieAt, size - kCookieAt);
  if (resumes) {
    copy_to(out, size, resume_mac(*secrets.resume_key, proved).bytes);
    size += kMacBytes;
  }
  if (proves) {
    const TokenProof proof = prove_token(*secrets.token, kProofLabel, proved);
    copy_to(out, size, proof.mac.bytes);
    copy_to(out, size + kMacBytes, proof.signature.bytes);
    size += kTokenProofBytes;
  }
  finish(kRequestLabel, {}, out, size);
}

bool is_proved(const ConnectRequest& request, const TokenClaims& claims) {
  return request.proof && is_proof(*request.proof, claims, kProofLabel, request.proved);
}

bool is_resumed(const ConnectRequest& request, const ResumeKey& key) {
  return request.resume &&
         equal_in_constant_time(resume_mac(key, request.proved).bytes, request.resume->bytes);
}

// --- the answers

Result<CookieChallenge, DecodeFault> decode_challenge_datagram(Bytes datagram, const PublicKey& share) {
  if (const auto fault = fault_in_shape(datagram, DatagramKind::challenge, kChallengeBytes)) return *fault;
  if (!is_checked(kChallengeLabel, share, datagram)) return DecodeFault::out_of_range;
  ByteReader reader{datagram.subspan(1)};
  CookieChallenge challenge;
  challenge.attempt = reader.u8();
  reader.copy_to(challenge.cookie.bytes);
  return challenge;
}

std::size_t write_challenge_datagram(const CookieChallenge& challenge, const PublicKey& share,
                                     std::span<std::uint8_t> out) {
  out[0] = kind_byte(DatagramKind::challenge);
  out[1] = challenge.attempt;
  copy_to(out, 2, challenge.cookie.bytes);
  return finish(kChallengeLabel, share, out, 2 + kCookieBytes);
}

Result<Refuse, DecodeFault> decode_refuse_datagram(Bytes datagram, const PublicKey& share) {
  if (const auto fault = fault_in_shape(datagram, DatagramKind::refuse, kRefuseDatagramBytes)) return *fault;
  if (!is_checked(kRefuseLabel, share, datagram)) return DecodeFault::out_of_range;
  return decode_refuse(datagram.subspan(1, kRefuseDatagramBytes - 1 - kMacBytes));
}

std::size_t write_refuse_datagram(const Refuse& refuse, const PublicKey& share, std::span<std::uint8_t> out) {
  out[0] = kind_byte(DatagramKind::refuse);
  out[1] = static_cast<std::uint8_t>(refuse.reason);
  store_little_endian(out.data() + 2, refuse.version_min);
  store_little_endian(out.data() + 4, refuse.version_max);
  return finish(kRefuseLabel, share, out, 6);
}

Result<Accept, DecodeFault> decode_accept(Bytes datagram) {
  if (const auto fault = fault_in_shape(datagram, DatagramKind::accept, kAcceptBytes)) return *fault;
  ByteReader reader{datagram.subspan(1)};
  Accept accept;
  const std::uint8_t flags = reader.u8();
  accept.version = reader.u16();
  accept.features = reader.u32();
  reader.copy_to(accept.share.bytes);
  reader.copy_to(accept.tag.bytes);
  if ((flags & ~kFlagEncrypted) != 0) return DecodeFault::bad_header;
  accept.encrypted = (flags & kFlagEncrypted) != 0;
  accept.head = datagram.first(kAcceptHeadBytes);
  return accept;
}

void write_accept_head(const Accept& accept, std::span<std::uint8_t, kAcceptHeadBytes> out) {
  out[0] = kind_byte(DatagramKind::accept);
  out[1] = accept.encrypted ? kFlagEncrypted : 0;
  store_little_endian(out.data() + 2, accept.version);
  store_little_endian(out.data() + 4, accept.features);
  copy_to(out, 8, accept.share.bytes);
}

SessionSecrets derive_session(const SymmetricKey& token_secret, const SymmetricKey& exchanged, Bytes agreed,
                              Bytes accept_head) {
  const SymmetricKey secret = derive(token_secret, "netrig session", {exchanged.bytes, agreed, accept_head});
  return {derive(secret, "to server", {}), derive(secret, "to client", {}),
          authenticate(secret, "accept", {})};
}

}  // namespace netrig
