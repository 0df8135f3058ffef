#include <algorithm>
#include <fmt/format.h>
#include <string>

#include "netrig/core/protocol/sent_packets.h"
#include "netrig/loadgen/io/human.h"
#include "netrig/loadgen/io/units.h"
#include "netrig/loadgen/scenario/plan.h"
#include "netrig/loadgen/scenario/scenario_decode.h"

namespace netrig::loadgen {
namespace {

// The place of a key's value, or of the nearest map above it that exists.
Place place_of(Node& root, std::initializer_list<std::string_view> path) {
  Node* at = &root;
  for (const std::string_view key : path) {
    Node* next = at->child(key);
    if (next == nullptr) break;
    at = next;
  }
  return at->place;
}

// The link of cohort `index`, or the cohort when it has none.
Place place_of_link(Node& root, std::size_t index) {
  Node& cohort = root.child("clients")->children[index];
  return place_of(cohort, {"link"});
}

void check_stream(const Scenario& scenario, Node& root, Findings& findings) {
  if (!needs_stream_model(scenario.transport) || root.child("stream") != nullptr) return;
  const Node* transport = root.child("transport");
  if (transport != nullptr && transport->text != name_of(scenario.transport, kTransportNames))
    return;  // reported
  findings.error(place_of(root, {"transport"}),
                 "transport: " + std::string{name_of(scenario.transport, kTransportNames)} +
                     " is modelled as a stream, so its congestion must be written down: add "
                     "`stream: {congestion: cubic}`, or ideal for one that no window limits");
}

void check_client_count(const Scenario& scenario, Node& root, Findings& findings) {
  std::uint64_t count = 0;
  for (const Cohort& cohort : scenario.cohorts) count += cohort.count;
  if (count <= kClientsMax) return;
  findings.error(place_of(root, {"clients"}), "clients: " + std::to_string(count) +
                                                  " clients in all; at most " + std::to_string(kClientsMax) +
                                                  " are possible");
}

// What decoding cannot see key by key: the parts of one direction together.
void check_conditions(const CohortLink& link, Place place, const std::string& path, Findings& findings) {
  for (const auto& [name, direction] : {std::pair{"up", &link.up}, {"down", &link.down}}) {
    if (const auto error = sim::validate(*direction))
      findings.error(place, path + "." + name + ": " + std::string{sim::text(*error)});
  }
}

void check_links(const Scenario& scenario, Node& root, Findings& findings) {
  const Horizon& horizon = scenario.server.horizon;
  for (std::size_t i = 0; i < scenario.cohorts.size(); ++i) {
    const CohortLink& link = scenario.cohorts[i].link;
    const std::string path = "clients[" + std::to_string(i) + "].link";
    if (!findings.any_error()) check_conditions(link, place_of_link(root, i), path, findings);
    if (largest_rtt(link) > horizon.rtt_max)
      findings.error(place_of_link(root, i),
                     path + ": the round trip can reach " + text_of_duration(largest_rtt(link)) +
                         ", above server.rtt_max (" + text_of_duration(horizon.rtt_max) + ")");
    if (largest_jitter(link) > horizon.jitter_max)
      findings.error(place_of_link(root, i),
                     path + ": the jitter of " + text_of_duration(largest_jitter(link)) +
                         " is above server.jitter_max (" + text_of_duration(horizon.jitter_max) + ")");
  }
}

// With `after: all_joined` the window would never begin; otherwise the refused clients may be the point.
void check_seats(const Scenario& scenario, Node& root, Findings& findings) {
  const std::uint32_t peak = peak_clients(scenario);
  if (peak <= scenario.server.players_max) return;
  const std::string seats = std::to_string(peak) + " clients at once, server.players_max is " +
                            std::to_string(scenario.server.players_max);
  if (scenario.measure.after == MeasureAfter::all_joined)
    return findings.error(place_of(root, {"clients"}),
                          "clients: " + seats + ", so `measure: {after: all_joined}` would wait for ever");
  findings.warning(place_of(root, {"clients"}), "clients: " + seats + ", so some are refused");
}

// A client's sessions are planned one by one; a shard numbers its peers, and inspect draws them all.
void check_sessions(const Scenario& scenario, Node& root, Findings& findings) {
  const std::uint64_t sessions = expected_sessions(scenario);
  if (sessions <= kSessionsMax) return;
  findings.error(place_of(root, {"clients"}), "clients: churn and storms would make about " +
                                                  std::to_string(sessions) + " sessions; at most " +
                                                  std::to_string(kSessionsMax) + " are possible");
}

// One tick's entities must fit the state header.
void check_entities(const Scenario& scenario, Node& root, Findings& findings) {
  const std::uint64_t entities = entity_count(scenario);
  if (entities > kEntitiesMax)
    findings.error(place_of(root, {"world"}), "world: " + std::to_string(entities) + " entities; at most " +
                                                  std::to_string(kEntitiesMax) + " fit a state");
}

// The windows of datagrams are derived from how many a tick takes.
void check_datagrams(const Scenario& scenario, Node& root, Findings& findings) {
  if (sim::delivery(scenario.transport) != Delivery::datagram) return;
  const std::uint64_t datagrams = datagrams_per_state(scenario);
  if (datagrams + kDatagramsBesideState <= kPacketsPerTickLimit) return;
  findings.error(place_of(root, {"transport"}),
                 "transport: a tick's state of " + std::to_string(entity_count(scenario)) + " entities x " +
                     std::to_string(scenario.game->schema().v1_state_update_bytes()) + " B takes " +
                     std::to_string(datagrams) + " datagrams of " + std::to_string(kDatagramBytesMax) +
                     " B; at most " + std::to_string(kPacketsPerTickLimit - kDatagramsBesideState) +
                     " fit the windows");
}

// Where a state comes from, byte by byte, and what it is to fit.
std::string state_size_text(const Scenario& scenario, const DownstreamForecast& state) {
  const std::uint64_t updates = state.entities * state.state_update_bytes;
  return fmt::format(
      "{} entities x {} B, {} B of protocol and {} B of {} headers make one write of {} B each tick",
      state.entities, state.state_update_bytes, state.state_bytes - updates,
      state.state_wire_bytes - state.state_bytes, name_of(scenario.transport, kTransportNames),
      state.state_wire_bytes);
}

// Of the queues that a state passes on its way to a client: the server's, a household's, the client's own.
std::uint64_t smallest_queue(const Scenario& scenario, const CohortLink& link) {
  std::uint64_t smallest = link.down.rate_bits_per_second > 0 ? link.down.queue_bytes_max : UINT64_MAX;
  if (scenario.uplink) smallest = std::min(smallest, scenario.uplink->bytes_max);
  if (link.household && link.household->down) smallest = std::min(smallest, link.household->down->bytes_max);
  return smallest;
}

// A state goes out in one write, which a send buffer takes whole or never: one that never fits would show as
// nothing but refused sends. The buffer is the link's queue where the stream is ideal.
void check_send_buffers(const Scenario& scenario, Node& root, Findings& findings) {
  if (sim::delivery(scenario.transport) != Delivery::reliable_ordered) return;
  if (scenario.server.replication != Replication::full) return;
  const DownstreamForecast state = forecast_downstream(scenario);
  if (congestion_of(scenario) != sim::Congestion::ideal) {
    if (state.state_wire_bytes <= scenario.tcp.send_buffer_bytes) return;
    return findings.error(place_of(root, {"stream", "send_buffer"}),
                          fmt::format("stream.send_buffer: a state never fits {} B: {}",
                                      scenario.tcp.send_buffer_bytes, state_size_text(scenario, state)));
  }
  for (std::size_t i = 0; i < scenario.cohorts.size(); ++i) {
    const std::uint64_t room = smallest_queue(scenario, scenario.cohorts[i].link);
    if (room >= state.state_wire_bytes) continue;
    findings.error(place_of_link(root, i),
                   fmt::format("clients[{}].link: a state never fits its queue of {} B: {}", i, room,
                               state_size_text(scenario, state)));
  }
}

// Before the end of the run, and so that something can be measured: `after: all_joined` waits for everybody.
void check_joins(const Scenario& scenario, Node& root, Findings& findings) {
  if (scenario.measure.after == MeasureAfter::all_joined) return;
  std::size_t never = 0;
  for (std::size_t i = 0; i < scenario.cohorts.size(); ++i) {
    if (scenario.cohorts[i].join.at < scenario.duration) continue;
    ++never;
    findings.warning(place_of(root.child("clients")->children[i], {"join"}),
                     fmt::format("clients[{}].join: nobody joins before the run ends, after {}", i,
                                 text_of_duration(scenario.duration)));
  }
  if (never == scenario.cohorts.size())
    findings.error(place_of(root, {"clients"}), "clients: the run ends before the first of them joins");
}

// What is written down and changes nothing.
void check_idle_keys(const Scenario& scenario, Node& root, Findings& findings) {
  if (sim::delivery(scenario.transport) == Delivery::datagram) return;
  for (std::size_t i = 0; i < scenario.cohorts.size(); ++i) {
    const CohortLink& link = scenario.cohorts[i].link;
    if (link.up.duplicate_ppm == 0 && link.down.duplicate_ppm == 0) continue;
    findings.warning(place_of_link(root, i),
                     fmt::format("clients[{}].link: a stream's receiver discards duplicates, so over {} they "
                                 "are not modelled",
                                 i, name_of(scenario.transport, kTransportNames)));
  }
}

void check_thresholds(const Scenario& scenario, Node& root, Findings& findings) {
  if (!none_applies(scenario.thresholds, conditions_of(scenario))) return;
  findings.warning(place_of(root, {"thresholds"}),
                   "thresholds: none of them applies to a run under the virtual clock, so it would always "
                   "pass and is refused");
}

// Which parts of the file were read without an error: a check adds up numbers only where they are right.
class CleanParts {
 public:
  CleanParts(Node& root, const Findings& findings) : root_(root), findings_(findings) {}

