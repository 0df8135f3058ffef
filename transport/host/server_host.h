// A Server on a thread of its own, for a game that has a loop of its own. Every call may come from any
// thread but that one, which is the world's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/protocol/token.h"
#include "netrig/core/server/server.h"
#include "netrig/core/server/server_observer.h"
#include "netrig/transport/asio/factory.h"
#include "netrig/transport/host/runner_slot.h"

namespace netrig::transport {

struct ServerHostOptions {
  ServerConfig server{};
  AdmissionPolicy admission{};         // the schema's digest is filled in
  std::vector<TokenKey> token_keys{};  // whose tokens are taken; none: those of nobody
  SocketOptions sockets{};             // of tls and wss: the certificate to listen with
  // That wait to be taken. 1,024 of the longest messages are 32 MiB.
  std::size_t events_max = 1'024;
  std::size_t words_max = 1'024;  // likewise, that wait to be sent
  std::size_t inputs_max = 0;     // likewise, for take_inputs(); 0: nobody looks at them
};

struct ServerEvent {
  enum class Kind : std::uint8_t {
    joined,
    detached,  // its connection broke; the player may come back until its grace is over
    resumed,
    left,
    message,
    latest,  // a message of which only the newest of its number counts
    world,   // something happened in the world
    error,
  };
  Kind kind = Kind::error;
  ClientId client{};                  // 0: not of one player
  EntityId subject{};                 // of joined and resumed: its entity; of world: see WorldEvents
  EntityId object{};                  // of world
  std::string text{};                 // for people: why it left, what was wrong
  std::uint16_t number = 0;           // the kind of a message, or of what happened in the world
  std::vector<std::uint8_t> bytes{};  // of a message; of joined: the identity in the player's token
};

// As a player sent it. The world gets the same in its next step.
struct ServerInput {
  ClientId client;
  InputSequence sequence;
  Input input;
};

class ServerHost {
 public:
  // The world outlives the host and is its thread's alone between start() and stop().
  ServerHost(World& world, ServerHostOptions options);
  // The observer hears everything, on the host's thread; it outlives the host. metrics/recorder has one that
  // Prometheus can scrape.
  ServerHost(World& world, ServerHostOptions options, ServerObserver& observer);
  ~ServerHost();  // as stop()
  ServerHost(const ServerHost&) = delete;
  ServerHost& operator=(const ServerHost&) = delete;

  // Empty when it listens. Otherwise a sentence: a wrong URL, file or option, or a port in use. One that
  // runs stops first, unless the URL or the options are wrong.
  std::string start(std::string_view url);
  // Sends everybody away and waits until that is written, but no longer than a second.
  void stop();
  std::optional<Address> local() const;  // with the port that was really bound; nothing when it does not run

  // Reliable, in order. Not sent, and counted by dropped(): what is longer than kAppMessageBytesMax, and what
  // is said while it does not run.
  void broadcast(std::uint16_t kind, Bytes bytes);
  void send(ClientId client, std::uint16_t kind, Bytes bytes);
  void send_latest(ClientId client, std::uint16_t key, Bytes bytes);  // only the newest of its key counts
  void kick(ClientId client, std::string_view message);

  // By client id, after the newest tick: who is there, whatever became of events.
  std::vector<Player> players() const;
  std::vector<ServerEvent> take_events();  // the oldest first, as the next
  std::vector<ServerInput> take_inputs();
  // Events, inputs and words that had no room: of a full queue, the oldest of the same player goes.
  std::uint64_t dropped() const;

 private:
  class Runner;
  struct Queues;
  struct Word;

  void say(Word word);

  World& world_;
  ServerHostOptions options_;
  ServerObserver nobody_{};
  ServerObserver& observer_;
  std::unique_ptr<Queues> queues_;
  RunnerSlot<Runner> running_;
};

}  // namespace netrig::transport
