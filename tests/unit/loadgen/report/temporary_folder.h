// A folder of a test's own, removed with all that is in it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace netrig::loadgen::testing {

class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  std::string path(std::string_view name) const { return folder_ + "/" + std::string{name}; }
  std::string write(std::string_view name, std::string_view contents) const;  // returns the path
  std::size_t files() const;

 private:
  std::string folder_;
};

std::string contents_of(const std::string& path);

}  // namespace netrig::loadgen::testing
