#include "netrig/loadgen/scenario/plan.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/core/base/bytes.h"
#include "netrig/core/base/exponential.h"
#include "netrig/core/base/frame.h"
#include "netrig/core/base/random.h"
#include "netrig/core/protocol/message_writer.h"
#include "netrig/core/protocol/session_seal.h"

namespace netrig::loadgen {
namespace {

// ramp x index stays below 2^63 ns.
static_assert(kScenarioDurationMax.count() <= INT64_MAX / kClientsMax);

Instant scheduled(const Schedule& schedule, std::uint32_t index, std::uint32_t count) {
  return Instant{} + schedule.at + schedule.ramp * std::int64_t{index} / std::int64_t{count};
}

// When client `index` joins; `previous`: when the one before it did.
Instant joins_at(const Joining& join, std::uint32_t index, std::uint32_t count, Instant previous,
                 const Random& random) {
  if (join.rate) {
    Random gaps = random.fork("gap", 0);
    return previous + draw_exponential(join.rate->per, gaps) / std::int64_t{join.rate->count};
  }
  if (join.within == Duration{0}) return scheduled(join, index, count);
  const auto width = static_cast<std::uint64_t>(join.within.count());
  return Instant{} + join.at + Duration{static_cast<std::int64_t>(random.fork("join", 0).below(width))};
}

Duration rtt_of(const RttRange& range, std::uint32_t index, std::uint32_t count) {
  if (count < 2) return range.from;
  return range.from + (range.to - range.from) * std::int64_t{index} / std::int64_t{count - 1};
}

// How many clients of a cohort each share gets: rounded down, the rest to the largest remainders.
std::vector<std::uint32_t> allocate(const std::vector<BehaviourShare>& shares, std::uint32_t count) {
  std::vector<std::uint32_t> quotas;
  std::vector<std::pair<std::uint64_t, std::size_t>> remainders;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const std::uint64_t parts = std::uint64_t{count} * shares[i].share_ppm;
    quotas.push_back(static_cast<std::uint32_t>(parts / kPartsPerMillion));
    remainders.emplace_back(parts % kPartsPerMillion, i);
  }
  std::ranges::sort(remainders, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  const std::uint32_t given = std::accumulate(quotas.begin(), quotas.end(), 0u);
  for (std::uint32_t i = 0; i < count - given; ++i) ++quotas[remainders[i].second];
  return quotas;
}

// Deals the behaviours out evenly along the cohort, so that a range of RTTs meets all of them: each client
// gets the behaviour that is furthest behind its share.
std::vector<const BehaviourKind*> deal_behaviours(const Cohort& cohort) {
  const std::vector<std::uint32_t> quotas = allocate(cohort.behaviours, cohort.count);
  std::vector<std::uint32_t> dealt(quotas.size(), 0);
  std::vector<const BehaviourKind*> behaviours;
  for (std::uint32_t client = 0; client < cohort.count; ++client) {
    const auto lag = [&](std::size_t i) {
      return std::int64_t{quotas[i]} * (client + 1) - std::int64_t{dealt[i]} * cohort.count;
    };
    std::size_t furthest = 0;
    for (std::size_t i = 1; i < quotas.size(); ++i)
      if (lag(i) > lag(furthest)) furthest = i;
    ++dealt[furthest];
    behaviours.push_back(cohort.behaviours[furthest].kind);
  }
  return behaviours;
}

void draw_clock(ClientPlan& client, const Random& random) {
  const auto below = [](Random stream, Duration bound) {
    return Duration{static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(bound.count())))};
  };
  client.phase_offset = below(random.fork("phase", 0), client.input_interval);
  client.clock_offset = below(random.fork("clock", 0), kClockOffsetMax);
  client.drift_ppb =
      static_cast<std::int32_t>(random.fork("drift", 0).between(-kClockDriftPpbMax, kClockDriftPpbMax));
}

void set_link(ClientPlan& client, const CohortLink& link, std::uint32_t index, std::uint32_t count,
              const Random& random) {
  client.up = link.up;
  client.down = link.down;
  draw_times(client.up, random);
  draw_times(client.down, random);
  if (link.household) client.household = index / link.household->size;
  if (!link.rtt) return;
  const Duration rtt = rtt_of(*link.rtt, index, count);
  client.up.delay = sim::ConstantDelay{rtt / 2};
  client.down.delay = sim::ConstantDelay{rtt - rtt / 2};
}

