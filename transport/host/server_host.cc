#include "netrig/transport/host/server_host.h"

#include <chrono>
#include <mutex>
#include <utility>

#include "netrig/core/server/acceptor.h"
#include "netrig/core/server/server_observers.h"
#include "netrig/transport/host/host_thread.h"
#include "netrig/transport/host/mailbox.h"
#include "netrig/transport/host/os_entropy.h"
#include "netrig/transport/serving/server_binding.h"

namespace netrig::transport {

namespace {

AdmissionPolicy admission_policy(const ServerHostOptions& options, const World& world) {
  AdmissionPolicy policy = options.admission;
  policy.schema_digest = world.schema().digest();
  return policy;
}

// Nothing where no key is known.
std::optional<TokenGate> make_gate(const ServerHostOptions& options, Entropy& entropy) {
  if (options.token_keys.empty()) return std::nullopt;
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  const auto unix_s = std::chrono::duration_cast<std::chrono::seconds>(since_1970).count();
  return TokenGate{{.keys = options.token_keys, .unix_s_at_start = static_cast<std::uint64_t>(unix_s)},
                   entropy};
}

}  // namespace

// What another thread asks the host's to do.
struct ServerHost::Word {
  enum class Kind : std::uint8_t { broadcast, send, latest, kick };
  Kind kind = Kind::broadcast;
  ClientId client{};  // broadcast: nobody
  std::uint16_t number = 0;
  std::vector<std::uint8_t> bytes{};
};

// Between the host's thread and the others. They last from one start to the next.
struct ServerHost::Queues {
  explicit Queues(const ServerHostOptions& options)
      : events(options.events_max), inputs(options.inputs_max), words(options.words_max) {}

  Mailbox<ServerEvent, ClientId> events;
  Mailbox<ServerInput, ClientId> inputs;
  Mailbox<Word, ClientId> words;
};

// Everything that belongs to the host's thread.
class ServerHost::Runner final : HostThread::Owner, ServerObserver, BindingObserver, Task {
 public:
  Runner(World& world, const ServerHostOptions& options, Queues& queues, ServerObserver& observer)
      : Task(TaskOrder{.task_class = TaskClass::tick}),
        options_(options),
        queues_(queues),
        thread_(*this),
        tokens_(make_gate(options, entropy_)),
        windows_(derive_windows(options.server.horizon)),
        observers_(*this, observer),
        server_(options.server, world, entropy_, observers_, scheduler_.now()),
        acceptor_(server_, admission_policy(options, world), windows_, observers_, token_gate()),
        datagrams_(server_, admission_policy(options, world), windows_, token_gate(), entropy_, observers_),
        binding_(scheduler_, server_, acceptor_, &datagrams_, *this) {}

  ~Runner() override {
    end();
    scheduler_.cancel(*this);
  }

  std::string begin(const EndpointUrl& url) {
    auto made = make_socket_transport(scheduler_, url, SocketRole::listens, options_.sockets);
    if (!made) return made.error();
    transport_ = std::move(*made);
    auto listener = transport_->listen(url.address, binding_);
    if (!listener) return transport::text(url) + ": " + std::string{transport::text(listener.error())};
    listener_ = std::move(*listener);
    local_ = listener_->local();
    scheduler_.schedule(*this, scheduler_.now());
    queues_.words.drop_all();  // that came too late for the last one
    return thread_.begin();
  }
  void end() { thread_.end(); }
  bool runs() const { return thread_.runs(); }

  void wake() { thread_.wake(); }
  const Address& local() const { return local_; }
  std::vector<Player> players() const {
    const std::shared_ptr<const std::vector<Player>> newest = newest_players();
    return newest ? *newest : std::vector<Player>{};
  }

 private:
  TokenGate* token_gate() { return tokens_ ? &*tokens_ : nullptr; }

  void run(Instant now) override {
    binding_.expire(now);
    server_.advance(now);
    server_.flush(binding_);
    if (std::exchange(players_changed_, false)) publish_players();
    scheduler_.schedule(*this, binding_.next_deadline());
  }

