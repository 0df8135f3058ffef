// Reliable messages of 80 B over UDP on loopback, unencrypted, beside ENet: both sides on one thread, so a
// row is what sending, receiving and acknowledging cost together. `batch`: messages that are sent before both
// sides have their turn. The last rows are datagrams alone: what the batched system calls leave for a
// protocol to spend.
#include <array>
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <enet/enet.h>
#include <memory>
#include <vector>

#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/datagram_session.h"
#include "netrig/transport/asio/asio_scheduler.h"
#include "netrig/transport/asio/udp.h"

namespace netrig::transport {
namespace {

constexpr std::size_t kMessageBytes = 80;

// --- ours

// One end: what arrives goes into its session, if it has one, and is counted.
struct End final : ConnectionHandler {
  explicit End(AsioScheduler& scheduler_of) : scheduler(scheduler_of) {}

  void on_open(Connection&) override { is_open = true; }
  void on_receive(Connection&, std::span<const Chunk> chunks) override {
    ++datagrams;
    if (!session) return;
    const auto messages = session->receive(chunks.front().bytes, scheduler.now());
    if (!messages) std::abort();
    for (const RawMessage& message : *messages)
      if (message.type == MessageType::app_reliable) ++received;
  }
  void on_close(Connection&, CloseReason) override { std::abort(); }

  void send(int messages, Bytes body) {
    for (int i = 0; i < messages; ++i)
      if (session->channel().send_reliable(MessageType::app_reliable, body) != SendStatus::accepted)
        std::abort();
  }
  void flush() {
    const Instant now = scheduler.now();
    session->begin_write(now).write_due_reliable();
    session->finish_write(pool, now, [this](const OutgoingMessage& datagram, const PacketBreakdown&) {
      return connection->send(datagram);
    });
  }

  AsioScheduler& scheduler;
  std::unique_ptr<Connection> connection;
  std::unique_ptr<DatagramSession> session;
  PayloadPool pool;
  std::uint64_t datagrams = 0;
  std::uint64_t received = 0;
  bool is_open = false;
};

// Two ends over loopback.
struct Pair final : ListenerHandler {
  Pair() {
    listener = *udp.listen({"127.0.0.1", 0}, *this);
    caller.connection = *udp.connect({}, listener->local(), caller);
    while (!caller.is_open) scheduler.poll();
    const auto knock = std::make_shared<Payload>();
    knock->bytes.assign(1, 0);
    caller.connection->send({PayloadPool::seal(knock), nullptr});
    while (!guest.is_open) scheduler.poll();
  }
  ConnectionHandler* on_accept(std::unique_ptr<Connection> connection) override {
    guest.connection = std::move(connection);
    return &guest;
  }
  void begin_sessions() {
    const Windows windows = derive_windows({.packets_per_tick_max = kPacketsPerTickLimit});
    DatagramTerms terms{.peer_is = Sender::client, .version = kProtocolVersionMax, .keys = {}, .rtt = 100us};
    guest.session = std::make_unique<DatagramSession>(windows, terms);
    terms.peer_is = Sender::server;
    caller.session = std::make_unique<DatagramSession>(windows, terms);
  }

  AsioScheduler scheduler;
  AsioUdpTransport udp{scheduler};
  End caller{scheduler};
  End guest{scheduler};
  std::unique_ptr<Listener> listener;
};

void netrig_reliable(benchmark::State& state) {
  const int batch = static_cast<int>(state.range(0));
  Pair pair;
  pair.begin_sessions();
  std::vector<std::uint8_t> body;
  const std::array<std::uint8_t, kMessageBytes> bytes{};
  encode_body(AppMessage{1, bytes}, body);
  for (auto _ : state) {
    const std::uint64_t wanted = pair.guest.received + static_cast<std::uint64_t>(batch);
    pair.caller.send(batch, body);
    while (pair.guest.received < wanted) {
      pair.caller.flush();
      pair.scheduler.poll();
      pair.guest.flush();  // acknowledges
      pair.scheduler.poll();
    }
  }
  state.SetItemsProcessed(state.iterations() * batch);
}

void netrig_datagrams(benchmark::State& state) {
  const int batch = static_cast<int>(state.range(0));
  Pair pair;
  const auto bytes = std::make_shared<Payload>();
  bytes->bytes.assign(kMessageBytes, 1);
  const OutgoingMessage datagram{PayloadPool::seal(bytes), nullptr};
  for (auto _ : state) {
    const std::uint64_t wanted = pair.guest.datagrams + static_cast<std::uint64_t>(batch);
    for (int i = 0; i < batch; ++i) pair.caller.connection->send(datagram);
    while (pair.guest.datagrams < wanted) pair.scheduler.poll();
  }
  state.SetItemsProcessed(state.iterations() * batch);
}

// --- ENet

struct Library {
  Library() {
    if (enet_initialize() != 0) std::abort();
  }
  ~Library() { enet_deinitialize(); }
};

struct EnetPair {
  EnetPair() {
    ENetAddress here{};
    enet_address_set_host_ip(&here, "127.0.0.1");
    here.port = 0;
    guest = enet_host_create(&here, 1, 1, 0, 0);
    enet_socket_get_address(guest->socket, &here);
    caller = enet_host_create(nullptr, 1, 1, 0, 0);
    peer = enet_host_connect(caller, &here, 1, 0);
    ENetEvent event;
    bool connected = false;
    while (!connected) {
      while (enet_host_service(guest, &event, 0) > 0) {
      }
      while (enet_host_service(caller, &event, 0) > 0) connected |= event.type == ENET_EVENT_TYPE_CONNECT;
    }
  }
  ~EnetPair() {
    enet_host_destroy(caller);
    enet_host_destroy(guest);
  }
  EnetPair(const EnetPair&) = delete;

  // What the guest has received since the last call; both sides acknowledge.
  int turn() {
    int received = 0;
    ENetEvent event;
    while (enet_host_service(guest, &event, 0) > 0) {
      if (event.type != ENET_EVENT_TYPE_RECEIVE) continue;
      ++received;
      enet_packet_destroy(event.packet);
    }
    while (enet_host_service(caller, &event, 0) > 0) {
    }
    return received;
  }

  Library library;
  ENetHost* guest = nullptr;
  ENetHost* caller = nullptr;
  ENetPeer* peer = nullptr;
};

void enet_reliable(benchmark::State& state) {
  const int batch = static_cast<int>(state.range(0));
  EnetPair pair;
  const std::array<std::uint8_t, kMessageBytes> body{};
  for (auto _ : state) {
    for (int i = 0; i < batch; ++i)
      enet_peer_send(pair.peer, 0, enet_packet_create(body.data(), body.size(), ENET_PACKET_FLAG_RELIABLE));
    enet_host_flush(pair.caller);
    for (int received = 0; received < batch;) received += pair.turn();
  }
  state.SetItemsProcessed(state.iterations() * batch);
}

BENCHMARK(netrig_reliable)->Arg(1)->Arg(16)->Arg(64)->Arg(256);
BENCHMARK(enet_reliable)->Arg(1)->Arg(16)->Arg(64)->Arg(256);
BENCHMARK(netrig_datagrams)->Arg(1)->Arg(64);

}  // namespace
}  // namespace netrig::transport

BENCHMARK_MAIN();
