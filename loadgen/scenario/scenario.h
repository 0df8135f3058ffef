// What a scenario file says, checked and with every default filled in. Plain values; scenarios/README.md
// documents each key of the file.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/base/backoff.h"
#include "netrig/core/base/time.h"
#include "netrig/core/server/config.h"
#include "netrig/loadgen/game/game.h"
#include "netrig/loadgen/io/units.h"
#include "netrig/loadgen/report/threshold.h"
#include "netrig/loadgen/scenario/plan_presence.h"
#include "netrig/loadgen/scenario/scenario_tree.h"
#include "netrig/loadgen/scenario/server_pace.h"
#include "netrig/sim/network/conditions.h"
#include "netrig/sim/network/header_model.h"
#include "netrig/sim/network/stream.h"

namespace netrig::loadgen {

constexpr std::uint32_t kScenarioVersion = 1;   // the value of the key `netrig`
constexpr std::uint32_t kClientsMax = 100'000;  // of all cohorts: every client owns two links
constexpr std::uint64_t kSessionsMax =
    2'000'000;  // of all clients: a day of 1,000 who come and go once a minute
constexpr std::size_t kCohortNameBytesMax = 32;  // a column of the report
constexpr Duration kScenarioDurationMin = 1ms;
constexpr Duration kScenarioDurationMax = std::chrono::hours{24};

// ---- names as files and reports spell them

template <class E>
struct NamedValue {
  std::string_view name;
  E value;
};

constexpr std::array<NamedValue<sim::TransportKind>, 6> kTransportNames{
    {{"memory", sim::TransportKind::memory},
     {"tcp", sim::TransportKind::tcp},
     {"tls", sim::TransportKind::tls},
     {"ws", sim::TransportKind::ws},
     {"wss", sim::TransportKind::wss},
     {"udp", sim::TransportKind::udp}}};
constexpr std::array<NamedValue<Avatars>, 4> kAvatarsNames{{{"from_start", Avatars::from_start},
                                                            {"on_join", Avatars::on_join},
                                                            {"none", Avatars::none},
                                                            {"unseen", Avatars::unseen}}};
constexpr std::array<NamedValue<Replication>, 1> kReplicationNames{{{"full", Replication::full}}};
constexpr std::array<NamedValue<sim::Congestion>, 2> kCongestionNames{
    {{"ideal", sim::Congestion::ideal}, {"cubic", sim::Congestion::cubic}}};

template <class E, std::size_t N>
constexpr std::string_view name_of(E value, const std::array<NamedValue<E>, N>& names) {
  for (const NamedValue<E>& named : names)
    if (named.value == value) return named.name;
  return "unknown";
}

// ---- the parts

enum class MeasureAfter : std::uint8_t { all_joined, start };

// When the measured window begins.
struct Measure {
  MeasureAfter after = MeasureAfter::all_joined;
  std::optional<Duration> warm_up_max;  // as written; warm_up_max() fills in the default
};

enum class Phase : std::uint8_t {
  random,  // each client's clock starts anywhere and drifts within +-50 ppm, as real ones do
  zero,    // all clocks agree, so that ticks and links lock: on purpose only
};

// `from` for the first client of a cohort to `to` for its last, evenly.
struct RttRange {
  Duration from{};
  Duration to{};

  friend bool operator==(const RttRange&, const RttRange&) = default;
};

// A line that several clients share: `size` clients of a cohort after the other have one.
struct Household {
  std::uint32_t size = 1;
  std::optional<sim::QueueConditions> up{};
  std::optional<sim::QueueConditions> down{};

  friend bool operator==(const Household&, const Household&) = default;
};

struct CohortLink {
  sim::LinkConditions up;
  sim::LinkConditions down;
  std::optional<RttRange> rtt;               // replaces the delays of `up` and `down`, half each
  std::string profile;                       // the name of what it began with; "": nothing
  std::vector<std::string> profile_changes;  // the keys that were written beside it
  std::string up_trace;  // files, as written; their rows are in the schedules once the scenario is loaded
  std::string down_trace;
  std::optional<Household> household;
};

// A group of clients that is cut off from the server for a while.
struct Partition {
  std::vector<std::string> cohorts;
  sim::LinkEvent event;
  bool up = true;
  bool down = true;
};

struct BehaviourShare {
  const BehaviourKind* kind = nullptr;  // of the scenario's game
  std::uint32_t share_ppm = 0;

