// The seed of a randomised test: NETRIG_SEED when it is set, so that a failure repeats with what it printed.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstdlib>

namespace netrig::testing {

inline std::uint64_t test_seed() {
  const char* const text = std::getenv("NETRIG_SEED");
  const std::uint64_t seed = text != nullptr ? std::strtoull(text, nullptr, 10) : 1;
  BOOST_TEST_MESSAGE("NETRIG_SEED=" << seed);
  return seed;
}

}  // namespace netrig::testing
