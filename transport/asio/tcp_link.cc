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

constexpr int kReadsPerTurn = 4;          // 256 KiB, then others have their turn
constexpr std::size_t kGatherParts = 64;  // parts in one write; more take another one

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
      socket(core.context),
      core_(&core),
      handler_(handler),
      remote_(std::move(remote)) {}

SendStatus TcpLink::send(const OutgoingMessage& message) {
  if (state_ != State::open) return SendStatus::closed;
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
  set_deadline(core_->options.close_within);
  core_->mark(*this);  // on_close follows from there
}

void TcpLink::handle_is_gone() {
  handle_ = nullptr;
  close();
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
  deadline_.reset();
  opened();
  wait_to_read();
}

bool TcpLink::meet(ListenerHandler& listener) {
  handler_ = listener.on_accept(std::make_unique<TcpHandle>(shared_from_this()));
  if (core_ == nullptr) return true;
  if (handler_ == nullptr || handle_ == nullptr) return false;
  if (state_ == State::opening) opened();  // otherwise it was closed inside on_accept
  wait_to_read();
  return true;
}

void TcpLink::opened() {
  const int descriptor = socket.native_handle();
  set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, static_cast<int>(core_->options.unsent_bytes_max));
  state_ = State::open;
  if (handle_ != nullptr) handler_->on_open(*handle_);
}

std::optional<Address> TcpHandle::local() const {
  boost::system::error_code error;
  const Tcp::endpoint endpoint = link_->socket.local_endpoint(error);
  return error ? std::nullopt : std::optional{address_of(endpoint)};
}

void TcpLink::wait_to_read() {
  if (!socket.is_open() || other_has_ended_) return;
  socket.async_wait(Tcp::socket::wait_read, [self = shared_from_this()](boost::system::error_code error) {
    if (!error) self->read();
  });
}

void TcpLink::read() {
  for (int reads = 0; reads < kReadsPerTurn; ++reads)
    if (!read_once()) break;
  wait_to_read();
}

// False when there is nothing more to read now.
bool TcpLink::read_once() {
  if (core_ == nullptr || other_has_ended_) return false;
  std::vector<std::uint8_t>& buffer = core_->buffer;
  const ssize_t count = ::recv(socket.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count > 0) {
    received(static_cast<std::size_t>(count));
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
void TcpLink::received(std::size_t count) {
  has_received_ = true;
  if (state_ != State::open || handle_ == nullptr) return;
  const Chunk chunk{.bytes = Bytes{core_->buffer}.first(count), .owner = nullptr};
  handler_->on_receive(*handle_, {&chunk, 1});
}

void TcpLink::ended() {
  other_has_ended_ = true;
  if (state_ == State::open) return finish(CloseReason::remote, {});
  if (state_ == State::lingering) finish(CloseReason::local, {});
}

void TcpLink::flush() {
  if (core_ == nullptr) return;
  if (state_ == State::closed) return finish(CloseReason::local, {});  // closed before it was open
  while (is_connected() && !waits_to_write_ && !queue_.empty())
    if (!write_some()) return;
  if (state_ == State::closing && queue_.empty()) finish_writing();
}

// One gathered write. False when there is no room for more now, or never again.
bool TcpLink::write_some() {
  std::array<iovec, kGatherParts> parts;
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = std::min(queue_.parts(), kGatherParts);
  for (std::size_t i = 0; i < message.msg_iovlen; ++i) {
    const Bytes part = queue_.part(i);
    parts[i] = {const_cast<std::uint8_t*>(part.data()), part.size()};  // NOLINT: sendmsg only reads
  }
  const ssize_t count = ::sendmsg(socket.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count >= 0) {
    queue_.consume(static_cast<std::size_t>(count));
    return true;
  }
  if (errno == EINTR) return true;
  if (errno != EAGAIN && errno != EWOULDBLOCK) {
    const int error = errno;
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

void TcpLink::finish_writing() {
  boost::system::error_code unconnected;
  socket.shutdown(Tcp::socket::shutdown_send, unconnected);
  state_ = State::lingering;
  if (other_has_ended_ || unconnected) return finish(CloseReason::local, {});
  tell_closed(CloseReason::local);
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
  candidates_.clear();
  if (core_ != nullptr) std::exchange(core_, nullptr)->drop(*this);
  tell_closed(reason);
}

void TcpLink::tell_closed(CloseReason reason) {
  if (std::exchange(told_closed_, true) || handle_ == nullptr || handler_ == nullptr) return;
  handler_->on_close(*handle_, reason);
}

void TcpLink::set_deadline(Duration within) {
  deadline_ = WallClock::now() + within;
  core_->watch();
}

void TcpLink::expire() {
  if (core_ == nullptr) return;
  const bool was_opening = state_ == State::opening;
  ++(was_opening ? core_->stats.connect_timeouts : core_->stats.close_timeouts);
  if (!was_opening) close_with_reset();
  finish(was_opening ? CloseReason::unreachable : CloseReason::local, text_of(ETIMEDOUT));
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
