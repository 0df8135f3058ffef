#include "netrig/tests/unit/loadgen/report/temporary_folder.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdlib.h>

namespace netrig::loadgen::testing {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() : folder_((fs::temp_directory_path() / "netrig-test-XXXXXX").string()) {
  BOOST_REQUIRE(::mkdtemp(folder_.data()) != nullptr);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string TemporaryFolder::write(std::string_view name, std::string_view contents) const {
  std::ofstream{path(name), std::ios::binary} << contents;
  return path(name);
}

std::size_t TemporaryFolder::files() const {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator{folder_}, fs::directory_iterator{}));
}

std::string contents_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  BOOST_REQUIRE_MESSAGE(file, "cannot read " << path);
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace netrig::loadgen::testing
