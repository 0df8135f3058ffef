// The handshake of datagrams, with and without token, encryption and a claim; tokens; sealed packets. All
// keys are drawn from fixed seeds.
#include <algorithm>

#include "netrig/core/protocol/client_handshake.h"
#include "netrig/core/protocol/datagram_admission.h"
#include "netrig/core/protocol/session_seal.h"
#include "netrig/tests/conformance/golden_cases.h"

namespace netrig::conformance {
namespace {

using Cases = std::vector<GoldenCase>;

constexpr std::uint64_t kUnixS = 1'800'000'000;
constexpr std::uint64_t kClientSeed = 21;
const Address kFrom{"10.0.0.1", 5000};
const ResumeKey kResumeKey{0x0102030405060708, 0x090A0B0C0D0E0F10};

template <class Array>
Buffer buffer_of(const Array& bytes) {
  return {bytes.begin(), bytes.end()};
}

class OpenHouse final : public SeatBook {
 public:
  Seats seats(const Address&) const override { return {0, 32, 0, false}; }
  std::optional<ResumeKey> resume_key(const ResumeClaim& claim) const override {
    return claim.client == ClientId{7} ? std::optional{kResumeKey} : std::nullopt;
  }
};

struct Issued {
  TokenKey key;
  ClientToken token;
};

Issued issued_token(std::string_view identity) {
  SeededEntropy entropy{Random{22}};
  const TokenKey key = make_symmetric_key(entropy);
  const SigningKeyPair client = make_signing_key_pair(entropy);
  const IssuedToken issued =
      issue_token(key, {client.verify_key, Identity{bytes_of(identity)}, kUnixS, kUnixS + 60}, entropy);
  return {key, {issued.token, issued.secret, client.signing_key}};
}

struct Exchange {
  std::string name;
  bool encrypted = true;
  const ClientToken* token = nullptr;
  ResumeClaim resume{};
};

// All four datagrams of one handshake.
void add_exchange(Cases& cases, const Exchange& exchange, const Issued& issued) {
  SeededEntropy client_entropy{Random{kClientSeed}};
  SeededEntropy same{Random{kClientSeed}};
  SeededEntropy server_entropy{Random{23}};
  const SecretKey client_secret = make_key_pair(same).secret_key;
  const Hello hello{1, 1, 0b101, 0, golden_schema().digest(), exchange.resume};
  ClientHandshake client{
      {.horizon = {}, .encrypted = exchange.encrypted}, hello, exchange.token, client_entropy, Instant{}};
  AdmissionPolicy policy{.schema_digest = hello.schema_digest, .supported = 0b100};
  policy.allows_plaintext = true;
  TokenGate gate{{.keys = {issued.key}, .unix_s_at_start = kUnixS}, server_entropy};
  const OpenHouse house;
  DatagramAdmission server{policy, derive_windows({}), house, &gate, server_entropy};

  Context context;
  const auto add = [&](const std::string& what, Sender from, Buffer bytes) {
    cases.push_back({.name = exchange.name + ": " + what,
                     .from = from,
                     .bytes = std::move(bytes),
                     .layer = Layer::handshake,
                     .context = from == Sender::server ? context : Context{}});
  };
  const Instant now = Instant{} + 5s;
  for (const auto& [asked, answered] :
       {std::pair{"first request", "challenge"}, std::pair{"request", "accept"}}) {
    Buffer request(kConnectRequestBytes);
    NETRIG_ASSERT(client.poll(std::span{request}.first<kConnectRequestBytes>(), now));
    add(asked, Sender::client, request);
    context = {
        {"share", buffer_of(decode_connect_request(request)->share.bytes)},
        {"request", request},
        {"client_secret", buffer_of(client_secret.bytes)},
        {"token_secret", buffer_of(exchange.token ? exchange.token->secret.bytes : SymmetricKey{}.bytes)}};
    std::array<std::uint8_t, kAnswerBytesMax> answer{};
    const auto outcome = server.receive(kFrom, request, answer, now);
    Buffer bytes{answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(outcome.answer_bytes)};
    client.receive(bytes, now);
    add(answered, Sender::server, std::move(bytes));
  }
  NETRIG_ASSERT(client.state() == HandshakeState::accepted);
}

Buffer request_bytes(const ConnectRequest& request) {
  Buffer bytes(kConnectRequestBytes);
  write_connect_request(request, {}, std::span{bytes}.first<kConnectRequestBytes>());
  return bytes;
}

PublicKey golden_share() {
  PublicKey share;
  for (std::size_t i = 0; i < kKeyBytes; ++i) share.bytes[i] = static_cast<std::uint8_t>(i);
  return share;
}

Buffer refusal_bytes(std::uint8_t reason) {
  Buffer bytes(kRefuseDatagramBytes);
  write_refuse_datagram({static_cast<RefuseReason>(reason), 1, 2}, golden_share(), bytes);
  return bytes;
}

void add_refusals(Cases& cases) {
  for (std::uint8_t reason = 1; reason <= kRefuseReasons; ++reason) {
    cases.push_back({.name = "refuse datagram " + std::to_string(reason),
                     .from = Sender::server,
                     .bytes = refusal_bytes(reason),
                     .layer = Layer::handshake,
                     .context = {{"share", buffer_of(golden_share().bytes)}}});
  }
}

void add_tokens(Cases& cases) {
  const std::string longest(kIdentityBytesMax, 'x');
  for (const std::string& identity : {std::string{}, std::string{"player 7"}, longest}) {
    const Issued issued = issued_token(identity);
    cases.push_back({.name = "token of " + std::to_string(identity.size()) + " bytes of identity",
                     .bytes = buffer_of(issued.token.token.bytes),
                     .layer = Layer::token,
                     .context = {{"token_key", buffer_of(issued.key.bytes)}}});
  }
}

void add_sealed(Cases& cases) {
  SeededEntropy entropy{Random{24}};
  const SymmetricKey key = make_symmetric_key(entropy);
  for (const std::uint64_t sequence : {std::uint64_t{0}, std::uint64_t{77}, std::uint64_t{0x1'0000'0005}}) {
    for (const std::size_t size : {1u, 7u, 64u, 200u}) {
      Buffer datagram(kSessionHeadBytes + size + kSealBytes, static_cast<std::uint8_t>(size));
      seal_session(key, 1, sequence, datagram);
      Buffer number(8);
      store_little_endian(number.data(), sequence);
      cases.push_back(
          {.name = "sealed packet " + std::to_string(sequence) + " of " + std::to_string(size) + " bytes",
           .bytes = std::move(datagram),
           .layer = Layer::sealed,
           .context = {{"key", buffer_of(key.bytes)}, {"sequence", number}, {"version", {1, 0}}}});
    }
  }
}

void add_bad_requests(Cases& cases) {
  Buffer hello;
  encode_body(Hello{1, 1, 0, 0, 5}, hello);
  ConnectRequest request;
  request.share = golden_share();
  request.hello = hello;
  const Buffer good = request_bytes(request);
  const auto add = [&](std::string name, Buffer bytes) {
    cases.push_back(
        {.name = std::move(name), .bytes = std::move(bytes), .layer = Layer::handshake, .is_refused = true});
  };
  const auto changed = [&](std::size_t at, std::uint8_t to) {
    Buffer bytes = good;
    bytes[at] = to;
    return bytes;
  };
  add("connect_request, no datagram", {});
  add("connect_request, a byte short", {good.begin(), good.end() - 1});
  Buffer longer = good;
  longer.push_back(0);
  add("connect_request, a byte long", longer);
  add("a datagram of kind 0", changed(0, 0));
  add("a datagram of kind 5", changed(0, 5));
  add("connect_request, a wrong check", changed(57, 'X'));
  add("connect_request, a flag that is not defined", changed(22, 0x11));
  add("connect_request, a proof without a cookie", changed(22, 0x05));
  add("connect_request, a cookie that is not said", changed(9, 1));
  add("connect_request, bytes after its end", changed(1'000, 1));
  add("connect_request, a hello longer than it", changed(56, 0xFF));
  ConnectRequest other = request;
  other.cookie.emplace();
  Buffer claim;
  encode_body(Hello{1, 1, 0, 0, 5, {1, ClientId{2}, {}, 3}}, claim);
  other.hello = claim;
  add("connect_request, a claim without its proof", request_bytes(other));
  Buffer reversed;
  encode_body(Hello{2, 1, 0, 0, 5}, reversed);
  other.hello = reversed;
  add("connect_request, a hello without a version", request_bytes(other));
}

void add_bad_answers(Cases& cases) {
  const Context context{{"share", buffer_of(golden_share().bytes)}};
  const auto add = [&](std::string name, Buffer bytes) {
    cases.push_back({.name = std::move(name),
                     .from = Sender::server,
                     .bytes = std::move(bytes),
                     .layer = Layer::handshake,
                     .is_refused = true,
                     .context = context});
  };
  PublicKey other = golden_share();
  other.bytes[0] ^= 1;
  Buffer challenge(kChallengeBytes);
  write_challenge_datagram({3, {}}, other, challenge);
  add("challenge of another request", challenge);
  challenge.resize(kChallengeBytes + 1);
  add("challenge, a byte long", challenge);
  add("refuse datagram 0", refusal_bytes(0));
  add("refuse datagram 14", refusal_bytes(14));
  Buffer accept(kAcceptBytes);
  accept[0] = 3;
  accept[1] = 2;
  add("accept, a flag that is not defined", accept);
  accept.pop_back();
  add("accept, a byte short", accept);
}

}  // namespace

void add_valid_handshakes(Cases& cases) {
  const Issued issued = issued_token("player 7");
  add_exchange(cases, {"encrypted"}, issued);
  add_exchange(cases, {"encrypted, with a token", true, &issued.token}, issued);
  add_exchange(cases, {"encrypted, a player comes back", true, nullptr, {9, ClientId{7}, kResumeKey, 5}},
               issued);
  add_exchange(cases, {"without encryption", false}, issued);
  add_exchange(cases, {"without encryption, with a token", false, &issued.token}, issued);
  add_refusals(cases);
  add_tokens(cases);
  add_sealed(cases);
}

void add_refused_handshakes(Cases& cases) {
  add_bad_requests(cases);
  add_bad_answers(cases);
}

}  // namespace netrig::conformance
