#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <cerrno>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <system_error>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/transport/asio/socket_address.h"
#include "netrig/transport/asio/tcp_core.h"

namespace netrig::transport {

namespace {

constexpr int kReadsPerTurn = 4;                  // 256 KiB, then others have their turn
constexpr std::size_t kIdleWireBytes = 4 * 1024;  // that a connection keeps when nothing is to be sent
constexpr std::size_t kLayerBytes = 64 * 1024;    // that a layer makes ready at once
constexpr std::size_t kGatherParts = 64;          // parts in one write; more take another one

std::string text_of(int error) {
  return std::system_category().message(error);
}

void set_option(int descriptor, int level, int name, int value) {
  // One that the kernel does not know costs speed, not correctness.
  static_cast<void>(::setsockopt(descriptor, level, name, &value, sizeof value));
}

}  // namespace

TcpLink::TcpLink(TcpCore& core, std::uint64_t number_of, ConnectionHandler* handler, Address remote)
    : number(number_of),
      queue_bytes_max(core.options.queue_bytes_max),
      queue_parts_max(core.options.queue_parts_max),
      is_plain(!core.layers),
      socket(core.context),
      core_(&core),
      handler_(handler),
      remote_(std::move(remote)) {}

SendStatus TcpLink::send(const OutgoingMessage& message) {
  if (state_ != State::open || half_ != Half::open) return SendStatus::closed;
  const std::size_t size = message.size();
  if (size > queue_bytes_max) return SendStatus::too_large;
  if (size == 0) return SendStatus::accepted;
  if (queue_.bytes() + size > queue_bytes_max || queue_.parts() + 2 > queue_parts_max)
    return SendStatus::queue_full;
  queue_.push(message);
  if (!waits_to_write_) core_->mark(*this);
  return SendStatus::accepted;
}

void TcpLink::close() {
  if (state_ != State::opening && state_ != State::open) return;
  const bool never_opened = state_ == State::opening && is_caller_;
  state_ = never_opened ? State::closed : State::closing;
  if (receiving_paused_) wait_to_read();
  set_deadline(core_->options.close_within);
  core_->mark(*this);  // on_close follows from there
}

void TcpLink::handle_is_gone() {
  handle_ = nullptr;
  close();
}

void TcpLink::pause_receiving(bool paused) {
  receiving_paused_ = paused;
  if (!paused && state_ == State::open) wait_to_read();
}

void TcpLink::end_sending() {
  if (state_ != State::open || half_ != Half::open) return;
  half_ = Half::ending;
  if (!waits_to_write_) core_->mark(*this);
}

void TcpLink::reset() {
  if (state_ == State::closed || core_ == nullptr) return;
  state_ = State::closed;
  close_with_reset();
  core_->mark(*this);  // on_close follows from there
}

bool TcpLink::connect_to(const boost::asio::ip::address& address) {
  is_caller_ = true;
  candidates_.assign(1, {address, remote_.port});
  boost::system::error_code error;
  socket.open(candidates_.front().protocol(), error);
  if (error) return false;
  set_deadline(core_->options.connect_within);
  try_next_candidate();
  return true;
}

void TcpLink::resolve() {
  is_caller_ = true;
  set_deadline(core_->options.connect_within);
  if (is_localhost(remote_.host)) {
    for (const auto& address : localhost_addresses())
      candidates_.insert(candidates_.begin(), {address, remote_.port});
    return try_next_candidate();
  }
  auto resolver = std::make_shared<Tcp::resolver>(core_->context);
  resolver->async_resolve(remote_.host, std::to_string(remote_.port), Tcp::resolver::numeric_service,
                          [self = shared_from_this(), resolver](boost::system::error_code error,
                                                                const Tcp::resolver::results_type& found) {
                            if (self->state_ != State::opening) return;
                            if (error)
                              return self->finish(CloseReason::unreachable,
                                                  self->remote_.host + ": " + error.message());
                            for (const auto& entry : found)
                              self->candidates_.insert(self->candidates_.begin(), entry.endpoint());
                            self->try_next_candidate();
                          });
}

void TcpLink::try_next_candidate() {
  NETRIG_ASSERT(!candidates_.empty());
  const Tcp::endpoint candidate = candidates_.back();
  candidates_.pop_back();
  socket.async_connect(candidate, [self = shared_from_this()](boost::system::error_code error) {
    if (self->state_ == State::opening) self->connected(error);
  });
}

void TcpLink::connected(boost::system::error_code error) {
  // A port nobody listens on may be the one the kernel gave to this very socket: it is connected to itself.
  boost::system::error_code unknown;
  if (!error && socket.local_endpoint(unknown) == socket.remote_endpoint(unknown))
    error = boost::asio::error::connection_refused;
  if (error && !candidates_.empty()) {
    socket.close(unknown);
    return try_next_candidate();
  }
  if (error) return broke(error.value());
  tune();
  if (core_->layers) {
    layer_ = core_->layers->for_caller(remote_);
    layer_->begin(wire_);
    if (std::string why = layer_->fault(); !why.empty()) return layer_failed(std::move(why));
    core_->mark(*this);
  } else {
    deadline_.reset();
    opened();
  }
  wait_to_read();
}

void TcpLink::await_handshake(std::shared_ptr<TcpWelcome> welcome) {
  welcome_ = std::move(welcome);
  ++core_->handshakes;
  set_deadline(core_->options.connect_within);
  wait_to_read();
}

void TcpLink::leave_handshake() {
  if (std::exchange(welcome_, nullptr)) --core_->handshakes;
}

bool TcpLink::meet(ListenerHandler& listener) {
  handler_ = listener.on_accept(std::make_unique<TcpHandle>(shared_from_this()));
  if (core_ == nullptr) return true;
  if (handler_ == nullptr || handle_ == nullptr) return false;
  if (state_ == State::opening) opened();  // otherwise it was closed inside on_accept
  return true;
}

void TcpLink::tune() {
  const int descriptor = socket.native_handle();
  set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, static_cast<int>(core_->options.unsent_bytes_max));
}