  // BindingObserver
  void on_waiting() override {
    if (!thread_.is_leaving()) scheduler_.schedule(*this, binding_.next_deadline());
  }

  // HostThread::Owner
  void on_wake() override {
    for (const Word& word : queues_.words.take()) say(word);
  }
  void on_goodbye() override {
    on_wake();  // what was said before
    scheduler_.cancel(*this);
    server_.stop(scheduler_.now());
    server_.flush(binding_);
    listener_.reset();
    queues_.words.drop_all();
  }
  bool is_written() override {
    binding_.close_all();
    return transport_->connection_count() == 0;
  }

  void say(const Word& word) {
    const AppMessage message{word.number, word.bytes};
    SendStatus status = SendStatus::accepted;
    switch (word.kind) {
      case Word::Kind::broadcast:
        server_.broadcast(message);
        break;
      case Word::Kind::send:
        status = server_.send(word.client, message);
        break;
      case Word::Kind::latest:
        status = server_.send_latest(word.client, word.number, word.bytes);
        break;
      case Word::Kind::kick:
        server_.kick(word.client, std::string{word.bytes.begin(), word.bytes.end()}, scheduler_.now());
        break;
    }
    if (status != SendStatus::accepted)
      tell({.kind = ServerEvent::Kind::error, .client = word.client, .text = "its queue took no message"});
  }

  void publish_players() {
    auto newest = std::make_shared<const std::vector<Player>>(server_.players());
    const std::lock_guard lock{players_mutex_};
    players_.swap(newest);
  }
  std::shared_ptr<const std::vector<Player>> newest_players() const {
    const std::lock_guard lock{players_mutex_};
    return players_;
  }

  void tell(ServerEvent event) {
    const ClientId client = event.client;
    queues_.events.put(std::move(event), client);
  }
  void tell_of_player(ServerEvent event) {
    players_changed_ = true;
    tell(std::move(event));
  }

  // ServerObserver
  void on_joined(PeerId, ClientId client, EntityId entity, Instant) override {
    ServerEvent event{.kind = ServerEvent::Kind::joined, .client = client, .subject = entity};
    if (const TokenHolder* const holder = server_.holder(client)) {  // only looked at: allowed in here
      const Bytes identity = holder->identity.bytes();
      event.bytes.assign(identity.begin(), identity.end());
    }
    tell_of_player(std::move(event));
  }
  void on_detached(PeerId, ClientId client, Instant) override {
    tell_of_player({.kind = ServerEvent::Kind::detached, .client = client});
  }
  void on_resumed(PeerId, ClientId client, EntityId entity, Instant) override {
    tell_of_player({.kind = ServerEvent::Kind::resumed, .client = client, .subject = entity});
  }
  void on_left(PeerId, ClientId client, DisconnectReason reason, Instant) override {
    tell_of_player(
        {.kind = ServerEvent::Kind::left, .client = client, .text = std::string{netrig::text(reason)}});
  }
  void on_rtt(PeerId, Duration, Instant) override { players_changed_ = true; }
  void on_refused(RefuseReason reason, Instant) override {
    tell({.kind = ServerEvent::Kind::error, .text = "refused: " + std::string{netrig::text(reason)}});
  }
  void on_fault(PeerId, PeerFault fault, Instant) override {
    tell({.kind = ServerEvent::Kind::error, .text = std::string{netrig::text(fault)}});
  }
  void on_input(PeerId, ClientId client, const InputMessage& input, Instant) override {
    if (options_.inputs_max > 0) queues_.inputs.put({client, input.sequence, input.input}, client);
  }
  void on_app_message(ClientId client, const AppMessage& message, Instant) override {
    tell({.kind = ServerEvent::Kind::message,
          .client = client,
          .number = message.kind,
          .bytes = {message.bytes.begin(), message.bytes.end()}});
  }
  void on_latest_message(ClientId client, const LatestMessage& message, Instant) override {
    tell({.kind = ServerEvent::Kind::latest,
          .client = client,
          .number = message.key,
          .bytes = {message.bytes.begin(), message.bytes.end()}});
  }
  void on_world_event(Tick, std::uint16_t kind, EntityId subject, EntityId object) override {
    tell({.kind = ServerEvent::Kind::world, .subject = subject, .object = object, .number = kind});
  }

