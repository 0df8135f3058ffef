#include "netrig/transport/host/client_host.h"

#include <atomic>
#include <mutex>
#include <utility>

#include "netrig/core/protocol/refusal.h"
#include "netrig/transport/host/host_thread.h"
#include "netrig/transport/host/mailbox.h"
#include "netrig/transport/host/os_entropy.h"

namespace netrig::transport {

namespace {

ClientConfig client_config(const ClientHostOptions& options, UrlScheme scheme,
                           std::optional<ClientToken> token, Entropy& entropy) {
  ClientConfig config{.horizon = options.horizon, .token = std::move(token)};
  if (scheme == UrlScheme::udp)
    config.datagrams = DatagramOptions{.entropy = &entropy, .encrypted = options.encrypted};
  return config;
}

// A session whose connection is gone, with nobody having ended it.
bool is_broken(DisconnectReason reason) {
  return reason == DisconnectReason::connection_lost || reason == DisconnectReason::timeout;
}

}  // namespace

bool is_over(ClientEvent::Kind kind) {
  return kind == ClientEvent::Kind::failed || kind == ClientEvent::Kind::refused ||
         kind == ClientEvent::Kind::closed;
}

// What another thread asks the host's to do.
struct ClientHost::Word {
  enum class Kind : std::uint8_t { input, message, latest };
  Kind kind = Kind::input;
  Input input{};
  std::uint16_t number = 0;
  std::vector<std::uint8_t> bytes{};
};

// Between the host's thread and the others. They last from one connect to the next.
struct ClientHost::Queues {
  explicit Queues(const ClientHostOptions& options)
      : updates(options.updates_max), events(options.events_max), words(options.words_max) {}

  Mailbox<ClientUpdate> updates;
  Mailbox<ClientEvent, ClientEvent::Kind> events;
  Mailbox<Word, Word::Kind> words;
};

// Everything that belongs to the host's thread.
class ClientHost::Runner final : HostThread::Owner, ClientObserver, ConnectionHandler, PacketSink, Task {
 public:
  Runner(const Schema& schema, const ClientHostOptions& options, Queues& queues, const EndpointUrl& url,
         std::optional<ClientToken> token)
      : Task(TaskOrder{.task_class = TaskClass::timer}),
        options_(options),
        queues_(queues),
        url_(url),
        thread_(*this),
        client_(client_config(options, url.scheme, std::move(token), entropy_), schema, *this) {
    if (options.reconnect) backoff_.emplace(*options.reconnect, Random{entropy_.draw()});
  }

  ~Runner() override {
    end();
    scheduler_.cancel(*this);
  }

  std::string begin() {
    auto made = make_socket_transport(scheduler_, url_, SocketRole::connects, options_.sockets);
    if (!made) return made.error();
    transport_ = std::move(*made);
    if (std::string fault = open_connection(); !fault.empty()) return fault;
    queues_.words.drop_all();  // that came too late for the last session
    queues_.updates.take();    // and what the last one told: this begins anew
    queues_.events.take();
    return thread_.begin();
  }
  void end() { thread_.end(); }

  bool runs() const { return thread_.runs(); }
  void wake() { thread_.wake(); }
  bool connected() const { return runs() && connected_; }
  std::optional<ClientLatency> latency() const {
    const std::lock_guard lock{latency_mutex_};
    return latency_;
  }

 private:
  // --- the connection

  // Empty, or why it cannot even begin.
  std::string open_connection() {
    auto connection = transport_->connect({}, url_.address, *this);
    if (!connection) return transport::text(url_) + ": " + std::string{transport::text(connection.error())};
    connection_ = std::move(*connection);
    return {};
  }

  void run(Instant now) override {
    if (retry_at_) return try_again(now);
    client_.advance(now);
    flush();
  }

  void flush() {
    client_.flush(*this);
    if (thread_.is_leaving()) return;
    if (const std::optional<Instant> next = retry_at_ ? retry_at_ : client_.next_deadline())
      scheduler_.schedule(*this, *next);
    else
      scheduler_.cancel(*this);
  }

  // The session broke, or an attempt to come back failed. False: it will not come back.
  bool will_retry(Instant now) {
    if (!backoff_ || !in_session_) return false;
    if (!broken_at_) broken_at_ = now;
    const Instant at = now + backoff_->next();
    if (at > *broken_at_ + options_.reconnect_within) return false;
    retry_at_ = at;
    scheduler_.schedule(*this, at);
    return true;
  }

