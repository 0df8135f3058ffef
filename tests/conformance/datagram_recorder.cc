// Plays the second game with three players over datagrams that are lost and overtake each other, and prints
// the schema, what each player's entropy gave, and every datagram: one {"session", "from", "at_us", "bytes"}
// a line when it is sent, one {"session", "from", "at_us", "arrived"} when it comes, which counts that side's
// from 0. Player 0 is encrypted, 1 is not, 2 is and has a token.
#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "netrig/core/base/entropy.h"
#include "netrig/core/client/client.h"
#include "netrig/core/server/datagram_acceptor.h"
#include "netrig/core/server/server.h"
#include "netrig/tests/conformance/wire_json.h"
#include "netrig/tests/support/duel_world.h"

namespace netrig::conformance {
namespace {

constexpr std::uint32_t kTickRateHz = 20;
constexpr std::uint32_t kDummies = 14;  // a state of several datagrams
constexpr Duration kStep = 5ms;
constexpr Duration kLength = 9s;
constexpr Duration kSpeaksUntil = 6s;  // then what was lost has time to come
constexpr Duration kDelay = 60ms;      // one way
constexpr Duration kDelayMore = 70ms;  // of one in eight: the next tick's overtake it
constexpr std::uint32_t kLossPpm = 80'000;
constexpr std::size_t kPlayers = 3;
constexpr std::size_t kPlainPlayer = 1;
constexpr std::size_t kTokenPlayer = 2;

ServerConfig server_config() {
  ServerConfig config;
  config.horizon.tick_rate_hz = kTickRateHz;
  return config;
}

// Keeps what it gave: a player's secrets.
class NotingEntropy final : public Entropy {
 public:
  explicit NotingEntropy(Random random) : source_(random) {}
  std::uint64_t draw() override { return source_.draw(); }
  void fill(std::span<std::uint8_t> bytes) override {
    source_.fill(bytes);
    given.push_back(hex(bytes));
  }
  std::vector<std::string> given;

 private:
  SeededEntropy source_;
};

class Sink final : public PacketSink {
 public:
  SendStatus send(PeerId peer, const OutgoingMessage& message) override {
    std::vector<std::uint8_t>& bytes = said.emplace_back(peer, std::vector<std::uint8_t>{}).second;
    for (const PayloadRef& part : {message.head, message.body})
      if (part) bytes.insert(bytes.end(), part->bytes.begin(), part->bytes.end());
    return SendStatus::accepted;
  }
  std::size_t backlog_bytes(PeerId) const override { return 0; }
  void close(PeerId) override {}

  std::vector<std::pair<PeerId, std::vector<std::uint8_t>>> said;
};

struct Datagram {
  Instant arrives;
  std::size_t session = 0;
  Sender from{};
  std::size_t number = 0;
  std::vector<std::uint8_t> bytes;
};

class Recording {
 public:
  Recording() {
    for (std::uint32_t i = 0; i < kDummies; ++i) world_.spawn(ClientId{});
    for (std::size_t i = 0; i < kPlayers; ++i) {
      entropies_[i] = std::make_unique<NotingEntropy>(Random{20 + i});
      ClientConfig config{.horizon = server_config().horizon};
      config.datagrams = {entropies_[i].get(), i != kPlainPlayer};
      clients_[i] = std::make_unique<Client>(config, world_.schema(), nobody_);
    }
    const SigningKeyPair player = make_signing_key_pair(entropy_);
    const IssuedToken issued = issue_token(token_key_, {player.verify_key, {}, 0, 60}, entropy_);
    clients_[kTokenPlayer]->use_token({issued.token, issued.secret, player.signing_key});
    token_secret_ = hex(issued.secret.bytes);
  }

  void run() {
    std::puts(schema_json("duel", world_.schema()).dump().c_str());
    for (std::size_t i = 0; i < kPlayers; ++i) join(i);
    for (bool goes_on = true; goes_on; now_ += kStep) {
      deliver();
      for (std::size_t i = 0; i < kPlayers; ++i) say(i);
      while (acceptor_.expire(now_)) {
      }
      if (*server_.next_deadline() > now_) continue;
      act();
      goes_on = now_ < Instant{} + kLength;
      if (!goes_on) server_.stop(now_);
      server_.advance(now_);
      flush_server();
    }
    for (const Instant end = now_ + 1s; now_ < end; now_ += kStep) deliver();
  }

 private:
  void join(std::size_t player) {
    clients_[player]->connect(now_);
    Json line{{"session", player}, {"secrets", entropies_[player]->given}};
    if (player == kTokenPlayer) line["token_secret"] = token_secret_;
    std::puts(line.dump().c_str());
    flush(player);
  }

  void transmit(std::size_t session, Sender from, std::vector<std::uint8_t> bytes) {
    std::size_t& sent = sent_[{session, from}];
    const Json line{
        {"session", session}, {"from", name_of(from)}, {"at_us", micros()}, {"bytes", hex(bytes)}};
    std::puts(line.dump().c_str());
    const std::size_t number = sent++;
    if (network_.chance(kLossPpm)) return;
    const Duration delay = network_.below(8) == 0 ? kDelayMore : kDelay;
    under_way_.push_back({now_ + delay, session, from, number, std::move(bytes)});
  }

