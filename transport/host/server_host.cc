#include "netrig/transport/host/server_host.h"

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "netrig/core/server/server_observers.h"
#include "netrig/transport/host/mailbox.h"
#include "netrig/transport/host/os_entropy.h"
#include "netrig/transport/serving/server_binding.h"

namespace netrig::transport {

namespace {

constexpr Duration kGoodbyeWithin = 1s;       // then stop() no longer waits for what is still to be written
constexpr Duration kGoodbyeLooksEvery = 5ms;  // for connections that have ended

AdmissionPolicy admission_policy(const ServerHostOptions& options, const World& world) {
  AdmissionPolicy policy = options.admission;
  policy.schema_digest = world.schema().digest();
  return policy;
}

}  // namespace

// Everything that belongs to the host's thread, and the queues between it and the others.
class ServerHost::Runner final : ServerObserver, BindingObserver, Task {
 public:
  Runner(World& world, const ServerHostOptions& options, ServerObserver& observer)
      : Task(TaskOrder{.task_class = TaskClass::tick}),
        events_(options.events_max),
        words_(options.events_max),
        windows_(derive_windows(options.server.horizon)),
        observers_(*this, observer),
        server_(options.server, world, entropy_, observers_, scheduler_.now()),
        acceptor_(server_, admission_policy(options, world), windows_, observers_),
        datagrams_(server_, admission_policy(options, world), windows_, nullptr, entropy_, observers_),
        binding_(scheduler_, server_, acceptor_, datagrams_, *this) {}

  ~Runner() override {
    end();
    scheduler_.cancel(*this);
  }

  // From any thread but its own; returns when its thread has ended.
  void end() {
    const std::lock_guard lock{ending_};
    runs_ = false;
    if (!thread_.joinable()) return;
    scheduler_.post([this] { begin_goodbye(); });
    thread_.join();
  }
  bool runs() const { return runs_; }

  std::string listen(const EndpointUrl& url, const SocketOptions& sockets) {
    auto made = make_socket_transport(scheduler_, url, SocketRole::listens, sockets);
    if (!made) return made.error();
    transport_ = std::move(*made);
    auto listener = transport_->listen(url.address, binding_);
    if (!listener) return text(url) + ": " + std::string{text_of(listener.error())};
    listener_ = std::move(*listener);
    local_ = listener_->local();
    scheduler_.schedule(*this, scheduler_.now());
    runs_ = true;
    thread_ = std::thread{[this] { scheduler_.run(); }};
    return {};
  }

  struct Word {
    enum class Kind : std::uint8_t { broadcast, send, kick };
    Kind kind = Kind::broadcast;
    ClientId client{};
    std::uint16_t message_kind = 0;
    std::vector<std::uint8_t> bytes{};
  };
  void say(Word word) {
    if (!runs_) return;
    words_.put(std::move(word));
    scheduler_.post([this] { say_words(); });
  }

  const Address& local() const { return local_; }
  std::vector<Player> players() const {
    const std::lock_guard lock{players_mutex_};
    return players_;
  }
  std::vector<ServerEvent> take_events() { return events_.take(); }
  std::uint64_t dropped() const { return events_.dropped() + words_.dropped(); }

 private:
  static std::string_view text_of(TransportError error) { return transport::text(error); }

  void run(Instant now) override {
    if (goodbye_by_) {
      if (binding_.size() == 0 || now >= *goodbye_by_) return scheduler_.stop();
      binding_.close_all();
      return scheduler_.schedule(*this, now + kGoodbyeLooksEvery);
    }
    binding_.expire(now);
    server_.advance(now);
    server_.flush(binding_);
    publish_players();
    scheduler_.schedule(*this, binding_.next_deadline());
  }

  // BindingObserver
  void on_waiting() override {
    if (!goodbye_by_) scheduler_.schedule(*this, binding_.next_deadline());
  }

  void begin_goodbye() {
    const Instant now = scheduler_.now();
    server_.stop(now);
    server_.flush(binding_);
    listener_.reset();
    goodbye_by_ = now + kGoodbyeWithin;
    scheduler_.schedule(*this, now);
  }

  void say_words() {
    for (const Word& word : words_.take()) {
      if (word.kind == Word::Kind::kick) {
        const std::string text{word.bytes.begin(), word.bytes.end()};
        server_.kick(word.client, text, scheduler_.now());
        continue;
      }
      const AppMessage message{word.message_kind, word.bytes};
      if (word.kind == Word::Kind::broadcast)
        server_.broadcast(message);
      else if (server_.send(word.client, message) != SendStatus::accepted)
        tell({.kind = ServerEvent::Kind::error, .client = word.client, .text = "its queue took no message"});
    }
  }

