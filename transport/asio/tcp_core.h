// The inside of AsioTcpTransport. Private to transport/asio.
//
// A link lives in the core's table from the beginning of its connection until both directions of its socket
// have ended, whether or not its owner still holds the handle. Handlers of sockets keep links and the core
// alive.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <sys/uio.h>
#include <vector>

#include "netrig/transport/asio/send_queue.h"
#include "netrig/transport/asio/tcp.h"

namespace netrig::transport {

using SteadyClock = std::chrono::steady_clock;
using Tcp = boost::asio::ip::tcp;

class TcpHandle;
class TcpLink;

// Whom a listener's connections go to, as long as it is there.
struct TcpWelcome {
  ListenerHandler* handler = nullptr;
};

class TcpCore : public std::enable_shared_from_this<TcpCore> {
 public:
  TcpCore(AsioScheduler& scheduler, const TcpOptions& options, std::shared_ptr<const StreamLayers> layers);
  ~TcpCore();

  std::shared_ptr<TcpLink> make_link(ConnectionHandler* handler, Address remote);
  void drop(TcpLink& link);
  void mark(TcpLink& link);  // has something to write when the turn is over
  void watch();              // some link has a deadline
  void end();                // the transport is gone
  bool is_full() const { return links_.size() >= options.connections_max; }
  std::size_t size() const { return links_.size(); }

  // Resets the connection that has waited longest for its other side to end. False: none does.
  bool cut_short_one_that_lingers();
  // A connection waits and no descriptor is left for it: takes it with the spare one and resets it.
  bool shed_with_spare(int acceptor);

  const TcpOptions options;
  boost::asio::io_context& context;
  TcpStats stats;
  const std::shared_ptr<const StreamLayers> layers;  // may be null
  std::size_t handshakes = 0;                        // of accepted connections
  std::set<std::uint64_t> lingering;                 // links that only wait for their other side to end
  ByteBuffer buffer;  // what a read fills; its bytes are the handler's during on_receive only
  ByteBuffer plain;   // what a layer made of them, likewise; and what a layer is to send

 private:
  void flush_marked();
  void sweep();

  std::map<std::uint64_t, std::shared_ptr<TcpLink>>
      links_;  // by number, which is the order of their beginning
  std::vector<std::shared_ptr<TcpLink>> marked_;
  std::vector<std::shared_ptr<TcpLink>> flushing_;
  std::uint64_t next_number_ = 0;
  boost::asio::steady_timer sweeper_;
  bool sweeping_ = false;
  int spare_ = -1;  // a descriptor that is kept for the day when there is no other
};

class TcpLink : public std::enable_shared_from_this<TcpLink> {
 public:
  TcpLink(TcpCore& core, std::uint64_t number, ConnectionHandler* handler, Address remote);

  // What the owner of the handle asks for.
  SendStatus send(const OutgoingMessage& message);
  void close();
  void handle_is_gone();
  void pause_receiving(bool paused);
  void end_sending();
  void reset();

  // A caller's beginning. False when there is no descriptor for it.
  bool connect_to(const boost::asio::ip::address& address);
  void resolve();
  // An accepted one's: false when the listener did not take it.
  bool meet(ListenerHandler& listener);
  void tune();  // once the socket is connected
  void await_handshake(std::shared_ptr<TcpWelcome> welcome);
  void wait_to_read();

  void flush();
  void refuse();  // nobody took it: the other side hears of it as an error
  const std::optional<SteadyClock::time_point>& deadline() const { return deadline_; }
  void expire();     // the deadline has passed
  void cut_short();  // what it takes is needed for others
  void transport_is_gone();

  const std::uint64_t number;
  const std::size_t queue_bytes_max;
  const std::size_t queue_parts_max;
  const bool is_plain;  // no layer between stream and socket
  Tcp::socket socket;
  bool marked = false;

 private:
  friend class TcpHandle;
  enum class State : std::uint8_t {
    opening,
    open,
    closing,    // close() was called; what was accepted is still being written
    lingering,  // our end is written; the other side's is awaited
    closed
  };
  enum class Half : std::uint8_t { open, ending, ended };  // ours, by end_sending()

  void try_next_candidate();
  void connected(boost::system::error_code error);
  void opened();
  void read();
  bool read_once();
  void received(Bytes bytes);
  void received_through_layer(Bytes bytes);
  void opened_through_layer();
  void leave_handshake();
  void layer_failed(std::string why);
  void ended();
  // close() reads on whatever was paused, so that the other side's end is heard.
  bool is_paused() const { return receiving_paused_ && state_ == State::open; }
  bool has_wire() const { return wire_written_ < wire_.size(); }
  bool fill_wire();
  bool has_to_write();
  std::size_t gather(std::span<iovec> parts) const;
  void wrote(std::size_t count);
  bool write_some();
  void write_last_words();
  void finish_writing();
  void end_half();
  void broke(int error);
  void finish(CloseReason reason, std::string detail);
  void tell_closed(CloseReason reason);
  void close_with_reset();
  void set_deadline(Duration within);

  TcpCore* core_;  // null once the link is out of its table
  TcpHandle* handle_ = nullptr;
  ConnectionHandler* handler_;
  State state_ = State::opening;
  bool is_caller_ = false;
  bool has_received_ = false;     // anything
  bool other_has_ended_ = false;  // its end arrived while ours was still to be written
  bool waits_to_write_ = false;
  bool waits_to_read_ = false;
  bool receiving_paused_ = false;
  bool told_closed_ = false;
  Half half_ = Half::open;
  Address remote_;
  SendQueue queue_;
  std::unique_ptr<StreamLayer> layer_;  // made with the first bytes, so that silent callers take no memory
  bool layer_is_open_ = false;
  bool said_goodbye_ = false;  // through the layer
  ByteBuffer wire_;            // what the layer made of the queue, from wire_written_ on
  std::size_t wire_written_ = 0;
  std::shared_ptr<TcpWelcome> welcome_;    // of an accepted link that still agrees on its layer
  std::vector<Tcp::endpoint> candidates_;  // to try, the last one first
  std::optional<SteadyClock::time_point> deadline_;
  std::string detail_;
};

// The Connection, as its owner holds it.
class TcpHandle final : public Connection, public StreamControl {
 public:
  explicit TcpHandle(std::shared_ptr<TcpLink> link) : link_(std::move(link)) { link_->handle_ = this; }
  ~TcpHandle() override { link_->handle_is_gone(); }
  SendStatus send(const OutgoingMessage& message) override { return link_->send(message); }
  void close() override { link_->close(); }
  Delivery delivery() const override { return Delivery::reliable_ordered; }
  std::size_t message_bytes_max() const override { return link_->queue_bytes_max; }
  std::size_t backlog_bytes() const override {
    return link_->queue_.bytes() + link_->wire_.size() - link_->wire_written_;
  }
  const Address& remote() const override { return link_->remote_; }
  std::optional<Address> local() const override;
  std::string_view close_detail() const override { return link_->detail_; }
  StreamControl* stream_control() override { return link_->is_plain ? this : nullptr; }
  void pause_receiving(bool paused) override { link_->pause_receiving(paused); }
  void end_sending() override { link_->end_sending(); }
  void reset() override { link_->reset(); }

 private:
  std::shared_ptr<TcpLink> link_;
};

}  // namespace netrig::transport
