#include "netrig/loadgen/io/output_file.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netrig/tests/unit/loadgen/report/temporary_folder.h"

namespace netrig::loadgen {
namespace {

namespace fs = std::filesystem;

// While it lives, no file of this process may grow beyond `bytes`: a full disk, for a test.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    handler_ = ::signal(SIGXFSZ, SIG_IGN);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

struct Folder : testing::TemporaryFolder {
  // The reason for which writing there failed; "written" when it did not.
  std::string reason(const std::string& path) const {
    const auto error = write_output(path, "new\n");
    if (error) BOOST_TEST(error->path == path);
    return error ? error->reason : "written";
  }
};

BOOST_FIXTURE_TEST_SUITE(output_files, Folder)

BOOST_AUTO_TEST_CASE(a_file_is_written_and_then_replaced) {
  BOOST_TEST(!write_output(path("r.json"), "one\n"));
  BOOST_TEST(testing::contents_of(path("r.json")) == "one\n");
  BOOST_TEST(!write_output(path("r.json"), std::string(1 << 20, 'x')));
  BOOST_TEST(testing::contents_of(path("r.json")).size() == 1u << 20);
  BOOST_TEST(files() == 1u);
}

BOOST_AUTO_TEST_CASE(a_missing_folder_is_an_error_and_is_not_made) {
  BOOST_TEST(reason(path("none/at/all/r.json")) == "No such file or directory");
  BOOST_TEST(files() == 0u);
}

BOOST_AUTO_TEST_CASE(a_folder_is_not_replaced_by_a_file) {
  fs::create_directory(path("r.json"));
  BOOST_TEST(reason(path("r.json")) == "Is a directory");
  BOOST_TEST(fs::is_directory(path("r.json")));
  BOOST_TEST(files() == 1u);
}

BOOST_AUTO_TEST_CASE(a_file_is_no_folder) {
  write("file", "");
  BOOST_TEST(reason(path("file/r.json")) == "Not a directory");
}

BOOST_AUTO_TEST_CASE(an_empty_name_is_an_error) {
  BOOST_TEST(reason("") != "written");
}

BOOST_AUTO_TEST_CASE(a_folder_that_forbids_writing_is_an_error, *boost::unit_test::precondition([](auto) {
                       return ::geteuid() != 0;  // root may write anywhere; /proc below stands in for it
                     })) {
  fs::permissions(path(""), fs::perms::owner_read | fs::perms::owner_exec);
  BOOST_TEST(reason(path("r.json")) == "Permission denied");
  fs::permissions(path(""), fs::perms::owner_all);
}

BOOST_AUTO_TEST_CASE(a_file_system_that_takes_no_files_is_an_error) {
  BOOST_TEST(reason("/proc/r.json") != "written");
}

BOOST_AUTO_TEST_CASE(a_full_disk_leaves_the_old_file_whole_and_nothing_else) {
  write("r.json", "old\n");
  {
    const FileSizeLimit limit{100};
    const auto error = write_output(path("r.json"), std::string(101, 'x'));
    BOOST_REQUIRE(error);
    BOOST_TEST(error->reason == "File too large");
  }
  BOOST_TEST(testing::contents_of(path("r.json")) == "old\n");
  BOOST_TEST(files() == 1u);
}

BOOST_AUTO_TEST_CASE(devices_are_written_to_and_stay_devices) {
  BOOST_TEST(reason("/dev/null") == "written");
  BOOST_TEST(reason("/dev/full") == "No space left on device");
  BOOST_TEST(fs::is_character_file("/dev/null"));
  BOOST_TEST(fs::is_character_file("/dev/full"));
}

BOOST_AUTO_TEST_CASE(a_link_stays_a_link_and_its_file_is_replaced) {
  fs::create_directory(path("real"));
  write("real/r.json", "old\n");
  fs::create_symlink("real/r.json", path("link.json"));
  BOOST_TEST(reason(path("link.json")) == "written");
  BOOST_TEST(fs::is_symlink(path("link.json")));
  BOOST_TEST(testing::contents_of(path("real/r.json")) == "new\n");
}

BOOST_AUTO_TEST_CASE(a_new_file_has_the_permissions_that_the_umask_leaves) {
  const mode_t before = ::umask(022);
  BOOST_TEST(reason(path("r.json")) == "written");
  ::umask(before);
  BOOST_TEST(static_cast<unsigned>(fs::status(path("r.json")).permissions()) == 0644u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