void TcpLink::opened() {
  state_ = State::open;
  if (handle_ != nullptr) handler_->on_open(*handle_);
}

std::optional<Address> TcpHandle::local() const {
  boost::system::error_code error;
  const Tcp::endpoint endpoint = link_->socket.local_endpoint(error);
  return error ? std::nullopt : std::optional{address_of(endpoint)};
}

void TcpLink::wait_to_read() {
  if (!socket.is_open() || other_has_ended_ || is_paused() || std::exchange(waits_to_read_, true)) return;
  socket.async_wait(Tcp::socket::wait_read, [self = shared_from_this()](boost::system::error_code error) {
    self->waits_to_read_ = false;
    if (!error) self->read();
  });
}

// Handlers may destroy the transport meanwhile: its buffers live as long as they are read from.
void TcpLink::read() {
  if (core_ == nullptr) return;
  const std::shared_ptr<TcpCore> core = core_->shared_from_this();
  for (int reads = 0; reads < kReadsPerTurn; ++reads)
    if (is_paused() || !read_once()) break;
  wait_to_read();
}

// False when there is nothing more to read now.
bool TcpLink::read_once() {
  if (core_ == nullptr || other_has_ended_) return false;
  std::vector<std::uint8_t>& buffer = core_->buffer;
  const ssize_t count = ::recv(socket.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count > 0) {
    const Bytes bytes = Bytes{buffer}.first(static_cast<std::size_t>(count));
    core_->layers ? received_through_layer(bytes) : received(bytes);
    return static_cast<std::size_t>(count) == buffer.size();
  }
  if (count == 0)
    ended();
  else if (errno == EINTR)
    return true;
  else if (errno != EAGAIN && errno != EWOULDBLOCK)
    broke(errno);
  return false;
}

// After close() what arrives is thrown away, so that the other side never meets a full pipe or a reset.
void TcpLink::received(Bytes bytes) {
  if (state_ != State::open || handle_ == nullptr) return;
  has_received_ = true;
  const Chunk chunk{.bytes = bytes, .owner = nullptr};
  handler_->on_receive(*handle_, {&chunk, 1});
}

