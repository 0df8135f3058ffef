// What a message costs on its way from send() to on_receive(), virtual clock included: through memory, and
// through the simulated network to a listener that is decorated too, or plain.
#include <benchmark/benchmark.h>
#include <memory>
#include <string>
#include <vector>

#include "netrig/sim/time/virtual_scheduler.h"
#include "netrig/transport/memory.h"
#include "netrig/transport/simulated.h"

namespace netrig::transport {
namespace {

constexpr int kClients = 32;
constexpr std::int64_t kMessagesPerTick = 2 * kClients;  // an input up and a state down for each

struct Crowd final : ConnectionHandler, ListenerHandler {
  std::vector<std::unique_ptr<Connection>> callers;
  std::vector<std::unique_ptr<Connection>> guests;
  std::size_t bytes = 0;

  void on_open(Connection&) override {}
  void on_receive(Connection&, std::span<const Chunk> chunks) override {
    for (const Chunk& chunk : chunks) bytes += chunk.bytes.size();
  }
  void on_close(Connection&, CloseReason) override {}
  ConnectionHandler* on_accept(std::unique_ptr<Connection> connection) override {
    guests.push_back(std::move(connection));
    return this;
  }
};

PayloadRef payload(std::size_t size) {
  auto made = std::make_shared<Payload>();
  made->bytes.assign(size, 1);
  return PayloadPool::seal(std::move(made));
}

// One tick of 50 ms per iteration; one body shared by all states, as a server sends them.
void run_ticks(benchmark::State& state, Transport& listening, Transport& connecting,
               sim::VirtualScheduler& scheduler, std::size_t state_bytes) {
  Crowd crowd;
  const auto listener = *listening.listen({"server", 1}, crowd);
  for (int i = 0; i < kClients; ++i)
    crowd.callers.push_back(*connecting.connect({"client-" + std::to_string(i), 0}, {"server", 1}, crowd));
  scheduler.run_until(scheduler.now() + 10s);
  const OutgoingMessage input{.head = payload(36), .body = nullptr};
  const OutgoingMessage update{.head = payload(20), .body = payload(state_bytes)};
  for (auto _ : state) {
    for (auto& caller : crowd.callers) caller->send(input);
    for (auto& guest : crowd.guests) guest->send(update);
    scheduler.run_until(scheduler.now() + 50ms);
  }
  benchmark::DoNotOptimize(crowd.bytes);
  state.SetItemsProcessed(state.iterations() * kMessagesPerTick);
  state.counters["events_per_message"] =
      static_cast<double>(scheduler.events()) / static_cast<double>(state.iterations() * kMessagesPerTick);
  crowd.callers.clear();
  crowd.guests.clear();
  scheduler.run_until(scheduler.now() + 20s);
}

class Links final : public LinkDirectory {
 public:
  explicit Links(sim::TransportKind kind) : kind_(kind) {}
  std::optional<LinkSetup> link_of(const Address& from) const override {
    const auto client = static_cast<std::uint32_t>(std::stoul(from.host.substr(from.host.find('-') + 1)));
    const sim::LinkConditions half{
        .delay = sim::ConstantDelay{100ms + client * 77ms}, .jitter = 20ms, .loss_ppm = 2'000};
    return LinkSetup{.client = client,
                     .kind = kind_,
                     .up = half,
                     .down = half,
                     .congestion = sim::Congestion::ideal,
                     .random = Random{client}};
  }

 private:
  sim::TransportKind kind_;
};

void through_memory(benchmark::State& state, Delivery delivery, std::size_t state_bytes) {
  sim::VirtualScheduler scheduler;
  MemoryTransport memory{scheduler, {.delivery = delivery}};
  run_ticks(state, memory, memory, scheduler, state_bytes);
}

void through_network(benchmark::State& state, sim::TransportKind kind, bool plainly,
                     std::size_t state_bytes) {
  sim::VirtualScheduler scheduler;
  MemoryTransport memory{scheduler, {.delivery = sim::delivery(kind)}};
  const Links links{kind};
  sim::NetworkObserver observer;
  SimulatedTransport network{memory, scheduler, links, observer};
  run_ticks(state, plainly ? static_cast<Transport&>(memory) : network, network, scheduler, state_bytes);
}

BENCHMARK_CAPTURE(through_memory, stream, Delivery::reliable_ordered, 3'680);
BENCHMARK_CAPTURE(through_memory, datagram, Delivery::datagram, 1'000);
BENCHMARK_CAPTURE(through_network, tcp, sim::TransportKind::tcp, false, 3'680);
BENCHMARK_CAPTURE(through_network, udp, sim::TransportKind::udp, false, 1'000);
BENCHMARK_CAPTURE(through_network, tcp_to_plain_listener, sim::TransportKind::tcp, true, 3'680);
BENCHMARK_CAPTURE(through_network, udp_to_plain_listener, sim::TransportKind::udp, true, 1'000);

}  // namespace
}  // namespace netrig::transport

BENCHMARK_MAIN();
