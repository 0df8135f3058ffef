#include "netrig/loadgen/commands/inspect.h"

#include <algorithm>
#include <fmt/format.h>

#include "netrig/loadgen/io/human.h"
#include "netrig/loadgen/io/text_table.h"
#include "netrig/loadgen/io/units.h"
#include "netrig/loadgen/scenario/link_profiles.h"
#include "netrig/loadgen/scenario/plan.h"
#include "netrig/loadgen/scenario/scenario_file.h"

namespace netrig::loadgen {
namespace {

constexpr std::size_t kChartRows = 12;
constexpr std::uint64_t kChartColumns = 40;
constexpr std::size_t kLabelWidth = 12;

void print_row(std::string_view label, std::string_view value, std::ostream& out) {
  out << fmt::format("  {:<{}}{}\n", label, kLabelWidth, value);
}

std::string window_text(const Scenario& scenario) {
  const std::string length = sim::duration_text(scenario.duration);
  if (scenario.measure.after == MeasureAfter::start) return length + " from the start of the run";
  return length + " once all clients have joined, which may take " +
         sim::duration_text(warm_up_max(scenario));
}

std::string server_text(const Scenario& scenario) {
  return fmt::format("{} Hz, {} players at most, replication {}, avatars {}",
                     scenario.server.horizon.tick_rate_hz, whole(std::uint64_t{scenario.server.players_max}),
                     name_of(scenario.server.replication, kReplicationNames),
                     name_of(scenario.server.avatars, kAvatarsNames));
}

std::string world_text(const Scenario& scenario) {
  const std::string inhabitants = scenario.game->description();
  std::string text = fmt::format("{}, {} entities", scenario.game_kind->name, whole(entity_count(scenario)));
  if (!inhabitants.empty()) text += ": " + inhabitants + ", the rest players";
  return text;
}

std::string transport_text(const Scenario& scenario) {
  std::string text{name_of(scenario.transport, kTransportNames)};
  if (needs_stream_model(scenario.transport) && scenario.congestion)
    text += fmt::format(", congestion {}", name_of(*scenario.congestion, kCongestionNames));
  return text;
}

std::string partition_text(const Partition& partition) {
  std::string names;
  for (const std::string& name : partition.cohorts) names.append(names.empty() ? "" : ", ").append(name);
  const std::string_view ways = partition.up && partition.down ? "both ways"
                                : partition.up                 ? "upwards"
                                                               : "downwards";
  std::string words =
      fmt::format("{} cut off {} for {} at {}", names, ways, sim::duration_text(partition.event.length),
                  sim::duration_text(partition.event.at));
  if (partition.event.every > Duration{0})
    words += ", again every " + sim::duration_text(partition.event.every);
  return words;
}

void print_header(const Scenario& scenario, std::uint64_t seed, std::ostream& out) {
  out << scenario.name << '\n';
  if (!scenario.description.empty()) write_wrapped(out, {"  "}, scenario.description, Style{});
  out << '\n';
  print_row("seed", std::to_string(seed), out);
  print_row("measured", window_text(scenario), out);
  print_row("transport", transport_text(scenario), out);
  print_row("server", server_text(scenario), out);
  print_row("world", world_text(scenario), out);
  print_row("RTT", "at most " + sim::duration_text(largest_rtt(scenario)), out);
  if (scenario.uplink) print_row("uplink", "of the server: " + sim::describe_queue(*scenario.uplink), out);
  for (const Partition& partition : scenario.partitions)
    print_row("partition", partition_text(partition), out);
}

std::string schedule_text(const Schedule& schedule, std::uint32_t count) {
  const std::string at = sim::duration_text(schedule.at);
  if (schedule.ramp == Duration{0} || count == 1) return "all at " + at;
  return fmt::format("evenly over {}, the first at {}", sim::duration_text(schedule.ramp), at);
}

std::string join_text(const Joining& join, std::uint32_t count) {
  const std::string at = sim::duration_text(join.at);
  if (join.rate)
    return fmt::format("one by one at random, {} on average, from {} on", text_of_event_rate(*join.rate), at);
  if (join.within == Duration{0}) return schedule_text(join, count);
  return fmt::format("each at a random moment from {} to {}", at, sim::duration_text(join.at + join.within));
}

std::string churn_text(const Churn& churn) {
  const std::string_view about = churn.shape == TimeShape::fixed ? "" : " on average";
  return fmt::format("stays {}, then is away for {}{}, and so on", sim::duration_text(churn.stay),
                     sim::duration_text(churn.away), about);
}

std::string storm_text(const Storm& storm) {
  std::string text = fmt::format("{} lose their connection at {}", text_of_percentage(storm.share_ppm),
                                 sim::duration_text(storm.at));
  if (storm.within > Duration{0}) text += ", within " + sim::duration_text(storm.within);
  if (storm.every) text += ", and again every " + sim::duration_text(*storm.every);
  return text + (storm.cut == CutKind::silent ? "; the server is not told" : "");
}

std::string reconnect_text(const BackoffPolicy& policy) {
  const std::string most = sim::duration_text(policy.max);
  const std::string first = sim::duration_text(policy.first);
  switch (policy.jitter) {
    case BackoffJitter::none:
      return fmt::format("after {}, each time twice as long, {} at most, no jitter", first, most);
    case BackoffJitter::full:
      return fmt::format("after up to {}, each time twice as long, {} at most, full jitter", first, most);
    case BackoffJitter::decorrelated:
      break;
  }
  return fmt::format("after {} to three times the wait before, {} at most, decorrelated jitter", first, most);
}

std::string behaviour_text(const GameKind& game, const std::vector<ClientPlan>& clients,
                           std::uint32_t cohort) {
  std::string text;
  for (const BehaviourKind& kind : game.behaviours) {
    const auto count = std::ranges::count_if(clients, [&](const ClientPlan& client) {
      return client.cohort == cohort && client.behaviour == &kind;
    });
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, kind.name);
  }
  return text;
}

std::string profile_text(std::string_view name) {
  const auto found = std::ranges::find(link_profiles(), name, &LinkProfile::name);
  return found == link_profiles().end() ? std::string{name} : fmt::format("{}: {}", name, found->what);
}

std::string household_text(const Household& household) {
  std::string words = fmt::format("each {} clients share", household.size);
  if (household.up) words += " up: " + sim::describe_queue(*household.up);
  if (household.up && household.down) words += ";";
  if (household.down) words += " down: " + sim::describe_queue(*household.down);
  return words;
}

// What a direction does beside its delay, with a blank before it: " +-10 ms, loss 0.1 %", or nothing.
std::string beside_delay(sim::LinkConditions direction) {
  direction.delay = sim::ConstantDelay{};
  std::string words = sim::describe(direction).substr(sim::describe(sim::LinkConditions{}).size());
  return words.starts_with(',') ? words.substr(1) : words;
}

std::string own_link_text(const CohortLink& link) {
  if (!link.rtt && link.up == link.down) return "each way: " + sim::describe(link.up);
  if (!link.rtt) return "up: " + sim::describe(link.up) + "; down: " + sim::describe(link.down);
  std::string words = "RTT " + sim::duration_text(link.rtt->from);
  if (link.rtt->to != link.rtt->from) words += " to " + sim::duration_text(link.rtt->to);
  const std::string up = beside_delay(link.up);
  const std::string down = beside_delay(link.down);
  if (up == down) return words + (up.empty() ? "" : ", each way" + up);
  return words + (up.empty() ? "" : ", up" + up) + (down.empty() ? "" : ", down" + down);
}

void print_cohort(const Scenario& scenario, const Plan& plan, std::uint32_t number, std::ostream& out) {
  const Cohort& cohort = scenario.cohorts[number];
  out << fmt::format("\n  {} ({} {})\n", cohort.name, whole(std::uint64_t{cohort.count}),
                     cohort.count == 1 ? "client" : "clients");
  print_row("  behaviour",
            fmt::format("{}; {} inputs a second", behaviour_text(*scenario.game_kind, plan.clients, number),
                        cohort.input_rate_hz),
            out);
  const CohortLink& link = cohort.link;
  if (!link.profile.empty()) print_row("  profile", profile_text(link.profile), out);
  write_wrapped(out, {fmt::format("  {:<{}}", "  link", kLabelWidth)}, describe(link), Style{});
  print_row("  join", join_text(cohort.join, cohort.count), out);
  if (cohort.leave) print_row("  leave", schedule_text(*cohort.leave, cohort.count), out);
  if (cohort.churn) print_row("  churn", churn_text(*cohort.churn), out);
  if (cohort.storm) print_row("  storm", storm_text(*cohort.storm), out);
  if (cohort.reconnect) print_row("  reconnect", reconnect_text(*cohort.reconnect), out);
}

// The number of clients at `at`. Steps begin at the start of the run.
std::uint32_t clients_at(const std::vector<ClientsAt>& steps, Instant at) {
  const auto after = std::ranges::upper_bound(steps, at, {}, &ClientsAt::at);
  return after == steps.begin() ? 0 : std::prev(after)->clients;
}

// Few steps stand as they are; many are sampled evenly, the first and the last among them.
std::vector<ClientsAt> chart_rows(const std::vector<ClientsAt>& steps) {
  if (steps.size() <= kChartRows) return steps;
  std::vector<ClientsAt> rows;
  const Duration span = steps.back().at - steps.front().at;
  for (std::size_t i = 0; i < kChartRows; ++i) {
    const Instant at = steps.front().at + span * static_cast<std::int64_t>(i) / (kChartRows - 1);
    rows.push_back({at, clients_at(steps, at)});
  }
  return rows;
}

void print_chart(const Scenario& scenario, const Plan& plan, std::ostream& out) {
  const Instant end = Instant{} + warm_up_max(scenario) + scenario.duration;
  const std::vector<ClientsAt> steps = clients_over_time(plan, end);
  const std::uint64_t peak =
      std::max<std::uint64_t>(std::ranges::max(steps, {}, &ClientsAt::clients).clients, 1);
  out << "\nClients over time\n\n";
  for (const ClientsAt& row : chart_rows(steps)) {
    const std::uint64_t bar = (row.clients * kChartColumns + peak - 1) / peak;
    out << fmt::format("  {:>12}  {:>7}  {}\n", short_seconds(seconds(row.at - Instant{})),
                       whole(std::uint64_t{row.clients}), std::string(bar, '#'));
  }
}

void print_forecast(const Scenario& scenario, std::ostream& out) {
  const DownstreamForecast forecast = forecast_downstream(scenario);
  const std::uint64_t counted = forecast.payload_per_second + forecast.protocol_per_second;
  out << "\nBandwidth forecast, to each client (bytes a second; pings and resends aside)\n\n";
  const auto row = [&](std::string_view label, std::uint64_t bytes, std::string_view note) {
    out << fmt::format("  {:<22}{:>12}  {}\n", label, whole(bytes), note);
  };
  row("state updates", forecast.state_updates_per_second,
      fmt::format("{} entities x {} B x {} Hz", forecast.entities, forecast.state_update_bytes,
                  scenario.server.horizon.tick_rate_hz));
  row("payload", forecast.payload_per_second, "with the header of each state");
  row("payload and protocol", counted, "what client_downstream_bytes_per_second counts");
  row("with transport model", counted + forecast.transport_model_per_second,
      fmt::format("{} headers, modelled", name_of(scenario.transport, kTransportNames)));
  row("for all at the peak", counted * peak_clients(scenario),
      fmt::format("{} clients, without the transport model", peak_clients(scenario)));
}

void print_thresholds(const Scenario& scenario, std::ostream& out) {
  out << "\nThresholds\n\n";
  if (scenario.thresholds.empty()) out << "  none: the run passes whatever it measures\n";
  for (const Threshold& threshold : scenario.thresholds)
    out << fmt::format("  {:<40}{}\n", threshold.metric->name, threshold.text);
}

}  // namespace

