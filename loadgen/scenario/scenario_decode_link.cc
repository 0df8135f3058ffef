#include "netrig/loadgen/scenario/scenario_decode_link.h"

#include <algorithm>
#include <string>
#include <utility>

#include "netrig/core/base/random.h"
#include "netrig/loadgen/scenario/link_profiles.h"
#include "netrig/loadgen/scenario/scenario_decode.h"
#include "netrig/sim/network/correlated_normal.h"

namespace netrig::loadgen {
namespace {

constexpr Bounds<Duration> kDelayBounds{0ns, sim::kDelayMax};
constexpr Bounds<Duration> kRttBounds{0ns, kRttLimit};
constexpr Bounds<Duration> kCodelBounds{1us, sim::kCodelTimeMax};

void decode_reorder(MapReader& link, sim::LinkConditions& into) {
  const Node* node = link.find("reorder", "Some packets take longer and hold nobody back.");
  if (node == nullptr) return;
  MapReader reader{*node, link.path_of("reorder"), link.findings()};
  reader.require({"probability", "delay"});
  reader.read_percentage_ppm("probability", into.reorder_ppm, "Of packets.");
  reader.read_duration("delay", into.reorder_delay, {1ns, sim::kDelayMax}, "How much longer.");
  reader.finish();
}

void decode_correlation(MapReader& reader, sim::LinkConditions& into) {
  std::uint32_t correlation_ppm = into.correlation_ppm;
  if (!reader.read_percentage_ppm("correlation", correlation_ppm,
                                  "How much delay and jitter resemble those of the packet before."))
    return;
  if (correlation_ppm > sim::kCorrelationMax)
    return reader.findings().error(reader.find("correlation")->place,
                                   reader.path_of("correlation") + ": must be below 100%");
  into.correlation_ppm = correlation_ppm;
}

// The keys that a direction has, and that a link has for both of its directions.
void decode_conditions(MapReader& reader, sim::LinkConditions& into) {
  reader.read_duration("jitter", into.jitter, kDelayBounds, "Each packet up to this much earlier or later.");
  reader.read_bool("jitter_reorders", into.jitter_may_reorder,
                   "Whether a packet may overtake another by it; if not, it waits.");
  decode_correlation(reader, into);
  decode_loss(reader, into);
  reader.read_percentage_ppm("corrupt", into.corrupt_ppm,
                             "Datagrams arrive with bits flipped; of a stream, TCP drops the segment.");
  reader.read_percentage_ppm("duplicate", into.duplicate_ppm, "Of datagrams.");
  decode_reorder(reader, into);
  reader.read_bits_per_second("rate", into.rate_bits_per_second, {sim::kRateMin, sim::kRateMax},
                              "Of wire bytes; unlimited, if not given.");
  reader.read_size_bytes("queue", into.queue_bytes_max, {sim::kQueueBytesMin, sim::kQueueBytesMax},
                         "What may wait for the rate; the rest is dropped.");
  decode_codel(reader, into.codel);
}

// One direction of a link, where it is stored.
struct Way {
  std::string_view key;
  sim::LinkConditions& conditions;
  std::string& trace;
};

// What it holds already is what the link says for both directions.
void decode_direction(MapReader& link, bool has_rtt, const Way& way) {
  const Node* node = link.find(way.key, way.key == "up" ? "Only from the client to the server."
                                                        : "Only from the server to the client.");
  if (node == nullptr) return;
  sim::LinkConditions& into = way.conditions;
  const std::string_view key = way.key;
  MapReader reader{*node, link.path_of(key), link.findings()};
  if (const Node* delay = reader.find("delay", "One way; not together with the link's rtt.")) {
    decode_delay(*delay, reader.path_of("delay"), into.delay, link.findings());
    if (has_rtt && !reader.is_described())
      link.findings().error(delay->key_place, reader.path_of("delay") +
                                                  ": the link has an rtt, which sets the delay of both "
                                                  "directions; write one or the other");
  }
  decode_conditions(reader, into);
  if (const Node* schedule = reader.find("schedule", "What changes when."))
    decode_direction_schedule(*schedule, reader.path_of("schedule"), into, link.findings());
  reader.read_text("trace", way.trace, "A CSV file of recorded conditions.");
  reader.finish();
}

// 200ms, or {from: 200ms, to: 5000ms}.
void decode_rtt(const Node& node, const std::string& path, CohortLink& link, Findings& findings) {
  if (node.kind == Node::Kind::map || node.kind == Node::Kind::described) {
    MapReader reader{node, path, findings};
    RttRange range;
    reader.require({"from", "to"});
    const bool from_read = reader.read_duration("from", range.from, kRttBounds, "Of the first client.");
    const bool to_read = reader.read_duration("to", range.to, kRttBounds, "Of the last client.");
    reader.finish();
    if (from_read && to_read) link.rtt = range;
    if (!reader.is_described()) return;
  }
  Duration rtt{};
  if (decode_duration(node, path, rtt, kRttBounds, findings)) link.rtt = RttRange{rtt, rtt};
}

// ".up", ".down", or nothing when it is about both.
std::string way_text(bool up, bool down) {
  return up && down ? "" : up ? ".up" : ".down";
}

void complete_queues(const Node& node, const std::string& path, CohortLink& link, Findings& findings) {
  const auto is_idle = [](const sim::LinkConditions& direction, const std::string& trace) {
    return trace.empty() && direction.rate_bits_per_second == 0 &&
           (direction.queue_bytes_max > 0 || direction.codel);
  };
  const bool up = is_idle(link.up, link.up_trace);
  const bool down = is_idle(link.down, link.down_trace);
  if (up || down)
    findings.error(node.place, path + way_text(up, down) +
                                   ": has a queue and no rate; without a rate nothing ever waits");
  for (sim::LinkConditions* direction : {&link.up, &link.down}) {
    if (direction->rate_bits_per_second > 0 && direction->queue_bytes_max == 0)
      direction->queue_bytes_max = kQueueBytesDefault;
  }
}

// A schedule can only change a rate that there is.
void check_rates(const Node& node, const std::string& path, const CohortLink& link, Findings& findings) {
  const auto is_wrong = [](const sim::LinkConditions& direction, const std::string& trace) {
    return trace.empty() && direction.schedule && sim::sets_rate(*direction.schedule) &&
           direction.rate_bits_per_second == 0;
  };
  const bool up = is_wrong(link.up, link.up_trace);
  const bool down = is_wrong(link.down, link.down_trace);
  if (up || down)
    findings.error(node.place, path + way_text(up, down) +
                                   ": its schedule changes the rate, so it needs a rate to begin with");
}

CohortLink decode_plain_link(const Node& node, const std::string& path, Findings& findings) {
  CohortLink link;
  MapReader reader{node, path, findings};
  describe_profiles(reader);
  const Node* rtt = reader.find("rtt", "The round trip, split in half; or a range over the clients.");
  if (rtt != nullptr) decode_rtt(*rtt, path + ".rtt", link, findings);
  sim::LinkConditions both;
  decode_conditions(reader, both);
  link.up = link.down = both;
  if (const Node* schedule = reader.find("schedule", "What changes when."))
    decode_link_schedule(*schedule, path + ".schedule", link, findings);
  if (reader.read_text("trace", link.up_trace, "A CSV file of recorded conditions."))
    link.down_trace = link.up_trace;
  decode_direction(reader, rtt != nullptr, {"up", link.up, link.up_trace});
  decode_direction(reader, rtt != nullptr, {"down", link.down, link.down_trace});
  decode_household(reader, link);
  reader.finish();
  complete_queues(node, path, link, findings);
  check_rates(node, path, link, findings);
  return link;
}

}  // namespace

void decode_codel(MapReader& reader, std::optional<sim::CoDelConditions>& into) {
  const Node* node = reader.find("codel", "Drops what has waited too long (RFC 8289).");
  if (node == nullptr) return;
  MapReader codel{*node, reader.path_of("codel"), reader.findings()};
  sim::CoDelConditions conditions;
  codel.read_duration("target", conditions.target, kCodelBounds, "A standing queue this short is good.");
  codel.read_duration("interval", conditions.interval, kCodelBounds, "How long a queue may stand.");
  codel.finish();
  into = conditions;
}

sim::QueueConditions decode_queue(const Node& node, const std::string& path, Findings& findings) {
  sim::QueueConditions queue{.rate_bits_per_second = sim::kRateMax, .bytes_max = kQueueBytesDefault};
  MapReader reader{node, path, findings};
  reader.require({"rate"});
  reader.read_bits_per_second("rate", queue.rate_bits_per_second, {sim::kRateMin, sim::kRateMax},
                              "Of wire bytes.");
  reader.read_size_bytes("queue", queue.bytes_max, {sim::kQueueBytesMin, sim::kQueueBytesMax},
                         "What may wait for the rate.");
  decode_codel(reader, queue.codel);
  reader.finish();
  return queue;
}

void decode_household(MapReader& link, CohortLink& into) {
  const Node* node = link.find("household", "A line that several clients of the cohort share.");
  if (node == nullptr) return;
  const std::string path = link.path_of("household");
  MapReader reader{*node, path, link.findings()};
  Household household;
  reader.require({"size"});
  reader.read_integer("size", household.size, {1, kClientsMax}, "How many clients share one.");
  for (auto [key, queue] : {std::pair{"up", &household.up}, {"down", &household.down}})
    if (const Node* line = reader.find(key, "The line in this direction."))
      *queue = decode_queue(*line, reader.path_of(key), link.findings());
  reader.finish();
  if (reader.is_described()) {
    reader.described().keys_min = 2;  // the size and a line
    return;
  }
  if (!household.up && !household.down)
    link.findings().error(node->place, path + ": needs the line that they share: up, down, or both");
  const bool up = household.up && into.up.rate_bits_per_second > 0;
  const bool down = household.down && into.down.rate_bits_per_second > 0;
  if (up || down)
    link.findings().error(
        node->place,
        path + way_text(up, down) + ": the household's line has the rate, so the client's own link has none");
  into.household = household;
}

CohortLink decode_link(const Node& node, const std::string& path, Findings& findings) {
  if (!MapReader{node, path, findings}.ok()) return {};
  std::optional<NamedLink> profile = decode_profile(node, path, findings);
  if (!profile) return decode_plain_link(node, path, findings);
  CohortLink link = decode_plain_link(with_profile(node, std::move(profile->link)), path, findings);
  link.profile = std::move(profile->name);
  for (const Node& child : node.children)
    if (child.key != "profile") link.profile_changes.push_back(child.key);
  return link;
}

}  // namespace netrig::loadgen
