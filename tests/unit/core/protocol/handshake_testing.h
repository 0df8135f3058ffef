// A server's door for datagrams and clients who knock, joined by hand: what one side writes the other reads
// when the test says so. Time is Door::now.
#pragma once

#include <boost/test/unit_test.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "netrig/core/protocol/client_handshake.h"
#include "netrig/core/protocol/datagram_admission.h"
#include "netrig/core/protocol/session_seal.h"

namespace netrig::testing {

using Buffer = std::vector<std::uint8_t>;

constexpr std::uint64_t kDoorSchema = 0x5EED;
constexpr std::uint64_t kDoorUnixS = 1'800'000'000;  // at Instant{}

inline AdmissionPolicy door_policy() {
  return {.schema_digest = kDoorSchema};
}

inline Hello door_hello() {
  return {kProtocolVersionMin, kProtocolVersionMax, 0, 0, kDoorSchema};
}

// --- what a hostile peer does to datagrams

inline Bytes flipped(Buffer& bytes, std::size_t bit) {
  bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
  return bytes;
}

// Whoever sits on the way can change a request and make its check right again: the check has no secret.
inline Buffer with_right_check(const ConnectRequest& request) {
  Buffer bytes(kConnectRequestBytes);
  write_connect_request(request, {}, std::span{bytes}.first<kConnectRequestBytes>());
  return bytes;
}

struct Door final : SeatBook {
  explicit Door(const AdmissionPolicy& policy = door_policy(), std::uint32_t seats = 32,
                TokenGate::Config gate_config = {.unix_s_at_start = kDoorUnixS}, const Horizon& with = {},
                std::uint64_t seed = 1)
      : entropy(Random{seed}), horizon(with), total(seats), gate(with_key(std::move(gate_config)), entropy) {
    admission.emplace(policy, derive_windows(horizon), *this, &gate, entropy);
  }

  Seats seats(const Address& from) const override {
    std::uint32_t same_host = 0;
    for (const auto& [address, info] : peers) same_host += address.host == from.host;
    return {static_cast<std::uint32_t>(peers.size()), total, same_host, stopping};
  }
  std::optional<ResumeKey> resume_key(const ResumeClaim& claim) const override {
    const auto found = resumable.find(claim.client);
    return found == resumable.end() ? std::nullopt : std::optional{found->second};
  }

  // Of another start: the same otherwise.
  static Door started(std::uint64_t seed) {
    return Door{door_policy(), 32, {.unix_s_at_start = kDoorUnixS}, {}, seed};
  }

  // What the server makes of a datagram; the peer is added, the answer kept in `answer`.
  AdmissionCause hear(const Address& from, Bytes datagram) {
    std::array<std::uint8_t, kAnswerBytesMax> bytes{};
    last = admission->receive(from, datagram, bytes, now);
    answer.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(last.answer_bytes));
    if (last.replaces) peers.erase(from);
    if (last.cause == AdmissionCause::accepted) peers[from] = last.info;
    return last.cause;
  }
  void leave(const Address& address) {
    peers.erase(address);
    admission->forget(address, now);
  }

  ClientToken token(std::string_view identity = "alice", std::uint64_t life_s = 60) {
    const SigningKeyPair client = make_signing_key_pair(entropy);
    const IssuedToken issued = issue_token(
        key, {client.verify_key, Identity{bytes_of(identity)}, kDoorUnixS, kDoorUnixS + life_s}, entropy);
    return {issued.token, issued.secret, client.signing_key};
  }

  SeededEntropy entropy;
  TokenKey key = make_symmetric_key(entropy);
  Instant now;
  Horizon horizon;
  std::uint32_t total;
  TokenGate gate;
  std::optional<DatagramAdmission> admission;
  bool stopping = false;
  std::map<Address, PeerInfo> peers;
  std::map<ClientId, ResumeKey> resumable;  // players who may come back
  DatagramAdmission::Outcome last;
  Buffer answer;

 private:
  TokenGate::Config with_key(TokenGate::Config config) {
    config.keys.insert(config.keys.begin(), key);
    return config;
  }
};

// A client on its way in, from an address of its own.
struct Knocker {
  Knocker(Door& at, const Address& from, const ClientToken* token = nullptr, bool encrypted = true,
          const Hello& hello = door_hello())
      : door(at),
        address(from),
        handshake({.horizon = at.horizon, .encrypted = encrypted}, hello, token, at.entropy, at.now) {}

  // The request that is due; empty when none is.
  Buffer request() {
    Buffer bytes(kConnectRequestBytes);
    if (!handshake.poll(ClientHandshake::Request{bytes.data(), kConnectRequestBytes}, door.now)) return {};
    return bytes;
  }
  // One request and its answer, without delay.
  AdmissionCause knock() {
    const Buffer bytes = request();
    BOOST_REQUIRE(!bytes.empty());
    const AdmissionCause cause = door.hear(address, bytes);
    if (!door.answer.empty()) handshake.receive(door.answer, door.now);
    return cause;
  }
  // Two knocks: in, or refused.
  HandshakeState come_in() {
    knock();
    if (!handshake.is_over()) knock();
    return handshake.state();
  }

  Door& door;
  Address address;
  ClientHandshake handshake;
};

inline std::string refusal_of(const Knocker& knocker) {
  return knocker.handshake.refused() ? std::string{text(knocker.handshake.refused()->reason)} : "none";
}

inline bool share_keys(const SessionKeys& client, const SessionKeys& server) {
  return client.send == server.receive && client.receive == server.send;
}

}  // namespace netrig::testing
