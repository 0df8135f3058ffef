// Both sides of a connection as a test sees them: what each heard, in which order, and what it does about it.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "netrig/transport/transport.h"

namespace netrig::transport::testing {

using Text = std::vector<std::uint8_t>;

inline PayloadRef payload(Text bytes) {
  auto made = std::make_shared<Payload>();
  made->bytes = std::move(bytes);
  return PayloadPool::seal(std::move(made));
}
inline OutgoingMessage message(Text bytes) {
  return {.head = nullptr, .body = payload(std::move(bytes))};
}
inline OutgoingMessage message(std::string_view text) {
  return message(Text{text.begin(), text.end()});
}

// Rule 1: while one of these lives, no handler may be called.
class InsideCall {
 public:
  InsideCall() { ++depth(); }
  ~InsideCall() { --depth(); }
  static int& depth() {
    static int calls = 0;
    return calls;
  }
};

inline SendStatus send(Connection& connection, const OutgoingMessage& what) {
  const InsideCall guard;
  return connection.send(what);
}
inline void close(Connection& connection) {
  const InsideCall guard;
  connection.close();
}

// Holds one side, writes down what it hears, and checks what every rule says about the order of calls.
class Party final : public ConnectionHandler {
 public:
  std::unique_ptr<Connection> connection;
  std::function<void(Party&)> when_open;
  std::function<void(Party&)> when_received;
  std::function<void(Party&)> when_closed;
  std::function<bool(Party&)> when_ended;  // unset: whoever ends its half is left

  std::string heard;           // o open, r receive, e end of a half that was asked for, c close
  Text bytes;                  // everything received
  std::vector<Text> messages;  // each on_receive by itself
  std::vector<Chunk> chunks;   // kept when `keep_chunks`
  bool keep_chunks = false;
  std::optional<CloseReason> reason;

  bool is_open() const { return heard.starts_with('o') && !reason; }
  SendStatus send(const OutgoingMessage& what) { return testing::send(*connection, what); }
  SendStatus send(std::string_view text) { return send(message(text)); }
  void close() { testing::close(*connection); }
  void destroy() {
    const InsideCall guard;
    connection.reset();
  }
  void pause_receiving(bool paused) {
    const InsideCall guard;
    connection->stream_control()->pause_receiving(paused);
  }
  void end_sending() {
    const InsideCall guard;
    connection->stream_control()->end_sending();
  }
  void reset() {
    const InsideCall guard;
    connection->stream_control()->reset();
  }

  void on_open(Connection& which) override {
    check_call(which);
    BOOST_CHECK_EQUAL(heard, "");
    heard += 'o';
    if (when_open) when_open(*this);
  }
  void on_receive(Connection& which, std::span<const Chunk> received) override {
    check_call(which);
    BOOST_CHECK(is_open());
    heard += 'r';
    Text& whole = messages.emplace_back();
    for (const Chunk& chunk : received) {
      whole.insert(whole.end(), chunk.bytes.begin(), chunk.bytes.end());
      if (keep_chunks) chunks.push_back(chunk);
    }
    bytes.insert(bytes.end(), whole.begin(), whole.end());
    if (when_received) when_received(*this);
  }
  bool on_end(Connection& which) override {
    check_call(which);
    BOOST_CHECK(is_open());
    if (!when_ended) return false;
    heard += 'e';
    return when_ended(*this);
  }
  void on_close(Connection& which, CloseReason why) override {
    check_call(which);
    BOOST_CHECK(!reason);
    heard += 'c';
    reason = why;
    if (when_closed) when_closed(*this);
  }

 private:
  void check_call(const Connection& which) const {
    BOOST_CHECK_EQUAL(InsideCall::depth(), 0);
    BOOST_REQUIRE(connection);
    BOOST_CHECK_EQUAL(&which, connection.get());
  }
};

// Accepts whoever comes, unless it is told not to.
class Host final : public ListenerHandler {
 public:
  std::unique_ptr<Listener> listener;
  std::vector<std::unique_ptr<Party>> guests;  // in order of arrival
  std::function<void(Party&)> prepare;         // on_accept, before the answer
  bool refuses = false;
  std::function<StrangerAnswer(const Text&)> stranger;  // unset: everybody is welcome
  std::size_t strangers = 0;

  StrangerAnswer on_stranger(const Address& from, std::span<const Chunk> message) override {
    BOOST_CHECK_EQUAL(InsideCall::depth(), 0);
    BOOST_CHECK(!from.host.empty());
    ++strangers;
    Text whole;
    for (const Chunk& chunk : message) whole.insert(whole.end(), chunk.bytes.begin(), chunk.bytes.end());
    return stranger ? stranger(whole) : StrangerAnswer{};
  }
  ConnectionHandler* on_accept(std::unique_ptr<Connection> connection) override {
    BOOST_CHECK_EQUAL(InsideCall::depth(), 0);
    if (refuses) return nullptr;
    Party& guest = *guests.emplace_back(std::make_unique<Party>());
    guest.connection = std::move(connection);
    if (prepare) prepare(guest);
    return &guest;
  }
  Party& guest() {
    BOOST_REQUIRE_EQUAL(guests.size(), 1u);
    return *guests.front();
  }
};

}  // namespace netrig::transport::testing
