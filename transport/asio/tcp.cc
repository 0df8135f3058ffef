#include "netrig/transport/asio/tcp.h"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "netrig/transport/asio/listen_address.h"
#include "netrig/transport/asio/socket_address.h"
#include "netrig/transport/asio/tcp_core.h"

namespace netrig::transport {

namespace {

constexpr std::size_t kReadBytes = 64 * 1024;  // one for all connections of a transport
constexpr int kAcceptsPerTurn = 64;            // then those who are connected have their turn
constexpr auto kAcceptPause = std::chrono::milliseconds{50};
constexpr auto kSweepEvery = std::chrono::milliseconds{100};  // deadlines of connections are that exact

int spare_descriptor() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void close_with_reset(int descriptor) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  static_cast<void>(::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
  ::close(descriptor);
}

int accept_one(int acceptor) {
  return ::accept4(acceptor, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

// A listening socket. Its Listener holds it, and its handlers while they wait.
class Gate : public std::enable_shared_from_this<Gate> {
 public:
  Gate(std::shared_ptr<TcpCore> core, ListenerHandler& handler)
      : acceptor_(core->context), pause_(core->context), core_(std::move(core)) {
    welcome_->handler = &handler;
  }

  boost::system::error_code open(const Tcp::endpoint& at) {
    boost::system::error_code error;
    acceptor_.open(at.protocol(), error);
    if (error) return error;
    acceptor_.set_option(Tcp::acceptor::reuse_address{true}, error);
    if (at.address().is_v6()) acceptor_.set_option(boost::asio::ip::v6_only{false}, error);
    if (!error) acceptor_.bind(at, error);
    if (!error) acceptor_.listen(core_->options.accept_queue, error);
    return error;
  }

  Address local() const {
    boost::system::error_code unknown;
    return address_of(acceptor_.local_endpoint(unknown));
  }

  void close() {
    boost::system::error_code unneeded;
    acceptor_.close(unneeded);
    pause_.cancel();
    welcome_->handler = nullptr;
  }

  void wait() {
    acceptor_.async_wait(Tcp::acceptor::wait_read,
                         [self = shared_from_this()](boost::system::error_code error) {
                           if (!error && self->acceptor_.is_open()) self->accept();
                         });
  }

 private:
  void accept() {
    for (int accepts = 0; accepts < kAcceptsPerTurn; ++accepts) {
      const int descriptor = accept_one(acceptor_.native_handle());
      if (descriptor >= 0) {
        welcome(descriptor);
        if (!acceptor_.is_open()) return;  // the listener was destroyed inside on_accept
        continue;
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK) break;
      const bool out_of_descriptors = errno == EMFILE || errno == ENFILE;
      if (out_of_descriptors && core_->cut_short_one_that_lingers()) continue;
      const bool out_of_memory = errno == ENOBUFS || errno == ENOMEM;
      if (out_of_memory || (out_of_descriptors && !core_->shed_with_spare(acceptor_.native_handle())))
        return pause();
      // Otherwise the caller was gone again, or has been shed.
    }
    wait();
  }

  void welcome(int descriptor) {
    if (core_->is_full() && !core_->cut_short_one_that_lingers()) {
      ++core_->stats.shed_connections;
      return close_with_reset(descriptor);
    }
    if (core_->handshakes >= core_->options.handshakes_max) {
      ++core_->stats.shed_handshakes;
      return close_with_reset(descriptor);
    }
    Tcp::socket socket{core_->context};
    boost::system::error_code error;
    socket.assign(acceptor_.local_endpoint(error).protocol(), descriptor, error);
    if (error) return close_with_reset(descriptor);
    const Tcp::endpoint remote = socket.remote_endpoint(error);
    if (error) return;  // gone again
    ++core_->stats.accepted;
    const std::shared_ptr<TcpLink> link = core_->make_link(nullptr, address_of(remote));
    link->socket = std::move(socket);
    link->tune();
    if (core_->layers) return link->await_handshake(welcome_);
    if (!link->meet(*welcome_->handler)) return link->refuse();
    link->wait_to_read();
  }

  void pause() {
    ++core_->stats.accept_pauses;
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (!error && self->acceptor_.is_open()) self->accept();
    });
  }

  Tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  std::shared_ptr<TcpCore> core_;
  std::shared_ptr<TcpWelcome> welcome_ = std::make_shared<TcpWelcome>();
};

class Door final : public Listener {
 public:
  explicit Door(std::shared_ptr<Gate> gate) : gate_(std::move(gate)), local_(gate_->local()) {}
  ~Door() override { gate_->close(); }
  const Address& local() const override { return local_; }