  friend bool operator==(const BehaviourShare&, const BehaviourShare&) = default;
};

// The first client of a cohort at `at`, the others evenly over `ramp`; counted from the start of the run.
struct Schedule {
  Duration at{};
  Duration ramp{};

  friend bool operator==(const Schedule&, const Schedule&) = default;
};

// As a schedule, or at random: everybody at a moment of their own within a time (`within`), or one after the
// other in a Poisson process (`rate`). At most one of ramp, within and rate is set.
struct Joining : Schedule {
  Duration within{};
  std::optional<EventRate> rate{};

  friend bool operator==(const Joining&, const Joining&) = default;
};

// When the last of `count` clients joins, at the latest; for a Poisson process a time that it exceeds less
// often than once in a million runs.
Duration last_join(const Joining& join, std::uint32_t count);

struct RecordedClient;

// What the replaying clients of a cohort play: the first one the inputs of number `first` of `cohort`, and so
// on; after the last recorded one comes number 0 again.
struct Replay {
  std::string file;  // as written; empty: nothing is replayed
  Place place;       // of it
  std::string cohort;
  std::uint32_t first = 0;
  std::vector<std::shared_ptr<const RecordedClient>> clients;  // of `cohort`, in order; read after decoding
};

struct Cohort {
  std::string name;
  std::uint32_t count = 0;
  std::vector<BehaviourShare> behaviours;  // shares sum to 1,000,000
  std::uint32_t input_rate_hz = 20;
  std::shared_ptr<const Script> script;  // of those who are scripted
  Replay replay;                         // of those who replay
  CohortLink link;
  Joining join;
  std::optional<Schedule> leave;
  std::optional<Churn> churn;
  std::optional<Storm> storm;
  std::optional<BackoffPolicy> reconnect;  // absent: who loses its connection stays away
};

struct Scenario {
  std::string name;
  std::string description;
  std::uint64_t seed = 1;
  Duration duration{};  // the measured window
  sim::TransportKind transport = sim::TransportKind::tcp;
  std::optional<sim::Congestion> congestion;  // set when the transport is a stream with headers
  sim::TcpOptions tcp;                        // unless the congestion is ideal
  bool encryption = true;                     // of datagrams; streams have TLS for it
  Measure measure;
  Phase phase = Phase::random;
  ServerConfig server;
  ServerPace pace;
  const GameKind* game_kind = nullptr;         // of the registry it was decoded with
  std::shared_ptr<const Game> game;            // what `world` says
  std::optional<sim::QueueConditions> uplink;  // the server's, which everything for all clients passes
  std::vector<Cohort> cohorts;
  std::vector<Partition> partitions;  // in the schedules of their cohorts' links too
  std::vector<Threshold> thresholds;
};

// ---- what follows from it

// The round trip in the middle: of `rtt`, the first client's.
Duration nominal_rtt(const CohortLink& link);

std::uint32_t client_count(const Scenario& scenario);

// What decides which thresholds apply under the virtual clock.
RunConditions conditions_of(const Scenario& scenario);

// The largest round trip that the links' delays can add up to, jitter and reordering aside.
Duration largest_rtt(const CohortLink& link);
Duration largest_rtt(const Scenario& scenario);

// The largest shift that jitter gives a packet of any link, one way.
Duration largest_jitter(const CohortLink& link);

// How long the run waits for the measured window to begin: as written, or 4 x largest RTT (jitter included)
// + the last planned join + 10 s.
Duration warm_up_max(const Scenario& scenario);

// How many sessions the scenario plans, about: with churn each client has many.
std::uint64_t expected_sessions(const Scenario& scenario);

// Whether bytes travel in a modelled stream whose congestion must be written down.
constexpr bool needs_stream_model(sim::TransportKind kind) {
  return kind != sim::TransportKind::memory && kind != sim::TransportKind::udp;
}

// The congestion that counts: the ideal one where nothing is modelled.
constexpr sim::Congestion congestion_of(const Scenario& scenario) {
  return needs_stream_model(scenario.transport) ? scenario.congestion.value_or(sim::Congestion::ideal)
                                                : sim::Congestion::ideal;
}

}  // namespace netrig::loadgen
