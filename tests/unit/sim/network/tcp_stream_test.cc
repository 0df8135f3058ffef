// TCP over one link, against what can be computed by hand.
#include "netrig/sim/network/tcp_stream.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>

#include "netrig/tests/support/allocation_counter.h"
#include "netrig/tests/unit/sim/network/network_testing.h"

namespace netrig::testing {
namespace {

constexpr std::uint64_t kSegment = kSegmentBytes;
constexpr std::int64_t kMs = 1'000'000;

OutgoingMessage write_of(std::size_t bytes) {
  std::vector<std::uint8_t> body(bytes);
  std::iota(body.begin(), body.end(), std::uint8_t{0});
  return {nullptr, payload_of(std::move(body))};
}

StreamConditions tcp(Duration rtt, TcpOptions options = {}) {
  return {.congestion = Congestion::cubic, .retransmit_after = rtt, .tcp = options};
}

// Half of `rtt` each way.
TcpStream stream_over(Duration rtt, TcpOptions options = {}, LinkConditions link = {}) {
  LinkConditions reverse;
  link.delay = reverse.delay = ConstantDelay{rtt / 2};
  return TcpStream{link, reverse, tcp(rtt, options), Random{1}};
}

struct CountingSink final : StreamSink {
  void on_delivered(std::span<const Chunk> chunks, Instant, Instant) override {
    for (const Chunk& chunk : chunks) bytes += chunk.bytes.size();
  }
  void on_retransmitted(std::size_t, Instant now) override {
    retransmitted_ms.push_back(ns_since_start(now) / kMs);
  }
  std::uint64_t bytes = 0;
  std::vector<std::int64_t> retransmitted_ms;
};

// Keeps `stream` full until `end`.
void saturate(TcpStream& stream, CountingSink& sink, Instant end) {
  const OutgoingMessage write = write_of(20 * kSegment);
  Instant now{};
  while (now <= end) {
    while (stream.enqueue(write, now) == SendStatus::accepted) {
    }
    now = *stream.next_deadline();
    stream.advance(now, sink);
  }
}

// A stream that loses exactly the wanted transmissions, of the first ones: seeds are tried until one does.
TcpStream losing(const std::vector<bool>& wanted, Duration rtt, TcpOptions options = {}) {
  LinkConditions link{.delay = ConstantDelay{rtt / 2}, .loss_ppm = 200'000};
  LinkConditions reverse{.delay = ConstantDelay{rtt / 2}};
  for (std::uint64_t seed = 0;; ++seed) {
    LossModel loss{link.loss_ppm, Random{seed}.fork("loss", 0)};
    if (std::ranges::all_of(wanted, [&](bool lost) { return loss.draw() == lost; }))
      return TcpStream{link, reverse, tcp(rtt, options), Random{seed}};
  }
}

std::vector<bool> lost_among(std::size_t transmissions, std::initializer_list<std::size_t> lost) {
  std::vector<bool> wanted(transmissions);
  for (const std::size_t number : lost) wanted[number - 1] = true;
  return wanted;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tcp_stream)

BOOST_AUTO_TEST_CASE(slow_start_doubles_each_round_trip) {
  TcpStream stream = stream_over(200ms);
  CountingSink sink;
  stream.enqueue(write_of(2'000 * kSegment), Instant{});
  for (std::uint64_t trips = 1; trips <= 7; ++trips) {
    advance_until(stream, Instant{200ms * trips}, sink);
    BOOST_TEST(sink.bytes == 10 * ((std::uint64_t{1} << trips) - 1) * kSegment);  // 10 (2^k - 1) segments
  }
}

BOOST_AUTO_TEST_CASE(the_initial_window_is_the_first_flight) {
  TcpStream stream = stream_over(200ms, {.initial_window_segments = 3});
  CountingSink sink;
  stream.enqueue(write_of(100 * kSegment), Instant{});
  advance_until(stream, Instant{199ms}, sink);
  BOOST_TEST(sink.bytes == 3 * kSegment);
}

BOOST_AUTO_TEST_CASE(at_5_s_of_round_trip_32_players_take_25_s_of_slow_start) {
  // 73,600 B/s over 5 s are 368,000 B, which is 252 segments; 10 * 2^5 are enough, after five round trips.
  TcpStream stream = stream_over(5s);
  CountingSink sink;
  const OutgoingMessage state = write_of(3'680);
  Instant wide_enough{};
  std::uint64_t backlog_max = 0;
  for (Instant now{}; now < Instant{60s}; now += 50ms) {
    advance_until(stream, now, sink);
    BOOST_REQUIRE(stream.enqueue(state, now) == SendStatus::accepted);
    backlog_max = std::max(backlog_max, stream.backlog_bytes(now));
    if (wide_enough == Instant{} && stream.sender().window().bytes() >= 252 * kSegment) wide_enough = now;
  }
  BOOST_TEST(seconds(wide_enough - Instant{}) == 25.0, boost::test_tools::tolerance(0.02));
  BOOST_TEST(backlog_max > 700'000u);  // what 20 s of a narrow window left behind
  const StreamFacts facts = *stream.facts(Instant{60s});
  BOOST_TEST(seconds(facts.ramp_up) > 25.0);
  BOOST_TEST(seconds(facts.ramp_up) < 36.0);  // the backlog is gone after two more round trips
  BOOST_TEST(stream.backlog_bytes(Instant{60s}) == 0u);
}

BOOST_AUTO_TEST_CASE(a_receive_window_caps_the_throughput_at_one_window_per_round_trip) {
  TcpStream stream = stream_over(200ms, {.receive_window_bytes = 20 * kSegment});
  CountingSink sink;
  saturate(stream, sink, Instant{100s});
  BOOST_TEST(static_cast<double>(sink.bytes) / 100 == 20.0 * kSegment / 0.2,
             boost::test_tools::tolerance(0.01));
  const StreamFacts facts = *stream.facts(Instant{100s});
  BOOST_TEST(seconds(facts.limited[static_cast<std::size_t>(StreamLimit::receive_window)]) > 99.0);
}

// The mean of RFC 9438, 5.1, in bytes a second: 1.054 * RTT^(3/4) / p^(3/4) segments a round trip.
double predicted_bytes_per_second(double rtt_seconds, double loss) {
  return 1.054 * std::pow(rtt_seconds / loss, 0.75) * static_cast<double>(kSegment) / rtt_seconds;
}

double measured_bytes_per_second(Duration rtt, std::uint32_t loss_ppm, Duration span) {
  constexpr std::uint64_t kRuns = 4;
  double sum = 0;
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    const LinkConditions link{.delay = ConstantDelay{rtt / 2}, .loss_ppm = loss_ppm};
    TcpStream stream{link, {.delay = ConstantDelay{rtt / 2}}, tcp(rtt), Random{seed}};
    CountingSink sink;
    saturate(stream, sink, Instant{span});
    sum += static_cast<double>(sink.bytes) / seconds(span);
  }
  return sum / kRuns;
}

// Where recoveries are rare. Random losses leave some 15 % more than evenly spaced ones.
BOOST_AUTO_TEST_CASE(random_loss_leaves_what_rfc_9438_predicts) {
  for (const auto& [rtt, loss_ppm] : {std::pair{200ms, 500u}, {400ms, 500u}, {400ms, 200u}}) {
    const double predicted = predicted_bytes_per_second(seconds(rtt), loss_ppm / 1e6);
    const double ratio = measured_bytes_per_second(rtt, loss_ppm, 2'000s) / predicted;
    BOOST_TEST_MESSAGE(rtt.count() << " ms, " << loss_ppm << " ppm: " << ratio << " of " << predicted
                                   << " B/s");
    BOOST_TEST(ratio > 0.9);
    BOOST_TEST(ratio < 1.25);
  }
}

BOOST_AUTO_TEST_CASE(one_percent_of_loss_at_5_s_leaves_less_than_that) {
  // The formula has 32.5 kB/s: losses evenly spaced, none during a recovery. 111 segments in flight lose one
  // each round trip, so half of the time is recovery, in which the window does not grow.
  const double predicted = predicted_bytes_per_second(5, 0.01);
  BOOST_TEST(predicted == 32'500, boost::test_tools::tolerance(0.01));
  const double measured = measured_bytes_per_second(5s, 10'000, 20'000s);
  BOOST_TEST_MESSAGE(measured << " B/s");
  BOOST_TEST(measured > predicted * 0.6);
  BOOST_TEST(measured < predicted * 0.85);
}

BOOST_AUTO_TEST_CASE(timeouts_double_up_to_a_minute) {
  TcpStream stream = stream_over(1s, {}, {.loss_ppm = 1'000'000});
  CountingSink sink;
  stream.enqueue(write_of(100), Instant{});
  advance_until(stream, Instant{220s}, sink);
  const std::vector<std::int64_t> expected{3'000, 9'000, 21'000, 45'000, 93'000, 153'000, 213'000};
  BOOST_CHECK(sink.retransmitted_ms == expected);  // 3 s first, then 6, 12, 24, 48, 60, 60
  BOOST_TEST(stream.facts(Instant{220s})->timeouts == 7u);
}

BOOST_AUTO_TEST_CASE(a_lost_segment_is_sent_again_when_three_later_ones_are_acknowledged) {
  TcpStream stream = losing(lost_among(12, {2}), 200ms);
  StreamLog log;
  stream.enqueue(write_of(8 * kSegment), Instant{});
  advance_until(stream, Instant{10s}, log);
  BOOST_REQUIRE(log.handovers.size() == 2u);
  BOOST_CHECK((log.handovers[0] == Handover{{kSegment}, 0, 100 * kMs}));
  BOOST_TEST(log.handovers[1].at_ns == 300 * kMs);  // known after a round trip, there half of one later
  BOOST_TEST(log.handovers[1].chunk_bytes.size() == 7u);
  BOOST_REQUIRE(log.drops.size() == 1u);
  BOOST_TEST(log.retransmitted_bytes == 1'500u);
  const StreamFacts facts = *stream.facts(Instant{10s});
  BOOST_TEST(facts.fast_retransmissions == 1u);
  BOOST_TEST(facts.window_cuts == 1u);
  BOOST_TEST(facts.timeouts == 0u);
}

BOOST_AUTO_TEST_CASE(a_lost_tail_waits_for_the_timeout) {
  TcpStream stream = losing(lost_among(12, {8}), 200ms);
  StreamLog log;
  stream.enqueue(write_of(8 * kSegment), Instant{});
  advance_until(stream, Instant{10s}, log);
  // Segment 7 is acknowledged at 240 ms. Samples of 200 and 240 ms after the handshake's 200: smoothed 205,
  // variation 66.25, so the timeout is 470 ms.
  BOOST_TEST(log.handovers.back().at_ns == (240 + 470 + 100) * kMs);
  BOOST_TEST(stream.facts(Instant{10s})->timeout_retransmissions == 1u);
}

BOOST_AUTO_TEST_CASE(a_lost_retransmission_needs_no_timeout_while_others_arrive) {
  // Ten go out; the first is lost, and so is what follows it: transmission 11 is the retransmission.
  TcpStream stream = losing(lost_among(40, {1, 11}), 200ms);
  CountingSink sink;
  stream.enqueue(write_of(40 * kSegment), Instant{});
  advance_until(stream, Instant{20s}, sink);
  BOOST_TEST(sink.bytes == 40 * kSegment);
  const StreamFacts facts = *stream.facts(Instant{20s});
  BOOST_TEST(facts.timeouts == 0u);
  BOOST_TEST(facts.fast_retransmissions == 2u);
  BOOST_TEST(facts.window_cuts == 1u);  // one recovery
}

BOOST_AUTO_TEST_CASE(overtaking_by_more_than_two_is_taken_for_a_loss_and_delivered_once) {
  LinkConditions link{.delay = ConstantDelay{50ms}, .reorder_ppm = 20'000, .reorder_delay = 30ms};
  TcpStream stream{link, {.delay = ConstantDelay{50ms}}, tcp(100ms), Random{3}};
  CountingSink sink;
  const OutgoingMessage write = write_of(kSegment);
  for (Instant now{}; now < Instant{20s}; now += 5ms) {
    advance_until(stream, now, sink);
    stream.enqueue(write, now);
  }
  advance_until(stream, Instant{40s}, sink);
  BOOST_TEST(sink.bytes == 4'000 * kSegment);
  BOOST_TEST(stream.facts(Instant{40s})->fast_retransmissions > 20u);  // none of them needed
}

BOOST_AUTO_TEST_CASE(a_lone_segment_is_acknowledged_40_ms_later) {
  TcpStream stream = stream_over(200ms);
  CountingSink sink;
  stream.enqueue(write_of(100), Instant{});
  BOOST_TEST(advance_until(stream, Instant{10s}, sink) ==
             3u);  // arrival, delayed acknowledgement, its arrival
  BOOST_CHECK(stream.sender().rtt().smoothed() == 200ms + 40ms / 8);
  BOOST_TEST(stream.facts(Instant{10s})->acks == 1u);
}

BOOST_AUTO_TEST_CASE(lost_acknowledgements_are_made_good_by_later_ones) {
  LinkConditions reverse{.delay = ConstantDelay{100ms}, .loss_ppm = 300'000};
  TcpStream stream{{.delay = ConstantDelay{100ms}}, reverse, tcp(200ms), Random{1}};
  CountingSink sink;
  saturate(stream, sink, Instant{60s});
  const StreamFacts facts = *stream.facts(Instant{60s});
  BOOST_TEST(facts.acks_lost > facts.acks / 5);
  BOOST_TEST(facts.fast_retransmissions == 0u);
  BOOST_TEST(facts.timeouts == 0u);
}

BOOST_AUTO_TEST_CASE(a_queue_that_is_full_drops_and_the_window_finds_the_rate) {
  LinkConditions link{
      .delay = ConstantDelay{50ms}, .rate_bits_per_second = 8'000'000, .queue_bytes_max = 100'000};
  TcpStream stream{link, {.delay = ConstantDelay{50ms}}, tcp(100ms), Random{1}};
  CountingSink sink;
  saturate(stream, sink, Instant{120s});
  const double share = 1'460.0 / 1'500;  // the headers' part of 1 MB/s
  BOOST_TEST(static_cast<double>(sink.bytes) / 120 > 0.9 * share * 1e6);
  BOOST_TEST(static_cast<double>(sink.bytes) / 120 <= share * 1e6);
  BOOST_TEST(stream.facts(Instant{120s})->window_cuts > 5u);
}

BOOST_AUTO_TEST_CASE(the_send_buffer_takes_a_whole_write_or_nothing) {
  TcpStream stream = stream_over(200ms, {.send_buffer_bytes = 30'000});
  BOOST_CHECK(stream.enqueue(write_of(20 * kSegment + 1), Instant{}) == SendStatus::too_large);
  BOOST_TEST(stream.empty());
  BOOST_CHECK(stream.enqueue(write_of(20 * kSegment), Instant{}) == SendStatus::accepted);  // 20 x 1,500 B
  BOOST_CHECK(stream.enqueue(write_of(1), Instant{}) == SendStatus::queue_full);
}

BOOST_AUTO_TEST_CASE(a_full_send_buffer_has_room_again_once_bytes_are_acknowledged) {
  TcpStream stream = stream_over(200ms, {.send_buffer_bytes = 30'000});
  CountingSink sink;
  BOOST_CHECK(stream.enqueue(write_of(15 * kSegment), Instant{}) == SendStatus::accepted);
  BOOST_CHECK(stream.enqueue(write_of(6 * kSegment), Instant{}) == SendStatus::queue_full);
  BOOST_TEST(stream.backlog_bytes(Instant{}) == 5 * kSegment);  // ten are under way
  advance_until(stream, Instant{100ms}, sink);
  BOOST_CHECK(stream.enqueue(write_of(6 * kSegment), Instant{100ms}) ==
              SendStatus::queue_full);  // not known yet
  advance_until(stream, Instant{200ms}, sink);
  BOOST_CHECK(stream.enqueue(write_of(6 * kSegment), Instant{200ms}) == SendStatus::accepted);
  advance_until(stream, Instant{10s}, sink);
  BOOST_TEST(sink.bytes == 21 * kSegment);
}

BOOST_AUTO_TEST_CASE(after_a_pause_the_window_starts_small_again) {
  TcpStream stream = stream_over(200ms);
  CountingSink sink;
  stream.enqueue(write_of(1'000 * kSegment), Instant{});
  advance_until(stream, Instant{10s}, sink);
  BOOST_TEST(stream.sender().window().bytes() > 400 * kSegment);
  stream.enqueue(write_of(1'000 * kSegment), Instant{100s});
  const std::uint64_t before = sink.bytes;
  advance_until(stream, Instant{100s + 199ms}, sink);
  BOOST_TEST(sink.bytes - before == 10 * kSegment);
}

BOOST_AUTO_TEST_CASE(the_times_of_the_facts_add_up) {
  LinkConditions link{.delay = ConstantDelay{100ms}, .loss_ppm = 20'000};
  TcpStream stream{link, {.delay = ConstantDelay{100ms}}, tcp(200ms), Random{1}};
  CountingSink sink;
  const OutgoingMessage write = write_of(40 * kSegment);
  for (Instant now{5s}; now < Instant{65s}; now += 100ms) {
    advance_until(stream, now, sink);
    stream.enqueue(write, now);
    if (now == Instant{25s}) stream.restart_facts(now);
  }
  const StreamFacts facts = *stream.facts(Instant{70s});
  BOOST_CHECK(facts.observed == 45s);
  BOOST_CHECK(std::accumulate(facts.limited.begin(), facts.limited.end(), Duration{0}) == 45s);
  BOOST_CHECK(facts.slow_start <= facts.observed);
  const std::uint64_t mean = facts.window_byte_ms / 45'000;
  BOOST_TEST(facts.window_bytes_min <= mean);
  BOOST_TEST(mean <= facts.window_bytes_max);
  BOOST_TEST(facts.fast_retransmissions > 20u);
}

BOOST_AUTO_TEST_CASE(a_write_longer_than_a_segment_is_cut_and_owned_to_the_end) {
  TcpStream stream = stream_over(200ms);
  StreamLog log;
  const OutgoingMessage write = write_of(3'700);
  stream.enqueue(write, Instant{5ms});
  advance_until(stream, kEver, log);
  BOOST_REQUIRE(log.handovers.size() == 1u);
  BOOST_CHECK((log.handovers[0] == Handover{{1'460, 1'460, 780}, 5 * kMs, 105 * kMs}));
  BOOST_TEST(log.last_owner == write.body);  // the sender's bytes, not a copy
  log.last_owner.reset();
  BOOST_TEST(write.body.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(the_sink_may_write_to_the_same_stream) {
  struct Echo final : StreamSink {
    explicit Echo(TcpStream& echoed) : stream(echoed) {}
    void on_delivered(std::span<const Chunk> chunks, Instant, Instant now) override {
      for (const Chunk& chunk : chunks) received += chunk.bytes.size();
      for (int i = 0; i < 3; ++i) echo(now);
    }
    void on_dropped(DropCause, std::size_t, Instant now) override { echo(now); }
    void on_retransmitted(std::size_t, Instant now) override { echo(now); }
    void echo(Instant now) {
      if (sent < 3'000 && stream.enqueue(write, now) == SendStatus::accepted) ++sent;
    }
    TcpStream& stream;
    OutgoingMessage write = write_of(2'000);
    int sent = 1;
    std::size_t received = 0;
  };
  LinkConditions link{.delay = ConstantDelay{1ms}, .loss_ppm = 100'000};
  TcpStream stream{link, {.delay = ConstantDelay{1ms}, .loss_ppm = 50'000}, tcp(2ms), Random{1}};
  Echo echo{stream};
  stream.enqueue(echo.write, Instant{});
  advance_until(stream, kEver, echo);
  BOOST_TEST(echo.received == 3'000u * 2'000);
}

BOOST_AUTO_TEST_CASE(nothing_is_allocated_after_warm_up) {
  LinkConditions link{.delay = ConstantDelay{100ms}, .jitter = 20ms, .loss_ppm = 1'000};
  TcpStream stream{link, {.delay = ConstantDelay{100ms}, .jitter = 20ms}, tcp(200ms), Random{1}};
  CountingSink sink;
  sink.retransmitted_ms.reserve(100'000);
  const OutgoingMessage write = write_of(3'700);
  Instant now{};
  const auto run_for = [&](int writes) {
    for (int i = 0; i < writes; ++i, now += 50ms) {
      stream.enqueue(write, now);
      advance_until(stream, now, sink);
    }
  };
  run_for(60'000);  // buffers grow to the most that was ever under way
  const std::uint64_t warm = allocations();
  run_for(10'000);
  BOOST_TEST(allocations() - warm == 0u);
  BOOST_TEST(sink.bytes > 69'000u * 3'700);
}

BOOST_AUTO_TEST_CASE(names_are_what_scenarios_and_reports_say) {
  BOOST_TEST(text(Congestion::cubic) == "cubic");
  BOOST_TEST(text(StreamLimit::application) == "application");
  BOOST_TEST(text(StreamLimit::congestion_window) == "congestion_window");
  BOOST_TEST(text(StreamLimit::receive_window) == "receive_window");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
