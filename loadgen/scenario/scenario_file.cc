#include "netrig/loadgen/scenario/scenario_file.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "netrig/core/base/digest.h"
#include "netrig/loadgen/io/input_file.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/scenario/link_trace.h"
#include "netrig/loadgen/scenario/scenario_decode.h"
#include "netrig/loadgen/scenario/scenario_yaml.h"

namespace netrig::loadgen {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The bytes of the UTF-8 character at the front of `text`, or 0 when it is none (RFC 3629, table in section
// 4).
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool surrogate = first == 0xED && byte(1) >= 0xA0;
  const bool beyond_unicode = first == 0xF4 && byte(1) >= 0x90;
  return overlong || surrogate || beyond_unicode ? 0 : size;
}

bool is_text(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  return (code >= 0x20 && code != 0x7F) || code == '\t' || code == '\n' || code == '\r';
}

// Reports the first byte that cannot stand in a text file; false then.
bool check_text(std::string_view text, Findings& findings) {
  Place place;
  while (!text.empty()) {
    const std::size_t size = character_bytes(text);
    if (size == 0 || !is_text(text[0])) {
      findings.error(place, size == 0 ? "not UTF-8 from here on; a scenario is a UTF-8 text file"
                                      : "a control character; a scenario is a text file");
      return false;
    }
    if (text[0] == '\n') {
      ++place.line;
      place.column = 1;
    } else {
      ++place.column;
    }
    text.remove_prefix(size);
  }
  return true;
}

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

Diagnostic to_diagnostic(const Findings::Finding& finding, const std::string& file,
                         std::span<const std::string_view> lines, std::span<const Override> overrides) {
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
  diagnostic.source_line = line;
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
  std::vector<std::string_view> lines;  // stays empty for bytes that are not fit to be shown
  if (check_text(text, findings)) {
    lines = lines_of(text);
    loaded.scenario = decode_text(text, std::filesystem::path{file}.parent_path().string(), overrides,
                                  environment, games, findings);
  }
  for (const Findings::Finding& finding : findings.sorted())
    loaded.diagnostics.push_back(to_diagnostic(finding, file, lines, overrides));
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
