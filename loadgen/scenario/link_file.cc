#include "netrig/loadgen/scenario/link_file.h"

#include <map>
#include <utility>

#include "netrig/loadgen/scenario/scenario_decode.h"
#include "netrig/loadgen/scenario/scenario_text.h"
#include "netrig/loadgen/scenario/scenario_yaml.h"

namespace netrig::loadgen {
namespace {

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

Node read_link_file(std::string_view text, Findings& findings) {
  Node nothing;
  if (!check_text(text, "a link file", findings)) return nothing;
  Node root = parse_yaml(text, findings);
  if (root.kind == Node::Kind::invalid) return nothing;
  Node* const link = root.kind == Node::Kind::map ? root.child("link") : nullptr;
  if (link == nullptr || root.children.size() != 1)
    return findings.error(root.place, "a link file has one key: link"), nothing;
  if (Node* const profile = link->child("profile"); profile != nullptr && is_link_file(profile->text))
    return findings.error(profile->place, "link.profile: a link file cannot name another one"), nothing;
  return std::move(*link);
}

namespace {

// The link, checked. Everything wrong with it goes to `findings`, with places in the file.
Node link_of(std::string_view text, Findings& findings) {
  Node link = read_link_file(text, findings);
  if (!findings.any_error()) decode_link(link, "link", findings);
  return link;
}

}  // namespace

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

void read_link_files(Node& root, NamedFiles& files, Findings& findings) {
  Node* const cohorts = root.kind == Node::Kind::map ? root.child("clients") : nullptr;
  if (cohorts == nullptr || cohorts->kind != Node::Kind::list) return;
  std::map<std::uint32_t, Node> links;  // by the number of the file; without children when it cannot be used
  for (std::size_t i = 0; i < cohorts->children.size(); ++i) {
    Node* const profile = file_name_in(cohorts->children[i]);
    if (profile == nullptr) continue;
    const std::string path = "clients[" + std::to_string(i) + "].link.profile";
    const auto opened = files.open(*profile, path, kLinkFileBytesMax, findings);
    if (opened && !links.contains(*opened)) {
      Findings of_file;
      Node link = link_of(files.file(*opened).text, of_file);
      if (of_file.any_error()) link = {};
      set_file(link, *opened);
      findings.add_of_file(of_file, *opened);
      links.emplace(*opened, std::move(link));
    }
    if (opened) profile->children = links.at(*opened).children;
    if (profile->children.empty()) profile->kind = Node::Kind::invalid;
  }
}

}  // namespace netrig::loadgen
