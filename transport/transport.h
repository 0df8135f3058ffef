// Connections that carry bytes, and what the rest of netrig may rely on: the contract in ten rules is
// README.md here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "netrig/core/base/address.h"
#include "netrig/core/base/payload.h"
#include "netrig/core/base/result.h"

namespace netrig::transport {

enum class CloseReason : std::uint8_t {
  local,         // our own close(); what was accepted is on its way
  remote,        // the other side closed; everything it had sent before was delivered before
  refused,       // nobody listens there, or the listener did not take it
  unreachable,   // the network gave up
  overflow,      // the other side sent more than this side's queue holds
  layer_failed,  // TLS or WebSocket could not be agreed, or broke: close_detail() says why
};
std::string_view text(CloseReason reason);

enum class TransportError : std::uint8_t {
  address_in_use,
  address_invalid,
  not_supported,
  out_of_connections
};
std::string_view text(TransportError error);

// What a plain stream can do for those who pass it on as it is. Valid as long as its connection, and only
// while that is open; afterwards none of it does anything.
class StreamControl {
 public:
  virtual ~StreamControl() = default;
  // While it is paused, no on_receive and no on_end follows: the other side meets a full pipe.
  virtual void pause_receiving(bool paused) = 0;
  // Ends our half behind what was accepted: `send` answers `closed` from now on, and on_receive goes on. When
  // the other half has ended too, on_close(remote) follows.
  virtual void end_sending() = 0;
  // Closes at once. What was accepted may be lost; the other side hears of it as an error where there is one.
  virtual void reset() = 0;
};

// One side of a connection. Owned by whoever connected or accepted; the transport outlives it. Destroying it
// closes it at once: what was accepted may be lost, and no handler is called for it afterwards.
class Connection {
 public:
  virtual ~Connection() = default;
  // Takes the whole message or nothing; shared parts are referred to, not copied. Before on_open and after
  // close() the answer is `closed`.
  virtual SendStatus send(const OutgoingMessage& message) = 0;
  // Sends what was accepted, then closes; nothing is received any more. on_close(local) follows from a
  // scheduler turn, never from inside this call.
  virtual void close() = 0;
  virtual Delivery delivery() const = 0;
  virtual std::size_t message_bytes_max() const = 0;  // a longer message is too_large
  virtual std::size_t backlog_bytes() const = 0;      // accepted, not yet handed to the network
  virtual const Address& remote() const = 0;
  // In and after on_close: what the system said of it, for people to read. Empty where nothing did.
  virtual std::string_view close_detail() const { return {}; }
  // Where this side is, as the other side sees it, from on_open on. Nothing where a transport cannot tell.
  virtual std::optional<Address> local() const { return std::nullopt; }
  // Of plain streams, in memory and over TCP; the others have none.
  virtual StreamControl* stream_control() { return nullptr; }
};

// Called only from a scheduler turn, never from inside send, connect, listen or close. Outlives its
// connection.
class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;
  virtual void on_open(Connection& connection) = 0;  // once, before anything else
  // reliable_ordered: the next bytes of the pipe. datagram: exactly one message, in pieces. Views are valid
  // during the call; a chunk's `owner`, when set, keeps its bytes alive longer.
  virtual void on_receive(Connection& connection, std::span<const Chunk> chunks) = 0;
  // Of streams with a StreamControl: the other side has ended its half, after everything that it sent. `true`
  // keeps ours open until close() or end_sending(); otherwise on_close(remote) follows at once, as it does
  // for everybody who has not ended both halves on purpose.
  virtual bool on_end(Connection& /*connection*/) { return false; }
  virtual void on_close(Connection& connection, CloseReason reason) = 0;  // once, after everything else
};

// What a listener for datagrams answers to a message from an address that has no connection.
struct StrangerAnswer {
  bool accept = true;     // makes a connection: on_accept follows. No: nothing is kept
  bool deliver = true;    // the message is the connection's first; only with `accept`
  OutgoingMessage reply;  // sent there before anything else; without parts: nothing is
};

class ListenerHandler {
 public:
  virtual ~ListenerHandler() = default;
  // Datagrams only: decides before a connection exists, so that a flood of strangers costs no memory.
  virtual StrangerAnswer on_stranger(const Address& /*from*/, std::span<const Chunk>) { return {}; }
  // Takes a new connection and answers with its handler, or with nullptr to refuse it. on_open follows for an
  // accepted one that still exists.
  virtual ConnectionHandler* on_accept(std::unique_ptr<Connection> connection) = 0;
};

// Listens as long as it lives. Accepted connections may outlive it; the transport outlives both.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual const Address& local() const = 0;  // with the port that was really bound
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual Result<std::unique_ptr<Listener>, TransportError> listen(const Address& at,
                                                                   ListenerHandler& handler) = 0;
  // Returns a connection that is not open yet: on_open or on_close follows. `from` names the caller where the
  // transport lets it (the simulated network does); real transports ignore it.
  virtual Result<std::unique_ptr<Connection>, TransportError> connect(const Address& from, const Address& to,
                                                                      ConnectionHandler& handler) = 0;
  // That still exist, and those whose last bytes are still on their way.
  virtual std::size_t connection_count() const = 0;
};

}  // namespace netrig::transport