void TcpLink::received_through_layer(Bytes bytes) {
  if (state_ != State::opening && state_ != State::open) return;
  if (!layer_) {
    layer_ = core_->layers->for_listener();
    layer_->begin(wire_);
  }
  ByteBuffer& plain = core_->plain;
  plain.clear();
  const LayerState layer = layer_->receive(bytes, plain, wire_);
  if (layer == LayerState::failed) return layer_failed(layer_->fault());
  if (wire_.size() - wire_written_ > 2 * queue_bytes_max)  // it asks for answers and does not read them
    return layer_failed(std::string{layer_->name()} + ": the other side does not read our answers");
  if (has_wire()) core_->mark(*this);
  if (state_ == State::opening && layer != LayerState::opening) opened_through_layer();
  if (core_ != nullptr && !plain.empty()) received(plain);
  if (core_ != nullptr && layer == LayerState::ended && state_ == State::open) {
    write_last_words();
    finish(CloseReason::remote, {});
  }
}

void TcpLink::opened_through_layer() {
  layer_is_open_ = true;
  deadline_.reset();
  if (is_caller_) return opened();
  ListenerHandler* const listener = welcome_->handler;
  leave_handshake();
  if (listener == nullptr || !meet(*listener)) refuse();
}

void TcpLink::layer_failed(std::string why) {
  if (state_ == State::opening) ++core_->stats.handshakes_failed;
  write_last_words();  // an alert, or an answer in HTTP
  finish(CloseReason::layer_failed, std::move(why));
}

void TcpLink::ended() {
  other_has_ended_ = true;
  if (state_ == State::opening)
    return layer_failed(std::string{layer_ ? layer_->name() : "connection"} +
                        ": the other side closed during the handshake; does it speak this?");
  if (state_ == State::open) {
    const bool keeps_ours = is_plain && handle_ != nullptr && handler_->on_end(*handle_);
    if (state_ != State::open || (keeps_ours && half_ != Half::ended)) return;
    return finish(CloseReason::remote, {});
  }
  if (state_ == State::lingering) finish(CloseReason::local, {});
}

void TcpLink::flush() {
  if (core_ == nullptr) return;
  if (state_ == State::closed) return finish(CloseReason::local, {});  // closed before it was open
  while (!waits_to_write_ && has_to_write())
    if (!write_some()) return;
  if (waits_to_write_) return;
  if (state_ == State::closing) finish_writing();
  if (state_ == State::open && half_ == Half::ending) end_half();
}

bool TcpLink::has_to_write() {
  if (!core_->layers) return (state_ == State::open || state_ == State::closing) && !queue_.empty();
  return state_ != State::lingering && (has_wire() || fill_wire());
}

// Lets the layer make the next bytes of what waits, or its goodbye. False when there is nothing to send.
bool TcpLink::fill_wire() {
  wire_.clear();
  wire_written_ = 0;
  if (queue_.empty() && wire_.capacity() > kIdleWireBytes) ByteBuffer{}.swap(wire_);
  if (!layer_is_open_) return false;
  if (queue_.empty()) {
    if (state_ != State::closing || std::exchange(said_goodbye_, true)) return false;
    layer_->end(wire_);
    return has_wire();
  }
  ByteBuffer& plain = core_->plain;
  plain.clear();
  for (std::size_t i = 0; i < queue_.parts() && plain.size() < kLayerBytes; ++i) {
    const Bytes part = queue_.part(i);
    const Bytes fits = part.first(std::min(part.size(), kLayerBytes - plain.size()));
    plain.insert(plain.end(), fits.begin(), fits.end());
  }
  queue_.consume(plain.size());
  layer_->send(plain, wire_);
  return has_wire();
}

std::size_t TcpLink::gather(std::span<iovec> parts) const {
  const std::size_t count = layer_ ? 1 : std::min(queue_.parts(), parts.size());
  for (std::size_t i = 0; i < count; ++i) {
    const Bytes part = layer_ ? Bytes{wire_}.subspan(wire_written_) : queue_.part(i);
    parts[i] = {const_cast<std::uint8_t*>(part.data()), part.size()};  // NOLINT: sendmsg only reads
  }
  return count;
}

void TcpLink::wrote(std::size_t count) {
  if (layer_)
    wire_written_ += count;
  else
    queue_.consume(count);
}