void add_cohort(Plan& plan, const Scenario& scenario, std::uint32_t number) {
  const Cohort& cohort = scenario.cohorts[number];
  const std::vector<const BehaviourKind*> behaviours = deal_behaviours(cohort);
  const Random root{plan.seed};
  Instant previous = Instant{} + cohort.join.at;
  for (std::uint32_t i = 0; i < cohort.count; ++i) {
    ClientPlan client;
    client.index = static_cast<std::uint32_t>(plan.clients.size());
    client.cohort = number;
    client.number = i;
    client.name = cohort.name + "-" + std::to_string(i);
    client.random = root.fork("plan." + cohort.name, i);
    set_link(client, cohort.link, i, cohort.count, client.random);
    client.behaviour = behaviours[i];
    client.join = previous = joins_at(cohort.join, i, cohort.count, previous, client.random);
    if (cohort.leave) client.leave = scheduled(*cohort.leave, i, cohort.count);
    client.input_interval = Duration{1s} / cohort.input_rate_hz;
    client.churn = cohort.churn;
    if (cohort.storm && is_in_share(i, cohort.storm->share_ppm)) client.storm = cohort.storm;
    client.reconnect = cohort.reconnect;
    if (scenario.phase == Phase::random) draw_clock(client, client.random);
    plan.clients.push_back(std::move(client));
  }
}

}  // namespace

void draw_times(sim::LinkConditions& link, const Random& random) {
  if (!link.schedule || !std::ranges::any_of(link.schedule->events, &sim::LinkEvent::at_random)) return;
  auto schedule = std::make_shared<sim::LinkSchedule>(*link.schedule);
  sim::draw_times(*schedule, random);
  link.schedule = std::move(schedule);
}

Plan make_plan(const Scenario& scenario, std::uint64_t seed) {
  Plan plan;
  plan.seed = seed;
  plan.clients.reserve(client_count(scenario));
  for (std::uint32_t number = 0; number < scenario.cohorts.size(); ++number)
    add_cohort(plan, scenario, number);
  return plan;
}

namespace {

// Sorted: at one instant the leaving come first.
std::vector<ClientsAt> steps_of(std::vector<std::pair<Instant, int>> changes) {
  changes.emplace_back(Instant{}, 0);
  std::ranges::sort(changes);
  std::vector<ClientsAt> steps;
  std::int64_t clients = 0;
  for (const auto& [at, change] : changes) {
    clients += change;
    if (steps.empty() || steps.back().at != at) steps.push_back({at, 0});
    steps.back().clients = static_cast<std::uint32_t>(clients);
  }
  return steps;
}

}  // namespace

std::vector<ClientsAt> clients_over_time(const Plan& plan, Instant end) {
  std::vector<std::pair<Instant, int>> changes;
  for (const ClientPlan& client : plan.clients) {
    Stays stays = client.stays();
    for (auto stay = stays.next(); stay && stay->from <= end; stay = stays.next()) {
      changes.emplace_back(stay->from, 1);
      if (stay->until && *stay->until <= end) changes.emplace_back(*stay->until, -1);
    }
  }
  return steps_of(std::move(changes));
}

std::uint32_t peak_clients(const Scenario& scenario) {
  std::vector<std::pair<Instant, int>> changes;
  for (const Cohort& cohort : scenario.cohorts) {
    for (std::uint32_t i = 0; i < cohort.count; ++i) {
      changes.emplace_back(scheduled(cohort.join, i, cohort.count), 1);
      if (cohort.leave) changes.emplace_back(scheduled(*cohort.leave, i, cohort.count), -1);
    }
  }
  return std::ranges::max(steps_of(std::move(changes)), {}, &ClientsAt::clients).clients;
}

std::uint64_t entity_count(const Scenario& scenario) {
  const std::uint64_t inhabitants = scenario.game->inhabitants();
  switch (scenario.server.avatars) {
    case Avatars::from_start:
      return inhabitants + scenario.server.players_max;
    case Avatars::on_join:
      return inhabitants + std::min(peak_clients(scenario), scenario.server.players_max);
    case Avatars::none:
    case Avatars::unseen:
      break;
  }
  return inhabitants;
}

