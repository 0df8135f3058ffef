// Whole seconds of sessions: what bytes_per_second means.
#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/metrics/recorder/recorder_testing.h"

namespace netrig::metrics {
namespace {

using namespace testing;
using catalog::kClientDownstreamBytesPerSecond;
using catalog::kClientUpstreamBytesPerSecond;

constexpr Duration kTick = 50ms;

struct Recording {
  // A state every tick in [from, to) for a client whose first one it is at `from`.
  void session(std::uint32_t client, Instant from, Instant to) {
    recorder.first_state_sent(client, from);
    states(client, from, to);
  }
  void states(std::uint32_t client, Instant from, Instant to) {
    for (Instant now = from; now < to; now += kTick)
      recorder.sent(client, Direction::downstream, state_packet(), now);
  }
  Histogram down(Selection only = {}) const {
    return RegistryView{recorder.registry()}.histogram(kClientDownstreamBytesPerSecond, only);
  }
  Histogram up() const { return RegistryView{recorder.registry()}.histogram(kClientUpstreamBytesPerSecond); }

  Instant start = instant_from_ns(12'345'678'901);
  Recorder recorder{two_cohorts()};
};

BOOST_AUTO_TEST_SUITE(seconds)

BOOST_AUTO_TEST_CASE(every_whole_second_from_the_first_state_on_is_one_sample_of_exactly_its_bytes) {
  Recording recording;
  recording.recorder.begin_measuring(recording.start);
  recording.session(kNear, recording.start, recording.start + 10s);
  recording.recorder.end_measuring(recording.start + 10s);
  const Histogram down = recording.down();
  BOOST_TEST(down.count() == 10u);
  BOOST_TEST(down.min().value() == 20 * kStateBytes);
  BOOST_TEST(down.max().value() == 20 * kStateBytes);
  BOOST_TEST(recording.up().count() == 10u);
  BOOST_TEST(recording.up().max().value() == 0u);

  const StateUpdateTotals& updates = recording.recorder.state_updates();
  BOOST_TEST(updates.client_seconds == 10u);
  BOOST_TEST(updates.bytes / updates.client_seconds == 71'040u);  // 32 entities, 20 times a second, 111 bytes
  BOOST_TEST(updates.messages == 10u * 20 * 32);
  BOOST_TEST((recording.recorder.session_time() == 10s));
}

BOOST_AUTO_TEST_CASE(a_second_that_is_not_whole_is_no_sample) {
  Recording recording;
  recording.recorder.begin_measuring(recording.start);
  recording.session(kNear, recording.start + 300ms, recording.start + 3s);
  recording.recorder.end_measuring(recording.start + 3s + 299ms);
  BOOST_TEST(recording.down().count() == 2u);
  BOOST_TEST(recording.recorder.state_updates().client_seconds == 2u);
  BOOST_TEST((recording.recorder.session_time() == 2s + 999ms));
}

BOOST_AUTO_TEST_CASE(a_packet_on_the_border_belongs_to_the_second_it_begins) {
  Recording recording;
  recording.recorder.begin_measuring(recording.start);
  recording.recorder.first_state_sent(kNear, recording.start);
  recording.recorder.sent(kNear, Direction::downstream, packet_of(MessageType::ping, 1, 4, 6),
                          recording.start + 1s - 1ns);
  recording.recorder.sent(kNear, Direction::downstream, state_packet(), recording.start + 1s);
  recording.recorder.end_measuring(recording.start + 2s);
  BOOST_TEST(recording.down().count() == 2u);
  BOOST_TEST(recording.down().min().value() == 10u);
  BOOST_TEST(recording.down().max().value() == kStateBytes);
}

BOOST_AUTO_TEST_CASE(sessions_there_already_count_from_the_start_of_the_window) {
  Recording recording;
  recording.session(kNear, recording.start, recording.start + 1s + 700ms);
  BOOST_TEST(recording.down().count() == 0u);
  const Instant window = recording.start + 1s + 700ms;
  recording.recorder.begin_measuring(window);
  recording.states(kNear, window, window + 5s);
  recording.recorder.end_measuring(window + 5s);
  BOOST_TEST(recording.down().count() == 5u);
  BOOST_TEST(recording.down().min().value() == 20 * kStateBytes);
  BOOST_TEST((recording.recorder.session_time() == 5s));
}

BOOST_AUTO_TEST_CASE(silence_within_a_session_counts_as_seconds_of_nothing) {
  Recording recording;
  recording.recorder.begin_measuring(recording.start);
  recording.session(kNear, recording.start, recording.start + 1s);
  recording.recorder.sent(kNear, Direction::upstream, packet_of(MessageType::input, 1, 13, 7),
                          recording.start + 4s);
  recording.recorder.end_measuring(recording.start + 5s);
  BOOST_TEST(recording.down().count() == 5u);
  BOOST_TEST(recording.down().min().value() == 0u);
  BOOST_TEST(recording.down().sum().low() == 20 * kStateBytes);
  BOOST_TEST(recording.up().sum().low() == 20u);
}

BOOST_AUTO_TEST_CASE(after_its_leave_a_client_has_no_seconds) {
  Recording recording;
  recording.recorder.begin_measuring(recording.start);
  recording.recorder.joined(kNear);
  recording.session(kNear, recording.start, recording.start + 2s + 500ms);
  recording.recorder.session_over(kNear, recording.start + 2s + 500ms);
  recording.states(kNear, recording.start + 2s + 500ms,
                   recording.start + 4s);  // what the server has not heard yet
  recording.recorder.end_measuring(recording.start + 10s);
  BOOST_TEST(recording.down().count() == 2u);
  BOOST_TEST((recording.recorder.session_time() == 2s + 500ms));
}

BOOST_AUTO_TEST_CASE(a_session_that_is_over_before_the_window_has_no_seconds_in_it) {
  Recording recording;
  recording.recorder.joined(kNear);
  recording.session(kNear, recording.start, recording.start + 1s);
  recording.recorder.session_over(kNear, recording.start + 1s);
  recording.recorder.begin_measuring(recording.start + 2s);
  recording.recorder.end_measuring(recording.start + 9s);
  BOOST_TEST(recording.down().count() == 0u);
  BOOST_TEST((recording.recorder.session_time() == 0ns));
}

BOOST_AUTO_TEST_CASE(a_client_that_comes_back_begins_new_seconds) {
  Recording recording;
  recording.recorder.begin_measuring(recording.start);
  recording.recorder.joined(kNear);
  recording.session(kNear, recording.start, recording.start + 1s + 500ms);
  recording.recorder.session_over(kNear, recording.start + 1s + 500ms);
  recording.recorder.joined(kNear);
  recording.session(kNear, recording.start + 3s + 250ms, recording.start + 5s);
  recording.recorder.end_measuring(recording.start + 5s);
  BOOST_TEST(recording.down().count() == 2u);  // one of each session
  BOOST_TEST(recording.down().min().value() == 20 * kStateBytes);
  BOOST_TEST((recording.recorder.session_time() == 1s + 500ms + 1s + 750ms));
}

BOOST_AUTO_TEST_CASE(cohorts_have_seconds_of_their_own) {
  Recording recording;
  recording.recorder.begin_measuring(recording.start);
  recording.session(kNear, recording.start, recording.start + 1s);
  recording.session(kFar, recording.start, recording.start + 2s);
  recording.session(kFarther, recording.start, recording.start + 2s);
  recording.recorder.session_over(kNear, recording.start + 1s);
  recording.recorder.end_measuring(recording.start + 2s);
  BOOST_TEST(recording.down({.cohort = 0}).count() == 1u);
  BOOST_TEST(recording.down({.cohort = 1}).count() == 4u);
  BOOST_TEST(recording.recorder.state_updates().client_seconds == 5u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::metrics
