#include <algorithm>
#include <array>
#include <string>

#include "netrig/loadgen/scenario/scenario_decode.h"
#include "netrig/loadgen/scenario/scenario_fields.h"

namespace netrig::loadgen {
namespace {

constexpr Bounds<Duration> kScheduleBounds{0ns, kScenarioDurationMax};
constexpr Bounds<Duration> kChurnBounds{100ms, kScenarioDurationMax};  // shorter: nobody ever gets a state
constexpr Bounds<Duration> kBackoffBounds{1ms, kBackoffMax};
constexpr std::uint32_t kJoinsPerUnitMax = 1'000'000;

constexpr std::array<NamedValue<TimeShape>, 2> kTimeShapeNames{
    {{"exponential", TimeShape::exponential}, {"fixed", TimeShape::fixed}}};
constexpr std::array<NamedValue<CutKind>, 2> kCutNames{
    {{"reset", CutKind::reset}, {"silent", CutKind::silent}}};
constexpr std::array<NamedValue<BackoffJitter>, 3> kJitterNames{
    {{"full", BackoffJitter::full},
     {"decorrelated", BackoffJitter::decorrelated},
     {"none", BackoffJitter::none}}};

// At most one way for the others to follow the first.
void check_one_way(MapReader& reader, std::string_view key, std::string_view path) {
  int ways = 0;
  for (const std::string_view way : {"ramp", "within", "rate"}) ways += reader.find(way) != nullptr ? 1 : 0;
  if (ways < 2 || reader.is_described()) return;
  reader.findings().error(reader.place(), std::string{path} + ": " + std::string{key} +
                                              " has more than one of ramp, within and rate; write one");
}

void decode_join(MapReader& cohort, Joining& into) {
  const Node* node = cohort.find("join", "When they connect.");
  if (node == nullptr) return;
  MapReader reader{*node, cohort.path_of("join"), cohort.findings()};
  if (!reader.ok()) return;
  reader.read_duration("at", into.at, kScheduleBounds, "When the first does, from the start of the run.");
  reader.read_duration("ramp", into.ramp, kScheduleBounds, "The others evenly over this time.");
  reader.read_duration("within", into.within, kScheduleBounds, "Each at a random moment of this time.");
  EventRate rate;
  if (reader.read_event_rate("rate", rate, {1, kJoinsPerUnitMax},
                             "One by one at random, so many on average."))
    into.rate = rate;
  check_one_way(reader, "join", cohort.path_of("join"));
  reader.finish();
}

void decode_leave(MapReader& cohort, std::optional<Schedule>& into) {
  const Node* node = cohort.find("leave", "When they leave for good; never, if not given.");
  if (node == nullptr) return;
  MapReader reader{*node, cohort.path_of("leave"), cohort.findings()};
  if (!reader.ok()) return;
  into.emplace();
  reader.require({"at"});
  reader.read_duration("at", into->at, kScheduleBounds, "When the first does, from the start of the run.");
  reader.read_duration("ramp", into->ramp, kScheduleBounds, "The others evenly over this time.");
  reader.finish();
}

// With ramps, both are linear over the same clients in the same order, so comparing their ends compares
// everybody. Who joins at random must have joined when the first leaves.
void check_leave(MapReader& cohort, const Cohort& decoded) {
  if (!decoded.leave || cohort.is_described()) return;
  const Joining& join = decoded.join;
  const bool is_random = join.rate.has_value() || join.within > Duration{0};
  const Duration last = last_join(join, decoded.count);
  const bool first_ok = decoded.leave->at > (is_random ? last : join.at);
  const bool last_ok = decoded.leave->at + decoded.leave->ramp > last;
  if (first_ok && last_ok) return;
  const bool names_last = first_ok || is_random;
  cohort.findings().error(cohort.find("leave")->place,
                          cohort.path_of("leave") + ": clients would leave before they have joined (" +
                              (names_last ? "the last" : "the first") +
                              (is_random ? " may join as late as " : " joins at ") +
                              text_of_duration(names_last ? last : join.at) + ")");
}

void decode_churn(MapReader& cohort, std::optional<Churn>& into) {
  const Node* node = cohort.find("churn", "Players go and come again.");
  if (node == nullptr) return;
  MapReader reader{*node, cohort.path_of("churn"), cohort.findings()};
  if (!reader.ok()) return;
  into = Churn{.stay = 1s, .away = 1s};
  reader.require({"stay", "away"});
  reader.read_duration("stay", into->stay, kChurnBounds, "How long a player stays.");
  reader.read_duration("away", into->away, kChurnBounds, "How long it is away then.");
  reader.read_choice("times", into->shape, kTimeShapeNames, "Whether the two are means or exact.");
  reader.finish();
}

void decode_storm(MapReader& cohort, std::optional<Storm>& into) {
  const Node* node = cohort.find("storm", "Connections are cut, and nobody says goodbye.");
  if (node == nullptr) return;
  MapReader reader{*node, cohort.path_of("storm"), cohort.findings()};
  if (!reader.ok()) return;
  into.emplace();
  reader.require({"at"});
  reader.read_duration("at", into->at, kScheduleBounds, "When, from the start of the run.");
  reader.read_percentage_ppm("share", into->share_ppm, "Of the cohort, spread along it.");
  reader.read_duration("within", into->within, kScheduleBounds, "Each at a random moment of this time.");
  Duration every{};
  if (reader.read_duration("every", every, {100ms, kScenarioDurationMax}, "Again after this time."))
    into->every = every;
  if (into->every && *into->every <= into->within)
    reader.findings().error(reader.place(), cohort.path_of("storm") + ": every must be longer than within");
  reader.read_choice("cut", into->cut, kCutNames, "Whether the server is told.");
  reader.finish();
}

void decode_reconnect(MapReader& cohort, std::optional<BackoffPolicy>& into) {
  const Node* node =
      cohort.find("reconnect", "Who loses its connection tries again, with exponential backoff.");
  if (node == nullptr) return;
  MapReader reader{*node, cohort.path_of("reconnect"), cohort.findings()};
  if (!reader.ok()) return;
  into.emplace();
  reader.read_duration("first", into->first, kBackoffBounds, "The first wait.");
  into->max = std::max(into->max, into->first);  // the default, when only `first` is written
  reader.read_duration("max", into->max, kBackoffBounds, "The longest wait.");
  if (into->first > into->max)
    reader.findings().error(reader.place(), cohort.path_of("reconnect") + ": first must not be above max");
  reader.read_choice("jitter", into->jitter, kJitterNames, "How clients are kept apart.");
  reader.finish();
}

}  // namespace

void decode_presence(MapReader& cohort, Cohort& into) {
  decode_join(cohort, into.join);
  decode_leave(cohort, into.leave);
  decode_churn(cohort, into.churn);
  decode_storm(cohort, into.storm);
  decode_reconnect(cohort, into.reconnect);
  if (into.storm && !into.reconnect) into.reconnect.emplace();
  check_leave(cohort, into);
}

}  // namespace netrig::loadgen
