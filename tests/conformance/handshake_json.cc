#include "netrig/tests/conformance/handshake_json.h"

#include "netrig/core/protocol/handshake_codec.h"
#include "netrig/core/protocol/session_seal.h"

namespace netrig::conformance {
namespace {

Json number(std::uint64_t value) {
  if (value <= (std::uint64_t{1} << 53)) return value;
  return std::to_string(value);
}

template <class Value>
Value value_of(const Context& context, const std::string& name) {
  Value value;
  const Buffer& bytes = context.at(name);
  NETRIG_ASSERT(bytes.size() == value.bytes.size());
  std::copy(bytes.begin(), bytes.end(), value.bytes.begin());
  return value;
}

Decoded refused(DecodeFault fault) {
  return {{}, std::string{text(fault)}};
}

Decoded request_json(Bytes datagram) {
  const auto request = decode_connect_request(datagram);
  if (!request) return refused(request.error());
  const auto hello = decode_hello(request->hello);
  if (!hello) return refused(hello.error());
  const bool claims = hello->resume.client != ClientId{};
  const bool proves_all =
      request->proof.has_value() != hello->token.empty() && request->resume.has_value() == claims;
  if (request->cookie && !proves_all) return refused(DecodeFault::out_of_range);
  Json json{
      {"datagram", "connect_request"}, {"attempt", request->attempt}, {"encrypted", request->encrypted}};
  json["cookie"] = request->cookie ? Json(hex(request->cookie->bytes)) : Json();
  json["share"] = hex(request->share.bytes);
  json["hello"] = hex(request->hello);
  json["resume"] = request->resume ? Json(hex(request->resume->bytes)) : Json();
  json["mac"] = request->proof ? Json(hex(request->proof->mac.bytes)) : Json();
  json["signature"] = request->proof ? Json(hex(request->proof->signature.bytes)) : Json();
  return {std::move(json)};
}

Decoded accept_json(Bytes datagram, const Context& context) {
  const auto accept = decode_accept(datagram);
  if (!accept) return refused(accept.error());
  const auto request = decode_connect_request(context.at("request"));
  NETRIG_ASSERT(request.has_value());
  SymmetricKey exchanged;
  if (accept->encrypted) {
    const auto agreed = agree(value_of<SecretKey>(context, "client_secret"), accept->share);
    if (!agreed) return refused(DecodeFault::out_of_range);
    exchanged = *agreed;
  }
  const SessionSecrets secrets = derive_session(value_of<SymmetricKey>(context, "token_secret"), exchanged,
                                                request->agreed, accept->head);
  if (secrets.accept_tag != accept->tag) return refused(DecodeFault::out_of_range);
  return {Json{{"datagram", "accept"},
               {"encrypted", accept->encrypted},
               {"version", accept->version},
               {"features", accept->features},
               {"share", hex(accept->share.bytes)},
               {"to_server", hex(secrets.to_server.bytes)},
               {"to_client", hex(secrets.to_client.bytes)}}};
}

}  // namespace

Decoded decode_handshake_json(Bytes datagram, const Context& context) {
  const auto kind = datagram.empty() ? DatagramKind{} : static_cast<DatagramKind>(datagram[0]);
  if (datagram.empty()) return refused(DecodeFault::truncated);
  if (kind == DatagramKind::connect_request) return request_json(datagram);
  if (kind == DatagramKind::accept) return accept_json(datagram, context);
  if (kind == DatagramKind::challenge) {
    const auto challenge = decode_challenge_datagram(datagram, value_of<PublicKey>(context, "share"));
    if (!challenge) return refused(challenge.error());
    return {Json{{"datagram", "challenge"},
                 {"attempt", challenge->attempt},
                 {"cookie", hex(challenge->cookie.bytes)}}};
  }
  if (kind == DatagramKind::refuse) {
    const auto refuse = decode_refuse_datagram(datagram, value_of<PublicKey>(context, "share"));
    if (!refuse) return refused(refuse.error());
    return {Json{{"datagram", "refuse"},
                 {"reason", static_cast<std::uint8_t>(refuse->reason)},
                 {"version_min", refuse->version_min},
                 {"version_max", refuse->version_max}}};
  }
  return refused(DecodeFault::unknown_type);
}

Decoded decode_token_json(Bytes token, const Context& context) {
  SeededEntropy unused{Random{1}};
  const TokenGate gate{{.keys = {value_of<TokenKey>(context, "token_key")}, .unix_s_at_start = 1'800'000'000},
                       unused};
  const auto claims = gate.open(token, Instant{});
  if (!claims) return refused(DecodeFault::out_of_range);
  return {Json{{"id", hex(claims->id.bytes)},
               {"not_before", number(claims->not_before_s)},
               {"expires", number(claims->expires_s)},
               {"verify_key", hex(claims->client.bytes)},
               {"secret", hex(claims->secret.bytes)},
               {"identity", hex(claims->identity.bytes())}}};
}

Decoded decode_sealed_json(Bytes datagram, const Context& context) {
  const auto low = session_sequence(datagram, kSealBytes);
  const auto sequence = load_little_endian<std::uint64_t>(context.at("sequence").data());
  if (!low) return refused(DecodeFault::truncated);
  if (*low != static_cast<std::uint32_t>(sequence)) return refused(DecodeFault::out_of_range);
  Buffer packet(datagram.size() - kSessionHeadBytes - kSealBytes);
  const auto version = load_little_endian<std::uint16_t>(context.at("version").data());
  if (!open_session(value_of<SymmetricKey>(context, "key"), version, sequence, datagram, packet)) {
    return refused(DecodeFault::out_of_range);
  }
  return {Json{{"packet", hex(packet)}}};
}

}  // namespace netrig::conformance
