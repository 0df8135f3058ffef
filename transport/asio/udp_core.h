// The inside of AsioUdpTransport. Private to transport/asio.
//
// A port is one socket: a listener's, with a link for each address that was accepted, or a caller's, with
// one. It stays open as long as it has a listener or a link; its handlers keep the object alive.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <map>
#include <memory>
#include <string>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>
#include <vector>

#include "netrig/core/base/growing_ring.h"
#include "netrig/transport/asio/udp.h"

namespace netrig::transport {

using Udp = boost::asio::ip::udp;

class UdpHandle;
class UdpLink;
class UdpPort;

constexpr std::size_t kDatagramBatch = 64;  // in one system call

// Where a batch of received datagrams lies. One for all ports of a transport: its bytes are a handler's
// during on_receive only.
struct DatagramBatch {
  explicit DatagramBatch(std::size_t bytes_max);

  std::size_t slot_bytes;  // one more than a message may have, so that a longer one shows
  std::vector<std::uint8_t> bytes;
  std::array<sockaddr_storage, kDatagramBatch> names;
  std::array<iovec, kDatagramBatch> parts;
  std::array<mmsghdr, kDatagramBatch> messages;
};

class UdpCore : public std::enable_shared_from_this<UdpCore> {
 public:
  UdpCore(AsioScheduler& scheduler, const UdpOptions& options);

  void mark(UdpPort& port);  // has something to send, or a link that ends
  void add(const std::shared_ptr<UdpPort>& port) { ports_.emplace(port.get(), port); }
  void remove(UdpPort& port) { ports_.erase(&port); }
  void end();
  bool is_full() const { return links >= options.connections_max; }

  const UdpOptions options;
  boost::asio::io_context& context;
  UdpStats stats;
  DatagramBatch batch;
  std::size_t links = 0;

 private:
  void flush_marked();

  std::map<UdpPort*, std::shared_ptr<UdpPort>> ports_;  // never iterated but to end them
  GrowingRing<std::shared_ptr<UdpPort>> marked_;
  bool flush_posted_ = false;
};

class UdpPort : public std::enable_shared_from_this<UdpPort> {
 public:
  explicit UdpPort(std::shared_ptr<UdpCore> core);

  boost::system::error_code listen(const Udp::endpoint& at, ListenerHandler& handler);
  void listener_is_gone();
  boost::system::error_code open_for(const Udp::endpoint& to);  // a caller's socket
  // Gives a caller's socket a peer, or another one: what was not sent yet goes there.
  boost::system::error_code connect(const Udp::endpoint& to);
  Address local() const;

  // Takes a message for the link, or for the stranger at `to` when there is none.
  void push(const std::shared_ptr<UdpLink>& link, const Udp::endpoint& to, const OutgoingMessage& message);
  void begin_closing(const std::shared_ptr<UdpLink>& link);
  void adopt(const std::shared_ptr<UdpLink>& link) { caller_ = link; }
  // Sends up to `budget` messages and answers how many. `more` when others wait and the socket takes them.
  std::size_t flush(std::size_t budget, bool& more);
  void wait_to_read();
  void forget(UdpLink& link);
  void end();
  UdpCore& core() { return *core_; }

  bool marked = false;

 private:
  struct Outgoing {
    std::shared_ptr<UdpLink> link;  // null: a reply to a stranger
    Udp::endpoint to;
    OutgoingMessage message;
  };

  void read();
  int read_batch();
  void receive(std::size_t slot);
  void meet_stranger(const Udp::endpoint& from, std::span<const Chunk> message);
  int send_batch(std::size_t count);
  void sent_one();
  void failed_to_send(int error);
  bool refused();
  void finish_closing();
  void close_if_unused();

  std::shared_ptr<UdpCore> core_;
  Udp::socket socket_;
  ListenerHandler* listener_ = nullptr;
  std::shared_ptr<UdpLink> caller_;                           // a caller's port has this one link
  std::map<Udp::endpoint, std::shared_ptr<UdpLink>> guests_;  // a listener's
  GrowingRing<Outgoing> queue_;
  std::size_t replies_waiting_ = 0;
  std::vector<std::shared_ptr<UdpLink>> closing_;
  bool is_callers_ = false;
  bool waits_to_write_ = false;
};

class UdpLink : public std::enable_shared_from_this<UdpLink> {
 public:
  UdpLink(std::shared_ptr<UdpPort> port, ConnectionHandler* handler, Address remote);

  SendStatus send(const OutgoingMessage& message);
  void close();
  void handle_is_gone();

  // A caller's beginning, from a later turn on: at the first of these that this machine has a way to.
  void start(std::vector<Udp::endpoint> to);
  void resolve();
  bool moves_on();  // nobody listens where it began: true if there is another address to try
  bool meet(ListenerHandler& listener, const Udp::endpoint& from);  // false: it was not taken
  void open();
  void receive(std::span<const Chunk> message);
  void finish(CloseReason reason, std::string detail);
  void transport_is_gone();
  bool has_received() const { return has_received_; }
  const Udp::endpoint& peer() const { return peer_; }

  std::size_t queued_bytes = 0;
  std::size_t queued_messages = 0;

 private:
  friend class UdpHandle;
  enum class State : std::uint8_t { opening, open, closing, closed };

  boost::system::error_code connect_to_next();

  std::shared_ptr<UdpPort> port_;  // null once it is closed
  const std::size_t message_bytes_max_;
  UdpHandle* handle_ = nullptr;
  ConnectionHandler* handler_;
  State state_ = State::opening;
  bool has_received_ = false;
  std::vector<Udp::endpoint> candidates_;  // a caller's, still to be tried, the first one first
  Udp::endpoint peer_;
  Address remote_;
  std::string detail_;
};

// The Connection, as its owner holds it.
class UdpHandle final : public Connection {
 public:
  explicit UdpHandle(std::shared_ptr<UdpLink> link) : link_(std::move(link)) { link_->handle_ = this; }
  ~UdpHandle() override { link_->handle_is_gone(); }
  SendStatus send(const OutgoingMessage& message) override { return link_->send(message); }
  void close() override { link_->close(); }
  Delivery delivery() const override { return Delivery::datagram; }
  std::size_t message_bytes_max() const override { return link_->message_bytes_max_; }
  std::size_t backlog_bytes() const override { return link_->queued_bytes; }
  const Address& remote() const override { return link_->remote_; }
  std::optional<Address> local() const override {
    return link_->port_ ? std::optional{link_->port_->local()} : std::nullopt;
  }
  std::string_view close_detail() const override { return link_->detail_; }

 private:
  std::shared_ptr<UdpLink> link_;
};

}  // namespace netrig::transport