std::uint64_t datagrams_per_state(const Scenario& scenario) {
  const std::uint64_t message_bytes = [&] {
    const std::uint64_t body = scenario.game->schema().v1_state_update_bytes();
    return envelope_bytes(body) + body;
  }();
  const std::uint64_t entities = std::max<std::uint64_t>(1, entity_count(scenario));
  const std::uint64_t in_one = kStatePartBytesMax / message_bytes;
  if (in_one > 0) return (entities + in_one - 1) / in_one;
  return entities * ((message_bytes + kStatePartBytesMax - 1) / kStatePartBytesMax);  // in fragments
}

Horizon horizon_of(const Scenario& scenario) {
  Horizon horizon = scenario.server.horizon;
  if (sim::delivery(scenario.transport) == Delivery::datagram) {
    horizon.packets_per_tick_max =
        static_cast<std::uint32_t>(datagrams_per_state(scenario)) + kDatagramsBesideState;
  }
  return horizon;
}

namespace {

DownstreamForecast forecast_datagrams(const Scenario& scenario) {
  // Envelope, seal, flags and an ack without gaps: largest, delay (3), first, count.
  constexpr std::uint64_t kAroundBytes = kSessionHeadBytes + 1 + 4 + 3 + 1 + 1;
  const std::uint64_t rate = scenario.server.horizon.tick_rate_hz;
  DownstreamForecast forecast;
  forecast.entities = entity_count(scenario);
  forecast.state_update_bytes = scenario.game->schema().v1_state_update_bytes();
  const std::uint64_t datagrams = datagrams_per_state(scenario);
  const std::uint64_t updates = forecast.entities * forecast.state_update_bytes;
  const std::uint64_t header_bytes = kStateHeaderBytes - envelope_bytes(0);
  const std::uint64_t payload = datagrams * header_bytes + updates;
  const std::uint64_t protocol =
      datagrams * (kAroundBytes + (scenario.encryption ? kSealBytes : 0) + envelope_bytes(header_bytes)) +
      forecast.entities * envelope_bytes(forecast.state_update_bytes);
  forecast.state_updates_per_second = updates * rate;
  forecast.payload_per_second = payload * rate;
  forecast.protocol_per_second = protocol * rate;
  forecast.transport_model_per_second = datagrams * sim::kUdpHeaderBytes * rate;
  return forecast;
}

}  // namespace

DownstreamForecast forecast_downstream(const Scenario& scenario) {
  if (sim::delivery(scenario.transport) == Delivery::datagram) return forecast_datagrams(scenario);
  constexpr std::uint64_t kStateHeaderBodyBytes = 10;  // tick, input ack, count
  constexpr std::uint64_t kPacketHeaderBytes = 1;      // flags
  const std::uint64_t rate = scenario.server.horizon.tick_rate_hz;
  const auto tagged = [](std::uint64_t bytes) { return 1 + varint_size(static_cast<std::uint32_t>(bytes)); };

  DownstreamForecast forecast;
  forecast.entities = entity_count(scenario);
  forecast.state_update_bytes = scenario.game->schema().v1_state_update_bytes();
  const std::uint64_t updates = forecast.entities * forecast.state_update_bytes;
  const std::uint64_t payload = kStateHeaderBodyBytes + updates;
  const std::uint64_t tags =
      tagged(kStateHeaderBodyBytes) + forecast.entities * tagged(forecast.state_update_bytes);
  // The header has a frame of its own; updates fill theirs without being cut.
  const std::uint64_t updates_per_frame = (kPacketBytesMax - kPacketHeaderBytes) /
                                          (forecast.state_update_bytes + tagged(forecast.state_update_bytes));
  const std::uint64_t frames = 1 + (forecast.entities + updates_per_frame - 1) / updates_per_frame;
  const std::uint64_t protocol = tags + frames * (kFrameHeaderBytes + kPacketHeaderBytes);
  const std::uint64_t model = sim::overhead_bytes(scenario.transport, sim::Direction::down,
                                                  static_cast<std::size_t>(payload + protocol));
  forecast.state_updates_per_second = updates * rate;
  forecast.payload_per_second = payload * rate;
  forecast.protocol_per_second = protocol * rate;
  forecast.transport_model_per_second = model * rate;
  forecast.state_bytes = payload + protocol;
  forecast.state_wire_bytes = forecast.state_bytes + model;
  return forecast;
}

}  // namespace netrig::loadgen
