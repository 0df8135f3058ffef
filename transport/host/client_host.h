// A Client on a thread of its own, for a game that has a loop of its own. Every call may come from any
// thread. When the connection breaks, it comes back by itself and goes on with the session where it can.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/base/backoff.h"
#include "netrig/core/client/client.h"
#include "netrig/transport/asio/factory.h"
#include "netrig/transport/host/runner_slot.h"

namespace netrig::transport {

struct ClientHostOptions {
  Horizon horizon{};
  SocketOptions sockets{};
  bool encrypted = true;  // over udp
  // How soon to try again after a session's connection broke, and for how long. Nothing: not at all.
  std::optional<BackoffPolicy> reconnect = BackoffPolicy{.first = 250ms, .max = 5s};
  Duration reconnect_within = 30s;  // as long as a server keeps a player by default
  std::size_t updates_max = 8;      // that wait to be taken; the oldest is dropped for a newer one
  std::size_t events_max = 256;     // likewise. 256 of the longest messages are 8 MiB
  std::size_t words_max = 256;      // likewise, of inputs and messages that wait to be sent
};

struct ClientEvent {
  enum class Kind : std::uint8_t {
    connected,    // a session has begun; after `interrupted`: a new one, the server knows nothing of the last
    interrupted,  // the connection broke, and is being made again
    resumed,      // the session goes on
    message,
    latest,  // a message of which only the newest of its number counts
    error,   // something was wrong with what came; the session goes on
    // It is over until the next connect():
    failed,   // nothing could be connected to
    refused,  // the server would not have us
    closed,   // left, kicked, the server stopped, or the connection broke for good
  };
  Kind kind = Kind::error;
  ClientId client{};                  // of connected and resumed: who we are
  EntityId entity{};                  // likewise: what we steer; 0: we watch
  std::string text{};                 // for people: why
  std::uint16_t number = 0;           // of a message
  std::vector<std::uint8_t> bytes{};  // of a message
};
bool is_over(ClientEvent::Kind kind);  // failed, refused, closed

// A state of the world as it came: each replaces all before it.
struct ClientUpdate {
  Snapshot state;
  InputSequence input_ack{};
};

struct ClientLatency {
  Duration rtt;  // smoothed
  Duration jitter;
};

class ClientHost {
 public:
  // The schema outlives the host.
  ClientHost(const Schema& schema, ClientHostOptions options);
  ~ClientHost();  // as disconnect()
  ClientHost(const ClientHost&) = delete;
  ClientHost& operator=(const ClientHost&) = delete;

  // Empty when it is under way: an event tells how it ends. What the last session told goes. Otherwise a
  // sentence: a wrong URL or file. A session under way is left first, unless the URL cannot be read. The
  // token, if the server wants one, is good for one session.
  std::string connect(std::string_view url, std::optional<ClientToken> token = std::nullopt);
  // Says goodbye and waits until it is written, but no longer than a second.
  void disconnect();
  bool connected() const;  // in a session, and its connection is not broken

  // Not sent, and counted by dropped(), when there is no session; messages are at most kAppMessageBytesMax.
  void send_input(const Input& input);
  void send(std::uint16_t kind, Bytes bytes);        // reliable, in order
  void send_latest(std::uint16_t key, Bytes bytes);  // only the newest of its key counts

  std::vector<ClientUpdate> take_updates();  // the oldest first, as the next
  std::vector<ClientEvent> take_events();
  std::optional<ClientLatency> latency() const;  // nothing before the first measurement of this session
  // Updates, events and words that had no room, of a full queue the oldest of their kind; and words that no
  // session took.
  std::uint64_t dropped() const;

 private:
  class Runner;
  struct Queues;
  struct Word;

  void say(Word word);

  const Schema& schema_;
  ClientHostOptions options_;
  std::unique_ptr<Queues> queues_;
  RunnerSlot<Runner> running_;
};

}  // namespace netrig::transport
