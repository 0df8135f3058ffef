#include "netrig/loadgen/io/input_file.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace netrig::loadgen {
namespace {

InputError because(const std::string& path, int error) {
  return {static_cast<std::errc>(error), path + ": " + std::generic_category().message(error)};
}

// Closes on every way out.
class Descriptor {
 public:
  explicit Descriptor(const std::string& path) : value_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int value() const { return value_; }

 private:
  int value_;
};

}  // namespace

Result<std::string, InputError> read_input(const std::string& path, std::uint64_t bytes_max) {
  const Descriptor file{path};
  if (file.value() < 0) return because(path, errno);
  std::string contents;
  std::array<char, 64 * 1024> piece{};
  while (contents.size() <= bytes_max) {
    const ssize_t count = ::read(file.value(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return because(path, errno);
    if (count == 0) return contents;
    contents.append(piece.data(), static_cast<std::size_t>(count));
  }
  return InputError{std::errc::file_too_large,
                    path + ": larger than " + std::to_string(bytes_max) + " bytes"};
}

}  // namespace netrig::loadgen
