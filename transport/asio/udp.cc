#include "netrig/transport/asio/udp.h"

#include <boost/asio/post.hpp>
#include <cerrno>
#include <optional>
#include <utility>

#include "netrig/transport/asio/listen_address.h"
#include "netrig/transport/asio/socket_address.h"
#include "netrig/transport/asio/udp_core.h"

namespace netrig::transport {

namespace {

// Sent by all ports of a transport in one turn. Less than a receiver's default buffer holds, and others have
// their turn between.
constexpr std::size_t kSendsPerTurn = 2 * kDatagramBatch;

class Door final : public Listener {
 public:
  explicit Door(std::shared_ptr<UdpPort> port) : port_(std::move(port)), local_(port_->local()) {}
  ~Door() override { port_->listener_is_gone(); }
  const Address& local() const override { return local_; }

 private:
  std::shared_ptr<UdpPort> port_;
  Address local_;
};

}  // namespace

DatagramBatch::DatagramBatch(std::size_t bytes_max)
    : slot_bytes(bytes_max + 1), bytes(kDatagramBatch * slot_bytes), names{}, parts{}, messages{} {
  for (std::size_t i = 0; i < kDatagramBatch; ++i) {
    parts[i] = {bytes.data() + i * slot_bytes, slot_bytes};
    messages[i].msg_hdr.msg_name = &names[i];
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
}

UdpCore::UdpCore(AsioScheduler& scheduler, const UdpOptions& options_of)
    : options(options_of), context(scheduler.context()), batch(options_of.datagram_bytes_max) {}

void UdpCore::mark(UdpPort& port) {
  if (std::exchange(port.marked, true)) return;
  marked_.push_back(port.shared_from_this());
  if (std::exchange(flush_posted_, true)) return;
  boost::asio::post(context, [self = shared_from_this()] { self->flush_marked(); });
}

void UdpCore::flush_marked() {
  flush_posted_ = false;
  std::size_t sent = 0;
  // A port that tells of an end may have the transport destroyed, which empties the ring.
  for (std::size_t turns = marked_.size(); turns > 0 && !marked_.empty() && sent < kSendsPerTurn; --turns) {
    const std::shared_ptr<UdpPort> port = marked_.pop_front();
    port->marked = false;
    bool more = false;
    sent += port->flush(kSendsPerTurn - sent, more);
    if (more) mark(*port);
  }
  if (marked_.empty() || std::exchange(flush_posted_, true)) return;
  boost::asio::post(context, [self = shared_from_this()] { self->flush_marked(); });
}

void UdpCore::end() {
  const auto ports = std::exchange(ports_, {});
  for (const auto& [key, port] : ports) port->end();
  while (!marked_.empty()) marked_.pop_front();
}

AsioUdpTransport::AsioUdpTransport(AsioScheduler& scheduler, UdpOptions options)
    : core_(std::make_shared<UdpCore>(scheduler, options)) {}

AsioUdpTransport::~AsioUdpTransport() {
  core_->end();
}

Result<std::unique_ptr<Listener>, TransportError> AsioUdpTransport::listen(const Address& at,
                                                                           ListenerHandler& handler) {
  const auto address = address_to_listen_at<Udp>(core_->context, at.host);
  if (!address) return TransportError::address_invalid;
  auto port = std::make_shared<UdpPort>(core_);
  if (const auto error = port->listen({*address, at.port}, handler)) return listen_error(error);
  core_->add(port);
  port->wait_to_read();
  return std::unique_ptr<Listener>{std::make_unique<Door>(std::move(port))};
}

Result<std::unique_ptr<Connection>, TransportError> AsioUdpTransport::connect(const Address& /*from*/,
                                                                              const Address& to,
                                                                              ConnectionHandler& handler) {
  if (to.host.empty() || to.port == 0) return TransportError::address_invalid;
  if (core_->is_full()) return TransportError::out_of_connections;
  auto port = std::make_shared<UdpPort>(core_);
  std::vector<Udp::endpoint> known;
  if (const auto address = literal(to.host)) known.emplace_back(*address, to.port);
  if (is_localhost(to.host))
    for (const auto& address : localhost_addresses()) known.emplace_back(address, to.port);
  if (!known.empty() && port->open_for(known.front())) return TransportError::out_of_connections;
  core_->add(port);
  const auto link = std::make_shared<UdpLink>(port, &handler, to);
  port->adopt(link);
  if (known.empty())
    link->resolve();
  else
    link->start(std::move(known));
  return std::unique_ptr<Connection>{std::make_unique<UdpHandle>(link)};
}

std::size_t AsioUdpTransport::connection_count() const {
  return core_->links;
}

const UdpStats& AsioUdpTransport::stats() const {
  return core_->stats;
}

}  // namespace netrig::transport
