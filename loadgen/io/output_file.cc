#include "netrig/loadgen/io/output_file.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace netrig::loadgen {
namespace {

namespace fs = std::filesystem;

using Errno = int;  // 0: no error

// Of new files, less what the user's umask takes away.
constexpr mode_t mode_for(FileAccess access) {
  return access == FileAccess::owner_only ? 0600 : 0666;
}
constexpr std::size_t kWriteBytesMax = std::size_t{1} << 30;

Errno write_all(int descriptor, std::string_view contents) {
  while (!contents.empty()) {
    const ssize_t written = ::write(descriptor, contents.data(), std::min(contents.size(), kWriteBytesMax));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    contents.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

// Opens, writes and closes; some file systems report a full disk only when closing.
Errno write_to(const std::string& path, int flags, std::string_view contents, FileAccess access) {
  const int descriptor = ::open(path.c_str(), flags | O_WRONLY | O_CLOEXEC, mode_for(access));
  if (descriptor < 0) return errno;
  const Errno error = write_all(descriptor, contents);
  return ::close(descriptor) != 0 && error == 0 ? errno : error;
}

bool is_special(const std::string& path, const fs::file_status& status) {
  return path.starts_with("/dev/") || (fs::exists(status) && !fs::is_regular_file(status));
}

// Where the bytes really go, so that a rename replaces the file and not the link to it.
std::string behind_links(const std::string& path) {
  std::error_code error;
  const fs::path real = fs::is_symlink(path, error) ? fs::weakly_canonical(path, error) : fs::path{};
  return error || real.empty() ? path : real.string();
}

Errno replace(const std::string& path, std::string_view contents, FileAccess access) {
  const std::string temporary = path + ".tmp-" + std::to_string(::getpid());
  Errno error = write_to(temporary, O_CREAT | O_EXCL, contents, access);
  if (error == EEXIST) return error;  // somebody else's: not ours to remove
  if (error == 0 && std::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) ::unlink(temporary.c_str());
  return error;
}

Errno write(const std::string& path, std::string_view contents, FileAccess access) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);  // unknown: replace() says why
  if (fs::is_directory(status)) return EISDIR;
  if (is_special(path, status)) return write_to(path, 0, contents, access);
  const std::string target = behind_links(path);
  if (fs::exists(status) && ::access(target.c_str(), W_OK) != 0) return errno;  // write-protected on purpose
  return replace(target, contents, access);
}

// Under its own name from the first byte on; what could not be finished is removed.
Errno create(const std::string& path, std::string_view contents, FileAccess access) {
  const Errno error = write_to(path, O_CREAT | O_EXCL, contents, access);
  if (error == 0 || error == EEXIST) return error;
  std::error_code ignored;
  if (fs::is_regular_file(path, ignored)) ::unlink(path.c_str());
  return error;
}

}  // namespace

std::optional<OutputError> create_output(const std::string& path, std::string_view contents,
                                         FileAccess access) {
  const Errno error = create(path, contents, access);
  if (error == 0) return std::nullopt;
  return OutputError{.path = path, .reason = std::generic_category().message(error)};
}

std::optional<OutputError> write_output(const std::string& path, std::string_view contents,
                                        FileAccess access) {
  const Errno error = write(path, contents, access);
  if (error == 0) return std::nullopt;
  return OutputError{.path = path, .reason = std::generic_category().message(error)};
}

}  // namespace netrig::loadgen
