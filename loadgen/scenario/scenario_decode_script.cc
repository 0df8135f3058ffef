// The keys of a cohort that say what its clients do by a script or by a recording.
#include <algorithm>
#include <string>
#include <utility>

#include "netrig/loadgen/scenario/scenario_decode.h"
#include "netrig/loadgen/scenario/scenario_fields.h"

namespace netrig::loadgen {
namespace {

bool plays_from(const Cohort& cohort, PlaysFrom source) {
  return std::ranges::any_of(cohort.behaviours,
                             [&](const BehaviourShare& share) { return share.kind->plays_from == source; });
}

std::string list_place(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

class ScriptDecoder {
 public:
  ScriptDecoder(const GameRegistry& games, const GameKind& game, std::uint32_t input_rate_hz,
                Findings& findings)
      : games_(games), game_(game), input_rate_hz_(input_rate_hz), findings_(findings) {}

  Script decode_steps(const Node& node, const std::string& path, std::size_t depth) {
    Script steps;
    if (node.kind == Node::Kind::described) {
      ListShape& list = node.shape->list();
      list.elements_min = 1;
      list.elements_max = kScriptStepsMax;
      decode_step(list.element->node(), list_place(path, 0), depth);
      return steps;
    }
    if (node.kind == Node::Kind::invalid) return steps;
    if (node.kind != Node::Kind::list) {
      findings_.error(node.place, path + ": expected a list of steps such as [{walk: true, for: 2s}], got " +
                                      std::string{kind_text(node.kind)});
      return steps;
    }
    if (node.children.empty()) findings_.error(node.place, path + ": needs at least one step");
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      if (++count_ > kScriptStepsMax) {
        findings_.error(node.children[i].place,
                        path + ": more than " + std::to_string(kScriptStepsMax) + " steps");
        return steps;
      }
      steps.push_back(decode_step(node.children[i], list_place(path, i), depth));
    }
    return steps;
  }

 private:
  ScriptStep decode_step(const Node& node, const std::string& path, std::size_t depth) {
    ScriptStep step;
    if (depth == kScriptDepthMax && node.kind == Node::Kind::map)
      for (const Node& child : node.children)
        if (child.key == "repeat")
          return findings_.error(child.key_place, path + ": repeats stand in one another at most " +
                                                      std::to_string(kScriptDepthMax) + " deep"),
                 step;
    const std::size_t findings_before = findings_.count();
    MapReader reader{node, path, findings_};
    if (!reader.ok()) return step;
    const bool has_for = read_length(reader, "for", "How long; without it, one input.", step);
    const bool waits = read_length(reader, "wait", "Sends nothing for this time.", step);
    if (has_for && waits) reader.error("wait", "says how long already; write it without `for`");
    const bool repeats = read_repeat(reader, depth, step);
    read_action(reader, step);
    reader.finish();
    if (reader.is_described() || findings_.count() > findings_before) return step;
    const int what = (waits ? 1 : 0) + (repeats ? 1 : 0) + (step.action ? 1 : 0);
    if (what == 0) reader.error("says nothing to do; a step that waits is {wait: 1s}");
    if (what > 1 || (repeats && has_for))
      reader.error("a step either waits, or repeats others, or does something itself");
    return step;
  }

  bool read_length(MapReader& reader, std::string_view key, std::string_view meaning, ScriptStep& step) {
    Duration length{};
    if (!reader.read_duration(key, length, {1us, kScenarioDurationMax}, meaning)) return false;
    step.length = length;
    if (length.count() * std::int64_t{input_rate_hz_} < Duration{1s}.count())
      reader.error(key, "is shorter than the time of one input at an input_rate of " +
                            std::to_string(input_rate_hz_) + "Hz");
    return true;
  }

  bool read_repeat(MapReader& reader, std::size_t depth, ScriptStep& step) {
    if (depth == kScriptDepthMax) return false;
    const Node* const node = reader.find("repeat", "Steps to do again and again.");
    if (node != nullptr) step.repeated = decode_steps(*node, reader.path_of("repeat"), depth + 1);
    std::uint32_t times = 0;
    if (reader.read_integer("times", times, {1, kScriptTimesMax}, "How often; without it, for ever.")) {
      step.times = times;
      if (node == nullptr) reader.error("times", "of what? It goes with `repeat`");
    }
    return node != nullptr;
  }

  void read_action(MapReader& reader, ScriptStep& step) {
    if (!reader.is_described()) {
      step.action = game_.script_step(reader);
      return;
    }
    for (const auto& game : games_.all())
      if (game->script_step) game->script_step(reader);
  }

  const GameRegistry& games_;
  const GameKind& game_;
  std::uint32_t input_rate_hz_;
  Findings& findings_;
  std::size_t count_ = 0;
};

void decode_replay(const Node& node, const std::string& path, Replay& into, Findings& findings) {
  if (node.kind == Node::Kind::described) {
    node.shape->add({.type = ValueShape::Type::text});
  } else if (node.kind != Node::Kind::map) {
    if (decode_text(node, path, into.file, findings) && into.file.empty())
      findings.error(node.place, path + ": must not be empty");
    return;
  }
  MapReader reader{node, path, findings};
  reader.require({"file"});
  reader.read_text("file", into.file, "What `run --out inputs=FILE` wrote.");
  reader.read_name("cohort", into.cohort, kCohortNameBytesMax, "-_",
                   "Whose inputs, as the recorded run named it; the same name without it.");
  reader.read_integer("first", into.first, {0, kClientsMax - 1},
                      "The number of the recorded client that the first one plays.");
  reader.finish();
}

}  // namespace

void decode_script(MapReader& cohort, const GameRegistry& games, const GameKind& game, Cohort& into) {
  const Node* const node = cohort.find("script", "Steps of those who are scripted, or a file of them.");
  const bool is_played = plays_from(into, PlaysFrom::script);
  if (node == nullptr) {
    if (is_played && !cohort.has("script"))
      cohort.error("behaviour", "scripted needs a `script`: its steps, or a file of them");
    return;
  }
  if (cohort.is_described()) node->shape->add({.type = ValueShape::Type::text});
  if (!cohort.is_described() && !game.script_step)
    return cohort.error("script", "the game " + game.name + " knows no scripts");
  ScriptDecoder decoder{games, game, into.input_rate_hz, cohort.findings()};
  into.script = std::make_shared<Script>(decoder.decode_steps(*node, cohort.path_of("script"), 0));
  if (!cohort.is_described() && !is_played)
    cohort.findings().warning(node->key_place,
                              cohort.path_of("script") + ": nobody plays it; write `behaviour: scripted`");
}

void decode_inputs(MapReader& cohort, Cohort& into) {
  const Node* const node = cohort.find("inputs", "A recording, of those who replay it.");
  const bool is_played = plays_from(into, PlaysFrom::recording);
  if (node == nullptr) {
    if (is_played && !cohort.has("inputs"))
      cohort.error("behaviour", "replay needs `inputs`: a file that `run --out inputs=FILE` wrote");
    return;
  }
  into.replay.place = node->place;
  into.replay.cohort = into.name;
  decode_replay(*node, cohort.path_of("inputs"), into.replay, cohort.findings());
  if (!cohort.is_described() && !is_played)
    cohort.findings().warning(node->key_place,
                              cohort.path_of("inputs") + ": nobody plays them; write `behaviour: replay`");
}

}  // namespace netrig::loadgen