 private:
  std::shared_ptr<Gate> gate_;
  Address local_;
};

}  // namespace

TcpCore::TcpCore(AsioScheduler& scheduler, const TcpOptions& options_of,
                 std::shared_ptr<const StreamLayers> layers_of)
    : options(options_of),
      context(scheduler.context()),
      layers(std::move(layers_of)),
      buffer(kReadBytes),
      sweeper_(context),
      spare_(spare_descriptor()) {}

TcpCore::~TcpCore() {
  if (spare_ >= 0) ::close(spare_);
}

std::shared_ptr<TcpLink> TcpCore::make_link(ConnectionHandler* handler, Address remote) {
  const auto link = std::make_shared<TcpLink>(*this, next_number_++, handler, std::move(remote));
  links_.emplace(link->number, link);
  return link;
}

void TcpCore::drop(TcpLink& link) {
  lingering.erase(link.number);
  links_.erase(link.number);
}

void TcpCore::mark(TcpLink& link) {
  if (std::exchange(link.marked, true)) return;
  marked_.push_back(link.shared_from_this());
  if (marked_.size() > 1) return;
  boost::asio::post(context, [self = shared_from_this()] { self->flush_marked(); });
}

void TcpCore::flush_marked() {
  flushing_.swap(marked_);
  for (const std::shared_ptr<TcpLink>& link : flushing_) {
    link->marked = false;
    link->flush();
  }
  flushing_.clear();
}

void TcpCore::watch() {
  if (std::exchange(sweeping_, true)) return;
  sweeper_.expires_after(kSweepEvery);
  sweeper_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (!error) self->sweep();
  });
}

void TcpCore::sweep() {
  sweeping_ = false;
  const SteadyClock::time_point now = SteadyClock::now();
  std::vector<std::shared_ptr<TcpLink>> late;
  bool more = false;
  for (const auto& [number, link] : links_) {
    if (!link->deadline()) continue;
    more = true;
    if (*link->deadline() <= now) late.push_back(link);
  }
  for (const std::shared_ptr<TcpLink>& link : late) link->expire();
  if (more) watch();
}

void TcpCore::end() {
  sweeper_.cancel();
  const auto links = std::exchange(links_, {});
  for (const auto& [number, link] : links) link->transport_is_gone();
}

bool TcpCore::cut_short_one_that_lingers() {
  if (lingering.empty()) return false;
  const std::shared_ptr<TcpLink> link = links_.at(*lingering.begin());
  link->cut_short();
  return true;
}

bool TcpCore::shed_with_spare(int acceptor) {
  if (spare_ < 0) spare_ = spare_descriptor();
  if (spare_ < 0) return false;
  ::close(std::exchange(spare_, -1));
  const int descriptor = accept_one(acceptor);
  const bool shed = descriptor >= 0;
  if (shed) {
    close_with_reset(descriptor);
    ++stats.shed_descriptors;
  }
  spare_ = spare_descriptor();
  return shed;
}

AsioTcpTransport::AsioTcpTransport(AsioScheduler& scheduler, TcpOptions options,
                                   std::shared_ptr<const StreamLayers> layers)
    : core_(std::make_shared<TcpCore>(scheduler, options, std::move(layers))) {}

AsioTcpTransport::~AsioTcpTransport() {
  core_->end();
}

Result<std::unique_ptr<Listener>, TransportError> AsioTcpTransport::listen(const Address& at,
                                                                           ListenerHandler& handler) {
  const auto address = address_to_listen_at<Tcp>(core_->context, at.host);
  if (!address) return TransportError::address_invalid;
  auto gate = std::make_shared<Gate>(core_, handler);
  if (const auto error = gate->open({*address, at.port})) return listen_error(error);
  gate->wait();
  return std::unique_ptr<Listener>{std::make_unique<Door>(std::move(gate))};
}

Result<std::unique_ptr<Connection>, TransportError> AsioTcpTransport::connect(const Address& /*from*/,
                                                                              const Address& to,
                                                                              ConnectionHandler& handler) {
  if (to.host.empty() || to.port == 0) return TransportError::address_invalid;
  if (core_->is_full()) return TransportError::out_of_connections;
  const std::shared_ptr<TcpLink> link = core_->make_link(&handler, to);
  if (const auto address = literal(to.host)) {
    if (!link->connect_to(*address)) {
      core_->drop(*link);
      return TransportError::out_of_connections;
    }
  } else {
    link->resolve();
  }
  return std::unique_ptr<Connection>{std::make_unique<TcpHandle>(link)};
}

std::size_t AsioTcpTransport::connection_count() const {
  return core_->size();
}

const TcpStats& AsioTcpTransport::stats() const {
  return core_->stats;
}

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
  static_cast<void>(::getrlimit(RLIMIT_NOFILE, &limit));
  return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace netrig::transport