std::string brief(const CohortLink& link) {
  if (link.profile.empty()) return describe(link);
  std::string words = "profile " + link.profile;
  for (const std::string& key : link.profile_changes)
    words.append(&key == &link.profile_changes.front() ? ", changed: " : ", ").append(key);
  return words;
}

std::string describe(const CohortLink& link) {
  std::string words = own_link_text(link);
  if (link.household) words += "; " + household_text(*link.household);
  return words;
}

void print_plan(const Scenario& scenario, std::uint64_t seed, std::ostream& out) {
  const Plan plan = make_plan(scenario, seed);
  print_header(scenario, seed, out);
  out << "\nClients: " << whole(std::uint64_t{client_count(scenario)}) << " in " << scenario.cohorts.size()
      << (scenario.cohorts.size() == 1 ? " cohort\n" : " cohorts\n");
  for (std::uint32_t number = 0; number < scenario.cohorts.size(); ++number)
    print_cohort(scenario, plan, number, out);
  print_chart(scenario, plan, out);
  print_forecast(scenario, out);
  print_thresholds(scenario, out);
}

ExitCode inspect_command(const InspectOptions& options, const GameRegistry& games, std::ostream& out,
                         std::ostream& err) {
  const LoadedScenario loaded = load_scenario(options.file, options.overrides, options.environment, games);
  for (const Diagnostic& diagnostic : loaded.diagnostics) print(diagnostic, err);
  if (!loaded.scenario) return ExitCode::invalid_scenario;
  print_plan(*loaded.scenario, loaded.scenario->seed, out);
  return ExitCode::pass;
}

}  // namespace netrig::loadgen
