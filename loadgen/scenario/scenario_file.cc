#include "netrig/loadgen/scenario/scenario_file.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "netrig/core/base/digest.h"
#include "netrig/loadgen/io/input_file.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/scenario/link_file.h"
#include "netrig/loadgen/scenario/link_trace.h"
#include "netrig/loadgen/scenario/named_files.h"
#include "netrig/loadgen/scenario/scenario_decode.h"
#include "netrig/loadgen/scenario/scenario_text.h"
#include "netrig/loadgen/scenario/scenario_yaml.h"
#include "netrig/loadgen/scenario/source_text.h"

namespace netrig::loadgen {
namespace {

// The parser counts columns in bytes; people and editors count characters.
std::uint32_t column_in_characters(std::string_view line, std::uint32_t column) {
  const std::string_view before = line.substr(0, column - 1);
  const auto continuing = std::ranges::count_if(
      before, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; });
  return column - static_cast<std::uint32_t>(continuing);
}

// A file as diagnostics show it.
struct ShownFile {
  std::string path;
  std::vector<std::string_view> lines;
  bool readable = false;  // it may be shown as it is
};

ShownFile shown(const std::string& path, std::string_view text) {
  Findings none;
  text = without_byte_order_mark(text);
  return {path, lines_of(text), check_text(text, "", none)};
}

// `files`: the scenario's, and those it names. `options`: the overrides as they were typed.
Diagnostic to_diagnostic(const Findings::Finding& finding, std::span<const ShownFile> files,
                         std::span<const std::string> options) {
  Diagnostic diagnostic;
  diagnostic.severity = finding.severity;
  diagnostic.message = printable(finding.message);
  if (finding.place.override_number > 0) {
    diagnostic.file = options[finding.place.override_number - 1];
    return diagnostic;
  }
  const auto& [file, lines, readable] = files[finding.place.file_number];
  diagnostic.file = file;
  diagnostic.line = finding.place.line;
  diagnostic.column = finding.place.column;
  if (finding.place.line > lines.size()) return diagnostic;
  const std::string_view line = lines[finding.place.line - 1];
  diagnostic.source_line = readable ? std::string{line} : printable(line);
  diagnostic.column = column_in_characters(line, finding.place.column);
  return diagnostic;
}

std::vector<std::string> as_typed(std::span<const Override> overrides) {
  std::vector<std::string> options;
  for (const Override& each : overrides)
    options.push_back(printable("--set " + each.path + "=" + each.value));
  return options;
}

void apply_overrides(Node& root, std::span<const Override> overrides, std::uint32_t first_number,
                     Findings& findings) {
  for (std::uint32_t i = 0; i < overrides.size(); ++i) {
    const std::uint32_t number = first_number + i;
    Node value = parse_yaml(overrides[i].value, findings, number);
    value.place = {1, 1, number};
    if (value.kind != Node::Kind::invalid) apply_override(root, overrides[i], std::move(value), findings);
  }
}

// Everything between the text and the decoded scenario. Nothing is decoded that could not be parsed.
std::optional<Scenario> decode_text(std::string_view text, std::span<const Override> overrides,
                                    const Environment& environment, const GameRegistry& games,
                                    NamedFiles& files, Findings& findings) {
  Node root = parse_yaml(text, findings);
  if (root.kind == Node::Kind::invalid) return std::nullopt;
  if (root.kind == Node::Kind::null) {
    findings.error(root.place, "the scenario is empty");
    return std::nullopt;
  }
  apply_overrides(root, overrides, 1, findings);
  substitute(root, environment, findings);
  read_link_files(root, files, findings);
  include_scripts(root, files, environment, findings);
  Scenario scenario = decode_scenario(root, games, findings);
  if (root.kind == Node::Kind::map) load_link_traces(scenario, files, root, findings);
  if (root.kind == Node::Kind::map) check_scenario(scenario, root, findings);
  if (!findings.any_error()) load_recordings(scenario, files, findings);
  if (findings.any_error()) return std::nullopt;
  return scenario;
}

std::uint64_t digest_of_all(std::string_view scenario, std::span<const NamedFiles::File> named) {
  const std::uint64_t own = digest_of(bytes_of(scenario));
  if (named.empty()) return own;
  RunningDigest all;
  all.add(own);
  for (const NamedFiles::File& file : named) all.add(digest_of(bytes_of(file.text)));
  return all.value();
}

}  // namespace

