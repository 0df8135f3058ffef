#include "netrig/loadgen/scenario/link_file.h"

#include <filesystem>
#include <map>
#include <utility>

#include "netrig/loadgen/io/input_file.h"
#include "netrig/loadgen/scenario/scenario_decode.h"
#include "netrig/loadgen/scenario/scenario_text.h"
#include "netrig/loadgen/scenario/scenario_yaml.h"

namespace netrig::loadgen {
namespace {

using LinkFile = Result<Node, std::vector<std::string>>;

// The value of the only key, `link`. Everything wrong with it goes to `findings`, with places in the file.
Node link_of(std::string_view text, Findings& findings) {
  Node nothing;
  if (!check_text(text, "a link file", findings)) return nothing;
  Node root = parse_yaml(text, findings);
  if (root.kind == Node::Kind::invalid) return nothing;
  Node* const link = root.kind == Node::Kind::map ? root.child("link") : nullptr;
  if (link == nullptr || root.children.size() != 1)
    return findings.error(root.place, "a link file has one key: link"), nothing;
  if (Node* const profile = link->child("profile"); profile != nullptr && is_link_file(profile->text))
    return findings.error(profile->place, "link.profile: a link file cannot name another one"), nothing;
  decode_link(*link, "link", findings);
  return std::move(*link);
}

// A trace stands beside the link file that names it.
void move_trace(Node& map, const std::filesystem::path& folder) {
  Node* const trace = map.child("trace");
  if (trace != nullptr && trace->kind == Node::Kind::scalar)
    trace->text = (folder / trace->text).string();  // an absolute one stays as it is
}

void move_traces(Node& link, const std::filesystem::path& folder) {
  move_trace(link, folder);
  for (const std::string_view way : {"up", "down"})
    if (Node* const map = link.child(way); map != nullptr && map->kind == Node::Kind::map)
      move_trace(*map, folder);
}

LinkFile load(const std::string& folder, const std::string& name) {
  const std::filesystem::path given{name};
  const std::string file = (std::filesystem::path{folder} / given).string();
  const auto text = read_input(file, kLinkFileBytesMax);
  if (!text) return std::vector{text.error().text};
  LinkFile link = parse_link_file(*text, file);
  if (link) move_traces(*link, given.parent_path());
  return link;
}

// The node of a cohort's profile that names a file, or nullptr.
Node* file_name_in(Node& cohort) {
  Node* const link = cohort.kind == Node::Kind::map ? cohort.child("link") : nullptr;
  Node* const profile = link != nullptr && link->kind == Node::Kind::map ? link->child("profile") : nullptr;
  const bool names_file =
      profile != nullptr && profile->kind == Node::Kind::scalar && is_link_file(profile->text);
  return names_file ? profile : nullptr;
}

}  // namespace

bool is_link_file(std::string_view profile) {
  return profile.find_first_of("./") != std::string_view::npos;
}

Result<Node, std::vector<std::string>> parse_link_file(std::string_view text, const std::string& file) {
  Findings findings;
  Node link = link_of(text, findings);
  if (!findings.any_error()) return link;
  std::vector<std::string> errors;
  for (const Findings::Finding& finding : findings.sorted())
    errors.push_back(file + ":" + std::to_string(finding.place.line) + ":" +
                     std::to_string(finding.place.column) + ": " + finding.message);
  return errors;
}

void read_link_files(Node& root, const std::string& folder, Findings& findings) {
  Node* const cohorts = root.kind == Node::Kind::map ? root.child("clients") : nullptr;
  if (cohorts == nullptr || cohorts->kind != Node::Kind::list) return;
  std::map<std::string, LinkFile> files;
  for (std::size_t i = 0; i < cohorts->children.size(); ++i) {
    Node* const profile = file_name_in(cohorts->children[i]);
    if (profile == nullptr) continue;
    const bool is_new = !files.contains(profile->text);
    if (is_new) files.emplace(profile->text, load(folder, profile->text));
    const LinkFile& file = files.at(profile->text);
    if (file) {
      profile->children = file->children;
      continue;
    }
    profile->kind = Node::Kind::invalid;
    if (!is_new) continue;  // said already
    for (const std::string& error : file.error())
      findings.error(profile->place, "clients[" + std::to_string(i) + "].link.profile: " + error);
  }
}

}  // namespace netrig::loadgen
