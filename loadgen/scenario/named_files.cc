#include "netrig/loadgen/scenario/named_files.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <utility>

#include "netrig/loadgen/io/input_file.h"
#include "netrig/loadgen/scenario/recording.h"
#include "netrig/loadgen/scenario/scenario_text.h"
#include "netrig/loadgen/scenario/scenario_yaml.h"
#include "netrig/loadgen/scenario/source_text.h"

namespace netrig::loadgen {
namespace {

// The tree of a script's file; an invalid node when there is something wrong with it, which was reported.
Node parse_script(const NamedFiles::File& file, std::uint32_t number, const Environment& environment,
                  Findings& findings) {
  Node parsed;
  parsed.kind = Node::Kind::invalid;
  Findings of_file;
  const std::string_view text = without_byte_order_mark(file.text);
  if (check_text(text, "a script", of_file)) {
    parsed = parse_yaml(text, of_file);
    substitute(parsed, environment, of_file);
  }
  if (parsed.kind == Node::Kind::null) of_file.error(parsed.place, "the script is empty");
  if (of_file.any_error()) parsed.kind = Node::Kind::invalid;
  findings.add_of_file(of_file, number);
  set_file(parsed, number);
  return parsed;
}

void include_script(Node& script, const std::string& path, NamedFiles& files, const Environment& environment,
                    Findings& findings) {
  Node steps;
  steps.kind = Node::Kind::invalid;
  if (const auto opened = files.open(script, path, kScriptBytesMax, findings))
    steps = parse_script(files.file(*opened), *opened, environment, findings);
  steps.key = std::move(script.key);
  steps.key_place = script.key_place;
  script = std::move(steps);
}

// The client of the recording that the `number`-th of the cohort plays.
std::string played_name(const Cohort& cohort, std::uint32_t number) {
  return cohort.replay.cohort + "-" + std::to_string(number);
}

std::vector<std::shared_ptr<const RecordedClient>> clients_of(const Recording& recording,
                                                              const Cohort& cohort) {
  std::map<std::string_view, std::shared_ptr<const RecordedClient>> by_name;
  for (const auto& client : recording.clients) by_name.emplace(client->name, client);
  std::vector<std::shared_ptr<const RecordedClient>> clients;
  while (true) {
    const auto found = by_name.find(played_name(cohort, static_cast<std::uint32_t>(clients.size())));
    if (found == by_name.end()) return clients;
    clients.push_back(found->second);
  }
}

// What of a recording does not fit this cohort; empty: nothing.
std::string misfit(const Recording& recording, const Scenario& scenario, const Cohort& cohort) {
  if (recording.game != scenario.game_kind->name)
    return fmt::format("was recorded in the game {}; this scenario plays {}", recording.game,
                       scenario.game_kind->name);
  const std::size_t recorded = cohort.replay.clients.size();
  if (recorded == 0)
    return fmt::format(
        "has no client \"{}\"; name the cohort that was recorded: inputs: {{file: ..., cohort: "
        "NAME}}",
        played_name(cohort, 0));
  if (cohort.replay.first >= recorded)
    return fmt::format("has {} clients of {}, so none has the number {}", recorded, cohort.replay.cohort,
                       cohort.replay.first);
  for (const auto& client : cohort.replay.clients)
    if (client->input_rate_hz != cohort.input_rate_hz)
      return fmt::format("{} was recorded at an input_rate of {}Hz; this cohort has {}Hz", client->name,
                         client->input_rate_hz, cohort.input_rate_hz);
  return {};
}

}  // namespace

void set_file(Node& node, std::uint32_t number) {
  node.place.file_number = node.key_place.file_number = number;
  for (Node& child : node.children) set_file(child, number);
}

NamedFiles::NamedFiles(std::string_view scenario) : scenario_(scenario) {}

std::optional<std::uint32_t> NamedFiles::open(const Node& name, const std::string& path,
                                              std::uint64_t bytes_max, Findings& findings) {
  const std::uint32_t in_file = name.place.file_number;
  const bool is_override = name.place.override_number > 0;
  const std::filesystem::path beside = is_override ? "" : in_file == 0 ? scenario_ : file(in_file).path;
  const std::string where = (beside.parent_path() / name.text).string();
  const auto known = std::ranges::find(files_, where, &File::path);
  if (known != files_.end()) return static_cast<std::uint32_t>(known - files_.begin()) + 1;
  if (std::ranges::count(unreadable_, where) > 0) return std::nullopt;
  auto text = read_input(where, bytes_max);
  if (!text) {
    unreadable_.push_back(where);
    findings.error(name.place, path + ": " + text.error().text);
    return std::nullopt;
  }
  files_.push_back({where, *std::move(text)});
  return static_cast<std::uint32_t>(files_.size());
}

void include_scripts(Node& root, NamedFiles& files, const Environment& environment, Findings& findings) {
  Node* const cohorts = root.child("clients");
  if (cohorts == nullptr || cohorts->kind != Node::Kind::list) return;
  for (std::size_t i = 0; i < cohorts->children.size(); ++i) {
    Node* const script = cohorts->children[i].child("script");
    if (script == nullptr || script->kind != Node::Kind::scalar) continue;
    include_script(*script, "clients[" + std::to_string(i) + "].script", files, environment, findings);
  }
}

void load_recordings(Scenario& scenario, NamedFiles& files, Findings& findings) {
  std::map<std::uint32_t, std::shared_ptr<const Recording>> recordings;
  for (std::size_t i = 0; i < scenario.cohorts.size(); ++i) {
    Cohort& cohort = scenario.cohorts[i];
    if (cohort.replay.file.empty()) continue;
    const std::string path = "clients[" + std::to_string(i) + "].inputs";
    Node name;
    name.text = cohort.replay.file;
    name.place = cohort.replay.place;
    const auto opened = files.open(name, path, kRecordingBytesMax, findings);
    if (!opened) continue;
    if (!recordings.contains(*opened)) {
      Findings of_file;
      recordings[*opened] = parse_recording(files.file(*opened).text, of_file);
      findings.add_of_file(of_file, *opened);
    }
    const std::shared_ptr<const Recording>& recording = recordings[*opened];
    if (recording == nullptr) continue;
    cohort.replay.clients = clients_of(*recording, cohort);
    const std::string problem = misfit(*recording, scenario, cohort);
    if (!problem.empty())
      findings.error(cohort.replay.place, path + ": " + cohort.replay.file + " " + problem);
  }
}

}  // namespace netrig::loadgen
