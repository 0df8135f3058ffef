// A scenario file as a plain tree with places, between the YAML parser and the decoder: substitution of the
// environment and overrides from the command line happen here, so every check sees their result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/loadgen/scenario/diagnostic.h"

namespace netrig::loadgen {

constexpr std::size_t kTreeDepthMax = 64;       // a scenario needs 7
constexpr std::size_t kTreeNodesMax = 100'000;  // after aliases; a cohort has about 20
constexpr std::size_t kFindingsMax = 100;       // more only hide the first

class Shape;

// Where something stands: a line and column of the scenario's file or of one that it names (from 1), or one
// of the overrides.
struct Place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::uint32_t override_number = 0;  // 0: a file; n: the n-th override
  std::uint32_t file_number = 0;      // 0: the scenario's own; n: the n-th that it names

  friend bool operator==(const Place&, const Place&) = default;
};

struct Node {
  enum class Kind : std::uint8_t {
    invalid,  // already reported; whoever decodes it stays silent
    null,
    scalar,
    list,
    map,
    described,  // no value at all: whoever decodes it tells `shape` what it would take
  };

  Kind kind = Kind::null;
  bool quoted = false;  // a scalar in quotes or in block style
  Place place;
  std::string text{};  // scalar only
  std::string key{};   // of a map's child
  Place key_place{};
  std::vector<Node> children{};  // of a list or map, in the order of the file; or see read_link_files
  Shape* shape = nullptr;        // described only

  Node* child(std::string_view wanted);  // of a map; nullptr when there is none
};

// Problems on their way to becoming diagnostics. Keeps the first kFindingsMax and counts the rest.
class Findings {
 public:
  struct Finding {
    Place place;
    Severity severity = Severity::error;
    std::string message;
  };

  void error(Place place, std::string message) { add({place, Severity::error, std::move(message)}); }
  // Those of a file that a scenario names, which all stand in it.
  void add_of_file(const Findings& of_file, std::uint32_t file_number);
  void warning(Place place, std::string message) { add({place, Severity::warning, std::move(message)}); }

  // In the order of the files, then of the overrides. The last one tells how many more there were.
  std::vector<Finding> sorted() const;
  bool any_error() const { return any_error_; }
  // Whether something is wrong at this node or its key; `within`: or anywhere below it.
  bool any_error_at(const Node& node) const;
  bool any_error_within(const Node& node) const;
  std::size_t count() const { return findings_.size() + left_out_; }

 private:
  void add(Finding finding);

  std::vector<Finding> findings_;
  std::size_t left_out_ = 0;
  bool any_error_ = false;
};

// The value of an environment variable, or nothing when it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

// Replaces ${NAME} and ${NAME:-default} in every scalar value; `$$` is a dollar sign. An empty variable
// counts as not set where there is a default, as in a shell.
void substitute(Node& node, const Environment& environment, Findings& findings);

// `clients.metro.count=8`. A list's element is named by its index or by its `name`.
struct Override {
  std::string path;
  std::string value;  // YAML
};

// PATH=VALUE in its parts, or nothing when there is no path or no equals sign.
std::optional<Override> parse_override(std::string_view text);

// Puts `value`, whose places name the override, where `path` says; maps that are missing on the way appear.
void apply_override(Node& root, const Override& override_, Node value, Findings& findings);

}  // namespace netrig::loadgen
