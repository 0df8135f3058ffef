// Random writes over random links against two oracles: the bytes themselves, and a model of the lossless case
// that keeps every segment in a list.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "netrig/tests/unit/sim/network/network_testing.h"

namespace netrig::testing {
namespace {

// The next bytes of an endless pipe, so that a byte lost, repeated or swapped is seen.
class Pipe {
 public:
  PayloadRef next(std::size_t bytes) {
    if (bytes == 0) return nullptr;
    std::vector<std::uint8_t> piece(bytes);
    for (std::uint8_t& byte : piece) written.push_back(byte = static_cast<std::uint8_t>(random_.bits()));
    return payload_of(std::move(piece));
  }
  std::vector<std::uint8_t> written;

 private:
  Random random_{77};
};

LinkConditions random_link(Random& random) {
  LinkConditions link{.delay = UniformDelay{Duration{random.between(0, 50'000'000)}, 50ms},
                      .jitter = Duration{random.between(0, 20'000'000)},
                      .jitter_may_reorder = random.chance(500'000),
                      .loss_ppm = 200'000,
                      .duplicate_ppm = 50'000,
                      .reorder_ppm = 50'000,
                      .reorder_delay = 30ms};
  if (random.chance(500'000)) {
    link.rate_bits_per_second = 1'000'000 + random.below(50'000'000);
    link.queue_bytes_max = 20'000 + random.below(200'000);
  }
  return link;
}

// Asserts what holds for every stream at every moment.
struct CheckingSink final : StreamSink {
  explicit CheckingSink(const Pipe& sent) : pipe(sent) {}
  void on_delivered(std::span<const Chunk> chunks, Instant sent_at, Instant now) override {
    BOOST_REQUIRE(!chunks.empty());
    BOOST_REQUIRE(sent_at <= now);
    BOOST_REQUIRE(now >= newest);
    newest = now;
    for (const Chunk& chunk : chunks) {
      BOOST_REQUIRE(!chunk.bytes.empty());
      BOOST_REQUIRE(chunk.bytes.size() <= kSegmentBytesMax);
      BOOST_REQUIRE(chunk.owner != nullptr);
      BOOST_REQUIRE(received + chunk.bytes.size() <= pipe.written.size());
      BOOST_REQUIRE(std::equal(chunk.bytes.begin(), chunk.bytes.end(),
                               pipe.written.begin() + static_cast<std::ptrdiff_t>(received)));
      received += chunk.bytes.size();
    }
  }
  const Pipe& pipe;
  std::size_t received = 0;
  Instant newest{};
};

void run_random_stream(std::uint64_t seed) {
  Random random{seed};
  const auto kind = static_cast<TransportKind>(random.below(5));
  StreamModel stream{random_link(random),
                     {.kind = kind,
                      .direction = static_cast<Direction>(random.below(2)),
                      .retransmit_after = Duration{random.between(0, 100'000'000)}},
                     random.fork("link", 0)};
  Pipe pipe;
  CheckingSink sink{pipe};
  Instant now{};
  for (int i = 0; i < 300; ++i) {
    now += Duration{random.between(0, 30'000'000)};
    if (random.chance(900'000)) advance_until(stream, now, sink);  // now and then the caller is late
    const std::size_t before = pipe.written.size();
    const OutgoingMessage write{pipe.next(random.below(3) * random.below(2'000)),
                                pipe.next(random.below(6'000))};
    if (stream.enqueue(write, now) != SendStatus::accepted) pipe.written.resize(before);
    BOOST_REQUIRE(stream.in_flight_bytes() == pipe.written.size() - sink.received);
  }
  advance_until(stream, kEver, sink);
  BOOST_REQUIRE(sink.received == pipe.written.size());
  BOOST_REQUIRE(stream.empty());
  BOOST_REQUIRE(stream.segments_retransmitted() > 0);
}

// Lossless, in the most obvious way: each segment leaves when the one before it has, travels, and is handed
// over once all before it are there.
struct NaiveStream {
  std::int64_t per_byte_ns, delay_ns;
  std::int64_t link_free_ns = 0, newest_ns = 0;
  std::vector<std::pair<std::int64_t, std::size_t>> segments;  // delivered at, payload bytes

  void write(std::size_t bytes, std::int64_t now_ns) {
    for (; bytes > 0; bytes -= std::min(bytes, kSegmentBytesMax)) {
      const std::size_t segment = std::min(bytes, kSegmentBytesMax);
      link_free_ns = std::max(link_free_ns, now_ns) + static_cast<std::int64_t>(segment + 40) * per_byte_ns;
      newest_ns = std::max(newest_ns, link_free_ns + delay_ns);
      segments.emplace_back(newest_ns, segment);
    }
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(stream_model_properties)

BOOST_AUTO_TEST_CASE(all_bytes_arrive_once_and_in_order_whatever_the_link_does) {
  for (const std::uint64_t base : {std::uint64_t{0}, extra_seed()}) {
    BOOST_TEST_MESSAGE("seeds " << base * 1'000 << " to " << base * 1'000 + 59
                                << "; repeat with NETRIG_SEED=" << base);
    for (std::uint64_t round = 0; round < 60; ++round) {
      BOOST_TEST_CONTEXT("seed " << base * 1'000 + round) run_random_stream(base * 1'000 + round);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_lossless_stream_agrees_with_a_list_of_segments) {
  const std::uint64_t seed = extra_seed();
  BOOST_TEST_MESSAGE("seed " << seed << "; repeat with NETRIG_SEED=" << seed);
  Random random{seed};
  StreamModel stream{
      {.delay = ConstantDelay{70ms}, .rate_bits_per_second = 8'000'000, .queue_bytes_max = 1 << 30},
      {},
      Random{1}};
  NaiveStream oracle{.per_byte_ns = 1'000, .delay_ns = 70'000'000, .segments = {}};
  StreamLog log;
  Pipe pipe;
  Instant now{};
  for (int i = 0; i < 2'000; ++i) {
    now += Duration{random.between(0, 6'000'000)};
    advance_until(stream, now, log);
    const std::size_t bytes = 1 + random.below(8'000);
    stream.enqueue({nullptr, pipe.next(bytes)}, now);
    oracle.write(bytes, ns_since_start(now));
  }
  advance_until(stream, kEver, log);
  std::vector<std::pair<std::int64_t, std::size_t>> segments;
  for (const Handover& handover : log.handovers)
    for (const std::size_t bytes : handover.chunk_bytes) segments.emplace_back(handover.at_ns, bytes);
  BOOST_CHECK(segments == oracle.segments);
  BOOST_CHECK(log.bytes == pipe.written);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