  std::int64_t micros() const { return ns_since_start(now_) / 1'000; }

  void deliver() {
    std::vector<Datagram> due;
    std::erase_if(under_way_, [&](Datagram& datagram) {
      if (datagram.arrives > now_) return false;
      due.push_back(std::move(datagram));
      return true;
    });
    std::ranges::stable_sort(due, {}, &Datagram::arrives);
    for (const Datagram& datagram : due) {
      const Json line{{"session", datagram.session},
                      {"from", name_of(datagram.from)},
                      {"at_us", micros()},
                      {"arrived", datagram.number}};
      std::puts(line.dump().c_str());
      if (datagram.from == Sender::client) {
        to_server(datagram);
      } else {
        clients_[datagram.session]->receive(datagram.bytes, now_);
        flush(datagram.session);
      }
    }
  }

  void to_server(const Datagram& datagram) {
    const Address address{"player", static_cast<std::uint16_t>(datagram.session)};
    PeerId& peer = peers_[datagram.session];
    if (datagram.bytes[0] >= kSessionDatagram) {
      server_.receive(peer, datagram.bytes, now_);
      return acceptor_.on_session_datagram(address, peer);
    }
    const DatagramAcceptor::Outcome outcome = acceptor_.receive(address, datagram.bytes, now_);
    if (outcome.seated) peer = *outcome.seated;
    if (outcome.reply.head) transmit(datagram.session, Sender::server, outcome.reply.head->bytes);
  }

  void flush(std::size_t player) {
    Sink up;
    clients_[player]->flush(up);
    for (auto& [peer, bytes] : up.said) transmit(player, Sender::client, std::move(bytes));
  }

  void flush_server() {
    Sink down;
    server_.flush(down);
    for (auto& [peer, bytes] : down.said)
      for (std::size_t i = 0; i < kPlayers; ++i)
        if (peers_[i] == peer) transmit(i, Sender::server, std::move(bytes));
  }

  void say(std::size_t player) {
    Client& client = *clients_[player];
    client.advance(now_);
    const std::int64_t step = ns_since_start(now_) / kStep.count();
    if (client.connected() && now_ < Instant{} + kSpeaksUntil && step % 10 == 0) {
      client.push_input(testing::DuelInput{.turn = static_cast<std::int16_t>(step)}.encode(), now_);
      const auto count = static_cast<std::uint16_t>(step / 10);
      if (count % 7 == 0) client.send({count, bytes_of("a word")});
      if (count % 30 == 0) client.send({count, long_word_});
      if (count % 5 == 0) client.send_latest(static_cast<std::uint16_t>(count % 3), bytes_of("the newest"));
      if (count % 50 == 0) client.send_latest(7, long_word_);
    }
    if (player == 0 && now_ == Instant{} + kSpeaksUntil + 500ms) client.disconnect(now_);
    flush(player);
  }

  // The game's side, before each tick.
  void act() {
    if (now_ >= Instant{} + kSpeaksUntil) return;
    const std::int64_t tick = ns_since_start(now_) / Duration{50ms}.count();
    const auto kind = static_cast<std::uint16_t>(tick);
    if (tick % 9 == 0) server_.broadcast({kind, bytes_of("to all")});
    if (tick % 40 == 0) server_.broadcast({kind, long_word_});
    for (const Player& player : server_.players())
      server_.send_latest(player.client, 4, tick % 25 == 0 ? Bytes{long_word_} : bytes_of("score"));
  }

  Instant now_;
  testing::DuelWorld world_{Random{7}};
  SeededEntropy entropy_{Random{8}};
  Random network_{9};
  ServerObserver unobserved_;
  ClientObserver nobody_;
  TokenKey token_key_ = make_symmetric_key(entropy_);
  TokenGate tokens_{{.keys = {token_key_}}, entropy_};
  std::string token_secret_;
  Server server_{server_config(), world_, entropy_, unobserved_, now_};
  DatagramAcceptor acceptor_{server_,
                             {.schema_digest = world_.schema().digest(), .allows_plaintext = true},
                             derive_windows(server_config().horizon),
                             &tokens_,
                             entropy_,
                             unobserved_};
  std::array<std::unique_ptr<NotingEntropy>, kPlayers> entropies_;
  std::array<std::unique_ptr<Client>, kPlayers> clients_;
  std::array<PeerId, kPlayers> peers_{};
  std::map<std::pair<std::size_t, Sender>, std::size_t> sent_;
  std::vector<Datagram> under_way_;
  std::vector<std::uint8_t> long_word_ = std::vector<std::uint8_t>(3'000, 'z');
};

}  // namespace
}  // namespace netrig::conformance

int main() {
  netrig::conformance::Recording{}.run();
}
