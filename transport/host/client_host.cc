#include "netrig/transport/host/client_host.h"

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "netrig/transport/host/mailbox.h"
#include "netrig/transport/host/os_entropy.h"

namespace netrig::transport {

namespace {

constexpr Duration kGoodbyeWithin = 1s;  // then disconnect() no longer waits for what is still to be written

}  // namespace

// Everything that belongs to the host's thread, and the queues between it and the others.
class ClientHost::Runner final : ClientObserver, ConnectionHandler, PacketSink, Task {
 public:
  Runner(const Schema& schema, const ClientHostOptions& options, bool datagrams)
      : Task(TaskOrder{.task_class = TaskClass::timer}),
        updates_(options.updates_max),
        events_(options.messages_max),
        words_(options.messages_max),
        client_(client_config(options, datagrams, entropy_), schema, *this) {}

  ~Runner() override {
    end();
    scheduler_.cancel(*this);
  }

  std::string connect(const EndpointUrl& url, const SocketOptions& sockets) {
    auto made = make_socket_transport(scheduler_, url, SocketRole::connects, sockets);
    if (!made) return made.error();
    transport_ = std::move(*made);
    auto connection = transport_->connect({}, url.address, *this);
    if (!connection) return transport::text(url) + ": " + std::string{transport::text(connection.error())};
    connection_ = std::move(*connection);
    runs_ = true;
    thread_ = std::thread{[this] { scheduler_.run(); }};
    return {};
  }

  // From any thread but its own; returns when its thread has ended.
  void end() {
    const std::lock_guard lock{ending_};
    runs_ = false;
    if (!thread_.joinable()) return;
    scheduler_.post([this] { begin_goodbye(); });
    thread_.join();
  }

  struct Word {
    bool is_input = true;
    Input input{};
    std::uint16_t kind = 0;
    std::vector<std::uint8_t> bytes{};
  };
  void say(Word word) {
    if (!runs_) return;
    words_.put(std::move(word));
    scheduler_.post([this] { say_words(); });
  }

  std::vector<ClientUpdate> take_updates() { return updates_.take(); }
  std::vector<ClientEvent> take_events() { return events_.take(); }
  std::optional<Duration> rtt() const {
    const Duration::rep smoothed = rtt_ns_;
    return smoothed > 0 ? std::optional{Duration{smoothed}} : std::nullopt;
  }
  std::uint64_t dropped() const {
    return updates_.dropped() + events_.dropped() + words_.dropped() + unsent_;
  }

 private:
  static ClientConfig client_config(const ClientHostOptions& options, bool datagrams, Entropy& entropy) {
    ClientConfig config{.horizon = options.horizon};
    if (datagrams) config.datagrams = DatagramOptions{.entropy = &entropy, .encrypted = options.encrypted};
    return config;
  }

  void run(Instant now) override {
    if (goodbye_by_) return scheduler_.stop();  // the other side has not let go in time
    client_.advance(now);
    flush();
  }

  void flush() {
    client_.flush(*this);
    if (goodbye_by_) return;
    if (const std::optional<Instant> next = client_.next_deadline())
      scheduler_.schedule(*this, *next);
    else
      scheduler_.cancel(*this);
  }

  void begin_goodbye() {
    const Instant now = scheduler_.now();
    if (is_closed_) return scheduler_.stop();
    goodbye_by_ = now + kGoodbyeWithin;
    client_.disconnect(now);
    client_.flush(*this);
    connection_->close();
    scheduler_.schedule(*this, *goodbye_by_);
  }

  void say_words() {
    const Instant now = scheduler_.now();
    for (const Word& word : words_.take()) {
      const bool taken = word.is_input ? client_.push_input(word.input, now) != InputSequence{}
                                       : client_.send({word.kind, word.bytes}) == SendStatus::accepted;
      if (!taken) ++unsent_;
    }
    if (client_.connected()) flush();
  }

  void tell(ClientEvent::Kind kind, std::string text) {
    events_.put({.kind = kind, .text = std::move(text)});
  }

  // ConnectionHandler
  void on_open(Connection&) override {
    client_.connect(scheduler_.now());
    flush();
  }
  void on_receive(Connection&, std::span<const Chunk> chunks) override {
    const Instant now = scheduler_.now();
    for (const Chunk& chunk : chunks) client_.receive(chunk.bytes, now);
    flush();
  }
  void on_close(Connection& connection, CloseReason reason) override {
    is_closed_ = true;
    if (goodbye_by_) return scheduler_.stop();
    const std::string detail{connection.close_detail()};
    if (client_.state() == ClientState::idle && !was_told_)
      tell(ClientEvent::Kind::error, detail.empty() ? std::string{transport::text(reason)} : detail);
    client_.on_connection_lost(scheduler_.now());
  }

