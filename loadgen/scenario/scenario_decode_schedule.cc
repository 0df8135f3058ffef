#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "netrig/loadgen/scenario/scenario_decode_link.h"

namespace netrig::loadgen {
namespace {

using Kind = sim::LinkEvent::Kind;
constexpr Bounds<Duration> kTimeBounds{0ns, sim::kEventTimeMax};
constexpr Bounds<Duration> kLengthBounds{1ns, sim::kEventTimeMax};

enum class Ways : std::uint8_t { both, up, down };
constexpr std::array<NamedValue<Ways>, 3> kWaysNames{
    {{"both", Ways::both}, {"up", Ways::up}, {"down", Ways::down}}};

struct Decoded {
  sim::LinkEvent event;
  Ways ways = Ways::both;
  std::optional<Duration> rtt;  // of a change of a whole link: half of it each way
};

// `at: 10s`, or `at: random` of an event that repeats.
void decode_time(MapReader& reader, Decoded& into) {
  const Node* at =
      reader.find("at", "From the start of the run; random: each client's own time within `every`.");
  if (at != nullptr && reader.is_described()) {
    ValueShape random{.type = ValueShape::Type::choice};
    random.choices.push_back({"random", "Each client draws its own time within `every`."});
    at->shape->add(std::move(random));
  }
  into.event.at_random = at != nullptr && at->kind == Node::Kind::scalar && at->text == "random";
  if (at != nullptr && !into.event.at_random)
    decode_duration(*at, reader.path_of("at"), into.event.at, kTimeBounds, reader.findings());
  reader.read_duration("for", into.event.length, kLengthBounds, "How long; a change without it stays.");
  reader.read_duration("every", into.event.every, kLengthBounds, "Again each so often.");
}

void decode_change(MapReader& reader, bool of_link, Decoded& into) {
  Duration delay{};
  const std::string_view key = of_link ? "rtt" : "delay";
  const Bounds<Duration> bounds{0ns, of_link ? kRttLimit : sim::kDelayMax};
  if (reader.read_duration(key, delay, bounds, "Where the middle of the delay moves."))
    (of_link ? into.rtt : into.event.delay) = delay;
  std::uint64_t rate = 0;
  if (reader.read_bits_per_second("rate", rate, {sim::kRateMin, sim::kRateMax},
                                  "Only where the link has one."))
    into.event.rate_bits_per_second = rate;
  std::uint32_t loss_ppm = 0;
  if (reader.read_percentage_ppm("loss", loss_ppm, "Of packets, independently."))
    into.event.loss_ppm = loss_ppm;
  reader.read_duration("over", into.event.over, {0ns, sim::kRampMax}, "How long the change takes.");
}

// What is wrong with the whole, once its parts are right.
void check_event(const Node& node, const std::string& path, Decoded decoded, Findings& findings) {
  if (decoded.rtt) decoded.event.delay = *decoded.rtt / 2;
  if (const auto error = sim::validate_event(decoded.event))
    findings.error(node.place, path + ": " + std::string{sim::text(*error)});
}

struct EventKind {
  std::string_view name;
  Kind kind;
  std::string_view meaning;
};
constexpr std::array<EventKind, 3> kEventKinds{
    {{"outage", Kind::outage, "What leaves its sender meanwhile is lost."},
     {"hold", Kind::hold, "What would arrive meanwhile arrives at its end, all at once."},
     {"change", Kind::change, "Other delays, rates and losses: a handover, or slowly."}}};

// {outage: {at: 10s, for: 2s, every: 30s}}
std::optional<Decoded> decode_event(const Node& node, const std::string& path, bool of_link,
                                    Findings& findings) {
  MapReader reader{node, path, findings};
  if (!reader.ok()) return std::nullopt;
  std::optional<Decoded> decoded;
  for (const auto& [name, kind, meaning] : kEventKinds) {
    const Node* found = reader.find(name, meaning);
    if (found == nullptr) continue;
    decoded.emplace().event.kind = kind;
    MapReader event{*found, reader.path_of(name), findings};
    if (!event.ok()) continue;
    const std::size_t before = findings.count();
    event.require({"at"});
    decode_time(event, *decoded);
    if (of_link) event.read_choice("direction", decoded->ways, kWaysNames, "Both, if not given.");
    if (kind == Kind::change) decode_change(event, of_link, *decoded);
    event.finish();
    if (findings.count() == before && !event.is_described())
      check_event(*found, reader.path_of(name), *decoded, findings);
  }
  if (reader.is_described())
    reader.described().keys_min = reader.described().keys_max = 1;
  else if (node.children.size() != 1)
    findings.error(node.place, path + ": expected one of outage, hold, change");
  reader.finish();
  return decoded;
}

std::vector<Decoded> decode_events(const Node& node, const std::string& path, bool of_link,
                                   Findings& findings) {
  std::vector<Decoded> events;
  if (node.kind == Node::Kind::described) {
    ListShape& list = node.shape->list();
    list.elements_max = sim::kLinkEventsMax;
    decode_event(list.element->node(), path, of_link, findings);
    return events;
  }
  if (node.kind != Node::Kind::list) {
    if (node.kind != Node::Kind::invalid) findings.error(node.place, path + ": expected a list of events");
    return events;
  }
  if (node.children.size() > sim::kLinkEventsMax)
    findings.error(node.place, path + ": at most " + std::to_string(sim::kLinkEventsMax) + " events");
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const std::string at = path + "[" + std::to_string(i) + "]";
    if (const auto event = decode_event(node.children[i], at, of_link, findings)) events.push_back(*event);
  }
  return events;
}

void set_schedule(const std::vector<Decoded>& events, Ways ways, sim::LinkConditions& into) {
  auto schedule = std::make_shared<sim::LinkSchedule>();
  for (const Decoded& decoded : events) {
    if (decoded.ways != Ways::both && decoded.ways != ways) continue;
    sim::LinkEvent event = decoded.event;
    if (decoded.rtt) event.delay = ways == Ways::up ? *decoded.rtt / 2 : *decoded.rtt - *decoded.rtt / 2;
    schedule->events.push_back(event);
  }
  into.schedule = schedule->events.empty() ? nullptr : std::move(schedule);
}

void add_event(sim::LinkConditions& link, const sim::LinkEvent& event) {
  auto schedule = link.schedule ? std::make_shared<sim::LinkSchedule>(*link.schedule)
                                : std::make_shared<sim::LinkSchedule>();
  schedule->events.push_back(event);
  link.schedule = std::move(schedule);
}

void cut_off(Cohort& cohort, const Partition& partition) {
  if (partition.up) add_event(cohort.link.up, partition.event);
  if (partition.down) add_event(cohort.link.down, partition.event);
}

// The cohorts that a partition names; each must exist.
std::vector<std::string> decode_names(MapReader& reader, const std::vector<Cohort>& cohorts) {
  std::vector<std::string> names;
  std::vector<std::string_view> known;
  for (const Cohort& cohort : cohorts) known.push_back(cohort.name);
  const Node* node = reader.find("cohorts", "Who is cut off.");
  if (node == nullptr) return names;
  if (reader.is_described()) {
    ListShape& list = node->shape->list();
    list.elements_min = 1;
    list.elements_max = kClientsMax;
    list.element->add({.type = ValueShape::Type::text});
    return names;
  }
  const std::string path = reader.path_of("cohorts");
  if (node->kind != Node::Kind::list || node->children.empty()) {
    reader.findings().error(node->place, path + ": expected a list of cohorts' names");
    return names;
  }
  for (const Node& child : node->children) {
    std::string name;
    if (!decode_text(child, path, name, reader.findings())) continue;
    if (std::ranges::find(known, name) == known.end())
      reader.findings().error(child.place,
                              path + ": there is no cohort \"" + name + "\"" + did_you_mean(name, known));
    names.push_back(std::move(name));
  }
  return names;
}

Partition decode_partition(const Node& node, const std::string& path, const std::vector<Cohort>& cohorts,
                           Findings& findings) {
  Partition partition;
  MapReader reader{node, path, findings};
  if (!reader.ok()) return partition;
  const std::size_t before = findings.count();
  reader.require({"cohorts", "at", "for"});
  partition.cohorts = decode_names(reader, cohorts);
  partition.event.kind = Kind::partition;
  reader.read_duration("at", partition.event.at, kTimeBounds, "From the start of the run.");
  reader.read_duration("for", partition.event.length, kLengthBounds, "How long.");
  reader.read_duration("every", partition.event.every, kLengthBounds, "Again each so often.");
  Ways ways = Ways::both;
  reader.read_choice("direction", ways, kWaysNames, "Both, if not given.");
  partition.up = ways != Ways::down;
  partition.down = ways != Ways::up;
  reader.finish();
  if (findings.count() == before && !reader.is_described())
    check_event(node, path, {.event = partition.event, .rtt = std::nullopt}, findings);
  return partition;
}

}  // namespace

