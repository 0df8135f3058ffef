// Writes a result file whole or not at all: a reader never sees half of one, and a failed write leaves the
// old one as it was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netrig::loadgen {

struct OutputError {
  std::string path;
  std::string reason;  // "No such file or directory"

  friend bool operator==(const OutputError&, const OutputError&) = default;
};

enum class FileAccess : std::uint8_t {
  everyone,    // as the user's umask has it
  owner_only,  // for secrets
};

// Through a temporary file beside `path` and a rename; a symbolic link is followed. A device, a pipe and
// anything in /dev is written straight. nullopt: written. An error is exit code 92 and changes no verdict.
std::optional<OutputError> write_output(const std::string& path, std::string_view contents,
                                        FileAccess access = FileAccess::everyone);

// Only where nothing is yet: an existing file is an error, and stays as it is.
std::optional<OutputError> create_output(const std::string& path, std::string_view contents,
                                         FileAccess access = FileAccess::everyone);

}  // namespace netrig::loadgen
