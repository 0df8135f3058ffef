#include "netrig/loadgen/exit_code.h"

#include <array>
#include <boost/test/unit_test.hpp>

namespace netrig::loadgen {
namespace {

// The contract's order, the worst first.
constexpr std::array kOrder{1, 2, 104, 105, 93, 103, 94, 92, 95, 99, 96, 98, 91, 0};

ExitCode code(int status) {
  const auto found = exit_code_from(static_cast<std::uint64_t>(status));
  BOOST_REQUIRE_MESSAGE(found, status << " is no exit code");
  return *found;
}

BOOST_AUTO_TEST_SUITE(exit_codes)

BOOST_AUTO_TEST_CASE(the_worst_of_any_two_codes_follows_the_contract) {
  for (std::size_t i = 0; i < kOrder.size(); ++i)
    for (std::size_t k = i; k < kOrder.size(); ++k) {
      BOOST_TEST(status(worst(code(kOrder[i]), code(kOrder[k]))) == kOrder[i]);
      BOOST_TEST(status(worst(code(kOrder[k]), code(kOrder[i]))) == kOrder[i]);
    }
}

BOOST_AUTO_TEST_CASE(every_other_number_is_no_exit_code) {
  std::size_t known = 0;
  for (std::uint64_t status = 0; status < 300; ++status) known += exit_code_from(status).has_value();
  BOOST_TEST(known == kOrder.size());
  BOOST_TEST(!exit_code_from(90));
}

BOOST_AUTO_TEST_CASE(codes_have_the_verdict_that_result_files_name) {
  BOOST_TEST(text(verdict_of(ExitCode::pass)) == "passed");
  BOOST_TEST(text(verdict_of(ExitCode::threshold_failed)) == "failed");
  BOOST_TEST(text(verdict_of(ExitCode::regression)) == "regressed");
  BOOST_TEST(text(verdict_of(ExitCode::interrupted)) == "interrupted");
  BOOST_TEST(text(verdict_of(ExitCode::invalid_scenario)) == "error");
}

BOOST_AUTO_TEST_CASE(only_runs_that_measured_to_the_end_may_be_compared) {
  for (const int good : {0, 91, 92, 94, 95, 96, 98, 99}) BOOST_TEST(ran_to_the_end(code(good)), good);
  for (const int bad : {1, 2, 93, 103, 104, 105}) BOOST_TEST(!ran_to_the_end(code(bad)), bad);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::loadgen
