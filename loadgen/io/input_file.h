// Reads a file that a person named, with an error they can act on.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>

#include "netrig/core/base/result.h"

namespace netrig::loadgen {

// "baselines/x.json: No such file or directory"
struct InputError {
  std::errc code;
  std::string text;
};

// Why not: "No such file or directory", "Is a directory", "larger than 1048576 bytes". Reads at
// most 64 KiB beyond `bytes_max`.
Result<std::string, InputError> read_input(const std::string& path, std::uint64_t bytes_max);

}  // namespace netrig::loadgen