LoadedScenario parse_scenario(std::string_view text, const std::string& file,
                              std::span<const Override> overrides, const Environment& environment,
                              const GameRegistry& games) {
  LoadedScenario loaded;
  Findings findings;
  NamedFiles files{file};
  if (check_text(without_byte_order_mark(text), "a scenario", findings))
    loaded.scenario =
        decode_text(without_byte_order_mark(text), overrides, environment, games, files, findings);
  loaded.file_digest = digest_of_all(text, files.all());
  const std::vector<Findings::Finding> found = findings.sorted();
  if (found.empty()) return loaded;
  std::vector<ShownFile> to_show{shown(file, text)};
  for (const NamedFiles::File& named : files.all()) to_show.push_back(shown(named.path, named.text));
  const std::vector<std::string> options = as_typed(overrides);
  for (const Findings::Finding& finding : found)
    loaded.diagnostics.push_back(to_diagnostic(finding, to_show, options));
  return loaded;
}

namespace {

Diagnostic unreadable(const std::string& path, const std::string& problem) {
  Diagnostic diagnostic;
  diagnostic.file = path;
  diagnostic.line = diagnostic.column = 1;
  diagnostic.message = problem.substr(path.size() + 2);  // without its "PATH: "
  return diagnostic;
}

// The name of a profile, as the first of the overrides.
Node profile_node(const std::string& name) {
  Node link{.kind = Node::Kind::map, .place = {}};
  if (name.empty()) return link;
  const Place place{1, 1, 1};
  link.children.push_back(
      {.kind = Node::Kind::scalar, .place = place, .text = name, .key = "profile", .key_place = place});
  return link;
}

}  // namespace

LoadedLink load_link(const LinkRequest& request, const Environment& environment) {
  LoadedLink loaded;
  Findings findings;
  const bool is_file = is_link_file(request.name);
  std::string text;
  if (is_file) {
    const auto read = read_input(request.name, kLinkFileBytesMax);
    if (!read) return loaded.diagnostics.push_back(unreadable(request.name, read.error().text)), loaded;
    text = *read;
  }
  NamedFiles files{request.name};
  // A named profile counts as the first option, so that what is wrong with its name stands there.
  std::vector<std::string> options{printable("--link " + request.name)};
  for (std::string& option : as_typed(request.overrides)) options.push_back(std::move(option));
  Node link = is_file ? read_link_file(without_byte_order_mark(text), findings) : profile_node(request.name);
  if (!findings.any_error()) {
    apply_overrides(link, request.overrides, 2, findings);
    substitute(link, environment, findings);
    CohortLink decoded = decode_link(link, "link", findings);
    load_traces_of(decoded, files, link, findings);
    if (is_file && decoded.profile.empty()) decoded.profile = request.name;
    if (!findings.any_error()) loaded.link = std::move(decoded);
  }
  if (is_file) loaded.file_digest = digest_of_all(text, files.all());
  std::vector<ShownFile> to_show{shown(request.name, text)};
  for (const NamedFiles::File& named : files.all()) to_show.push_back(shown(named.path, named.text));
  for (const Findings::Finding& finding : findings.sorted())
    loaded.diagnostics.push_back(to_diagnostic(finding, to_show, options));
  return loaded;
}

LoadedScenario load_scenario(const std::string& path, std::span<const Override> overrides,
                             const Environment& environment, const GameRegistry& games) {
  const auto text = read_input(path, kScenarioBytesMax);
  if (text) return parse_scenario(*text, path, overrides, environment, games);
  LoadedScenario loaded;
  loaded.diagnostics.push_back(unreadable(path, text.error().text));
  return loaded;
}

Environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string{name}.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

}  // namespace netrig::loadgen
