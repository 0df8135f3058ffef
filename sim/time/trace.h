// A streaming digest of everything that happens in a run, with checkpoints by which two runs that should be
// equal are compared and the first event that differs is found.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/base/digest.h"
#include "netrig/core/base/time.h"

namespace netrig::sim {

enum class EventKind : std::uint8_t {
  open,
  close,
  send,
  deliver,
  drop,
  duplicate,
  retransmit,
  input,
  tick,
  world,  // detail: the world's digest
  corrupt,
};
std::string_view text(EventKind kind);

// What subject and detail mean is up to the kind; the digest of a body is computed once, when it is encoded.
struct TraceEvent {
  Instant at;
  EventKind kind = EventKind::open;
  std::uint32_t owner = 0;    // the client or link
  std::uint64_t subject = 0;  // a size, a sequence, a tick
  std::uint64_t detail = 0;   // a digest

  friend bool operator==(const TraceEvent&, const TraceEvent&) = default;
};

// One line: "1.250000000 s deliver owner 7 subject 3700 detail 00c0ffee00c0ffee".
std::string describe(const TraceEvent& event);

// Events [first, end), counted from 0.
struct TraceWindow {
  std::uint64_t first = 0;
  std::uint64_t end = 0;

  friend bool operator==(const TraceWindow&, const TraceWindow&) = default;
};

// The state after `events` events.
struct Checkpoint {
  std::uint64_t events = 0;
  Instant at;  // of the last of them
  std::uint64_t digest = 0;

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// Memory is fixed, whatever the length of the run: when the checkpoints are full every other one goes and the
// interval doubles. Where they lie depends on the number of events alone.
class Trace {
 public:
  static constexpr std::size_t kCheckpointsMax = 4'096;

  Trace() : Trace(TraceWindow{}) {}
  explicit Trace(TraceWindow capture);  // stores the events of this window too

  void record(const TraceEvent& event) {
    digest_.add(word_of(event));
    if (events_ - capture_.first < capture_.end - capture_.first) captured_.push_back(event);
    if ((++events_ & (interval_ - 1)) == 0) add_checkpoint(event.at);
  }

  std::uint64_t digest() const { return digest_.value(); }  // of all events so far, in order
  std::uint64_t events() const { return events_; }
  std::span<const Checkpoint> checkpoints() const { return checkpoints_; }  // valid until the next record()
  std::uint64_t interval() const { return interval_; }                      // events between checkpoints
  std::span<const TraceEvent> captured() const { return captured_; }        // valid until the next record()

 private:
  // One word of the digest for all fields: each is spread by a bijection of its own, so a change of any one
  // field changes the word.
  static std::uint64_t word_of(const TraceEvent& event) {
    const std::uint64_t who = static_cast<std::uint64_t>(event.kind) << 32 | event.owner;
    return static_cast<std::uint64_t>(ns_since_start(event.at)) * 0x9E3779B97F4A7C15u +
           std::rotl(who * 0xD1342543DE82EF95u, 13) + std::rotl(event.subject * 0xC2B2AE3D27D4EB4Fu, 29) +
           std::rotl(event.detail * 0x165667B19E3779F9u, 47);
  }
  void add_checkpoint(Instant at);

  RunningDigest digest_;
  std::uint64_t events_ = 0;
  std::uint64_t interval_ = 1;  // a power of two
  std::vector<Checkpoint> checkpoints_;
  TraceWindow capture_;
  std::vector<TraceEvent> captured_;
};

// Two runs were equal up to event `window.first` and differ within `window`.
struct Divergence {
  TraceWindow window;
  Instant after;  // when the last checkpoint was that both share; the start of the run when there is none
};

// Where two traces part, to within one interval of the coarser one; nothing when they are equal. Run both
// again with Trace(window) and first_difference() names the event.
std::optional<Divergence> compare(const Trace& a, const Trace& b);

// Index of the first event in which the two differ; one that only the longer has counts. Nothing when equal.
std::optional<std::size_t> first_difference(std::span<const TraceEvent> a, std::span<const TraceEvent> b);

}  // namespace netrig::sim
