#include <initializer_list>
#include <string>
#include <string_view>

#include "netrig/core/base/random.h"
#include "netrig/loadgen/scenario/scenario_decode_link.h"

namespace netrig::loadgen {
namespace {

constexpr std::uint32_t kBurstMax = 1'000'000'000;  // thousandths: a million packets

// Whether a burst's length is written as a time: with a unit.
bool is_time(const Node& node) {
  const char last = node.kind == Node::Kind::scalar && !node.text.empty() ? node.text.back() : '0';
  return last >= 'a' && last <= 'z';
}

// {mean: 1%, burst: 300ms}
void decode_timed_bursts(MapReader& reader, sim::LinkConditions& into) {
  sim::TimedBursts bursts;
  const bool mean_read = reader.read_percentage_ppm("mean", bursts.mean_ppm);
  const bool burst_read =
      reader.read_duration("burst", bursts.mean_length, {sim::kBurstLengthMin, sim::kBurstLengthMax});
  if (mean_read && (bursts.mean_ppm == 0 || bursts.mean_ppm == kPartsPerMillion))
    return reader.error("mean", "bursts have a mean between 0% and 100%");
  if (mean_read && burst_read) into.timed_bursts = bursts;
}

// {mean: 1%, burst: 4}
void decode_bursts(MapReader& reader, const Node& node, sim::LinkConditions& into) {
  std::uint32_t mean_ppm = 0;
  std::uint32_t burst_milli = 0;
  reader.require({"mean", "burst"});
  const Node* const burst = reader.find("burst");
  const bool in_time = burst != nullptr && is_time(*burst);
  if (in_time || reader.is_described()) decode_timed_bursts(reader, into);
  if (in_time) return;
  const bool mean_read = reader.read_percentage_ppm("mean", mean_ppm, "Of packets, in the long run.");
  const bool burst_read =
      reader.read_thousandths("burst", burst_milli, {1'000, kBurstMax},
                              "How long it lasts on average: packets, or a time such as 100ms.");
  if (!mean_read || !burst_read) return;
  into.bursts = sim::bursts_of(mean_ppm, burst_milli);
  if (!into.bursts)
    reader.findings().error(node.place,
                            reader.path_of("mean") +
                                ": netrig counts chances in 0.0001%, and no chance of a burst comes "
                                "within 1 % of this mean with bursts this long; write another mean or "
                                "shorter bursts");
}

// {enter: 0.1%, leave: 25%, good: 0%, bad: 100%}
void decode_gilbert_elliott(MapReader& reader, sim::LinkConditions& into) {
  sim::GilbertElliott bursts;
  reader.require({"enter", "leave"});
  reader.read_percentage_ppm("enter", bursts.enter_ppm,
                             "Gilbert-Elliott: from the good state to the bad, before a packet.");
  reader.read_percentage_ppm("leave", bursts.leave_ppm, "Gilbert-Elliott: from the bad state to the good.");
  reader.read_percentage_ppm("good", bursts.loss_good_ppm, "Gilbert-Elliott: loss in the good state.");
  reader.read_percentage_ppm("bad", bursts.loss_bad_ppm, "Gilbert-Elliott: loss in the bad state.");
  into.bursts = bursts;
}

// The keys of both, of which a map has either some or the others: so none is required of every map.
void describe_bursts(MapReader& reader) {
  sim::LinkConditions ignored;
  Shape both;
  MapReader described{both.node(), "", reader.findings()};
  decode_bursts(described, both.node(), ignored);
  decode_gilbert_elliott(described, ignored);
  for (KeyShape& key : both.map().keys) {
    KeyShape& of_reader = reader.described().key(key.name);
    of_reader.meaning = key.meaning;
    of_reader.shape = std::move(key.shape);
  }
  reader.described().keys_min = 2;
}

bool has_any(MapReader& reader, std::initializer_list<std::string_view> keys) {
  bool has = false;
  for (const std::string_view key : keys) has |= reader.find(key) != nullptr;
  return has;
}

void decode_loss_by_delay(MapReader& link, sim::LinkConditions& into) {
  const Node* node = link.find("loss_by_delay", "Loss that comes with delay.");
  if (node == nullptr) return;
  constexpr Bounds<Duration> kBounds{0ns, 10 * sim::kDelayMax};
  MapReader reader{*node, link.path_of("loss_by_delay"), link.findings()};
  sim::LossByDelay loss;
  reader.require({"from", "to", "loss"});
  const bool from_read =
      reader.read_duration("from", loss.from, kBounds, "No loss up to this delay, from end to end.");
  const bool to_read = reader.read_duration("to", loss.to, kBounds, "All of it from this delay on.");
  reader.read_percentage_ppm("loss", loss.loss_ppm, "Of packets that take so long.");
  reader.finish();
  if (!from_read || !to_read) return;
  if (loss.from >= loss.to)
    return link.findings().error(node->place, link.path_of("loss_by_delay") + ": from must be below to");
  into.loss_by_delay = loss;
}

}  // namespace

void decode_loss(MapReader& link, sim::LinkConditions& into) {
  decode_loss_by_delay(link, into);
  const Node* node =
      link.find("loss", "Of packets: each by itself, or in bursts. A stream sends them again.");
  if (node == nullptr) return;
  into.loss_ppm = 0;
  into.bursts.reset();
  into.timed_bursts.reset();
  const std::string path = link.path_of("loss");
  if (node->kind != Node::Kind::map) {
    decode_percentage_ppm(*node, path, into.loss_ppm, link.findings());
    if (node->kind != Node::Kind::described) return;
  }
  MapReader reader{*node, path, link.findings()};
  if (reader.is_described()) return describe_bursts(reader);
  const bool has_bursts = has_any(reader, {"mean", "burst"});
  const bool has_model = has_any(reader, {"enter", "leave", "good", "bad"});
  reader.finish();
  if (has_bursts == has_model)
    reader.error("write mean and burst, or the chances enter and leave of a model");
  else if (has_model)
    decode_gilbert_elliott(reader, into);
  else
    decode_bursts(reader, *node, into);
}

}  // namespace netrig::loadgen
