// Packets through a pair of datagram channels: a server's tick of four packets of state with a reliable
// message, a client's input and ack back. No link between them: what is measured is the engine.
#include <array>
#include <benchmark/benchmark.h>

#include "netrig/core/protocol/datagram_channel.h"
#include "netrig/tests/support/allocation_counter.h"

using namespace netrig;

namespace {

constexpr int kWarmUpTicks = 5'000;
constexpr int kStatesPerTick = 40;  // of 111 bytes: four packets
constexpr Duration kTick = 50ms;

class Pair {
 public:
  // One packet in `lose_one_in` never arrives; 0: all do.
  explicit Pair(std::uint64_t lose_one_in) : lose_one_in_(lose_one_in) {}

  void tick() {
    now_ += kTick;
    server_.send_reliable(MessageType::app_reliable, reliable_);
    DatagramWriter& down = server_.begin_write(now_);
    down.write_due_reliable();
    for (int i = 0; i < kStatesPerTick; ++i) down.write_encoded(MessageType::state_update, state_);
    deliver(server_, client_);
    DatagramWriter& up = client_.begin_write(now_);
    up.write_due_reliable();
    up.write(InputMessage{InputSequence{1}, {}, {}});
    deliver(client_, server_);
  }
  std::uint64_t packets() const { return packets_; }

 private:
  static DatagramChannel::Config with_peer(Sender peer) {
    DatagramChannel::Config config;
    config.peer_is = peer;
    return config;
  }

  void deliver(DatagramChannel& from, DatagramChannel& to) {
    for (const OutgoingDatagram& datagram : from.finish_write()) {
      ++packets_;
      if (lose_one_in_ != 0 && packets_ % lose_one_in_ == 0) continue;
      const auto sequence = to.unwrap(static_cast<std::uint32_t>(datagram.sequence));
      benchmark::DoNotOptimize(to.receive(*sequence, datagram.own, now_ + 10ms));
    }
  }

  Windows windows_ = derive_windows({});
  DatagramChannel server_{windows_, with_peer(Sender::client)};
  DatagramChannel client_{windows_, with_peer(Sender::server)};
  std::array<std::uint8_t, 111> state_{};
  std::array<std::uint8_t, 34> reliable_{};
  std::uint64_t lose_one_in_;
  std::uint64_t packets_ = 0;
  Instant now_;
};

void run(benchmark::State& state, std::uint64_t lose_one_in) {
  Pair pair{lose_one_in};
  for (int i = 0; i < kWarmUpTicks; ++i) pair.tick();
  const std::uint64_t packets_before = pair.packets();
  const std::uint64_t allocations_before = testing::allocations();
  for (auto _ : state) pair.tick();
  state.counters["allocations"] = static_cast<double>(testing::allocations() - allocations_before);
  state.SetItemsProcessed(static_cast<std::int64_t>(pair.packets() - packets_before));
}

void a_tick_over_a_perfect_path(benchmark::State& state) {
  run(state, 0);
}
void a_tick_with_one_packet_in_five_lost(benchmark::State& state) {
  run(state, 5);
}

BENCHMARK(a_tick_over_a_perfect_path);
BENCHMARK(a_tick_with_one_packet_in_five_lost);

}  // namespace

BENCHMARK_MAIN();
