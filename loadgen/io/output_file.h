// Writes a result file whole or not at all: a reader never sees half of one, and a failed write leaves the
// old one as it was.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace netrig::loadgen {

struct OutputError {
  std::string path;
  std::string reason;  // "No such file or directory"

  friend bool operator==(const OutputError&, const OutputError&) = default;
};

// Through a temporary file beside `path` and a rename; a symbolic link is followed. A device, a pipe and
// anything in /dev is written straight. nullopt: written. An error is exit code 92 and changes no verdict.
std::optional<OutputError> write_output(const std::string& path, std::string_view contents);

// Only where nothing is yet: an existing file is an error, and stays as it is.
std::optional<OutputError> create_output(const std::string& path, std::string_view contents);

}  // namespace netrig::loadgen
