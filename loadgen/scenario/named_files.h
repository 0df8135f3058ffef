// The files that a scenario names: scripts, links, traces, and recordings of inputs. A relative name counts
// from the folder of the file that it stands in; one given by an override from the current folder, as the
// shell that completed it has it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/loadgen/scenario/scenario_tree.h"

namespace netrig::loadgen {

constexpr std::size_t kScriptBytesMax = 1024 * 1024;  // as the scenario itself

class NamedFiles {
 public:
  struct File {
    std::string path;
    std::string text;  // empty when it could not be read
  };

  // `scenario`: the path of its file.
  explicit NamedFiles(std::string_view scenario);

  // The number, from 1, of the file that the value of a key names; who names it again gets the same. Nothing
  // when it cannot be read, which was reported under `path` once.
  std::optional<std::uint32_t> open(const Node& name, const std::string& path, std::uint64_t bytes_max,
                                    Findings& findings);
  const File& file(std::uint32_t number) const { return files_[number - 1]; }
  std::span<const File> all() const { return files_; }

 private:
  std::string scenario_;
  std::vector<File> files_;
  std::vector<std::string> unreadable_;
};

// Says that a tree was read from the `number`-th file.
void set_file(Node& node, std::uint32_t number);

// Puts the steps of the scripts that cohorts keep in files where their names stand.
void include_scripts(Node& root, NamedFiles& files, const Environment& environment, Findings& findings);

// Reads what the cohorts of a decoded scenario are to play again. Call when there is no error so far.
void load_recordings(Scenario& scenario, NamedFiles& files, Findings& findings);

}  // namespace netrig::loadgen
