#include "netrig/loadgen/scenario/scenario_file.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "netrig/core/base/digest.h"
#include "netrig/loadgen/io/input_file.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/scenario/link_file.h"
#include "netrig/loadgen/scenario/link_trace.h"
#include "netrig/loadgen/scenario/scenario_decode.h"
#include "netrig/loadgen/scenario/scenario_text.h"
#include "netrig/loadgen/scenario/scenario_yaml.h"

namespace netrig::loadgen {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (true) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

// The parser counts columns in bytes; people and editors count characters.
std::uint32_t column_in_characters(std::string_view line, std::uint32_t column) {
  const std::string_view before = line.substr(0, column - 1);
  const auto continuing = std::ranges::count_if(
      before, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; });
  return column - static_cast<std::uint32_t>(continuing);
}

// `readable`: the file may be shown as it is.
Diagnostic to_diagnostic(const Findings::Finding& finding, const std::string& file,
                         std::span<const std::string_view> lines, bool readable,
                         std::span<const Override> overrides) {
  Diagnostic diagnostic;
  diagnostic.severity = finding.severity;
  diagnostic.message = printable(finding.message);
  if (finding.place.override_number > 0) {
    const Override& from = overrides[finding.place.override_number - 1];
    diagnostic.file = printable("--set " + from.path + "=" + from.value);
    return diagnostic;
  }
  diagnostic.file = file;
  diagnostic.line = finding.place.line;
  diagnostic.column = finding.place.column;
  if (finding.place.line > lines.size()) return diagnostic;
  const std::string_view line = lines[finding.place.line - 1];
  diagnostic.source_line = readable ? std::string{line} : printable(line);
  diagnostic.column = column_in_characters(line, finding.place.column);
  return diagnostic;
}

// Everything between the text and the decoded scenario. Nothing is decoded that could not be parsed.
std::optional<Scenario> decode_text(std::string_view text, const std::string& folder,
                                    std::span<const Override> overrides, const Environment& environment,
                                    const GameRegistry& games, Findings& findings) {
  Node root = parse_yaml(text, findings);
  if (root.kind == Node::Kind::invalid) return std::nullopt;
  if (root.kind == Node::Kind::null) {
    findings.error(root.place, "the scenario is empty");
    return std::nullopt;
  }
  for (std::uint32_t i = 0; i < overrides.size(); ++i) {
    Node value = parse_yaml(overrides[i].value, findings, i + 1);
    value.place = {1, 1, i + 1};
    if (value.kind != Node::Kind::invalid) apply_override(root, overrides[i], std::move(value), findings);
  }
  substitute(root, environment, findings);
  read_link_files(root, folder, findings);
  Scenario scenario = decode_scenario(root, games, findings);
  if (root.kind == Node::Kind::map) load_link_traces(scenario, folder, root, findings);
  if (root.kind == Node::Kind::map) check_scenario(scenario, root, findings);
  if (findings.any_error()) return std::nullopt;
  return scenario;
}

}  // namespace

LoadedScenario parse_scenario(std::string_view text, const std::string& file,
                              std::span<const Override> overrides, const Environment& environment,
                              const GameRegistry& games) {
  LoadedScenario loaded;
  loaded.file_digest = digest_of(bytes_of(text));
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  Findings findings;
  const std::vector<std::string_view> lines = lines_of(text);
  const bool readable = check_text(text, "a scenario", findings);
  if (readable) {
    loaded.scenario = decode_text(text, std::filesystem::path{file}.parent_path().string(), overrides,
                                  environment, games, findings);
  }
  for (const Findings::Finding& finding : findings.sorted())
    loaded.diagnostics.push_back(to_diagnostic(finding, file, lines, readable, overrides));
  return loaded;
}

LoadedScenario load_scenario(const std::string& path, std::span<const Override> overrides,
                             const Environment& environment, const GameRegistry& games) {
  const auto text = read_input(path, kScenarioBytesMax);
  if (text) return parse_scenario(*text, path, overrides, environment, games);
  LoadedScenario loaded;
  Diagnostic& unreadable = loaded.diagnostics.emplace_back();
  unreadable.file = path;
  unreadable.line = unreadable.column = 1;
  unreadable.message = text.error().text.substr(path.size() + 2);  // without its "PATH: "
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
