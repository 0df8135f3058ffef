// Who joins when, over which link, doing what: a scenario resolved client by client. Pure data, a function of
// scenario and seed; no clock, no files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "netrig/core/base/time.h"
#include "netrig/loadgen/scenario/plan_presence.h"
#include "netrig/loadgen/scenario/scenario.h"

namespace netrig::loadgen {

constexpr std::int32_t kClockDriftPpbMax = 50'000;           // 50 ppm, as quartz is
constexpr Duration kClockOffsetMax = std::chrono::hours{1};  // a player's clock starts anywhere

struct ClientPlan {
  std::uint32_t index = 0;   // over all cohorts, in the order of the file
  std::uint32_t cohort = 0;  // index into Scenario::cohorts
  std::uint32_t number = 0;  // in its cohort
  std::string name;          // "metro-0"
  sim::LinkConditions up;
  sim::LinkConditions down;
  std::optional<std::uint32_t> household{};  // which one of its cohort's, if they have any
  const BehaviourKind* behaviour = nullptr;
  Instant join;
  std::optional<Instant> leave;
  std::optional<Churn> churn;
  std::optional<Storm> storm;  // it is one of the storm's share
  std::optional<BackoffPolicy> reconnect;
  Random random{0};  // its own fork of the plan's
  Duration input_interval{};
  Duration phase_offset{};  // of its inputs, in [0, input_interval)
  Duration clock_offset{};  // of its own clock, in [0, kClockOffsetMax)
  std::int32_t drift_ppb = 0;

  // Two nominal delays: how long a stream waits until it sends a lost segment again.
  Duration nominal_rtt() const { return sim::nominal_delay(up.delay) + sim::nominal_delay(down.delay); }
  Stays stays() const { return {join, leave, churn, random.fork("stay", 0)}; }
  Cuts cuts() const { return storm ? Cuts{*storm, random.fork("cut", 0)} : Cuts{}; }
};

struct Plan {
  std::uint64_t seed = 0;
  std::vector<ClientPlan> clients;
};

// A client's draws come from a stream named by its cohort and its number in it: another cohort, wherever it
// stands in the file, and more clients at a cohort's end shift nobody's.
Plan make_plan(const Scenario& scenario, std::uint64_t seed);

// Gives the events of a client's link that have none their times.
void draw_times(sim::LinkConditions& link, const Random& random);

// ---- forecasts

struct ClientsAt {
  Instant at;
  std::uint32_t clients = 0;  // from `at` on

  friend bool operator==(const ClientsAt&, const ClientsAt&) = default;
};

// How many clients the plan keeps connected until `end`, as steps in order of time; the first at the start of
// the run.
std::vector<ClientsAt> clients_over_time(const Plan& plan, Instant end);
// How many are connected at once at most, whatever the seed: with churn nobody counts as away, and who joins
// at random may come at once.
std::uint32_t peak_clients(const Scenario& scenario);

// Entities when the most clients are connected.
std::uint64_t entity_count(const Scenario& scenario);

// Over datagrams: those that one tick's state takes, to one client. The arithmetic of
// core/replication/full_state.h.
std::uint64_t datagrams_per_state(const Scenario& scenario);
// What else a side may write in one tick: reliable messages, resends, the last word.
constexpr std::uint32_t kDatagramsBesideState = 16;
// The server's horizon with the datagrams that this scenario's ticks take.
Horizon horizon_of(const Scenario& scenario);

// What full replication sends to one client in one second, from the protocol's layout: pings, joins and lost
// segments aside.
struct DownstreamForecast {
  std::uint64_t entities = 0;
  std::uint64_t state_update_bytes = 0;        // of one entity
  std::uint64_t state_updates_per_second = 0;  // bytes: entities x size x rate
  std::uint64_t payload_per_second = 0;        // with the header of each tick's state
  std::uint64_t protocol_per_second = 0;       // tags, lengths, packet headers and framing
  std::uint64_t transport_model_per_second = 0;
  std::uint64_t state_bytes = 0;       // one tick's, with its protocol bytes: one write to the connection
  std::uint64_t state_wire_bytes = 0;  // with the modelled headers: what it takes of a link's send buffer
};
DownstreamForecast forecast_downstream(const Scenario& scenario);

}  // namespace netrig::loadgen
