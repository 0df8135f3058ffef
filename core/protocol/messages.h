// The tagged messages of the native protocol. PROTOCOL.md beside this file is normative; this is the same in
// C++.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "netrig/core/base/bytes.h"
#include "netrig/core/base/ids.h"
#include "netrig/core/world/input.h"

namespace netrig {

enum class MessageType : std::uint8_t {
  hello = 1,
  welcome = 2,
  refuse = 3,
  ping = 4,
  pong = 5,
  leave = 6,
  disconnect = 7,
  challenge = 8,
  numbered = 9,
  part = 10,
  fragment = 11,
  proof = 12,
  state_header = 16,
  state_update = 17,
  entity_removed = 18,
  input = 32,
  app_reliable = 48,
  app_latest = 49,
};

enum class Sender : std::uint8_t { client, server, both };

// One row per message: what accounting, decoding and the documents agree on.
struct MessageInfo {
  MessageType type;
  std::string_view name;  // as in reports, baselines and metrics
  Sender sender;
  bool reliable;  // numbered by the reliable-ordered channel
};

constexpr std::array<MessageInfo, 18> kMessages{{
    {MessageType::hello, "hello", Sender::client, false},
    {MessageType::welcome, "welcome", Sender::server, false},
    {MessageType::refuse, "refuse", Sender::server, false},
    {MessageType::ping, "ping", Sender::both, false},
    {MessageType::pong, "pong", Sender::both, false},
    {MessageType::leave, "leave", Sender::client, false},
    {MessageType::disconnect, "disconnect", Sender::server, false},
    {MessageType::challenge, "challenge", Sender::server, false},
    {MessageType::numbered, "numbered", Sender::both, true},
    {MessageType::part, "part", Sender::both, true},
    {MessageType::fragment, "fragment", Sender::both, false},
    {MessageType::proof, "proof", Sender::client, false},
    {MessageType::state_header, "state_header", Sender::server, false},
    {MessageType::state_update, "state_update", Sender::server, false},
    {MessageType::entity_removed, "entity_removed", Sender::server, true},
    {MessageType::input, "input", Sender::client, false},
    {MessageType::app_reliable, "app_reliable", Sender::both, true},
    {MessageType::app_latest, "app_latest", Sender::both, false},
}};

constexpr std::uint8_t kNoMessage = 0xFF;

// The row of every tag in kMessages, or kNoMessage.
constexpr std::array<std::uint8_t, 256> kMessageRows = [] {
  std::array<std::uint8_t, 256> rows{};
  rows.fill(kNoMessage);
  for (std::size_t i = 0; i < kMessages.size(); ++i) {
    rows[static_cast<std::uint8_t>(kMessages[i].type)] = static_cast<std::uint8_t>(i);
  }
  return rows;
}();

constexpr std::size_t message_row(MessageType type) {
  return kMessageRows[static_cast<std::uint8_t>(type)];
}

// How a message travels in datagrams. Streams carry all but wrappers, as they are.
enum class Carriage : std::uint8_t {
  plain,
  numbered,  // inside `numbered`, or in parts: once and in order
  wrapper,   // carries another message; counted under that one's name
  never,     // the handshake of datagrams takes its place
};
constexpr Carriage carriage(MessageType type) {
  switch (type) {
    case MessageType::numbered:
    case MessageType::part:
    case MessageType::fragment:
      return Carriage::wrapper;
    case MessageType::hello:
    case MessageType::refuse:
    case MessageType::challenge:
    case MessageType::proof:
      return Carriage::never;
    case MessageType::welcome:
      return Carriage::numbered;
    default:
      return kMessages[message_row(type)].reliable ? Carriage::numbered : Carriage::plain;
  }
}

// Features either side may have. None is defined in version 1; the bits are negotiated all the same.
using Features = std::uint32_t;

// What lets a player come back as itself after its connection broke: drawn by the server, known to the two
// only.
struct ResumeKey {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend bool operator==(const ResumeKey&, const ResumeKey&) = default;
};

// "I was this player." A hello without one has client 0 and zeros.
struct ResumeClaim {
  std::uint64_t epoch = 0;
  ClientId client;
  ResumeKey key;
  std::uint32_t received = 0;  // reliable messages that had come, modulo 2^32
};

struct Hello {
  std::uint16_t version_min = 0;
  std::uint16_t version_max = 0;
  Features offered = 0;
  Features required = 0;
  std::uint64_t schema_digest = 0;
  ResumeClaim resume = {};  // on datagrams without its key, which is proven and not told
  Bytes token{};            // a connect token (token.h), or none; borrowed
};

struct Welcome {
  std::uint16_t version = 0;
  Features features = 0;
  std::uint64_t epoch = 0;  // differs after every start of the server
  ClientId client;
  EntityId entity;  // 0: a spectator
  std::uint16_t tick_rate_hz = 0;
  Tick tick;                         // the server's newest
  std::uint64_t server_time_ns = 0;  // of that tick
  ResumeKey resume_key = {};
  std::uint32_t resume_grace_ms =
      0;                       // how long the server keeps a player whose connection broke; 0: not at all
  std::uint32_t received = 0;  // reliable messages of this session that had come, modulo 2^32
  bool resumed = false;        // the hello's claim holds: the session goes on
};

enum class RefuseReason : std::uint8_t {
  malformed = 1,
  version = 2,
  features = 3,
  schema = 4,
  server_full = 5,
  address_limit = 6,
  stopping = 7,
  handshake_timeout = 8,
  token_required = 9,
  token_invalid = 10,  // forged, of another issuer, or without the proof that it is the sender's
  token_expired = 11,  // or not good yet
  token_used = 12,
  encryption_required = 13,
};
constexpr std::size_t kRefuseReasons = 13;  // they count from 1
std::string_view text(RefuseReason reason);

struct Refuse {
  RefuseReason reason = RefuseReason::malformed;
  std::uint16_t version_min = 0;  // what the server speaks
  std::uint16_t version_max = 0;
};

// On a stream, what a server answers to a hello with a token, and the client to that (token_exchange.h).
struct Challenge {
  std::array<std::uint8_t, 32> nonce{};  // new for every connection
  std::array<std::uint8_t, 16> check{};  // made by one who could open the token
};
struct Proof {
  std::array<std::uint8_t, 16> mac{};
  std::array<std::uint8_t, 64> signature{};
};

struct Ping {
  std::uint32_t id = 0;
};

struct Pong {
  std::uint32_t id = 0;       // of the ping
  std::uint32_t held_us = 0;  // between the ping's arrival and this answer, to be taken off the round trip
  std::uint64_t time_ns = 0;  // the answerer's clock when it answered
};

enum class DisconnectReason : std::uint8_t {
  left = 1,  // the client said so
  kicked = 2,
  timeout = 3,          // silent for too long
  protocol_error = 4,   // sent what it must not
  stopping = 5,         // the server stops
  connection_lost = 6,  // the transport gave up; never on the wire
};
std::string_view text(DisconnectReason reason);

struct Disconnect {
  DisconnectReason reason = DisconnectReason::kicked;
  std::string_view message;  // UTF-8 for a person, at most kReasonTextBytesMax bytes; borrowed
};

struct StateHeader {
  Tick tick;
  InputSequence input_ack;     // the newest of this client's inputs that this state includes; 0: none yet
  std::uint16_t entities = 0;  // state_update messages of this tick that follow
};

struct EntityRemoved {
  EntityId entity;
  Tick tick;  // the first state without it
};

struct InputMessage {
  InputSequence sequence;
  Tick acked;  // the newest state this client had received when it acted; 0: none
  Input input;
};

struct AppMessage {
  std::uint16_t kind = 0;  // the game's own number; on the latest-wins channel it is the key
  Bytes bytes;             // borrowed
};

// app_latest adds a sequence of its own, per key and session.
struct LatestMessage {
  std::uint16_t key = 0;
  std::uint32_t sequence = 0;
  Bytes bytes;  // borrowed
};

}  // namespace netrig
