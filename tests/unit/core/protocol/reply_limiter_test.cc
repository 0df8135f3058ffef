#include "netrig/core/protocol/reply_limiter.h"

#include <boost/test/unit_test.hpp>
#include <deque>
#include <string>

namespace netrig::testing {
namespace {

BOOST_AUTO_TEST_SUITE(reply_limiter)

BOOST_AUTO_TEST_CASE(a_host_is_answered_once_a_second_whatever_its_port) {
  SeededEntropy entropy{Random{1}};
  ReplyLimiter limiter{entropy};
  const Instant start = Instant{} + 5s;
  BOOST_TEST(limiter.may_reply({"victim", 1}, start));
  BOOST_TEST(!limiter.may_reply({"victim", 2}, start));
  BOOST_TEST(!limiter.may_reply({"victim", 1}, start + 999ms));
  BOOST_TEST(limiter.may_reply({"victim", 1}, start + 1s));
}

BOOST_AUTO_TEST_CASE(all_hosts_together_are_answered_a_hundred_times_in_any_second) {
  SeededEntropy entropy{Random{1}};
  ReplyLimiter limiter{entropy};
  std::deque<Instant> replies;
  std::size_t most = 0, total = 0;
  for (std::uint32_t i = 0; i < 50'000; ++i) {  // 10,000 a second for 5 s, after none for 5 s
    const Instant now = Instant{} + 5s + i * 100us;
    if (!limiter.may_reply({"host-" + std::to_string(i), 1}, now)) continue;
    ++total;
    replies.push_back(now);
    while (replies.front() + 1s < now) replies.pop_front();
    most = std::max(most, replies.size());
  }
  BOOST_TEST(most <= 100u);
  BOOST_TEST(most >= 95u);  // the limit is used, too
  BOOST_TEST(total >= 5 * 85u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
