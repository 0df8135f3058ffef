#include "netrig/loadgen/cli/file_clash.h"

#include <filesystem>
#include <system_error>

#include "netrig/loadgen/io/utf8.h"

namespace netrig::loadgen {
namespace {

bool is_same_file(const std::string& a, const std::string& b) {
  std::error_code ignored;
  if (a == b || std::filesystem::equivalent(a, b, ignored)) return true;
  const auto whole = [&](const std::string& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path, ignored), ignored);
  };
  return whole(a) == whole(b);
}

// Whatever is written to a device goes there in turn: a terminal, /dev/null.
bool is_device(const std::string& path) {
  return path.starts_with("/dev/");
}

}  // namespace

std::string clash_of_files(const std::vector<NamedFile>& read, const std::vector<NamedFile>& written) {
  for (std::size_t i = 0; i < written.size(); ++i) {
    const auto& [option, path] = written[i];
    const std::string quoted = option + ": \"" + printable(path) + '"';
    if (path == "-") return quoted + " would be a file of that name; standard output is /dev/stdout";
    if (path.empty() || is_device(path)) continue;
    for (const NamedFile& source : read)
      if (!source.path.empty() && is_same_file(path, source.path))
        return quoted + " is the file that " + source.option + " is read from";
    for (std::size_t other = 0; other < i; ++other)
      if (is_same_file(path, written[other].path)) return quoted + " would be written twice";
  }
  return {};
}

}  // namespace netrig::loadgen
