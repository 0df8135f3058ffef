#include "netrig/loadgen/scenario/scenario_tree.h"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>
#include <utility>

#include "netrig/loadgen/io/units.h"

namespace netrig::loadgen {
namespace {

constexpr std::size_t kOverridePathPartsMax = 16;
constexpr std::size_t kSubstitutedBytesMax = 64 * 1024;  // of one scalar

bool is_name(std::string_view name) {
  const auto is_word = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && std::ranges::all_of(name, is_word) && (name[0] < '0' || name[0] > '9');
}

struct Substitution {
  std::string text;
  std::string error;  // empty: none
};

// `inside` is what stands between the braces.
Substitution value_of(std::string_view inside, const Environment& environment) {
  const std::size_t colon = inside.find(":-");
  const std::string_view name = inside.substr(0, colon);
  if (!is_name(name))
    return {"", fmt::format("\"${{{}}}\" is not ${{NAME}} or ${{NAME:-default}}; write $$ for a plain $",
                            inside)};
  const std::optional<std::string> value = environment(name);
  if (colon != std::string_view::npos && (!value || value->empty()))
    return {std::string{inside.substr(colon + 2)}, ""};
  if (!value)
    return {"", fmt::format(
                    "the environment variable {0} is not set; write ${{{0}:-default}} to give it a default",
                    name)};
  return {*value, ""};
}

Substitution substituted(std::string_view text, const Environment& environment) {
  Substitution result;
  while (!text.empty()) {
    const std::size_t dollar = text.find('$');
    result.text += text.substr(0, dollar);
    if (dollar == std::string_view::npos) break;
    text.remove_prefix(dollar);
    if (text.starts_with("$$")) {
      result.text += '$';
      text.remove_prefix(2);
    } else if (text.starts_with("${")) {
      const std::size_t end = text.find('}');
      if (end == std::string_view::npos) return {"", "\"${\" is never closed by \"}\""};
      const Substitution value = value_of(text.substr(2, end - 2), environment);
      if (!value.error.empty()) return value;
      result.text += value.text;
      text.remove_prefix(end + 1);
    } else {
      result.text += '$';
      text.remove_prefix(1);
    }
    if (result.text.size() > kSubstitutedBytesMax) return {"", "the value is longer than 64 KiB"};
  }
  return result;
}

void substitute_scalar(Node& node, const Environment& environment, Findings& findings) {
  if (node.text.find('$') == std::string::npos) return;
  Substitution result = substituted(node.text, environment);
  if (!result.error.empty()) {
    findings.error(node.place, std::move(result.error));
    node.kind = Node::Kind::invalid;
    return;
  }
  node.text = std::move(result.text);
  node.quoted = false;  // in flow style ${} needs quotes, so they say nothing about the value's type
}

// The element that `part` names by index or by its `name`.
Node* element(Node& list, std::string_view part) {
  if (const auto index = parse_integer(part);
      index && static_cast<std::size_t>(*index) < list.children.size())
    return &list.children[static_cast<std::size_t>(*index)];
  for (Node& candidate : list.children) {
    const Node* name = candidate.child("name");
    if (name != nullptr && name->kind == Node::Kind::scalar && name->text == part) return &candidate;
  }
  return nullptr;
}

std::string element_names(Node& list) {
  std::string names;
  for (std::size_t i = 0; i < list.children.size() && i < 10; ++i) {
    const Node* name = list.children[i].child("name");
    names.append(i == 0 ? "" : ", ").append(std::to_string(i));
    if (name != nullptr && name->kind == Node::Kind::scalar) names += fmt::format(" ({})", name->text);
  }
  return names.empty() ? "it is empty"
                       : fmt::format("it has {}{}", names, list.children.size() > 10 ? ", ..." : "");
}

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t dot = path.find('.');
    parts.push_back(path.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    path.remove_prefix(dot + 1);
  }
}

Node& child_or_new(Node& map, std::string_view key, Place place) {
  if (Node* existing = map.child(key)) return *existing;
  Node& added = map.children.emplace_back();
  added.key = key;
  added.key_place = place;
  added.place = place;
  return added;
}

}  // namespace

Node* Node::child(std::string_view wanted) {
  if (kind != Kind::map) return nullptr;
  const auto found = std::ranges::find(children, wanted, &Node::key);
  return found == children.end() ? nullptr : &*found;
}

void Findings::add(Finding finding) {
  any_error_ = any_error_ || finding.severity == Severity::error;
  if (findings_.size() < kFindingsMax) return findings_.push_back(std::move(finding));
  ++left_out_;
}

bool Findings::any_error_at(const Node& node) const {
  return std::ranges::any_of(findings_, [&](const Finding& finding) {
    if (finding.severity != Severity::error) return false;
    return finding.place == node.place || (!node.key.empty() && finding.place == node.key_place);
  });
}

bool Findings::any_error_within(const Node& node) const {
  if (any_error_at(node)) return true;
  return std::ranges::any_of(node.children, [&](const Node& child) { return any_error_within(child); });
}

std::vector<Findings::Finding> Findings::sorted() const {
  std::vector<Finding> sorted = findings_;
  std::ranges::stable_sort(sorted, {}, [](const Finding& finding) {
    return std::tuple{finding.place.override_number, finding.place.file_number, finding.place.line,
                      finding.place.column};
  });
  if (left_out_ > 0) {
    const Place last = sorted.back().place;
    sorted.push_back({last, Severity::error, "and " + std::to_string(left_out_) + " more problems"});
  }
  return sorted;
}

void Findings::add_of_file(const Findings& of_file, std::uint32_t file_number) {
  for (Finding finding : of_file.findings_) {
    finding.place.file_number = file_number;
    add(std::move(finding));
  }
  left_out_ += of_file.left_out_;
  any_error_ = any_error_ || of_file.any_error_;
}

void substitute(Node& node, const Environment& environment, Findings& findings) {
  if (node.kind == Node::Kind::scalar) return substitute_scalar(node, environment, findings);
  for (Node& child : node.children) substitute(child, environment, findings);
}

std::optional<Override> parse_override(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) return std::nullopt;
  return Override{std::string{text.substr(0, equals)}, std::string{text.substr(equals + 1)}};
}

void apply_override(Node& root, const Override& override_, Node value, Findings& findings) {
  const Place place = value.place;
  const std::vector<std::string_view> parts = parts_of(override_.path);
  if (parts.size() > kOverridePathPartsMax || std::ranges::find(parts, "") != parts.end())
    return findings.error(place, "the path is empty, has an empty part, or has more than 16 parts");
  Node* at = &root;
  std::string walked;
  for (const std::string_view part : parts) {
    if (at->kind == Node::Kind::null) at->kind = Node::Kind::map;
    if (at->kind == Node::Kind::list) {
      Node* found = element(*at, part);
      if (found == nullptr)
        return findings.error(place,
                              fmt::format("{} has no element {}; {}", walked, part, element_names(*at)));
      at = found;
    } else if (at->kind == Node::Kind::map) {
      at = &child_or_new(*at, part, place);
    } else {
      return findings.error(place,
                            fmt::format("{} is a single value and has nothing called {}", walked, part));
    }
    walked.append(walked.empty() ? "" : ".").append(part);
  }
  at->kind = value.kind;
  at->quoted = value.quoted;
  at->place = value.place;
  at->text = std::move(value.text);
  at->children = std::move(value.children);
}

}  // namespace netrig::loadgen
