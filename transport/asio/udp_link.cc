#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "netrig/transport/asio/udp_core.h"

namespace netrig::transport {

UdpLink::UdpLink(std::shared_ptr<UdpPort> port, ConnectionHandler* handler, Address remote)
    : port_(std::move(port)),
      message_bytes_max_(port_->core().options.datagram_bytes_max),
      handler_(handler),
      remote_(std::move(remote)) {
  ++port_->core().links;
}

SendStatus UdpLink::send(const OutgoingMessage& message) {
  if (state_ != State::open) return SendStatus::closed;
  const std::size_t size = message.size();
  if (size > message_bytes_max_) return SendStatus::too_large;
  const UdpOptions& options = port_->core().options;
  if (queued_bytes + size > options.queue_bytes_max || queued_messages >= options.queue_messages_max)
    return SendStatus::queue_full;
  queued_bytes += size;
  ++queued_messages;
  port_->push(shared_from_this(), peer_, message);
  return SendStatus::accepted;
}

void UdpLink::close() {
  if (state_ != State::opening && state_ != State::open) return;
  state_ = State::closing;
  port_->begin_closing(shared_from_this());
}

void UdpLink::handle_is_gone() {
  handle_ = nullptr;
  close();
}

void UdpLink::start(std::vector<Udp::endpoint> to) {
  candidates_ = std::move(to);
  boost::asio::post(port_->core().context, [self = shared_from_this()] {
    if (self->state_ != State::opening) return;
    if (const auto error = self->connect_to_next())
      return self->finish(CloseReason::unreachable, error.message());
    self->port_->wait_to_read();
    self->open();
  });
}

boost::system::error_code UdpLink::connect_to_next() {
  boost::system::error_code error = boost::asio::error::host_not_found;
  while (error && !candidates_.empty()) {
    error = port_->connect(candidates_.front());
    candidates_.erase(candidates_.begin());
  }
  return error;
}

bool UdpLink::moves_on() {
  const bool is_there = state_ == State::opening || state_ == State::open;
  return is_there && !candidates_.empty() && !connect_to_next();
}

void UdpLink::resolve() {
  auto resolver = std::make_shared<Udp::resolver>(port_->core().context);
  resolver->async_resolve(remote_.host, std::to_string(remote_.port), Udp::resolver::numeric_service,
                          [self = shared_from_this(), resolver](boost::system::error_code error,
                                                                const Udp::resolver::results_type& found) {
                            if (self->state_ != State::opening) return;
                            if (error)
                              return self->finish(CloseReason::unreachable,
                                                  self->remote_.host + ": " + error.message());
                            std::vector<Udp::endpoint> to;
                            for (const auto& entry : found) to.push_back(entry.endpoint());
                            self->start(std::move(to));
                          });
}

bool UdpLink::meet(ListenerHandler& listener, const Udp::endpoint& from) {
  peer_ = from;
  handler_ = listener.on_accept(std::make_unique<UdpHandle>(shared_from_this()));
  if (handler_ == nullptr || handle_ == nullptr) return false;
  if (state_ == State::opening) open();  // otherwise it was closed inside on_accept
  return true;
}

void UdpLink::open() {
  state_ = State::open;
  if (handle_ != nullptr) handler_->on_open(*handle_);
}

void UdpLink::receive(std::span<const Chunk> message) {
  has_received_ = true;
  if (state_ == State::open && handle_ != nullptr) handler_->on_receive(*handle_, message);
}

void UdpLink::transport_is_gone() {
  handler_ = nullptr;  // nobody is told
  finish(CloseReason::local, {});
}

void UdpLink::finish(CloseReason reason, std::string detail) {
  if (state_ == State::closed) return;
  const std::shared_ptr<UdpLink> alive = shared_from_this();
  state_ = State::closed;
  detail_ = std::move(detail);
  const std::shared_ptr<UdpPort> port = std::exchange(port_, nullptr);
  --port->core().links;
  port->forget(*this);
  if (handle_ != nullptr && handler_ != nullptr) handler_->on_close(*handle_, reason);
}

}  // namespace netrig::transport
