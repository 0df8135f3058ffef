#include <algorithm>
#include <boost/asio/ip/v6_only.hpp>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <system_error>
#include <utility>

#include "netrig/transport/asio/socket_address.h"
#include "netrig/transport/asio/udp_core.h"

namespace netrig::transport {

namespace {

constexpr int kBatchesPerTurn = 4;  // read by one socket, then others have their turn

bool is_again(int error) {
  return error == EAGAIN || error == EWOULDBLOCK;
}

// The kernel may give less, which costs datagrams under a burst and nothing else.
void ask_for_buffers(int descriptor, int bytes) {
  static_cast<void>(::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes));
  static_cast<void>(::setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes));
}

}  // namespace

UdpPort::UdpPort(std::shared_ptr<UdpCore> core) : core_(std::move(core)), socket_(core_->context) {}

boost::system::error_code UdpPort::listen(const Udp::endpoint& at, ListenerHandler& handler) {
  boost::system::error_code error;
  socket_.open(at.protocol(), error);
  if (error) return error;
  if (at.address().is_v6()) socket_.set_option(boost::asio::ip::v6_only{false}, error);
  ask_for_buffers(socket_.native_handle(), core_->options.socket_buffer_bytes);
  if (!error) socket_.bind(at, error);
  listener_ = &handler;
  return error;
}

void UdpPort::listener_is_gone() {
  listener_ = nullptr;
  close_if_unused();
}

boost::system::error_code UdpPort::open_for(const Udp::endpoint& to) {
  boost::system::error_code error;
  is_callers_ = true;
  socket_.open(to.protocol(), error);
  return error;
}

boost::system::error_code UdpPort::connect(const Udp::endpoint& to) {
  boost::system::error_code error;
  is_callers_ = true;
  socket_.close(error);
  socket_.open(to.protocol(), error);
  if (!error) socket_.connect(to, error);
  if (!error && !queue_.empty()) core_->mark(*this);
  return error;
}

Address UdpPort::local() const {
  boost::system::error_code unknown;
  return address_of(socket_.local_endpoint(unknown));
}

void UdpPort::push(const std::shared_ptr<UdpLink>& link, const Udp::endpoint& to,
                   const OutgoingMessage& message) {
  queue_.push_back({link, to, message});
  if (!waits_to_write_) core_->mark(*this);
}

void UdpPort::begin_closing(const std::shared_ptr<UdpLink>& link) {
  closing_.push_back(link);
  core_->mark(*this);
}

void UdpPort::wait_to_read() {
  if (!socket_.is_open()) return;
  socket_.async_wait(Udp::socket::wait_read, [self = shared_from_this()](boost::system::error_code error) {
    if (!error) self->read();
  });
}

void UdpPort::read() {
  for (int batches = 0; batches < kBatchesPerTurn && socket_.is_open(); ++batches)
    if (read_batch() < static_cast<int>(kDatagramBatch)) break;
  wait_to_read();
}

int UdpPort::read_batch() {
  DatagramBatch& batch = core_->batch;
  for (mmsghdr& message : batch.messages) message.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
  const int count =
      ::recvmmsg(socket_.native_handle(), batch.messages.data(), kDatagramBatch, MSG_DONTWAIT, nullptr);
  if (count < 0) {
    const int error = errno;
    if (error == ECONNREFUSED) refused();
    return error == EINTR || error == ECONNREFUSED ? static_cast<int>(kDatagramBatch) : 0;
  }
  const std::shared_ptr<UdpPort> alive = shared_from_this();
  for (int slot = 0; slot < count && socket_.is_open(); ++slot) receive(static_cast<std::size_t>(slot));
  return count;
}

void UdpPort::receive(std::size_t slot) {
  const mmsghdr& message = core_->batch.messages[slot];
  ++core_->stats.received;
  if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0 || message.msg_len > core_->options.datagram_bytes_max) {
    ++core_->stats.too_long;
    return;
  }
  const Bytes bytes{core_->batch.bytes.data() + slot * core_->batch.slot_bytes, message.msg_len};
  const Chunk chunk{.bytes = bytes, .owner = nullptr};
  const std::span<const Chunk> chunks{&chunk, bytes.empty() ? 0u : 1u};
  if (is_callers_) {
    if (const auto link = caller_) link->receive(chunks);
    return;
  }
  Udp::endpoint from;
  std::memcpy(from.data(), message.msg_hdr.msg_name,
              std::min<std::size_t>(message.msg_hdr.msg_namelen, from.capacity()));
  const auto known = guests_.find(from);
  if (known == guests_.end()) return meet_stranger(from, chunks);
  const std::shared_ptr<UdpLink> link = known->second;
  link->receive(chunks);
}

