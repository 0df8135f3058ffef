// A Client on a thread of its own, for a game that has a loop of its own. Every call may come from any
// thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/client/client.h"
#include "netrig/transport/asio/factory.h"

namespace netrig::transport {

struct ClientHostOptions {
  Horizon horizon{};
  SocketOptions sockets{};
  bool encrypted = true;           // over udp
  std::size_t updates_max = 8;     // that wait to be taken; the oldest is dropped for a newer one
  std::size_t messages_max = 256;  // likewise, of each kind of event
};

struct ClientEvent {
  enum class Kind : std::uint8_t { connected, refused, closed, message, error };
  Kind kind = Kind::error;
  ClientId client{};                  // of connected: who we are
  EntityId entity{};                  // of connected: what we steer; 0: we watch
  std::string text{};                 // for people: why it was refused, closed or failed
  std::uint16_t number = 0;           // the kind of a message
  std::vector<std::uint8_t> bytes{};  // of a message
};

// A state of the world as it came: each replaces all before it.
struct ClientUpdate {
  Snapshot state;
  InputSequence input_ack{};
};

class ClientHost {
 public:
  // The schema outlives the host.
  ClientHost(const Schema& schema, ClientHostOptions options);
  ~ClientHost();  // as disconnect()
  ClientHost(const ClientHost&) = delete;
  ClientHost& operator=(const ClientHost&) = delete;

  // Empty when it is under way: an event tells how it ends. Otherwise a sentence: a wrong URL or file. One
  // that is connected leaves first.
  std::string connect(std::string_view url);
  // Says goodbye and waits until it is written, but no longer than a second.
  void disconnect();

  void send_input(const Input& input);  // dropped and counted when not connected
  void send(std::uint16_t kind, Bytes bytes);
  std::vector<ClientUpdate> take_updates();  // the oldest first
  std::vector<ClientEvent> take_events();
  std::optional<Duration> rtt() const;  // smoothed; nothing before the first measurement
  std::uint64_t dropped() const;        // updates, events, inputs and messages that nobody took in time

 private:
  class Runner;

  std::shared_ptr<Runner> runner() const;

  const Schema& schema_;
  ClientHostOptions options_;
  mutable std::mutex mutex_;        // of runner_ alone
  std::shared_ptr<Runner> runner_;  // stays after disconnect(), with the last events
};

}  // namespace netrig::transport
