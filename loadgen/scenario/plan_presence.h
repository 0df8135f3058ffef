// When a client is there: from its join to its leave, with churn away in between; and when its connection is
// cut. Values drawn from a client's own Random, so that nothing a run does shifts them.
#pragma once

#include <cstdint>
#include <optional>

#include "netrig/core/base/backoff.h"
#include "netrig/core/base/random.h"
#include "netrig/core/base/time.h"

namespace netrig::loadgen {

enum class TimeShape : std::uint8_t {
  exponential,  // memoryless, as arrivals and departures of people who know nothing of each other are
  fixed,
};

// Players stay and are away in turns.
struct Churn {
  Duration stay{};  // the mean, or the length
  Duration away{};
  TimeShape shape = TimeShape::exponential;

  friend bool operator==(const Churn&, const Churn&) = default;
};

// Shorter stays and absences count as this long: a client cannot go and come in the same instant.
constexpr Duration kStayMin = 1ms;

// [from, until): with a session, as far as the plan goes.
struct Stay {
  Instant from;
  std::optional<Instant> until;  // never, without

  friend bool operator==(const Stay&, const Stay&) = default;
};

// One client's stays in order, one after the other without end when there is churn: nothing is kept.
class Stays {
 public:
  Stays(Instant join, std::optional<Instant> leave, const std::optional<Churn>& churn, Random random)
      : next_(join), leave_(leave), churn_(churn), random_(random) {}

  // Nothing when the client will not come again.
  std::optional<Stay> next();

 private:
  Duration draw(Duration mean);

  std::optional<Instant> next_;  // when the next stay begins
  std::optional<Instant> leave_;
  std::optional<Churn> churn_;
  Random random_;
};

enum class CutKind : std::uint8_t {
  reset,   // the connection ends on both sides: the server hears of it one delay later
  silent,  // only the client knows: the server goes on sending until its idle timeout
};

// A share of a cohort loses its connections, all at once or within a short time, once or again and again.
struct Storm {
  Duration at{};
  std::uint32_t share_ppm = 1'000'000;
  Duration within{};              // each at a random moment of it
  std::optional<Duration> every;  // longer than `within`
  CutKind cut = CutKind::reset;

  friend bool operator==(const Storm&, const Storm&) = default;
};

// When one client's connection is cut, in order, without end when the storm repeats.
class Cuts {
 public:
  Cuts() = default;  // never
  Cuts(const Storm& storm, Random random);

  std::optional<Instant> next();

 private:
  std::optional<Instant> begins_;  // of the next storm
  std::optional<Duration> every_;
  Duration within_{};
  Random random_{0};
};

// Whether client `index` is one of the share: spread evenly along the cohort, so that a range of round trips
// meets it, and the same whoever comes behind.
constexpr bool is_in_share(std::uint32_t index, std::uint32_t share_ppm) {
  const auto before = [&](std::uint64_t clients) { return clients * share_ppm / kPartsPerMillion; };
  return before(std::uint64_t{index} + 1) > before(index);
}

}  // namespace netrig::loadgen
