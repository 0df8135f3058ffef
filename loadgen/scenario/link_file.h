// A link in a file of its own: what `loadgen fit-link` writes, and what `link: {profile: FILE}` reads.
//
//   link:
//     up: {delay: 20ms}
//     down: {delay: {table: [[0%, 20ms], [100%, 90ms]]}, loss: {mean: 1%, burst: 3}}
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/base/result.h"
#include "netrig/loadgen/scenario/named_files.h"
#include "netrig/loadgen/scenario/scenario_tree.h"

namespace netrig::loadgen {

constexpr std::size_t kLinkFileBytesMax = 256 * 1024;  // 64 events and two tables of 64 points take 10 KiB

// Whether the name of a profile means a file: one with a dot or a slash in it, which no named one has.
bool is_link_file(std::string_view profile);

// The value of its only key, `link`, as it is written; not decoded yet. What is no link file at all goes to
// `findings`.
Node read_link_file(std::string_view text, Findings& findings);

// The value of its `link`, which is valid. The errors: "FILE:LINE:COLUMN: message".
Result<Node, std::vector<std::string>> parse_link_file(std::string_view text, const std::string& file);

// Puts the links that cohorts of `root` name as files below those names: a node of a `profile` then has the
// keys of its file as children. One that cannot be used becomes invalid, and the reasons go to `findings`.
void read_link_files(Node& root, NamedFiles& files, Findings& findings);

}  // namespace netrig::loadgen