  void try_again(Instant now) {
    retry_at_.reset();
    connection_.reset();
    std::string fault = open_connection();
    if (!fault.empty() && !will_retry(now)) be_over(ClientEvent::Kind::closed, std::move(fault));
  }

  void be_over(ClientEvent::Kind kind, std::string text) {
    in_session_ = false;
    is_over_ = true;
    tell({.kind = kind, .text = std::move(text)});
  }

  // HostThread::Owner
  void on_wake() override {
    const Instant now = scheduler_.now();
    for (const Word& word : queues_.words.take())
      if (!say(word, now)) queues_.words.count_dropped();
    if (client_.connected()) flush();
  }
  void on_goodbye() override {
    on_wake();  // what was said before
    scheduler_.cancel(*this);
    retry_at_.reset();
    client_.disconnect(scheduler_.now());
    client_.flush(*this);
    if (connection_) connection_->close();
    queues_.words.drop_all();
  }
  bool is_written() override { return transport_->connection_count() == 0; }

  bool say(const Word& word, Instant now) {
    switch (word.kind) {
      case Word::Kind::input:
        return client_.push_input(word.input, now) != InputSequence{};
      case Word::Kind::message:
        return client_.send({word.number, word.bytes}) == SendStatus::accepted;
      case Word::Kind::latest:
        return client_.send_latest(word.number, word.bytes) == SendStatus::accepted;
    }
    return false;
  }

  // ConnectionHandler
  void on_open(Connection&) override {
    const Instant now = scheduler_.now();
    client_.can_resume() ? client_.resume(now) : client_.connect(now);
    flush();
  }
  void on_receive(Connection& connection, std::span<const Chunk> chunks) override {
    const Instant now = scheduler_.now();
    if (connection.delivery() == Delivery::datagram) {
      client_.receive(joined(chunks), now);
    } else {
      for (const Chunk& chunk : chunks) client_.receive(chunk.bytes, now);
    }
    flush();
  }
  void on_close(Connection& connection, CloseReason reason) override {
    const std::string_view detail = connection.close_detail();
    why_closed_ = detail.empty() ? transport::text(reason) : detail;
    const Instant now = scheduler_.now();
    if (client_.state() != ClientState::idle) return client_.on_connection_lost(now);  // on_closed follows
    const bool is_known = is_over_ || retry_at_ || reason == CloseReason::local;
    if (is_known || thread_.is_leaving() || will_retry(now)) return;
    be_over(broken_at_ ? ClientEvent::Kind::closed : ClientEvent::Kind::failed, why_closed_);
  }

  // One datagram, whose pieces usually are one.
  Bytes joined(std::span<const Chunk> chunks) {
    if (chunks.size() == 1) return chunks.front().bytes;
    joined_.clear();
    for (const Chunk& chunk : chunks) joined_.insert(joined_.end(), chunk.bytes.begin(), chunk.bytes.end());
    return joined_;
  }

  // PacketSink
  SendStatus send(PeerId, const OutgoingMessage& message) override {
    return connection_ ? connection_->send(message) : SendStatus::closed;
  }
  std::size_t backlog_bytes(PeerId) const override { return connection_ ? connection_->backlog_bytes() : 0; }
  void close(PeerId) override {
    if (connection_) connection_->close();
  }

  // --- ClientObserver

  void on_connected(const Welcome& welcome, Instant) override {
    in_session_ = true;
    connected_ = true;
    broken_at_.reset();
    if (backoff_) backoff_->reset();
    tell({.kind = welcome.resumed ? ClientEvent::Kind::resumed : ClientEvent::Kind::connected,
          .client = welcome.client,
          .entity = welcome.entity});
  }
  void on_refused(const Refuse& refuse, Instant now) override {
    if (broken_at_ && may_pass(refuse.reason) && will_retry(now)) return;
    be_over(ClientEvent::Kind::refused, std::string{netrig::text(refuse.reason)});
  }
  void on_closed(DisconnectReason reason, Instant now) override {
    connected_ = false;
    const bool is_first_break = in_session_ && !broken_at_;
    if (is_broken(reason) && will_retry(now)) {
      if (is_first_break)
        tell({.kind = ClientEvent::Kind::interrupted, .text = worded(netrig::text(reason))});
      return;
    }
    if (in_session_ || !is_broken(reason))
      return be_over(ClientEvent::Kind::closed, worded(netrig::text(reason)));
    be_over(ClientEvent::Kind::failed, why_closed_.empty() ? std::string{netrig::text(reason)} : why_closed_);
  }
  void on_state(const Snapshot& state, const StateHeader& header, InputSequence, Instant) override {
    queues_.updates.put({.state = state, .input_ack = header.input_ack});
  }
  void on_app_message(const AppMessage& message, Instant) override {
    tell({.kind = ClientEvent::Kind::message,
          .number = message.kind,
          .bytes = {message.bytes.begin(), message.bytes.end()}});
  }
  void on_latest_message(const LatestMessage& message, Instant) override {
    tell({.kind = ClientEvent::Kind::latest,
          .number = message.key,
          .bytes = {message.bytes.begin(), message.bytes.end()}});
  }
  void on_input_overflow(InputSequence, Instant) override { queues_.words.count_dropped(); }
  void on_rtt(Duration, Instant) override {
    const std::lock_guard lock{latency_mutex_};
    latency_ = {.rtt = client_.rtt().smoothed(), .jitter = client_.rtt().jitter()};
  }
  void on_fault(PeerFault fault, Instant) override {
    tell({.kind = ClientEvent::Kind::error, .text = std::string{netrig::text(fault)}});
  }

