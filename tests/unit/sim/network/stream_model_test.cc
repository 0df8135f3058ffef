#include "netrig/sim/network/stream_model.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <numeric>

#include "netrig/tests/support/allocation_counter.h"
#include "netrig/tests/unit/sim/network/network_testing.h"

namespace netrig::testing {
namespace {

constexpr std::int64_t kMs = 1'000'000;

OutgoingMessage write_of(std::size_t head_bytes, std::size_t body_bytes) {
  std::vector<std::uint8_t> bytes(head_bytes + body_bytes);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  const auto middle = bytes.begin() + static_cast<std::ptrdiff_t>(head_bytes);
  return {payload_of({bytes.begin(), middle}), payload_of({middle, bytes.end()})};
}

using Sizes = std::vector<std::size_t>;

// A stream whose losses are known: seeds are tried until the wanted segments of the first write, and no
// others, are lost; their retransmissions get through.
struct LossyStream {
  static inline const LinkConditions kLink{.delay = ConstantDelay{100ms}, .loss_ppm = 300'000};
  static constexpr StreamConditions kStream{.retransmit_after = 200ms};

  static StreamModel losing(const std::vector<bool>& wanted) {
    for (std::uint64_t seed = 0;; ++seed) {
      LossModel loss{kLink.loss_ppm, Random{seed}.fork("loss", 0)};
      LossModel again{kLink.loss_ppm, Random{seed}.fork("retransmission.loss", 0)};
      bool as_wanted = true;
      for (const bool lost : wanted) as_wanted = loss.draw() == lost && as_wanted;
      for (std::size_t i = 0; i < wanted.size(); ++i) as_wanted = !again.draw() && as_wanted;
      if (as_wanted) return StreamModel{kLink, kStream, Random{seed}};
    }
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(stream_model)

BOOST_AUTO_TEST_CASE(a_write_arrives_at_once_cut_at_segments_and_where_its_parts_meet) {
  StreamModel stream{{.delay = ConstantDelay{100ms}}, {}, Random{1}};
  StreamLog log;
  const OutgoingMessage write = write_of(20, 3'680);
  BOOST_CHECK(stream.enqueue(write, Instant{5ms}) == SendStatus::accepted);
  BOOST_TEST(stream.in_flight_bytes() == 3'700u);
  BOOST_TEST(stream.backlog_bytes(Instant{5ms}) == 0u);
  BOOST_TEST(advance_until(stream, kEver, log) == 1u);  // one wake-up for the whole write
  BOOST_REQUIRE(log.handovers.size() == 1u);
  BOOST_CHECK((log.handovers[0] == Handover{{20, 1'440, 1'460, 780}, 5 * kMs, 105 * kMs}));
  BOOST_TEST(log.bytes.size() == 3'700u);
  BOOST_TEST(log.bytes[3'699] == static_cast<std::uint8_t>(3'699 % 256));
  BOOST_TEST(log.last_owner == write.body);  // the sender's bytes, not a copy
  BOOST_TEST(stream.empty());
  BOOST_TEST(stream.in_flight_bytes() == 0u);
  log.last_owner.reset();
  BOOST_TEST(write.body.use_count() == 1);  // let go once delivered
  BOOST_TEST(write.head.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(segments_that_leave_together_travel_together_under_jitter) {
  StreamModel stream{{.delay = UniformDelay{100ms, 200ms}, .jitter = 20ms}, {}, Random{1}};
  StreamLog log;
  std::vector<std::int64_t> travelled;
  for (Instant now{}; now < Instant{100s}; now += 1s) {
    stream.enqueue(write_of(0, 14'600), now);
    BOOST_REQUIRE(advance_until(stream, now + 999ms, log) == 1u);
    travelled.push_back(log.handovers.back().at_ns - log.handovers.back().sent_ns);
  }
  std::sort(travelled.begin(), travelled.end());
  BOOST_TEST((std::unique(travelled.begin(), travelled.end()) == travelled.end()));  // each write by itself
}

BOOST_AUTO_TEST_CASE(framing_shifts_the_segments_of_the_payload) {
  StreamModel stream{{}, {.kind = TransportKind::wss, .direction = Direction::up}, Random{1}};
  StreamLog log;
  stream.enqueue(write_of(0, 3'000), Instant{});
  advance_until(stream, kEver, log);
  // 22 B of TLS, 4 B of header and 4 B of mask lie ahead of the payload in the first segment.
  BOOST_TEST(log.handovers.at(0).chunk_bytes == (Sizes{1'430, 1'460, 110}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_write_of_one_part_or_of_nothing_is_fine) {
  StreamModel stream{{}, {.kind = TransportKind::memory}, Random{1}};
  StreamLog log;
  const OutgoingMessage both = write_of(10, 10);
  BOOST_CHECK(stream.enqueue({both.head, nullptr}, Instant{}) == SendStatus::accepted);
  BOOST_CHECK(stream.enqueue({nullptr, both.body}, Instant{}) == SendStatus::accepted);
  BOOST_CHECK(stream.enqueue({}, Instant{}) == SendStatus::accepted);
  BOOST_CHECK(stream.next_deadline() == Instant{});  // no delay: due at once
  advance_until(stream, kEver, log);
  BOOST_TEST(log.handovers.size() == 2u);
  BOOST_TEST(log.bytes.size() == 20u);
  BOOST_CHECK(!stream.next_deadline());
}

BOOST_AUTO_TEST_CASE(one_megabyte_of_wire_bytes_over_8_megabits_takes_one_second_plus_propagation) {
  StreamModel stream{
      {.delay = ConstantDelay{250ms}, .rate_bits_per_second = 8'000'000, .queue_bytes_max = 1'000'000},
      {},
      Random{1}};
  StreamLog log;
  // 1,000 segments of 960 B of payload and 40 B of header.
  for (int i = 0; i < 1'000; ++i)
    BOOST_REQUIRE(stream.enqueue(write_of(0, 960), Instant{}) == SendStatus::accepted);
  BOOST_TEST(stream.backlog_bytes(Instant{}) == 1'000'000u);
  BOOST_TEST(stream.backlog_bytes(Instant{600ms}) == 400'000u);
  advance_until(stream, kEver, log);
  BOOST_TEST(log.bytes.size() == 960'000u);
  BOOST_TEST(log.handovers.front().at_ns == 251 * kMs);
  BOOST_TEST(log.handovers.back().at_ns == 1'250 * kMs);
}

BOOST_AUTO_TEST_CASE(a_rate_pulls_the_segments_of_one_write_apart) {
  StreamModel stream{{.rate_bits_per_second = 8'000'000, .queue_bytes_max = 10'000}, {}, Random{1}};
  StreamLog log;
  stream.enqueue(write_of(0, 3'000), Instant{});
  BOOST_TEST(advance_until(stream, kEver, log) == 3u);
  BOOST_CHECK((log.handovers[0] == Handover{{1'460}, 0, 1'500'000}));
  BOOST_CHECK((log.handovers[1] == Handover{{1'460}, 0, 3'000'000}));
  BOOST_CHECK((log.handovers[2] == Handover{{80}, 0, 3'120'000}));
}

BOOST_AUTO_TEST_CASE(the_send_buffer_takes_a_whole_write_or_nothing) {
  StreamModel stream{{.rate_bits_per_second = 8'000'000, .queue_bytes_max = 3'000}, {}, Random{1}};
  StreamLog log;
  BOOST_CHECK(stream.enqueue(write_of(0, 2'921), Instant{}) == SendStatus::too_large);  // 3 headers: 3,041 B
  BOOST_CHECK(stream.enqueue(write_of(0, 2'920), Instant{}) == SendStatus::accepted);   // 2 headers: 3,000 B
  BOOST_CHECK(stream.enqueue(write_of(0, 1), Instant{}) == SendStatus::queue_full);
  BOOST_CHECK(stream.enqueue(write_of(0, 1), Instant{40us}) ==
              SendStatus::queue_full);  // 41 B are not free yet
  BOOST_CHECK(stream.enqueue(write_of(0, 1), Instant{41us}) == SendStatus::accepted);
  advance_until(stream, kEver, log);
  BOOST_TEST(log.bytes.size() == 2'921u);
}

BOOST_AUTO_TEST_CASE(what_is_in_flight_is_bounded) {
  // Everything is lost, so that nothing ever leaves the sender's memory.
  StreamModel stream{{.loss_ppm = 1'000'000}, {.retransmit_after = 1s}, Random{1}};
  const OutgoingMessage write = write_of(0, 1024 * 1024);
  for (int i = 0; i < 64; ++i) BOOST_REQUIRE(stream.enqueue(write, Instant{}) == SendStatus::accepted);
  BOOST_CHECK(stream.enqueue(write, Instant{}) == SendStatus::queue_full);
  StreamLog log;
  stream.advance(Instant{10s}, log);
  BOOST_TEST(log.handovers.empty());
  BOOST_TEST(stream.segments_retransmitted() ==
             10u * 64 * 719);  // each of the 719 segments of 1 MiB, each second
}

BOOST_AUTO_TEST_CASE(a_lost_segment_arrives_one_retransmission_later_and_holds_back_what_follows) {
  StreamModel stream = LossyStream::losing({false, true, false, false});
  StreamLog log;
  stream.enqueue(write_of(0, 4'000), Instant{});    // segments 1, 2 (lost) and 3
  stream.enqueue(write_of(0, 500), Instant{50ms});  // segment 4 waits for 2 as well
  BOOST_TEST(advance_until(stream, kEver, log) == 3u);
  BOOST_REQUIRE(log.handovers.size() == 3u);
  BOOST_CHECK((log.handovers[0] == Handover{{1'460}, 0, 100 * kMs}));
  BOOST_CHECK((log.handovers[1] == Handover{{1'460, 1'080}, 0, 300 * kMs}));  // lost at 0, sent again at 200
  BOOST_CHECK((log.handovers[2] == Handover{{500}, 50 * kMs, 300 * kMs}));
  BOOST_REQUIRE(log.drops.size() == 1u);
  BOOST_CHECK(log.drops[0].cause == DropCause::loss);
  BOOST_TEST(log.drops[0].wire_bytes == 1'500u);
  BOOST_TEST(log.drops[0].at_ns == 200 * kMs);
  BOOST_TEST(log.retransmitted_bytes == 1'500u);
  BOOST_TEST(stream.segments_retransmitted() == 1u);
}

BOOST_AUTO_TEST_CASE(several_lost_segments_cost_one_retransmission_together) {
  StreamModel stream = LossyStream::losing({true, true, false, true});
  StreamLog log;
  stream.enqueue(write_of(0, 5'000), Instant{});
  advance_until(stream, kEver, log);
  BOOST_REQUIRE(log.handovers.size() == 1u);
  BOOST_CHECK((log.handovers[0] == Handover{{1'460, 1'460, 1'460, 620}, 0, 300 * kMs}));
  BOOST_TEST(stream.segments_retransmitted() == 3u);
}

BOOST_AUTO_TEST_CASE(each_loss_of_one_segment_costs_one_more_round_trip) {
  const LinkConditions link{.delay = ConstantDelay{100ms}, .loss_ppm = 500'000};
  std::vector<int> seen(4);
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    StreamModel stream{link, {.retransmit_after = 200ms}, Random{seed}};
    StreamLog log;
    stream.enqueue(write_of(0, 100), Instant{});
    advance_until(stream, kEver, log);
    const auto losses = static_cast<std::int64_t>(stream.segments_retransmitted());
    BOOST_REQUIRE(log.handovers.at(0).at_ns == (100 + 200 * losses) * kMs);
    if (losses < 4) ++seen[static_cast<std::size_t>(losses)];
  }
  // A geometric distribution: 1,000, 500, 250, 125; within five deviations.
  BOOST_CHECK_SMALL(seen[0] - 1'000.0, 112.0);
  BOOST_CHECK_SMALL(seen[1] - 500.0, 97.0);
  BOOST_CHECK_SMALL(seen[2] - 250.0, 74.0);
  BOOST_CHECK_SMALL(seen[3] - 125.0, 55.0);
}

BOOST_AUTO_TEST_CASE(a_round_trip_of_nothing_counts_as_one_millisecond) {
  StreamModel stream{{.loss_ppm = 1'000'000}, {.retransmit_after = 0ms}, Random{1}};
  StreamLog log;
  stream.enqueue(write_of(0, 100), Instant{});
  stream.advance(Instant{10ms}, log);
  BOOST_TEST(stream.segments_retransmitted() == 10u);
}

BOOST_AUTO_TEST_CASE(a_retransmission_that_finds_the_queue_full_is_dropped_by_it_and_sent_again) {
  StreamModel stream{{.loss_ppm = 300'000, .rate_bits_per_second = 80'000, .queue_bytes_max = 3'000},
                     {.retransmit_after = 1ms},
                     Random{2}};
  StreamLog log;
  Instant now{};
  std::size_t accepted_bytes = 0;
  for (int i = 0; i < 2'000; ++i, now += 20ms) {
    advance_until(stream, now, log);
    while (stream.enqueue(write_of(0, 460), now) == SendStatus::accepted) accepted_bytes += 460;
  }
  advance_until(stream, kEver, log);
  std::size_t queue_full = 0;
  for (const StreamLog::Drop& drop : log.drops) queue_full += drop.cause == DropCause::queue_full ? 1 : 0;
  BOOST_TEST(queue_full > 100u);
  BOOST_TEST(log.drops.size() > queue_full);
  BOOST_TEST(log.bytes.size() == accepted_bytes);
}

BOOST_AUTO_TEST_CASE(a_segment_held_back_by_reordering_holds_back_the_pipe) {
  StreamModel stream{
      {.delay = ConstantDelay{10ms}, .reorder_ppm = 1'000'000, .reorder_delay = 5ms}, {}, Random{1}};
  StreamLog log;
  stream.enqueue(write_of(0, 100), Instant{});
  advance_until(stream, kEver, log);
  BOOST_TEST(log.handovers.at(0).at_ns == 15 * kMs);
}

BOOST_AUTO_TEST_CASE(a_change_of_the_loss_shifts_no_delay) {
  LinkConditions link{.delay = UniformDelay{50ms, 90ms}, .jitter = 5ms};
  const auto arrivals = [&link] {
    StreamModel stream{link, {.retransmit_after = 200ms}, Random{3}};
    StreamLog log;
    std::vector<std::int64_t> at_ns;
    // Writes so far apart that none waits for another.
    for (Instant now{}; now < Instant{2'000s}; now += 10s) {
      stream.enqueue(write_of(0, 100), now);
      advance_until(stream, now + 9s, log);
    }
    for (const Handover& handover : log.handovers) at_ns.push_back(handover.at_ns);
    return at_ns;
  };
  const auto without = arrivals();
  link.loss_ppm = 200'000;
  const auto with = arrivals();
  BOOST_REQUIRE(with.size() == without.size());
  std::size_t retransmitted = 0;
  for (std::size_t i = 0; i < with.size(); ++i) {
    if (with[i] == without[i]) continue;
    ++retransmitted;
    BOOST_REQUIRE(with[i] - without[i] > (200 - 50) * kMs);  // one round trip, and another draw of the delay
  }
  BOOST_TEST(retransmitted > 15u);
  BOOST_TEST(retransmitted < 70u);
}

BOOST_AUTO_TEST_CASE(a_late_call_of_advance_does_all_that_was_due) {
  StreamModel stream = LossyStream::losing({true, false, false});
  StreamLog log;
  stream.enqueue(write_of(0, 4'000), Instant{});
  stream.advance(Instant{7s}, log);
  BOOST_REQUIRE(log.handovers.size() == 1u);
  BOOST_CHECK((log.handovers[0] == Handover{{1'460, 1'460, 1'080}, 0, 7'000 * kMs}));
  BOOST_TEST(log.drops.at(0).at_ns == 200 * kMs);
}

BOOST_AUTO_TEST_CASE(the_sink_may_write_to_the_same_stream) {
  struct Echo final : StreamSink {
    explicit Echo(StreamModel& echoed) : stream(echoed) {}
    void on_delivered(std::span<const Chunk> chunks, Instant, Instant now) override {
      for (const Chunk& chunk : chunks) received += chunk.bytes.size();
      for (int i = 0; i < 3 && sent < 3'000; ++i, ++sent) stream.enqueue(write_of(10, 2'000), now);
    }
    void on_retransmitted(std::size_t, Instant now) override {
      if (sent < 3'000) stream.enqueue(write_of(10, 2'000), now), ++sent;
    }
    StreamModel& stream;
    int sent = 1;
    std::size_t received = 0;
  };
  StreamModel stream{
      {.delay = ConstantDelay{1ms}, .loss_ppm = 100'000}, {.retransmit_after = 2ms}, Random{1}};
  Echo echo{stream};
  stream.enqueue(write_of(10, 2'000), Instant{});
  advance_until(stream, kEver, echo);
  BOOST_TEST(echo.received == 3'000u * 2'010);
}

BOOST_AUTO_TEST_CASE(nothing_is_allocated_after_warm_up) {
  struct Sink final : StreamSink {
    void on_delivered(std::span<const Chunk> chunks, Instant, Instant) override {
      for (const Chunk& chunk : chunks) bytes += chunk.bytes.size();
    }
    std::size_t bytes = 0;
  } sink;
  StreamModel stream{{.delay = ConstantDelay{100ms}, .jitter = 50ms, .loss_ppm = 10'000},
                     {.retransmit_after = 200ms},
                     Random{1}};
  const OutgoingMessage write = write_of(20, 3'680);
  Instant now{};
  const auto run_for = [&](int writes) {
    for (int i = 0; i < writes; ++i, now += 1ms) {
      stream.enqueue(write, now);
      advance_until(stream, now, sink);
    }
  };
  run_for(20'000);
  const std::uint64_t warm = allocations();
  run_for(10'000);
  const std::uint64_t done = allocations();
  BOOST_TEST(done - warm == 0u);
  BOOST_TEST(sink.bytes > 29'000u * 3'700);
}

BOOST_AUTO_TEST_CASE(congestion_has_a_name) {
  BOOST_TEST(text(Congestion::ideal) == "ideal");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
