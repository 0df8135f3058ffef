// What the venture codec costs beside a memcpy of the same bytes, in one run: ratios count, not figures.
//
//   encode at most 5 x, decode at most 6 x memcpy/77; template encode and match below 12 ns; no allocations
#include <array>
#include <benchmark/benchmark.h>
#include <cstring>
#include <vector>

#include "netrig/core/base/assert.h"
#include "netrig/core/venture/components.h"
#include "netrig/core/venture/input_command.h"
#include "netrig/core/venture/state_update.h"
#include "netrig/core/venture/state_update_template.h"
#include "netrig/tests/support/allocation_counter.h"

namespace netrig::venture {
namespace {

constexpr StateUpdateHeader kHeader{
    .timestamp = 1'234'567'890, .entity = EntityId{12345}, .priority = kPriorityNormal, .sequence = 42};

// The allocations while it lives, per iteration, as the benchmark's counter.
class AllocationCounter {
 public:
  explicit AllocationCounter(benchmark::State& state) : state_(state), before_(testing::allocations()) {}
  AllocationCounter(const AllocationCounter&) = delete;
  AllocationCounter& operator=(const AllocationCounter&) = delete;
  ~AllocationCounter() {
    const auto counted = static_cast<double>(testing::allocations() - before_);
    state_.counters["allocations"] = benchmark::Counter(counted, benchmark::Counter::kAvgIterations);
  }

 private:
  benchmark::State& state_;
  std::uint64_t before_;
};

constexpr std::array<std::uint8_t, 24> kData{1, 2, 3, 4, 5, 6, 7, 8};

struct DataSizes {
  std::size_t position, velocity, health;
};
constexpr DataSizes kReportSizes{8, 4, 2};   // 77 bytes
constexpr DataSizes kRealSizes{16, 16, 16};  // 111 bytes

std::array<Component, 3> components_of(DataSizes sizes) {
  return {{{Position::kType, Bytes{kData}.first(sizes.position)},
           {Velocity::kType, Bytes{kData}.first(sizes.velocity)},
           {Health::kType, Bytes{kData}.first(sizes.health)}}};
}

std::vector<std::uint8_t> payload_of(DataSizes sizes) {
  const auto components = components_of(sizes);
  std::vector<std::uint8_t> payload;
  NETRIG_ASSERT(append(StateUpdate{kHeader, components}, payload).has_value());
  return payload;
}

StateUpdateTemplate template_of(DataSizes sizes) {
  const std::array<ComponentLayout, 3> layout{
      {{Position::kType, sizes.position}, {Velocity::kType, sizes.velocity}, {Health::kType, sizes.health}}};
  return *StateUpdateTemplate::make(layout);
}

void memcpy_of(benchmark::State& state, DataSizes sizes) {
  const std::vector<std::uint8_t> from = payload_of(sizes);
  std::vector<std::uint8_t> to(from.size());
  std::size_t size = from.size();
  const AllocationCounter counter(state);
  for (auto _ : state) {
    benchmark::DoNotOptimize(size);  // not a constant
    std::memcpy(to.data(), from.data(), size);
    benchmark::ClobberMemory();
  }
}
BENCHMARK_CAPTURE(memcpy_of, 77, kReportSizes);
BENCHMARK_CAPTURE(memcpy_of, 111, kRealSizes);

void encode_state_update(benchmark::State& state, DataSizes sizes) {
  auto components = components_of(sizes);
  std::vector<std::uint8_t> out(payload_of(sizes).size());
  StateUpdate update{kHeader, components};
  const AllocationCounter counter(state);
  for (auto _ : state) {
    benchmark::DoNotOptimize(components);
    ++update.header.sequence;
    benchmark::DoNotOptimize(encode(update, out));
    benchmark::ClobberMemory();
  }
}
BENCHMARK_CAPTURE(encode_state_update, 77, kReportSizes);
BENCHMARK_CAPTURE(encode_state_update, 111, kRealSizes);

void append_state_update(benchmark::State& state, DataSizes sizes) {
  auto components = components_of(sizes);
  std::vector<std::uint8_t> out = payload_of(sizes);
  StateUpdate update{kHeader, components};
  const AllocationCounter counter(state);
  for (auto _ : state) {
    benchmark::DoNotOptimize(components);
    ++update.header.sequence;
    out.clear();
    benchmark::DoNotOptimize(append(update, out));
    benchmark::ClobberMemory();
  }
}
BENCHMARK_CAPTURE(append_state_update, 77, kReportSizes);
BENCHMARK_CAPTURE(append_state_update, 111, kRealSizes);

void decode_state_update(benchmark::State& state, DataSizes sizes) {
  std::vector<std::uint8_t> payload = payload_of(sizes);
  const AllocationCounter counter(state);
  for (auto _ : state) {
    benchmark::DoNotOptimize(payload.data());
    benchmark::ClobberMemory();
    auto view = venture::decode_state_update(payload);
    NETRIG_ASSERT(view.has_value());
    benchmark::DoNotOptimize(view->header);
    for (Component component : view->components) {
      benchmark::DoNotOptimize(component.type);
      benchmark::DoNotOptimize(component.data);
    }
  }
}
BENCHMARK_CAPTURE(decode_state_update, 77, kReportSizes);
BENCHMARK_CAPTURE(decode_state_update, 111, kRealSizes);

void template_encode(benchmark::State& state, DataSizes sizes) {
  const StateUpdateTemplate layout = template_of(sizes);
  std::vector<std::uint8_t> out(layout.size());
  StateUpdateHeader header = kHeader;
  const AllocationCounter counter(state);
  for (auto _ : state) {
    ++header.sequence;
    layout.encode(header, out);
    benchmark::ClobberMemory();
  }
}
BENCHMARK_CAPTURE(template_encode, 77, kReportSizes);
BENCHMARK_CAPTURE(template_encode, 111, kRealSizes);

void template_append(benchmark::State& state, DataSizes sizes) {
  const StateUpdateTemplate layout = template_of(sizes);
  std::vector<std::uint8_t> out(layout.size());
  StateUpdateHeader header = kHeader;
  const AllocationCounter counter(state);
  for (auto _ : state) {
    ++header.sequence;
    out.clear();
    benchmark::DoNotOptimize(layout.append(header, out).data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK_CAPTURE(template_append, 111, kRealSizes);

void template_matches(benchmark::State& state, DataSizes sizes) {
  const StateUpdateTemplate layout = template_of(sizes);
  std::vector<std::uint8_t> payload = payload_of(sizes);
  const AllocationCounter counter(state);
  for (auto _ : state) {
    benchmark::DoNotOptimize(payload.data());
    benchmark::ClobberMemory();
    bool matched = layout.matches(payload);
    NETRIG_ASSERT(matched);
    benchmark::DoNotOptimize(matched);
  }
}
BENCHMARK_CAPTURE(template_matches, 77, kReportSizes);
BENCHMARK_CAPTURE(template_matches, 111, kRealSizes);

InputCommand move_command(std::size_t data_bytes) {
  return {.player = ClientId{3},
          .timestamp = 1'234'567'890,
          .sequence = 42,
          .type = kInputMove,
          .data = Bytes{kData}.first(data_bytes)};
}

void encode_input_command(benchmark::State& state, std::size_t data_bytes) {
  InputCommand command = move_command(data_bytes);
  std::vector<std::uint8_t> out(*encoded_size(command));
  const AllocationCounter counter(state);
  for (auto _ : state) {
    benchmark::DoNotOptimize(command);
    benchmark::DoNotOptimize(encode(command, out));
    benchmark::ClobberMemory();
  }
}
BENCHMARK_CAPTURE(encode_input_command, 32, 2);
BENCHMARK_CAPTURE(encode_input_command, 35, 5);

void decode_input_command(benchmark::State& state, std::size_t data_bytes) {
  std::vector<std::uint8_t> payload;
  NETRIG_ASSERT(append(move_command(data_bytes), payload).has_value());
  const AllocationCounter counter(state);
  for (auto _ : state) {
    benchmark::DoNotOptimize(payload.data());
    benchmark::ClobberMemory();
    auto command = venture::decode_input_command(payload);
    NETRIG_ASSERT(command.has_value());
    benchmark::DoNotOptimize(*command);
  }
}
BENCHMARK_CAPTURE(decode_input_command, 32, 2);
BENCHMARK_CAPTURE(decode_input_command, 35, 5);

}  // namespace
}  // namespace netrig::venture

BENCHMARK_MAIN();
