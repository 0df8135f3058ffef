// A scenario file from disk to a checked Scenario, or to everything that is wrong with it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/loadgen/scenario/diagnostic.h"
#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/loadgen/scenario/scenario_tree.h"

namespace netrig::loadgen {

constexpr std::size_t kScenarioBytesMax = 1024 * 1024;  // 1,000 cohorts take a third of it

struct LoadedScenario {
  std::optional<Scenario> scenario;  // absent when a diagnostic is an error: the caller exits 104
  std::vector<Diagnostic> diagnostics;
  // Of the file's bytes and of those it names, without overrides; 0 when it could not be read.
  std::uint64_t file_digest = 0;
};

// Never throws and never crashes, whatever the file holds. A problem of the file as a whole stands at 1:1;
// one of an override names it in place of a file.
// A scenario refers to `games`, which outlive it.
LoadedScenario load_scenario(const std::string& path, std::span<const Override> overrides,
                             const Environment& environment, const GameRegistry& games);

// The same for text that is in memory; `file` is what diagnostics call it.
LoadedScenario parse_scenario(std::string_view text, const std::string& file,
                              std::span<const Override> overrides, const Environment& environment,
                              const GameRegistry& games);

// A link that no scenario holds.
struct LinkRequest {
  std::string name;                   // of a profile, or a link file; empty: the overrides are all of it
  std::vector<Override> overrides{};  // within the link: `up.loss=1%`
};

struct LoadedLink {
  std::optional<CohortLink> link;  // absent when a diagnostic is an error
  std::vector<Diagnostic> diagnostics;
  std::uint64_t file_digest = 0;  // of its file, if it has one
};

// Traces count from the folder of the link file, or from the current one.
LoadedLink load_link(const LinkRequest& request, const Environment& environment);

// The variables of this process.
Environment process_environment();

}  // namespace netrig::loadgen
