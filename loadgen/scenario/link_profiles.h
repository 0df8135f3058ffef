// Links that people know by name, each with what its numbers rest on. A profile is the text of a `link:`;
// what a scenario writes beside it replaces what it says.
//
// They are typical, not measured: round numbers within what the sources report, so that two runs differ by
// the protocol and not by the weather. `loadgen fit-link` makes a link from a measurement of yours.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "netrig/loadgen/scenario/scenario_fields.h"

namespace netrig::loadgen {

struct LinkProfile {
  std::string_view name;
  std::string_view what;    // one line for people
  std::string_view source;  // what the numbers rest on
  std::string_view yaml;    // the value of `link`
};

// In the order of the documentation. scenarios/README.md has the same table.
std::span<const LinkProfile> link_profiles();

// Tells the names to whoever asks what `profile` may be.
void describe_profiles(MapReader& link);

// A profile, or a link file (link_file.h), as a tree.
struct NamedLink {
  std::string name;
  Node link;
};

// What `link` names with `profile`. Nothing when it names none, or one that does not exist, which is
// reported.
std::optional<NamedLink> decode_profile(const Node& link, const std::string& path, Findings& findings);

// `profile` with what `link` says in its place. A key of the whole link replaces that key of both directions;
// `rtt` replaces both delays; a schedule replaces the whole schedule.
Node with_profile(const Node& link, Node profile);

}  // namespace netrig::loadgen