  bool is_clean(std::initializer_list<std::string_view> keys) const {
    return std::ranges::none_of(keys, [&](std::string_view key) {
      const Node* node = root_.child(key);
      return node != nullptr && findings_.any_error_within(*node);
    });
  }
  // All that is said about clients but their links.
  bool are_clients_clean() const {
    const Node* clients = root_.child("clients");
    if (clients == nullptr || findings_.any_error_at(root_) || findings_.any_error_at(*clients)) return false;
    return std::ranges::all_of(clients->children, [&](const Node& cohort) {
      Node without_link = cohort;
      std::erase_if(without_link.children, [](const Node& child) { return child.key == "link"; });
      return !findings_.any_error_within(without_link);
    });
  }

 private:
  Node& root_;
  const Findings& findings_;
};

// What a run must hold at once grows with rate x round trip, and no machine has room for everything. Half of
// a continuous integration machine's 8 GiB.
constexpr std::uint64_t kHeldBytesMax = std::uint64_t{4} << 30;

std::uint64_t ticks_in(Duration time, std::uint64_t rate_hz) {
  return (static_cast<std::uint64_t>(time.count()) * rate_hz + 999'999'999) / 1'000'000'000;
}

// States under way. They are encoded once for everybody, so the slowest line alone decides. What a stream
// with windows has under way is within its send buffers.
void check_states_held(const Scenario& scenario, Node& root, Findings& findings) {
  if (sim::delivery(scenario.transport) == Delivery::reliable_ordered &&
      congestion_of(scenario) != sim::Congestion::ideal)
    return;
  const std::uint64_t rate = scenario.server.horizon.tick_rate_hz;
  const Duration rtt = largest_rtt(scenario);
  const std::uint64_t entities = entity_count(scenario);
  const std::uint64_t update = scenario.game->schema().v1_state_update_bytes();
  const std::uint64_t states = ticks_in(rtt, rate);
  const std::uint64_t bytes = states * entities * update;
  if (bytes <= kHeldBytesMax) return;
  findings.error(
      place_of(root, {"server", "tick_rate"}),
      fmt::format("server.tick_rate: {} entities x {} B x {} Hz x {} of round trip are {} of states "
                  "under way at once; at most {} are possible. Fewer entities, a lower rate or a "
                  "shorter round trip would fit",
                  whole(entities), update, rate, text_of_duration(rtt),
                  short_bytes(static_cast<double>(bytes)), short_bytes(static_cast<double>(kHeldBytesMax))));
}

// Packets remembered until their acks can no longer come, by the server for each client.
void check_windows_held(const Scenario& scenario, Node& root, Findings& findings) {
  if (sim::delivery(scenario.transport) != Delivery::datagram) return;
  const Horizon horizon = horizon_of(scenario);
  const Windows windows = derive_windows(horizon);
  const std::uint64_t clients = std::min(peak_clients(scenario), scenario.server.players_max);
  const std::uint64_t bytes = clients * std::uint64_t{windows.packets_kept_max} * sizeof(SentPacket);
  if (bytes <= kHeldBytesMax) return;
  findings.error(
      place_of(root, {"server"}),
      fmt::format(
          "server: {} clients x {} Hz x {} datagrams a tick x {} that each is remembered (2 x (rtt_max "
          "{} + 2 x jitter_max {}) + 2s) x {} B are {}; at most {} are possible. A lower rate, fewer "
          "entities, or an rtt_max and jitter_max no larger than the links need would fit",
          whole(clients), horizon.tick_rate_hz, horizon.packets_per_tick_max,
          text_of_duration(windows.packet_kept_for), text_of_duration(horizon.rtt_max),
          text_of_duration(horizon.jitter_max), sizeof(SentPacket), short_bytes(static_cast<double>(bytes)),
          short_bytes(static_cast<double>(kHeldBytesMax))));
}

}  // namespace

void check_scenario(const Scenario& scenario, Node& root, Findings& findings) {
  check_stream(scenario, root, findings);
  check_client_count(scenario, root, findings);
  check_links(scenario, root, findings);
  const CleanParts parts{root, findings};
  const bool knows_clients =
      !scenario.cohorts.empty() && parts.are_clients_clean() && parts.is_clean({"measure", "duration"});
  const bool knows_server = parts.is_clean({"server"});
  if (knows_clients) {
    check_sessions(scenario, root, findings);
    check_joins(scenario, root, findings);
    if (knows_server) check_seats(scenario, root, findings);
  }
  if (parts.is_clean({"thresholds"})) check_thresholds(scenario, root, findings);
  if (!knows_clients || !knows_server || !scenario.game || !parts.is_clean({"game", "world"})) return;
  check_entities(scenario, root, findings);
  if (!parts.is_clean({"transport"})) return;
  check_datagrams(scenario, root, findings);
  check_idle_keys(scenario, root, findings);
  if (!findings.any_error()) {
    check_send_buffers(scenario, root, findings);
    check_states_held(scenario, root, findings);
    check_windows_held(scenario, root, findings);
  }
}

}  // namespace netrig::loadgen