  void publish_players() {
    std::vector<Player> players = server_.players();
    const std::lock_guard lock{players_mutex_};
    players_ = std::move(players);
  }

  void tell(ServerEvent event) { events_.put(std::move(event)); }

  // ServerObserver
  void on_joined(PeerId, ClientId client, EntityId entity, Instant) override {
    tell({.kind = ServerEvent::Kind::joined, .client = client, .subject = entity});
  }
  void on_world_event(Tick, std::uint16_t kind, EntityId subject, EntityId object) override {
    tell({.kind = ServerEvent::Kind::world, .subject = subject, .object = object, .number = kind});
  }
  void on_left(PeerId, ClientId client, DisconnectReason reason, Instant) override {
    tell({.kind = ServerEvent::Kind::left, .client = client, .text = std::string{netrig::text(reason)}});
  }
  void on_refused(RefuseReason reason, Instant) override {
    tell({.kind = ServerEvent::Kind::error, .text = "refused: " + std::string{netrig::text(reason)}});
  }
  void on_fault(PeerId, PeerFault fault, Instant) override {
    tell({.kind = ServerEvent::Kind::error, .text = std::string{netrig::text(fault)}});
  }
  void on_app_message(ClientId client, const AppMessage& message, Instant) override {
    tell({.kind = ServerEvent::Kind::message,
          .client = client,
          .number = message.kind,
          .bytes = {message.bytes.begin(), message.bytes.end()}});
  }

  Mailbox<ServerEvent> events_;
  Mailbox<Word> words_;
  AsioScheduler scheduler_;
  OsEntropy entropy_;
  Windows windows_;
  ServerObservers observers_;
  Server server_;
  Acceptor acceptor_;
  DatagramAcceptor datagrams_;
  std::unique_ptr<Transport> transport_;  // outlives the connections that the binding holds
  ServerBinding binding_;
  std::unique_ptr<Listener> listener_;
  Address local_;
  std::optional<Instant> goodbye_by_;
  mutable std::mutex players_mutex_;
  std::vector<Player> players_;
  std::atomic<bool> runs_ = false;
  std::mutex ending_;
  std::thread thread_;
};

ServerHost::ServerHost(World& world, ServerHostOptions options)
    : world_(world), options_(std::move(options)), observer_(nobody_) {}

ServerHost::ServerHost(World& world, ServerHostOptions options, ServerObserver& observer)
    : world_(world), options_(std::move(options)), observer_(observer) {}

ServerHost::~ServerHost() {
  stop();
}

std::shared_ptr<ServerHost::Runner> ServerHost::runner() const {
  const std::lock_guard lock{mutex_};
  return runner_;
}

std::string ServerHost::start(std::string_view url) {
  const auto parsed = parse_endpoint_url(url);
  if (!parsed) return parsed.error();
  stop();
  const auto made = std::make_shared<Runner>(world_, options_, observer_);
  std::string fault = made->listen(*parsed, options_.sockets);
  const std::lock_guard lock{mutex_};
  if (fault.empty()) runner_ = made;
  return fault;
}

void ServerHost::stop() {
  if (const auto running = runner()) running->end();
}

std::optional<Address> ServerHost::local() const {
  const auto running = runner();
  return running && running->runs() ? std::optional{running->local()} : std::nullopt;
}

void ServerHost::broadcast(std::uint16_t kind, Bytes bytes) {
  if (const auto running = runner())
    running->say({.message_kind = kind, .bytes = {bytes.begin(), bytes.end()}});
}

void ServerHost::send(ClientId client, std::uint16_t kind, Bytes bytes) {
  if (const auto running = runner())
    running->say({.kind = Runner::Word::Kind::send,
                  .client = client,
                  .message_kind = kind,
                  .bytes = {bytes.begin(), bytes.end()}});
}

void ServerHost::kick(ClientId client, std::string_view message) {
  if (const auto running = runner())
    running->say(
        {.kind = Runner::Word::Kind::kick, .client = client, .bytes = {message.begin(), message.end()}});
}

std::vector<Player> ServerHost::players() const {
  const auto running = runner();
  return running && running->runs() ? running->players() : std::vector<Player>{};
}

std::vector<ServerEvent> ServerHost::take_events() {
  const auto running = runner();
  return running ? running->take_events() : std::vector<ServerEvent>{};
}

std::uint64_t ServerHost::dropped() const {
  const auto running = runner();
  return running ? running->dropped() : 0;
}

}  // namespace netrig::transport
