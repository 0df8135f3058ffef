#include "netrig/metrics/recorder/server_recorder.h"

#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/metrics/recorder/recorder_testing.h"

namespace netrig::metrics {
namespace {

using namespace testing;

constexpr PeerId kPeer{7};
constexpr PeerId kStranger{8};
constexpr Instant kStart{};

struct Observed {
  Observed() {
    recorder.begin_measuring(kStart);
    server.bind(kPeer, kFar);
  }
  std::uint64_t count(CounterId id, Selection only = {}) const {
    return RegistryView{recorder.registry()}.counter(id, only);
  }
  Recorder recorder{two_cohorts()};
  ServerRecorder server{recorder};
};

BOOST_AUTO_TEST_SUITE(server_recorder)

BOOST_AUTO_TEST_CASE(what_is_said_of_a_peer_counts_for_its_client) {
  Observed observed;
  observed.server.on_packet(kPeer, state_packet(), kStart);
  observed.server.on_send_refused(kPeer, SendStatus::queue_full, kStart);
  observed.server.on_state_skipped(kPeer, Tick{1}, kStart);
  observed.server.on_send_queue(kPeer, 4'321, kStart);
  observed.server.on_input_queue(kPeer, 3, kStart);
  observed.server.on_input_dropped(kPeer, InputFate::repeated, kStart);
  observed.server.on_fault(kPeer, PeerFault::undecodable, kStart);
  BOOST_TEST(observed.count(catalog::kMessageBytesTotal, {.cohort = 1, .direction = Direction::downstream}) ==
             kStateUpdateBytes + kStateHeaderBytes);
  BOOST_TEST(observed.count(catalog::kSendQueueFullTotal, {.cohort = 1}) == 1u);
  BOOST_TEST(observed.count(catalog::kStatesSkippedTotal, {.cohort = 1}) == 1u);
  BOOST_TEST(observed.count(catalog::kInputsDroppedTotal, {.cohort = 1}) == 1u);
  const RegistryView view{observed.recorder.registry()};
  const Selection down{.cohort = 1, .direction = Direction::downstream};
  BOOST_TEST(view.histogram(catalog::kSendQueueBytes, down).max().value() == 4'321u);
  BOOST_TEST(view.histogram(catalog::kInputQueueInputs, {.cohort = 1}).max().value() == 3u);
  BOOST_TEST(observed.count(catalog::kErrorsTotal, {.cohort = 1}) == 1u);
}

BOOST_AUTO_TEST_CASE(a_write_that_can_never_be_sent_is_an_error_and_not_a_full_queue) {
  Observed observed;
  observed.server.on_send_refused(kPeer, SendStatus::too_large, kStart);
  observed.server.on_send_refused(kPeer, SendStatus::closed, kStart);  // told of by what closed it
  const auto cause = static_cast<std::size_t>(ErrorCause::message_too_large);
  BOOST_TEST(observed.count(catalog::kErrorsTotal, {.cohort = 1, .error_cause = cause}) == 1u);
  BOOST_TEST(observed.count(catalog::kErrorsTotal) == 1u);
  BOOST_TEST(observed.count(catalog::kSendQueueFullTotal) == 0u);
}

BOOST_AUTO_TEST_CASE(a_peer_that_is_nobodys_counts_for_nobody) {
  Observed observed;
  for (const PeerId peer : {kStranger, PeerId{}, PeerId{1}}) {
    observed.server.on_packet(peer, state_packet(), kStart);
    observed.server.on_state_sent(peer, Tick{1}, kStart);
    observed.server.on_fault(peer, PeerFault::undecodable, kStart);
    observed.server.on_left(peer, ClientId{1}, DisconnectReason::left, kStart);
  }
  BOOST_TEST(observed.count(catalog::kMessageBytesTotal) == 0u);
  BOOST_TEST(observed.count(catalog::kErrorsTotal) == 0u);
}

BOOST_AUTO_TEST_CASE(a_clients_seconds_begin_with_its_first_state_and_end_when_the_server_lets_it_go) {
  Observed observed;
  observed.server.on_packet(kPeer, packet_of(MessageType::welcome, 1, 44, 7), kStart + 100ms);
  for (int tick = 0; tick < 50; ++tick) {
    const Instant now = kStart + 200ms + tick * 50ms;
    observed.server.on_state_sent(kPeer, Tick{static_cast<std::uint32_t>(tick + 1)}, now);
    observed.server.on_packet(kPeer, state_packet(), now);
  }
  observed.server.on_left(kPeer, ClientId{1}, DisconnectReason::timeout, kStart + 2s + 700ms);
  observed.recorder.end_measuring(kStart + 60s);
  const Histogram down =
      RegistryView{observed.recorder.registry()}.histogram(catalog::kClientDownstreamBytesPerSecond);
  BOOST_TEST(down.count() == 2u);
  BOOST_TEST(down.min().value() == 20 * kStateBytes);
  BOOST_TEST(down.max().value() == 20 * kStateBytes);
  BOOST_TEST((observed.recorder.session_time() == 2s + 500ms));
}

BOOST_AUTO_TEST_CASE(a_server_alone_tells_sessions_and_round_trips_itself) {
  Recorder recorder{two_cohorts()};
  recorder.begin_measuring(kStart);
  ServerRecorder server{recorder, true};
  const auto count = [&](CounterId id) {
    return RegistryView{recorder.registry()}.counter(id, {.cohort = 1});
  };
  const auto here = [&] { return recorder.registry().gauges(catalog::kClientsConnected)[1]; };
  server.on_joined(kPeer, ClientId{1}, EntityId{1}, kStart);  // its peer is bound a moment later
  server.bind(kPeer, kFar);
  BOOST_TEST(here() == 1);
  server.on_rtt(kPeer, 200ms, kStart);
  server.on_rtt(kPeer, 230ms, kStart);
  server.on_detached(kPeer, ClientId{1}, kStart);
  BOOST_TEST(here() == 0);
  server.unbind(kPeer);
  server.bind(kStranger, kFar);
  server.on_resumed(kStranger, ClientId{1}, EntityId{1}, kStart);  // or bound before
  BOOST_TEST(here() == 1);
  server.on_left(kStranger, ClientId{1}, DisconnectReason::left, kStart);
  server.on_left(kStranger, ClientId{1}, DisconnectReason::left, kStart);  // it is not here any more
  server.on_refused(RefuseReason::server_full, kStart);
  BOOST_TEST(here() == 0);
  BOOST_TEST(count(catalog::kJoinsTotal) == 1u);
  BOOST_TEST(count(catalog::kResumesTotal) == 1u);
  BOOST_TEST(count(catalog::kLeavesTotal) == 2u);
  const RegistryView view{recorder.registry()};
  BOOST_TEST(view.histogram(catalog::kRttSeconds, {.cohort = 1}).count() == 2u);
  BOOST_TEST(view.histogram(catalog::kRttJitterSeconds, {.cohort = 1}).max().value() == 30'000'000u);
  BOOST_TEST(view.counter(catalog::kErrorsTotal) == 1u);
}

BOOST_AUTO_TEST_CASE(sessions_are_the_clients_to_tell_where_there_are_clients) {
  Observed observed;
  observed.server.on_joined(kPeer, ClientId{1}, EntityId{1}, kStart);
  observed.server.on_rtt(kPeer, 200ms, kStart);
  observed.server.on_left(kPeer, ClientId{1}, DisconnectReason::left, kStart);
  observed.server.on_refused(RefuseReason::server_full, kStart);
  BOOST_TEST(observed.count(catalog::kJoinsTotal) == 0u);
  BOOST_TEST(observed.count(catalog::kLeavesTotal) == 0u);
  BOOST_TEST(observed.count(catalog::kErrorsTotal) == 0u);
}

BOOST_AUTO_TEST_CASE(ticks_are_counted_and_a_tick_with_its_sending_is_timed_once) {
  Observed observed;
  const auto phases = [&](std::initializer_list<TickPhase> of) {
    for (const TickPhase phase : of) observed.server.on_phase(Tick{1}, phase);
  };
  using enum TickPhase;
  phases({receive, step, capture, encode, idle});
  observed.server.on_tick(Tick{1}, 32, 0, kStart);
  phases({receive, step, capture, encode, idle});
  observed.server.on_tick(Tick{2}, 32, 0, kStart);
  phases({send, idle});
  phases({send, idle});  // between two ticks: nothing to add to
  observed.server.on_ticks_skipped(3, kStart);

  const RegistryView view{observed.recorder.registry()};
  BOOST_TEST(view.counter(catalog::kTicksTotal) == 2u);
  BOOST_TEST(view.counter(catalog::kEntitiesEncodedTotal) == 64u);
  BOOST_TEST(view.counter(catalog::kTickOverrunsTotal) == 3u);
  BOOST_TEST(view.histogram(catalog::kTickDurationSeconds).count() ==
             1u);  // two ticks in one go were one work
  for (const Phase phase : {Phase::receive, Phase::step, Phase::capture, Phase::encode, Phase::send}) {
    BOOST_TEST(view.histogram(catalog::kTickPhaseDurationSeconds, {.phase = phase}).count() == 1u);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::metrics
