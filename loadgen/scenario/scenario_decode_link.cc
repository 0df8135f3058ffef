#include <algorithm>
#include <string>
#include <utility>

#include "netrig/loadgen/scenario/scenario_decode.h"
#include "netrig/loadgen/scenario/scenario_fields.h"

namespace netrig::loadgen {
namespace {

constexpr std::uint64_t kQueueBytesDefault = 64 * 1024;  // what home routers hold, about
constexpr Bounds<Duration> kDelayBounds{0ns, sim::kDelayMax};
constexpr Bounds<Duration> kRttBounds{0ns, kRttLimit};

// {uniform: [50ms, 150ms]}
void decode_uniform(const Node& node, const std::string& path, sim::Delay& into, Findings& findings) {
  sim::UniformDelay uniform;
  if (node.kind == Node::Kind::described) {
    ListShape& list = node.shape->list();
    list.elements_min = list.elements_max = 2;
    decode_duration(list.element->node(), path, uniform.min, kDelayBounds, findings);
    return;
  }
  if (node.kind != Node::Kind::list || node.children.size() != 2) {
    if (node.kind != Node::Kind::invalid)
      findings.error(node.place, path + ": expected two durations such as [50ms, 150ms]");
    return;
  }
  const bool min_read = decode_duration(node.children[0], path + "[0]", uniform.min, kDelayBounds, findings);
  const bool max_read = decode_duration(node.children[1], path + "[1]", uniform.max, kDelayBounds, findings);
  if (!min_read || !max_read) return;
  if (uniform.min > uniform.max) return findings.error(node.place, path + ": the smaller delay comes first");
  into = uniform;
}

// {normal: {mean: 100ms, deviation: 20ms}}
void decode_normal(const Node& node, const std::string& path, sim::Delay& into, Findings& findings) {
  MapReader reader{node, path, findings};
  sim::NormalDelay normal;
  reader.require({"mean", "deviation"});
  const bool mean_read = reader.read_duration("mean", normal.mean, kDelayBounds, "The average delay.");
  const bool deviation_read =
      reader.read_duration("deviation", normal.stddev, kDelayBounds, "The standard deviation.");
  reader.finish();
  if (mean_read && deviation_read) into = normal;
}

void decode_delay(const Node& node, const std::string& path, sim::Delay& into, Findings& findings) {
  if (node.kind != Node::Kind::map) {
    Duration constant{};
    if (decode_duration(node, path, constant, kDelayBounds, findings)) into = sim::ConstantDelay{constant};
    if (node.kind != Node::Kind::described) return;
  }
  MapReader reader{node, path, findings};
  const Node* uniform = reader.find("uniform", "Anything between two delays: [least, most].");
  const Node* normal = reader.find("normal", "Normally distributed, never negative.");
  if (uniform != nullptr) decode_uniform(*uniform, path + ".uniform", into, findings);
  if (normal != nullptr) decode_normal(*normal, path + ".normal", into, findings);
  if (reader.is_described()) reader.described().keys_min = reader.described().keys_max = 1;
  if (!reader.is_described() && node.children.size() != 1)
    findings.error(node.place, path + ": expected one shape, uniform or normal");
  reader.finish();
}

void decode_reorder(MapReader& link, sim::LinkConditions& into) {
  const Node* node = link.find("reorder", "Some packets take longer and hold nobody back.");
  if (node == nullptr) return;
  MapReader reader{*node, link.path_of("reorder"), link.findings()};
  reader.require({"probability", "delay"});
  reader.read_percentage_ppm("probability", into.reorder_ppm, "Of packets.");
  reader.read_duration("delay", into.reorder_delay, {1ns, sim::kDelayMax}, "How much longer.");
  reader.finish();
}

// The keys that a direction has, and that a link has for both of its directions.
void decode_conditions(MapReader& reader, sim::LinkConditions& into) {
  reader.read_duration("jitter", into.jitter, kDelayBounds, "Each packet up to this much earlier or later.");
  reader.read_bool("jitter_reorders", into.jitter_may_reorder,
                   "Whether a packet may overtake another by it; if not, it waits.");
  reader.read_percentage_ppm("loss", into.loss_ppm, "Of packets, independently. A stream sends them again.");
  reader.read_percentage_ppm("duplicate", into.duplicate_ppm, "Of datagrams.");
  decode_reorder(reader, into);
  reader.read_bits_per_second("rate", into.rate_bits_per_second, {sim::kRateMin, sim::kRateMax},
                              "Of wire bytes; unlimited, if not given.");
  reader.read_size_bytes("queue", into.queue_bytes_max, {sim::kQueueBytesMin, sim::kQueueBytesMax},
                         "What may wait for the rate; the rest is dropped.");
}

// `into` holds what the link says for both directions.
void decode_direction(MapReader& link, std::string_view key, bool has_rtt, sim::LinkConditions& into) {
  const Node* node = link.find(
      key, key == "up" ? "Only from the client to the server." : "Only from the server to the client.");
  if (node == nullptr) return;
  MapReader reader{*node, link.path_of(key), link.findings()};
  if (const Node* delay = reader.find("delay", "One way; not together with the link's rtt.")) {
    decode_delay(*delay, reader.path_of("delay"), into.delay, link.findings());
    if (has_rtt && !reader.is_described())
      link.findings().error(delay->key_place, reader.path_of("delay") +
                                                  ": the link has an rtt, which sets the delay of both "
                                                  "directions; write one or the other");
  }
  decode_conditions(reader, into);
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

void complete_queues(const Node& node, const std::string& path, CohortLink& link, Findings& findings) {
  const auto is_idle = [](const sim::LinkConditions& direction) {
    return direction.rate_bits_per_second == 0 && direction.queue_bytes_max > 0;
  };
  const bool up = is_idle(link.up);
  const bool down = is_idle(link.down);
  if (up || down)
    findings.error(node.place, path +
                                   (up && down ? ""
                                    : up       ? ".up"
                                               : ".down") +
                                   ": has a queue and no rate; without a rate nothing ever waits");
  for (sim::LinkConditions* direction : {&link.up, &link.down}) {
    if (direction->rate_bits_per_second > 0 && direction->queue_bytes_max == 0)
      direction->queue_bytes_max = kQueueBytesDefault;
  }
}

}  // namespace

CohortLink decode_link(const Node& node, const std::string& path, Findings& findings) {
  CohortLink link;
  MapReader reader{node, path, findings};
  if (!reader.ok()) return link;
  const Node* rtt = reader.find("rtt", "The round trip, split in half; or a range over the clients.");
  if (rtt != nullptr) decode_rtt(*rtt, path + ".rtt", link, findings);
  sim::LinkConditions both;
  decode_conditions(reader, both);
  link.up = link.down = both;
  decode_direction(reader, "up", rtt != nullptr, link.up);
  decode_direction(reader, "down", rtt != nullptr, link.down);
  reader.finish();
  complete_queues(node, path, link, findings);
  return link;
}

}  // namespace netrig::loadgen