void UdpPort::meet_stranger(const Udp::endpoint& from, std::span<const Chunk> message) {
  if (listener_ == nullptr || core_->is_full()) {  // before anybody is asked, who would give it a seat
    ++core_->stats.strangers_dropped;
    return;
  }
  const StrangerAnswer answer = listener_->on_stranger(address_of(from), message);
  const bool has_reply = answer.reply.head || answer.reply.body;
  const bool has_room = replies_waiting_ < core_->options.stranger_replies_max &&
                        answer.reply.size() <= core_->options.datagram_bytes_max;
  if (has_reply && has_room) {
    ++replies_waiting_;
    push(nullptr, from, answer.reply);
  } else if (has_reply) {
    ++core_->stats.replies_dropped;
  }
  if (!answer.accept || listener_ == nullptr) return;
  const auto link = std::make_shared<UdpLink>(shared_from_this(), nullptr, address_of(from));
  guests_.emplace(from, link);
  if (!link->meet(*listener_, from)) return link->finish(CloseReason::local, {});
  if (answer.deliver) link->receive(message);
}

std::size_t UdpPort::flush(std::size_t budget, bool& more) {
  const std::shared_ptr<UdpPort> alive = shared_from_this();
  std::size_t sent = 0;
  while (socket_.is_open() && !waits_to_write_ && !queue_.empty() && sent < budget) {
    const std::size_t count = std::min({queue_.size(), kDatagramBatch, budget - sent});
    const int taken = send_batch(count);
    for (int i = 0; i < taken; ++i) sent_one();
    sent += static_cast<std::size_t>(std::max(taken, 0));
    if (taken < 0 && errno != EINTR) failed_to_send(errno);
  }
  more = socket_.is_open() && !waits_to_write_ && !queue_.empty();
  finish_closing();
  return sent;
}

int UdpPort::send_batch(std::size_t count) {
  std::array<mmsghdr, kDatagramBatch> messages{};
  std::array<std::array<iovec, 2>, kDatagramBatch> parts;
  for (std::size_t i = 0; i < count; ++i) {
    Outgoing& outgoing = queue_[i];
    msghdr& header = messages[i].msg_hdr;
    header.msg_iov = parts[i].data();
    for (const PayloadRef& part : {outgoing.message.head, outgoing.message.body})
      if (part)
        parts[i][header.msg_iovlen++] = {const_cast<std::uint8_t*>(part->bytes.data()), part->bytes.size()};
    if (is_callers_) continue;
    header.msg_name = outgoing.to.data();
    header.msg_namelen = static_cast<socklen_t>(outgoing.to.size());
  }
  return ::sendmmsg(socket_.native_handle(), messages.data(), static_cast<unsigned>(count),
                    MSG_DONTWAIT | MSG_NOSIGNAL);
}

void UdpPort::sent_one() {
  const Outgoing outgoing = queue_.pop_front();
  ++core_->stats.sent;
  if (!outgoing.link) {
    --replies_waiting_;
    return;
  }
  outgoing.link->queued_bytes -= outgoing.message.size();
  --outgoing.link->queued_messages;
}

// What the network said of an earlier message is answered by `send` as well.
void UdpPort::failed_to_send(int error) {
  if (is_again(error)) {
    waits_to_write_ = true;
    socket_.async_wait(Udp::socket::wait_write,
                       [self = shared_from_this()](boost::system::error_code failed) {
                         self->waits_to_write_ = false;
                         if (!failed) self->core_->mark(*self);
                       });
    return;
  }
  if (error == ECONNREFUSED) {  // the message itself has not been tried yet
    if (refused()) wait_to_read();
    return;
  }
  ++core_->stats.send_errors;
  --core_->stats.sent;
  sent_one();
}

// Anybody can forge this answer, so it only counts while nobody has answered otherwise. True: the socket is
// another one now, and nobody waits for it to be read.
bool UdpPort::refused() {
  const std::shared_ptr<UdpLink> link = caller_;
  if (!link) return false;
  if (link->has_received()) {
    ++core_->stats.refusals_ignored;
    return false;
  }
  if (link->moves_on()) return true;
  link->finish(CloseReason::refused, std::system_category().message(ECONNREFUSED));
  return false;
}

void UdpPort::finish_closing() {
  std::vector<std::shared_ptr<UdpLink>> done;
  std::erase_if(closing_, [&done](const std::shared_ptr<UdpLink>& link) {
    if (link->queued_messages > 0) return false;
    done.push_back(link);
    return true;
  });
  for (const auto& link : done) link->finish(CloseReason::local, {});
}

void UdpPort::forget(UdpLink& link) {
  if (caller_.get() == &link) caller_ = nullptr;
  const auto guest = guests_.find(link.peer());
  if (guest != guests_.end() && guest->second.get() == &link) guests_.erase(guest);
  std::erase_if(closing_, [&link](const auto& closing) { return closing.get() == &link; });
  close_if_unused();
}

void UdpPort::close_if_unused() {
  if (listener_ != nullptr || caller_ || !guests_.empty()) return;
  boost::system::error_code unneeded;
  socket_.close(unneeded);
  core_->remove(*this);
}

// The transport is gone: nothing is sent any more, and nobody is told.
void UdpPort::end() {
  boost::system::error_code unneeded;
  socket_.close(unneeded);
  listener_ = nullptr;
  while (!queue_.empty()) queue_.pop_front();
  const auto guests = std::exchange(guests_, {});
  for (const auto& [address, link] : guests) link->transport_is_gone();
  if (const auto caller = std::exchange(caller_, nullptr)) caller->transport_is_gone();
}

}  // namespace netrig::transport
