// The content of a StateUpdate in protobuf and in FlatBuffers, used as they are meant to be when speed
// counts: one message and one builder for all updates, a verifier before FlatBuffers' bytes are trusted. In
// the same program as the venture codec, so that the rows are of one run.
#include <array>
#include <benchmark/benchmark.h>
#include <cstdint>
#include <flatbuffers/flatbuffers.h>
#include <rival_state_update.pb.h>
#include <rival_state_update_generated.h>
#include <string_view>
#include <vector>

#include "netrig/core/base/assert.h"
#include "netrig/core/venture/components.h"
#include "netrig/tests/support/allocation_counter.h"

namespace netrig::rivals {
namespace {

constexpr std::array<std::uint8_t, 24> kData{1, 2, 3, 4, 5, 6, 7, 8};
constexpr std::array<std::string_view, 3> kTypes{venture::Position::kType, venture::Velocity::kType,
                                                 venture::Health::kType};
using DataSizes = std::array<std::size_t, 3>;
constexpr DataSizes kReportSizes{8, 4, 2};   // what takes 77 bytes in the venture format
constexpr DataSizes kRealSizes{16, 16, 16};  // 111 bytes

// Bytes on the wire and allocations in each iteration, as counters of the row.
class Counters {
 public:
  explicit Counters(benchmark::State& state) : state_(state), before_(testing::allocations()) {}
  Counters(const Counters&) = delete;
  Counters& operator=(const Counters&) = delete;
  ~Counters() {
    const auto counted = static_cast<double>(testing::allocations() - before_);
    state_.counters["allocations"] = benchmark::Counter(counted, benchmark::Counter::kAvgIterations);
    state_.counters["bytes"] = static_cast<double>(wire_bytes);
  }
  std::size_t wire_bytes = 0;

 private:
  benchmark::State& state_;
  std::uint64_t before_;
};

void fill(proto::StateUpdate& update, const DataSizes& sizes, std::uint32_t sequence) {
  update.set_timestamp(1'234'567'890);
  update.set_entity(12345);
  update.set_priority(128);
  update.set_sequence(sequence);
  update.clear_components();
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    proto::Component& component = *update.add_components();
    component.set_type(kTypes[i].data(), kTypes[i].size());
    component.set_data(kData.data(), sizes[i]);
  }
}

void protobuf_encode(benchmark::State& state, const DataSizes& sizes) {
  proto::StateUpdate update;
  std::array<std::uint8_t, 256> out{};
  std::uint32_t sequence = 0;
  Counters counters(state);
  for (auto _ : state) {
    fill(update, sizes, ++sequence);
    counters.wire_bytes = update.ByteSizeLong();
    update.SerializeWithCachedSizesToArray(out.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK_CAPTURE(protobuf_encode, 77, kReportSizes);
BENCHMARK_CAPTURE(protobuf_encode, 111, kRealSizes);

void protobuf_decode(benchmark::State& state, const DataSizes& sizes) {
  proto::StateUpdate update;
  fill(update, sizes, 42);
  std::vector<std::uint8_t> payload(update.ByteSizeLong());
  update.SerializeWithCachedSizesToArray(payload.data());
  Counters counters(state);
  counters.wire_bytes = payload.size();
  for (auto _ : state) {
    benchmark::DoNotOptimize(payload.data());
    benchmark::ClobberMemory();
    NETRIG_ASSERT(update.ParseFromArray(payload.data(), static_cast<int>(payload.size())));
    for (const proto::Component& component : update.components()) {
      benchmark::DoNotOptimize(component.type().data());
      benchmark::DoNotOptimize(component.data().data());
    }
  }
}
BENCHMARK_CAPTURE(protobuf_decode, 77, kReportSizes);
BENCHMARK_CAPTURE(protobuf_decode, 111, kRealSizes);

void build(flatbuffers::FlatBufferBuilder& builder, const DataSizes& sizes, std::uint32_t sequence) {
  builder.Clear();
  std::array<flatbuffers::Offset<flat::Component>, 3> components;
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    const auto type = builder.CreateString(kTypes[i].data(), kTypes[i].size());
    components[i] = flat::CreateComponent(builder, type, builder.CreateVector(kData.data(), sizes[i]));
  }
  const auto list = builder.CreateVector(components.data(), components.size());
  builder.Finish(flat::CreateStateUpdate(builder, 1'234'567'890, 12345, 128, sequence, list));
}

void flatbuffers_encode(benchmark::State& state, const DataSizes& sizes) {
  flatbuffers::FlatBufferBuilder builder;
  std::uint32_t sequence = 0;
  Counters counters(state);
  for (auto _ : state) {
    build(builder, sizes, ++sequence);
    counters.wire_bytes = builder.GetSize();
    benchmark::DoNotOptimize(builder.GetBufferPointer());
    benchmark::ClobberMemory();
  }
}
BENCHMARK_CAPTURE(flatbuffers_encode, 77, kReportSizes);
BENCHMARK_CAPTURE(flatbuffers_encode, 111, kRealSizes);

void flatbuffers_verify_and_decode(benchmark::State& state, const DataSizes& sizes) {
  flatbuffers::FlatBufferBuilder builder;
  build(builder, sizes, 42);
  const std::vector<std::uint8_t> payload(builder.GetBufferPointer(),
                                          builder.GetBufferPointer() + builder.GetSize());
  Counters counters(state);
  counters.wire_bytes = payload.size();
  for (auto _ : state) {
    benchmark::DoNotOptimize(payload.data());
    benchmark::ClobberMemory();
    flatbuffers::Verifier verifier{payload.data(), payload.size()};
    NETRIG_ASSERT(flat::VerifyStateUpdateBuffer(verifier));
    const flat::StateUpdate* const update = flat::GetStateUpdate(payload.data());
    std::uint64_t header = update->timestamp() ^ update->entity() ^ update->sequence() ^ update->priority();
    benchmark::DoNotOptimize(header);
    for (const flat::Component* const component : *update->components()) {
      benchmark::DoNotOptimize(component->type()->data());
      benchmark::DoNotOptimize(component->data()->data());
    }
  }
}
BENCHMARK_CAPTURE(flatbuffers_verify_and_decode, 77, kReportSizes);
BENCHMARK_CAPTURE(flatbuffers_verify_and_decode, 111, kRealSizes);

}  // namespace
}  // namespace netrig::rivals