// One gathered write. False when there is no room for more now, or never again.
bool TcpLink::write_some() {
  std::array<iovec, kGatherParts> parts;
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = gather(parts);
  const ssize_t count = ::sendmsg(socket.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count >= 0) {
    wrote(static_cast<std::size_t>(count));
    return true;
  }
  if (errno == EINTR) return true;
  if (errno != EAGAIN && errno != EWOULDBLOCK) {
    const int error = errno;
    const std::shared_ptr<TcpCore> core = core_->shared_from_this();
    while (read_once()) {  // what arrived before it broke comes first
    }
    broke(error);
    return false;
  }
  waits_to_write_ = true;
  socket.async_wait(Tcp::socket::wait_write, [self = shared_from_this()](boost::system::error_code failed) {
    self->waits_to_write_ = false;
    if (!failed) self->flush();
  });
  return false;
}

// Of the layer, before the socket is closed: what does not fit now is lost.
void TcpLink::write_last_words() {
  if (!has_wire() || !socket.is_open()) return;
  static_cast<void>(::send(socket.native_handle(), wire_.data() + wire_written_, wire_.size() - wire_written_,
                           MSG_NOSIGNAL | MSG_DONTWAIT));
}

void TcpLink::finish_writing() {
  boost::system::error_code unconnected;
  socket.shutdown(Tcp::socket::shutdown_send, unconnected);
  state_ = State::lingering;
  core_->lingering.insert(number);
  if (other_has_ended_ || unconnected) return finish(CloseReason::local, {});
  tell_closed(CloseReason::local);
}

void TcpLink::end_half() {
  boost::system::error_code unconnected;
  socket.shutdown(Tcp::socket::shutdown_send, unconnected);
  half_ = Half::ended;
  if (other_has_ended_ || unconnected) finish(CloseReason::remote, {});
}

void TcpLink::broke(int error) {
  if (state_ == State::closed) return;
  CloseReason reason = CloseReason::unreachable;
  const bool was_reset = error == ECONNRESET || error == EPIPE || error == ECONNABORTED;
  // A listener that does not take a connection resets it before it says anything.
  if (error == ECONNREFUSED || (was_reset && is_caller_ && !has_received_))
    reason = CloseReason::refused;
  else if (was_reset)
    reason = CloseReason::remote;
  if (state_ == State::closing || state_ == State::lingering) reason = CloseReason::local;
  finish(reason, text_of(error));
}

// Nothing more happens here: the socket is closed and the link leaves the table.
void TcpLink::finish(CloseReason reason, std::string detail) {
  const std::shared_ptr<TcpLink> alive = shared_from_this();
  state_ = State::closed;
  detail_ = std::move(detail);
  boost::system::error_code unneeded;
  socket.close(unneeded);
  queue_.clear();
  ByteBuffer{}.swap(wire_);
  wire_written_ = 0;
  candidates_.clear();
  if (core_ != nullptr) {
    leave_handshake();
    std::exchange(core_, nullptr)->drop(*this);
  }
  tell_closed(reason);
}

void TcpLink::tell_closed(CloseReason reason) {
  if (std::exchange(told_closed_, true) || handle_ == nullptr || handler_ == nullptr) return;
  handler_->on_close(*handle_, reason);
}

void TcpLink::set_deadline(Duration within) {
  deadline_ = SteadyClock::now() + within;
  core_->watch();
}

void TcpLink::expire() {
  if (core_ == nullptr) return;
  const bool was_opening = state_ == State::opening;
  TcpStats& stats = core_->stats;
  ++(was_opening ? (is_caller_ ? stats.connect_timeouts : stats.handshake_timeouts) : stats.close_timeouts);
  if (!was_opening) close_with_reset();
  std::string detail = text_of(ETIMEDOUT);
  if (was_opening && layer_) detail = std::string{layer_->name()} + ": the other side does not answer";
  finish(was_opening ? CloseReason::unreachable : CloseReason::local, std::move(detail));
}

void TcpLink::cut_short() {
  ++core_->stats.closings_cut_short;
  close_with_reset();
  finish(CloseReason::local, {});
}

void TcpLink::refuse() {
  close_with_reset();
  told_closed_ = true;
  finish(CloseReason::local, {});
}

void TcpLink::transport_is_gone() {
  core_ = nullptr;
  told_closed_ = true;
  finish(CloseReason::local, {});
}

void TcpLink::close_with_reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  if (socket.is_open())
    static_cast<void>(::setsockopt(socket.native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
  boost::system::error_code unneeded;
  socket.close(unneeded);
}

}  // namespace netrig::transport
