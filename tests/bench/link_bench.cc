// Packets and writes per second through the simulated network, one event each: enqueue, wait for the
// deadline, deliver. Arguments: packets in flight at any time.
#include <benchmark/benchmark.h>
#include <memory>

#include "netrig/core/base/random.h"
#include "netrig/sim/network/link.h"
#include "netrig/sim/network/stream_model.h"
#include "netrig/sim/network/tcp_stream.h"

namespace {

using namespace netrig;
using namespace netrig::sim;

constexpr Duration kSpacing = 1ms;

PayloadRef payload(std::size_t bytes) {
  auto made = std::make_shared<Payload>();
  made->bytes.resize(bytes);
  return PayloadPool::seal(std::move(made));
}

struct CountingLinkSink final : LinkSink {
  void on_delivered(const Packet& packet, Instant, Instant) override { bytes += packet.wire_bytes; }
  std::uint64_t bytes = 0;
};

struct CountingStreamSink final : StreamSink {
  void on_delivered(std::span<const Chunk> chunks, Instant, Instant) override {
    for (const Chunk& chunk : chunks) bytes += chunk.bytes.size();
  }
  std::uint64_t bytes = 0;
};

void send_over(benchmark::State& state, const LinkConditions& conditions) {
  Link link{conditions, Random{1}};
  const Packet packet{{payload(16), payload(1'100)}, 1'144};
  CountingLinkSink sink;
  Instant now{};
  for (auto _ : state) {
    now += kSpacing;
    link.enqueue(packet, now);
    while (const auto deadline = link.next_deadline()) {
      if (*deadline > now) break;
      link.advance(*deadline, sink);
    }
  }
  benchmark::DoNotOptimize(sink.bytes);
  state.SetItemsProcessed(state.iterations());
}

void run_link(benchmark::State& state, LinkConditions conditions) {
  conditions.delay = ConstantDelay{kSpacing * state.range(0)};
  send_over(state, conditions);
}

// With its own delay, whatever is in flight.
void run_whole_link(benchmark::State& state, const LinkConditions& conditions) {
  send_over(state, conditions);
}

void run_stream(benchmark::State& state, LinkConditions conditions, std::size_t bytes) {
  conditions.delay = ConstantDelay{kSpacing * state.range(0)};
  StreamModel stream{conditions, {.retransmit_after = kSpacing * 2 * state.range(0)}, Random{1}};
  const OutgoingMessage write{payload(20), payload(bytes - 20)};
  CountingStreamSink sink;
  Instant now{};
  for (auto _ : state) {
    now += kSpacing;
    stream.enqueue(write, now);
    while (const auto deadline = stream.next_deadline()) {
      if (*deadline > now) break;
      stream.advance(*deadline, sink);
    }
  }
  benchmark::DoNotOptimize(sink.bytes);
  state.SetItemsProcessed(state.iterations());
}

// Segments a second through TCP that always has more to send: `trip` of round trip, a window of
// state.range(0) segments at most, the receiver's. Items are segments sent, those sent again included.
void run_tcp(benchmark::State& state, LinkConditions conditions) {
  constexpr std::size_t kSegments = 20;
  conditions.delay = ConstantDelay{100ms};
  StreamConditions tcp{.congestion = Congestion::cubic, .retransmit_after = 200ms};
  tcp.tcp.receive_window_bytes = static_cast<std::uint64_t>(state.range(0)) * kSegmentBytesMax;
  tcp.tcp.send_buffer_bytes = kSendBufferMax;
  TcpStream stream{conditions, {.delay = ConstantDelay{100ms}}, tcp, Random{1}};
  const OutgoingMessage write{nullptr, payload(kSegments * kSegmentBytesMax)};
  CountingStreamSink sink;
  Instant now{};
  for (auto _ : state) {
    while (stream.sender().unsent_bytes() < tcp.tcp.receive_window_bytes) stream.enqueue(write, now);
    now = *stream.next_deadline();
    stream.advance(now, sink);
  }
  benchmark::DoNotOptimize(sink.bytes);
  const StreamFacts facts = *stream.facts(now);
  state.SetItemsProcessed(
      static_cast<std::int64_t>(facts.segments + facts.fast_retransmissions + facts.timeout_retransmissions));
}

// A state of three segments each 50 ms, as the scenarios send them: two events each, so mostly those.
void run_tcp_states(benchmark::State& state, LinkConditions conditions) {
  conditions.delay = ConstantDelay{kSpacing * state.range(0)};
  TcpStream stream{conditions,
                   {.delay = conditions.delay},
                   {.congestion = Congestion::cubic, .retransmit_after = kSpacing * 2 * state.range(0)},
                   Random{1}};
  const OutgoingMessage write{payload(20), payload(3'680)};
  CountingStreamSink sink;
  Instant now{};
  for (auto _ : state) {
    now += 50ms;
    stream.enqueue(write, now);
    while (const auto deadline = stream.next_deadline()) {
      if (*deadline > now) break;
      stream.advance(*deadline, sink);
    }
  }
  benchmark::DoNotOptimize(sink.bytes);
  state.SetItemsProcessed(state.iterations() * 3);
}

const LinkConditions kPlain{};
const LinkConditions kLossy{.loss_ppm = 1'000};
const LinkConditions kJittery{.jitter = 20ms, .loss_ppm = 10'000};
const LinkConditions kReordering{
    .jitter = 20ms, .jitter_may_reorder = true, .loss_ppm = 10'000, .duplicate_ppm = 1'000};
const LinkConditions kLimited{
    .jitter = 20ms, .rate_bits_per_second = 100'000'000, .queue_bytes_max = 256'000};
const LinkConditions kPareto{.delay =
                                 ParetoDelay{.min = 20ms, .scale = 20ms, .shape_milli = 2'500, .max = 1s}};
const LinkConditions kCoDel{
    .rate_bits_per_second = 10'000'000, .queue_bytes_max = 256'000, .codel = CoDelConditions{}};

// What the profile of a telephone in a train has, and more: every part at once.
LinkConditions everything() {
  LinkSchedule schedule;
  schedule.events = {
      {.kind = LinkEvent::Kind::change, .at = 3s, .length = 6s, .every = 20s, .over = 1s, .delay = 65ms},
      {.kind = LinkEvent::Kind::hold, .at = 1s, .length = 110ms, .every = 20s},
      {.kind = LinkEvent::Kind::outage, .at = 12s, .length = 50ms, .every = 15s}};
  LinkConditions link = kPareto;
  link.correlation_ppm = 600'000;
  link.jitter = 5ms;
  link.bursts = bursts_of(2'000, 3'000);
  link.loss_by_delay = LossByDelay{60ms, 300ms, 200'000};
  link.corrupt_ppm = 1'000;
  link.rate_bits_per_second = 20'000'000;
  link.queue_bytes_max = 1 << 20;
  link.codel = CoDelConditions{};
  link.schedule = std::make_shared<const LinkSchedule>(std::move(schedule));
  return link;
}

BENCHMARK_CAPTURE(run_link, plain, kPlain)->Arg(2)->Arg(200);
BENCHMARK_CAPTURE(run_link, jitter_and_loss, kJittery)->Arg(200);
BENCHMARK_CAPTURE(run_link, reordering, kReordering)->Arg(200);
BENCHMARK_CAPTURE(run_link, rate_limited, kLimited)->Arg(200);
BENCHMARK_CAPTURE(run_link, codel, kCoDel)->Arg(200);
BENCHMARK_CAPTURE(run_whole_link, pareto, kPareto);
BENCHMARK_CAPTURE(run_whole_link, everything, everything());
BENCHMARK_CAPTURE(run_stream, small_writes, kPlain, 60)->Arg(2)->Arg(200);
BENCHMARK_CAPTURE(run_stream, writes_of_3700_bytes, kPlain, 3'700)->Arg(2)->Arg(200);
BENCHMARK_CAPTURE(run_stream, jitter_and_loss_3700_bytes, kJittery, 3'700)->Arg(200);
BENCHMARK_CAPTURE(run_stream, rate_limited_3700_bytes, kLimited, 3'700)->Arg(200);

BENCHMARK_CAPTURE(run_tcp, plain, kPlain)->Arg(20)->Arg(250)->Arg(2'000);
BENCHMARK_CAPTURE(run_tcp, loss, kLossy)->Arg(2'000);
BENCHMARK_CAPTURE(run_tcp, rate_limited, kLimited)->Arg(2'000);
BENCHMARK_CAPTURE(run_tcp_states, plain, kPlain)->Arg(200);
BENCHMARK_CAPTURE(run_tcp_states, loss, kLossy)->Arg(200);

}  // namespace

BENCHMARK_MAIN();
