// Payloads, and sinks that write down what a link or a stream did, for the tests of this folder.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "netrig/core/base/payload.h"
#include "netrig/sim/network/link.h"
#include "netrig/sim/network/stream_model.h"

namespace netrig::testing {

using namespace sim;

inline PayloadRef payload_of(std::vector<std::uint8_t> bytes) {
  auto payload = std::make_shared<Payload>();
  payload->bytes = std::move(bytes);
  return PayloadPool::seal(std::move(payload));
}

// The seed a developer asks for, beside the fixed one of every run.
inline std::uint64_t extra_seed() {
  const char* given = std::getenv("NETRIG_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
}

// Instants since the start, in nanoseconds, so that a failed check prints numbers.
struct Arrival {
  std::uint32_t number = 0;  // of the packet, as numbered_packet() gave it
  std::int64_t sent_ns = 0;
  std::int64_t at_ns = 0;
  friend bool operator==(const Arrival&, const Arrival&) = default;
};

inline Packet numbered_packet(std::uint32_t number, std::uint32_t wire_bytes = 100) {
  std::vector<std::uint8_t> bytes(4);
  store_little_endian(bytes.data(), number);
  return {{nullptr, payload_of(std::move(bytes))}, wire_bytes};
}

struct LinkLog final : LinkSink {
  static std::uint32_t number_of(const Packet& packet) {
    return load_little_endian<std::uint32_t>(packet.message.body->bytes.data());
  }
  void on_delivered(const Packet& packet, Instant sent_at, Instant now) override {
    delivered.push_back({number_of(packet), ns_since_start(sent_at), ns_since_start(now)});
  }
  void on_dropped(const Packet& packet, DropCause, Instant) override { lost.push_back(number_of(packet)); }
  void on_duplicated(const Packet& packet, Instant) override { duplicated.push_back(number_of(packet)); }
  void on_reordered(const Packet& packet, Instant) override { reordered.push_back(number_of(packet)); }

  std::vector<Arrival> delivered;
  std::vector<std::uint32_t> lost, duplicated, reordered;
};

struct Handover {
  std::vector<std::size_t> chunk_bytes;
  std::int64_t sent_ns = 0;
  std::int64_t at_ns = 0;
  friend bool operator==(const Handover&, const Handover&) = default;
};

struct StreamLog final : StreamSink {
  void on_delivered(std::span<const Chunk> chunks, Instant sent_at, Instant now) override {
    Handover handover{{}, ns_since_start(sent_at), ns_since_start(now)};
    for (const Chunk& chunk : chunks) {
      handover.chunk_bytes.push_back(chunk.bytes.size());
      bytes.insert(bytes.end(), chunk.bytes.begin(), chunk.bytes.end());
      last_owner = chunk.owner;
    }
    handovers.push_back(std::move(handover));
  }
  void on_dropped(DropCause cause, std::size_t wire_bytes, Instant now) override {
    drops.push_back({cause, wire_bytes, ns_since_start(now)});
  }
  void on_retransmitted(std::size_t wire_bytes, Instant) override { retransmitted_bytes += wire_bytes; }

  struct Drop {
    DropCause cause;
    std::size_t wire_bytes;
    std::int64_t at_ns;
  };
  std::vector<Handover> handovers;
  std::vector<std::uint8_t> bytes;
  std::vector<Drop> drops;
  std::size_t retransmitted_bytes = 0;
  PayloadRef last_owner;
};

// Calls advance() at each deadline up to `bound`, as a scheduler does. Returns the number of wake-ups.
template <class Model, class Sink>
std::size_t advance_until(Model& model, Instant bound, Sink& sink) {
  std::size_t wake_ups = 0;
  for (auto deadline = model.next_deadline(); deadline && *deadline <= bound;
       deadline = model.next_deadline()) {
    model.advance(*deadline, sink);
    ++wake_ups;
  }
  return wake_ups;
}

constexpr Instant kEver = Instant{1'000'000s};

}  // namespace netrig::testing
