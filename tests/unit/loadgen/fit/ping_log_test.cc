#include "netrig/loadgen/fit/ping_log.h"

#include <boost/test/unit_test.hpp>

namespace netrig::loadgen {
namespace {

constexpr std::optional<Duration> kLost;

PingSeries parsed(std::string_view text) {
  auto series = parse_ping_log(text, "ping.log");
  BOOST_REQUIRE_MESSAGE(series.has_value(), series.error());
  return *std::move(series);
}

std::string error_of(std::string_view text) {
  const auto series = parse_ping_log(text, "ping.log");
  return series ? "no error" : series.error();
}

std::string answer(int sequence, std::string_view time = "1") {
  return "64 bytes from 192.0.2.1: icmp_seq=" + std::to_string(sequence) +
         " ttl=57 time=" + std::string{time} + " ms\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ping_log)

BOOST_AUTO_TEST_CASE(a_missing_number_is_a_lost_ping) {
  const PingSeries series = parsed(
      "PING example.com (192.0.2.1) 56(84) bytes of data.\n"
      "64 bytes from 192.0.2.1: icmp_seq=2 ttl=57 time=12.3 ms\n"  // the first one never came back
      "64 bytes from host.example (192.0.2.1): icmp_seq=3 ttl=57 time=1234 ms\n"
      "From 192.0.2.9 icmp_seq=4 Destination Host Unreachable\n"
      "64 bytes from 192.0.2.1: icmp_seq=6 ttl=57 time=0.045 ms\n"
      "\n--- example.com ping statistics ---\n"
      "7 packets transmitted, 3 received, +1 errors, 57% packet loss, time 6004ms\n"
      "rtt min/avg/max/mdev = 0.045/415.448/1234.000/578.7 ms\n");
  BOOST_CHECK((series.round_trips == RoundTrips{kLost, 12'300us, 1234ms, kLost, kLost, 45us, kLost}));
  BOOST_CHECK(!series.interval);
}

BOOST_AUTO_TEST_CASE(a_log_that_begins_later_has_lost_nothing_before) {
  BOOST_TEST(parsed(answer(700) + answer(702)).round_trips.size() == 3u);
}

BOOST_AUTO_TEST_CASE(times_of_day_give_the_interval) {
  const PingSeries series = parsed("[1700000000.000000] " + answer(1) + "[1700000000.400000] " + answer(3) +
                                   "[1700000000.600000] no answer yet for icmp_seq=4\n");
  BOOST_CHECK((series.interval == std::optional<Duration>{200ms}));
  BOOST_CHECK((series.round_trips == RoundTrips{1ms, kLost, 1ms, kLost}));
}

BOOST_AUTO_TEST_CASE(an_answer_may_be_late_out_of_order_or_come_twice) {
  const PingSeries series = parsed("no answer yet for icmp_seq=1\n" + answer(2, "5") + answer(1, "1500") +
                                   "64 bytes from 192.0.2.1: icmp_seq=2 ttl=57 time=9 ms (DUP!)\n");
  BOOST_CHECK((series.round_trips == RoundTrips{1500ms, 5ms}));
  BOOST_TEST(series.duplicates == 1u);
}

BOOST_AUTO_TEST_CASE(numbers_of_16_bits_go_on_after_the_last) {
  const PingSeries series = parsed(answer(65'534) + answer(0) + answer(65'535, "3") + answer(1));
  BOOST_CHECK((series.round_trips == RoundTrips{1ms, 3ms, 1ms, 1ms}));
}

BOOST_AUTO_TEST_CASE(busybox_bsd_and_windows_are_understood) {
  BOOST_CHECK((parsed("PING 192.0.2.1 (192.0.2.1): 56 data bytes\n"
                      "64 bytes from 192.0.2.1: seq=0 ttl=57 time=1.5 ms\n"
                      "64 bytes from 192.0.2.1: seq=2 ttl=57 time=2.5 ms\n")
                   .round_trips == RoundTrips{1500us, kLost, 2500us}));
  BOOST_CHECK((parsed("PING 192.0.2.1 (192.0.2.1): 56 data bytes\n"
                      "64 bytes from 192.0.2.1: icmp_seq=0 ttl=57 time=1.500 ms\n"
                      "Request timeout for icmp_seq 1\n")
                   .round_trips == RoundTrips{1500us, kLost}));
  BOOST_CHECK((parsed("\r\nPinging example.com [192.0.2.1] with 32 bytes of data:\r\n"
                      "Reply from 192.0.2.1: bytes=32 time=12ms TTL=57\r\n"
                      "Request timed out.\r\n"
                      "Reply from 192.0.2.1: bytes=32 time<1ms TTL=57\r\n"
                      "Reply from 192.0.2.9: Destination host unreachable.\r\n"
                      "\r\nPing statistics for 192.0.2.1:\r\n"
                      "    Packets: Sent = 4, Received = 2, Lost = 2 (50% loss),\r\n")
                   .round_trips == RoundTrips{12ms, kLost, 500us, kLost}));
}

BOOST_AUTO_TEST_CASE(a_last_line_that_ping_did_not_finish_is_left_out) {
  const std::string whole = answer(1) + answer(2);
  for (std::size_t cut = answer(1).size(); cut + 1 < whole.size(); ++cut) {
    const PingSeries series = parsed(whole.substr(0, cut));
    BOOST_TEST(series.round_trips.size() <= 2u);
    BOOST_CHECK(series.round_trips[0] == std::optional<Duration>{1ms});
  }
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_said_with_its_line) {
  const std::string one = answer(1);
  BOOST_TEST(error_of(one + "64 bytes from 192.0.2.1: icmp_seq=2 ttl=57 time=fast\n" + answer(3))
                 .starts_with("ping.log:2: time=: "));
  BOOST_TEST(error_of(one + one + "64 bytes from 192.0.2.1: icmp_seq=65536 ttl=57 time=1 ms\n") ==
             "ping.log:3: a sequence number is between 0 and 65535");
  BOOST_TEST(error_of(one + "8 bytes from 192.0.2.1: icmp_seq=2 ttl=57\n") ==
             "ping.log:2: an answer without a time; ping tells it from 16 bytes of payload on (-s 16)");
  BOOST_TEST(error_of(one + "64 bytes from 192.0.2.1: ttl=57 time=1 ms\n") ==
             "ping.log:2: a round trip without a sequence number");
  BOOST_TEST(error_of("PING a (192.0.2.1) 56(84) bytes of data.\n" + one +
                      "PING b (192.0.2.2) 56(84) bytes of data.\n" + one) ==
             "ping.log:3: another ping begins here; fit each by itself");
  for (const char* const none :
       {"", "\n", "hello\nworld\n", "From 192.0.2.9 icmp_seq=4 Destination Host Unreachable\n"})
    BOOST_TEST(error_of(none).starts_with(
        "ping.log:1: no answers to a ping; expected lines such as \"64 bytes from"));
}

BOOST_AUTO_TEST_CASE(numbers_far_apart_do_not_take_the_memory) {
  std::string jumps;
  for (int i = 0; i < 400; ++i) jumps += answer(i * 32'000 % 65'536);
  BOOST_TEST(error_of(jumps) == "ping.log:314: more than 10000000 pings");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
