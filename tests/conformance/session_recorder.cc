// Plays the second game with three players over a server and clients, and prints the schema and every byte of
// every connection in the order in which the bytes were sent: one {"session", "from", "bytes"} a line.
#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "netrig/core/base/entropy.h"
#include "netrig/core/client/client.h"
#include "netrig/core/server/acceptor.h"
#include "netrig/core/server/server.h"
#include "netrig/tests/conformance/wire_json.h"
#include "netrig/tests/support/duel_world.h"

namespace netrig::conformance {
namespace {

constexpr std::uint32_t kTickRateHz = 20;
constexpr std::uint32_t kTicks = 120;  // 6 s: five pings and more
constexpr std::uint32_t kLeaveAt = 60;
constexpr std::uint32_t kLateAt = 20;
constexpr std::uint32_t kKickAt = 100;

ServerConfig server_config() {
  ServerConfig config;
  config.horizon.tick_rate_hz = kTickRateHz;
  return config;
}

// Takes what an endpoint says.
class Sink final : public PacketSink {
 public:
  SendStatus send(PeerId peer, const OutgoingMessage& message) override {
    std::vector<std::uint8_t>& bytes = said[peer];
    for (const PayloadRef& part : {message.head, message.body}) {
      if (part) bytes.insert(bytes.end(), part->bytes.begin(), part->bytes.end());
    }
    return SendStatus::accepted;
  }
  std::size_t backlog_bytes(PeerId) const override { return 0; }
  void close(PeerId) override {}

  std::map<PeerId, std::vector<std::uint8_t>> said;
};

void print(std::size_t session, Sender from, Bytes bytes) {
  const Json line{{"session", session}, {"from", name_of(from)}, {"bytes", hex(bytes)}};
  std::puts(line.dump().c_str());
}

class Recording {
 public:
  Recording() {
    for (std::size_t i = 0; i < kPlayers; ++i) {
      clients_.emplace_back(ClientConfig{.horizon = server_config().horizon}, world_.schema(), nobody_);
    }
    const SigningKeyPair player = make_signing_key_pair(entropy_);
    const IssuedToken issued = issue_token(token_key_, {player.verify_key, {}, 0, 60}, entropy_);
    clients_[kTokenPlayer].use_token({issued.token, issued.secret, player.signing_key});
  }

  void run() {
    std::puts(schema_json("duel", world_.schema()).dump().c_str());
    join(0);
    join(1);
    for (std::uint32_t tick = 1; tick <= kTicks; ++tick) {
      now_ = *server_.next_deadline();
      if (tick == kLateAt) join(2);
      for (std::size_t i = 0; i < kPlayers; ++i) say(i, tick);
      act(tick);
      server_.advance(now_);
      server_.flush(down_);
      hear();
    }
  }

 private:
  static constexpr std::size_t kPlayers = 3;
  static constexpr std::size_t kTokenPlayer = 2;

  void join(std::size_t player) {
    const auto pending = acceptor_.open(Address{"player", static_cast<std::uint16_t>(player)}, now_);
    NETRIG_ASSERT(pending.has_value());
    clients_[player].connect(now_);
    const std::vector<std::uint8_t> hello = take(player);
    Acceptor::Outcome outcome = acceptor_.receive(*pending, hello, now_);
    if (outcome.kind == Acceptor::Outcome::Kind::waiting) {
      const std::vector<std::uint8_t>& challenge = outcome.reply.head->bytes;
      print(player, Sender::server, challenge);
      clients_[player].receive(challenge, now_);
      outcome = acceptor_.receive(*pending, take(player), now_);
    }
    NETRIG_ASSERT(outcome.kind == Acceptor::Outcome::Kind::seated);
    peers_[player] = outcome.peer;
  }

  // What the client has to say now, recorded.
  std::vector<std::uint8_t> take(std::size_t player) {
    Sink up;
    clients_[player].flush(up);
    std::vector<std::uint8_t> bytes = std::move(up.said[PeerId{}]);
    if (!bytes.empty()) print(player, Sender::client, bytes);
    return bytes;
  }

  void say(std::size_t player, std::uint32_t tick) {
    Client& client = clients_[player];
    client.advance(now_);
    if (client.connected()) {
      client.push_input(input_of(player, tick).encode(), now_);
      if (tick % 7 == 0) client.send({static_cast<std::uint16_t>(tick), bytes_of("a word")});
      if (tick % 5 == 0) client.send_latest(static_cast<std::uint16_t>(tick % 3), bytes_of("the newest"));
    }
    if (player == 0 && tick == kLeaveAt) client.disconnect(now_);
    const std::vector<std::uint8_t> bytes = take(player);
    if (peers_[player] != PeerId{}) server_.receive(peers_[player], bytes, now_);
  }

  static testing::DuelInput input_of(std::size_t player, std::uint32_t tick) {
    const auto sidestep = static_cast<std::int8_t>(tick % 3) - 1;
    return {.turn = static_cast<std::int16_t>(static_cast<int>(tick) * 37 - 2000),
            .sidestep = static_cast<std::int8_t>(sidestep),
            .strike = player == 1,
            .guard = tick % 4 == 0};
  }

  // The game's side.
  void act(std::uint32_t tick) {
    const std::vector<std::uint8_t> long_word(20'000, 'z');
    if (tick % 9 == 0) server_.broadcast({static_cast<std::uint16_t>(tick), bytes_of("to all")});
    if (tick == kLateAt + 1) {  // more than a frame holds
      for (std::uint16_t kind = 0; kind < 4; ++kind) server_.broadcast({kind, long_word});
    }
    for (const Player& player : server_.players()) server_.send_latest(player.client, 4, bytes_of("score"));
    if (tick == kKickAt) NETRIG_ASSERT(server_.kick(server_.players().front().client, "enough", now_));
    if (tick == kTicks) server_.stop(now_);
  }

  void hear() {
    for (std::size_t i = 0; i < kPlayers; ++i) {
      const std::vector<std::uint8_t> bytes = std::move(down_.said[peers_[i]]);
      if (bytes.empty()) continue;
      print(i, Sender::server, bytes);
      clients_[i].receive(bytes, now_);
    }
    down_.said.clear();
  }

  Instant now_;
  testing::DuelWorld world_{Random{7}};
  SeededEntropy entropy_{Random{8}};
  ServerObserver unobserved_;
  ClientObserver nobody_;
  TokenKey token_key_ = make_symmetric_key(entropy_);
  TokenGate tokens_{{.keys = {token_key_}}, entropy_};
  Server server_{server_config(), world_, entropy_, unobserved_, now_};
  Acceptor acceptor_{server_,
                     {.schema_digest = world_.schema().digest()},
                     derive_windows(server_config().horizon),
                     unobserved_,
                     &tokens_};
  std::vector<Client> clients_;
  std::array<PeerId, kPlayers> peers_{};
  Sink down_;
};

}  // namespace
}  // namespace netrig::conformance

int main() {
  netrig::conformance::Recording{}.run();
}
