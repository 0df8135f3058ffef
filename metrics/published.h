// Hands a registry from the thread that records to one that reads, through three buffers of which each side
// always has one of its own: neither ever waits for the other.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "netrig/metrics/exposition.h"
#include "netrig/metrics/registry.h"

namespace netrig::metrics {

class Published {
 public:
  struct Snapshot {
    explicit Snapshot(const Shape& shape) : registry(shape) {}
    Registry registry;
    RunFacts facts;
    std::uint64_t number = 0;  // of publish() calls before and including this one; 0: nothing yet
  };

  // Three registries of this shape.
  explicit Published(const Shape& shape);

  // By one thread. Touches only the buckets in use.
  void publish(const Registry& live, const RunFacts& facts);
  // The same thread: the registry that was published last, with other facts.
  void publish(const RunFacts& facts);
  // By one thread, another. The newest that was published; valid until its next call.
  const Snapshot& latest();

 private:
  static constexpr std::uint8_t kFresh = 4;  // added to an index: published and not yet read

  std::array<std::unique_ptr<Snapshot>, 3> snapshots_;
  std::uint64_t published_ = 0;
  std::uint8_t back_ = 0;                // the writer's; this and the next
  std::uint8_t last_ = 0;                // published last, and from then on only read, by whomever
  std::uint8_t front_ = 1;               // the reader's
  std::atomic<std::uint8_t> middle_{2};  // changes hands
};

}  // namespace netrig::metrics