  // With what the server said, if it said something.
  std::string worded(std::string_view reason) const {
    const std::string& said = client_.last_message();
    return std::string{reason} + (said.empty() ? "" : ": " + said);
  }
  void tell(ClientEvent event) {
    const ClientEvent::Kind kind = event.kind;
    queues_.events.put(std::move(event), kind);
  }

  const ClientHostOptions& options_;
  Queues& queues_;
  const EndpointUrl url_;
  HostThread thread_;
  AsioScheduler& scheduler_ = thread_.scheduler();
  OsEntropy entropy_;
  Client client_;
  std::unique_ptr<Transport> transport_;  // outlives the connection
  std::unique_ptr<Connection> connection_;
  std::optional<Backoff> backoff_;
  std::optional<Instant> retry_at_;
  std::optional<Instant> broken_at_;  // the session's connection, until it is back
  bool in_session_ = false;           // or coming back to one
  bool is_over_ = false;              // an event has told how it ended
  std::string why_closed_;            // the connection, as the system says it
  std::vector<std::uint8_t> joined_;  // scratch
  std::atomic<bool> connected_ = false;
  mutable std::mutex latency_mutex_;
  std::optional<ClientLatency> latency_;
};

ClientHost::ClientHost(const Schema& schema, ClientHostOptions options)
    : schema_(schema), options_(std::move(options)), queues_(std::make_unique<Queues>(options_)) {}

ClientHost::~ClientHost() {
  disconnect();
}

std::string ClientHost::connect(std::string_view url, std::optional<ClientToken> token) {
  const auto parsed = parse_endpoint_url(url);
  if (!parsed) return parsed.error();
  return running_.start([&] {
    auto made = std::make_shared<Runner>(schema_, options_, *queues_, *parsed, std::move(token));
    std::string fault = made->begin();
    return std::pair{std::move(made), std::move(fault)};
  });
}

void ClientHost::disconnect() {
  running_.stop();
}

bool ClientHost::connected() const {
  const auto running = running_.get();
  return running && running->connected();
}

void ClientHost::say(Word word) {
  const auto running = running_.get();
  if (!running || !running->runs() || word.bytes.size() > kAppMessageBytesMax)
    return queues_->words.count_dropped();
  const Word::Kind kind = word.kind;
  queues_->words.put(std::move(word), kind);
  running->wake();
}

void ClientHost::send_input(const Input& input) {
  say({.input = input});
}

void ClientHost::send(std::uint16_t kind, Bytes bytes) {
  say({.kind = Word::Kind::message, .number = kind, .bytes = {bytes.begin(), bytes.end()}});
}

void ClientHost::send_latest(std::uint16_t key, Bytes bytes) {
  say({.kind = Word::Kind::latest, .number = key, .bytes = {bytes.begin(), bytes.end()}});
}

std::vector<ClientUpdate> ClientHost::take_updates() {
  return queues_->updates.take();
}

std::vector<ClientEvent> ClientHost::take_events() {
  return queues_->events.take();
}

std::optional<ClientLatency> ClientHost::latency() const {
  const auto running = running_.get();
  return running ? running->latency() : std::nullopt;
}

std::uint64_t ClientHost::dropped() const {
  return queues_->updates.dropped() + queues_->events.dropped() + queues_->words.dropped();
}

}  // namespace netrig::transport