  const ServerHostOptions& options_;
  Queues& queues_;
  HostThread thread_;
  AsioScheduler& scheduler_ = thread_.scheduler();
  OsEntropy entropy_;
  std::optional<TokenGate> tokens_;
  Windows windows_;
  ServerObservers observers_;
  Server server_;
  Acceptor acceptor_;
  DatagramAcceptor datagrams_;
  std::unique_ptr<Transport> transport_;  // outlives the connections that the binding holds
  ServerBinding binding_;
  std::unique_ptr<Listener> listener_;
  Address local_;
  bool players_changed_ = true;
  mutable std::mutex players_mutex_;  // of players_ alone
  std::shared_ptr<const std::vector<Player>> players_;
};

ServerHost::ServerHost(World& world, ServerHostOptions options)
    : world_(world),
      options_(std::move(options)),
      observer_(nobody_),
      queues_(std::make_unique<Queues>(options_)) {}

ServerHost::ServerHost(World& world, ServerHostOptions options, ServerObserver& observer)
    : world_(world),
      options_(std::move(options)),
      observer_(observer),
      queues_(std::make_unique<Queues>(options_)) {}

ServerHost::~ServerHost() {
  stop();
}

std::string ServerHost::start(std::string_view url) {
  const auto parsed = parse_endpoint_url(url);
  if (!parsed) return parsed.error();
  if (options_.admission.requires_token && options_.token_keys.empty())
    return "requires_token: without token_keys nobody could come in";
  return running_.start([&] {
    auto made = std::make_shared<Runner>(world_, options_, *queues_, observer_);
    std::string fault = made->begin(*parsed);
    return std::pair{std::move(made), std::move(fault)};
  });
}

void ServerHost::stop() {
  running_.stop();
}

std::optional<Address> ServerHost::local() const {
  const auto running = running_.get();
  return running ? std::optional{running->local()} : std::nullopt;
}

void ServerHost::say(Word word) {
  const auto running = running_.get();
  if (!running || !running->runs() || word.bytes.size() > kAppMessageBytesMax)
    return queues_->words.count_dropped();
  const ClientId client = word.client;
  queues_->words.put(std::move(word), client);
  running->wake();
}

void ServerHost::broadcast(std::uint16_t kind, Bytes bytes) {
  say({.number = kind, .bytes = {bytes.begin(), bytes.end()}});
}

void ServerHost::send(ClientId client, std::uint16_t kind, Bytes bytes) {
  say({.kind = Word::Kind::send, .client = client, .number = kind, .bytes = {bytes.begin(), bytes.end()}});
}

void ServerHost::send_latest(ClientId client, std::uint16_t key, Bytes bytes) {
  say({.kind = Word::Kind::latest, .client = client, .number = key, .bytes = {bytes.begin(), bytes.end()}});
}

void ServerHost::kick(ClientId client, std::string_view message) {
  say({.kind = Word::Kind::kick, .client = client, .bytes = {message.begin(), message.end()}});
}

std::vector<Player> ServerHost::players() const {
  const auto running = running_.get();
  return running ? running->players() : std::vector<Player>{};
}

std::vector<ServerEvent> ServerHost::take_events() {
  return queues_->events.take();
}

std::vector<ServerInput> ServerHost::take_inputs() {
  return queues_->inputs.take();
}

std::uint64_t ServerHost::dropped() const {
  return queues_->events.dropped() + queues_->inputs.dropped() + queues_->words.dropped();
}

}  // namespace netrig::transport