  // PacketSink
  SendStatus send(PeerId, const OutgoingMessage& message) override { return connection_->send(message); }
  std::size_t backlog_bytes(PeerId) const override { return connection_->backlog_bytes(); }
  void close(PeerId) override { connection_->close(); }

  // ClientObserver
  void on_connected(const Welcome& welcome, Instant) override {
    events_.put({.kind = ClientEvent::Kind::connected, .client = welcome.client, .entity = welcome.entity});
  }
  void on_refused(const Refuse& refuse, Instant) override {
    was_told_ = true;
    tell(ClientEvent::Kind::refused, std::string{netrig::text(refuse.reason)});
  }
  void on_closed(DisconnectReason reason, Instant) override {
    was_told_ = true;
    tell(ClientEvent::Kind::closed, std::string{netrig::text(reason)});
  }
  void on_state(const Snapshot& state, const StateHeader& header, InputSequence, Instant) override {
    updates_.put({.state = state, .input_ack = header.input_ack});
  }
  void on_app_message(const AppMessage& message, Instant) override {
    events_.put({.kind = ClientEvent::Kind::message,
                 .number = message.kind,
                 .bytes = {message.bytes.begin(), message.bytes.end()}});
  }
  void on_input_overflow(InputSequence, Instant) override { ++unsent_; }
  void on_rtt(Duration, Instant) override { rtt_ns_ = client_.rtt().smoothed().count(); }
  void on_fault(PeerFault fault, Instant) override {
    tell(ClientEvent::Kind::error, std::string{netrig::text(fault)});
  }

  Mailbox<ClientUpdate> updates_;
  Mailbox<ClientEvent> events_;
  Mailbox<Word> words_;
  AsioScheduler scheduler_;
  OsEntropy entropy_;
  Client client_;
  std::unique_ptr<Transport> transport_;  // outlives the connection
  std::unique_ptr<Connection> connection_;
  bool is_closed_ = false;
  bool was_told_ = false;  // how the session ended
  std::optional<Instant> goodbye_by_;
  std::atomic<std::uint64_t> unsent_ = 0;
  std::atomic<Duration::rep> rtt_ns_ = 0;
  std::atomic<bool> runs_ = false;
  std::mutex ending_;
  std::thread thread_;
};

ClientHost::ClientHost(const Schema& schema, ClientHostOptions options)
    : schema_(schema), options_(std::move(options)) {}

ClientHost::~ClientHost() {
  disconnect();
}

std::shared_ptr<ClientHost::Runner> ClientHost::runner() const {
  const std::lock_guard lock{mutex_};
  return runner_;
}

std::string ClientHost::connect(std::string_view url) {
  const auto parsed = parse_endpoint_url(url);
  if (!parsed) return parsed.error();
  disconnect();
  const auto made = std::make_shared<Runner>(schema_, options_, parsed->scheme == UrlScheme::udp);
  std::string fault = made->connect(*parsed, options_.sockets);
  const std::lock_guard lock{mutex_};
  if (fault.empty()) runner_ = made;
  return fault;
}

void ClientHost::disconnect() {
  if (const auto running = runner()) running->end();
}

void ClientHost::send_input(const Input& input) {
  if (const auto running = runner()) running->say({.input = input});
}

void ClientHost::send(std::uint16_t kind, Bytes bytes) {
  if (const auto running = runner())
    running->say({.is_input = false, .kind = kind, .bytes = {bytes.begin(), bytes.end()}});
}

std::vector<ClientUpdate> ClientHost::take_updates() {
  const auto running = runner();
  return running ? running->take_updates() : std::vector<ClientUpdate>{};
}

std::vector<ClientEvent> ClientHost::take_events() {
  const auto running = runner();
  return running ? running->take_events() : std::vector<ClientEvent>{};
}

std::optional<Duration> ClientHost::rtt() const {
  const auto running = runner();
  return running ? running->rtt() : std::nullopt;
}

std::uint64_t ClientHost::dropped() const {
  const auto running = runner();
  return running ? running->dropped() : 0;
}

}  // namespace netrig::transport