void decode_link_schedule(const Node& node, const std::string& path, CohortLink& into, Findings& findings) {
  const std::vector<Decoded> events = decode_events(node, path, true, findings);
  set_schedule(events, Ways::up, into.up);
  set_schedule(events, Ways::down, into.down);
}

void decode_direction_schedule(const Node& node, const std::string& path, sim::LinkConditions& into,
                               Findings& findings) {
  set_schedule(decode_events(node, path, false, findings), Ways::both, into);
}

std::vector<Partition> decode_partitions(const Node& node, std::vector<Cohort>& cohorts, Findings& findings) {
  std::vector<Partition> partitions;
  if (node.kind == Node::Kind::described) {
    ListShape& list = node.shape->list();
    list.elements_max = sim::kLinkEventsMax;
    decode_partition(list.element->node(), "partitions", cohorts, findings);
    return partitions;
  }
  if (node.kind != Node::Kind::list) {
    if (node.kind != Node::Kind::invalid) findings.error(node.place, "partitions: expected a list");
    return partitions;
  }
  for (std::size_t i = 0; i < node.children.size() && i < sim::kLinkEventsMax; ++i) {
    const std::string path = "partitions[" + std::to_string(i) + "]";
    partitions.push_back(decode_partition(node.children[i], path, cohorts, findings));
  }
  if (node.children.size() > sim::kLinkEventsMax)
    findings.error(node.place, "partitions: at most " + std::to_string(sim::kLinkEventsMax));
  for (const Partition& partition : partitions)
    for (Cohort& cohort : cohorts)
      if (std::ranges::find(partition.cohorts, cohort.name) != partition.cohorts.end())
        cut_off(cohort, partition);
  return partitions;
}

}  // namespace netrig::loadgen
