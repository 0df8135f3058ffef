// Random writes over random links against two oracles: the bytes themselves, and a second TCP that keeps
// everything in plain containers and computes everything anew from them, one event for each segment and each
// acknowledgement, which carries the whole list of what has arrived. Window, timeout and path are shared with
// the model: they have tests of their own.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "netrig/sim/network/tcp_stream.h"
#include "netrig/tests/unit/sim/network/network_testing.h"

namespace netrig::testing {
namespace {

struct Delivery {
  std::int64_t at_ns = 0;
  std::uint64_t segments = 0;  // delivered by then
  friend bool operator==(const Delivery&, const Delivery&) = default;
};

class NaiveTcp {
 public:
  NaiveTcp(const LinkConditions& link, LinkConditions reverse, const StreamConditions& stream, Random random)
      : options_(stream.tcp),
        path_(link, random),
        ack_path_(without_rate(reverse), random.fork("ack", 0)),
        window_(stream.tcp.initial_window_segments * kSegmentBytes),
        timeout_(stream.retransmit_after, stream.tcp.timeout_min) {}

  void write(std::uint32_t bytes, Instant now) {
    if (unacknowledged().empty() && unsent_ == segments_.size() && !transmissions_.empty()) {
      const Duration idle = now - last_sent_;
      if (idle > timeout_.timeout()) window_.on_restart(idle, timeout_.timeout());
    }
    for (; bytes > 0; bytes -= std::min<std::uint32_t>(bytes, kSegmentBytes))
      segments_.push_back({.bytes = std::min<std::uint32_t>(bytes, kSegmentBytes)});
    send(now);
  }

  void run_until(Instant bound) {
    for (Instant due = next(); due <= bound; due = next()) step(due);
  }

  std::vector<Delivery> deliveries;
  std::uint64_t sent_again = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t cuts = 0;

 private:
  struct Segment {
    std::uint32_t bytes = 0;
    std::vector<std::uint64_t> transmissions{};
    bool acknowledged = false;
    bool lost = false;
  };
  struct Sending {
    std::uint64_t segment = 0;
    Instant at;
  };
  enum class Recovery : std::uint8_t { none, fast, after_timeout };

  static LinkConditions without_rate(LinkConditions link) {
    link.rate_bits_per_second = link.queue_bytes_max = 0;
    return link;
  }

  Instant next() const {
    Instant next = Instant{1'000'000'000s};
    if (!flights_.empty()) next = std::min(next, flights_.begin()->first);
    if (!acks_.empty()) next = std::min(next, acks_.begin()->first);
    if (ack_timer_) next = std::min(next, *ack_timer_);
    if (timer_) next = std::min(next, *timer_);
    return next;
  }

  void step(Instant now) {
    while (!flights_.empty() && flights_.begin()->first == now) {
      arrive(flights_.begin()->second, now);
      flights_.erase(flights_.begin());
    }
    if (ack_timer_ && *ack_timer_ == now) acknowledge(now);
    std::set<std::uint64_t> told;
    for (; !acks_.empty() && acks_.begin()->first == now; acks_.erase(acks_.begin()))
      if (acks_.begin()->second.size() > told.size()) told = acks_.begin()->second;
    hear(told, now);
    if (timer_ && *timer_ == now) time_out(now);
    send(now);
  }

  // --- the receiver

  std::uint64_t in_order() const {
    std::uint64_t count = 0;
    while (received_.contains(count)) ++count;
    return count;
  }

  void arrive(std::uint64_t transmission, Instant now) {
    const std::uint64_t segment = transmissions_[transmission].segment;
    const std::uint64_t before = in_order();
    const bool had_gap = received_.size() > before;
    const bool is_copy = received_.contains(segment);
    arrived_.insert(transmission);
    received_.insert(segment);
    if (in_order() > before) deliveries.push_back({ns_since_start(now), in_order()});
    if (is_copy || had_gap || segment != before) return acknowledge(now);
    if (++pending_ == 2) return acknowledge(now);
    if (!ack_timer_) ack_timer_ = now + 40ms;
  }

  void acknowledge(Instant now) {
    pending_ = 0;
    ack_timer_.reset();
    const SegmentPath::Fate fate = ack_path_.send(40, now);
    if (!fate.dropped) acks_.emplace(fate.arrives_at, arrived_);
  }

  // --- the sender

  std::vector<std::uint64_t> unacknowledged() const {
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t number = 0; number < unsent_; ++number)
      if (!segments_[number].acknowledged) numbers.push_back(number);
    return numbers;
  }
  std::uint64_t first() const {
    const auto numbers = unacknowledged();
    return numbers.empty() ? unsent_ : numbers.front();
  }
  std::uint64_t in_flight() const {
    std::uint64_t bytes = 0;
    for (const std::uint64_t number : unacknowledged())
      if (!segments_[number].lost) bytes += segments_[number].bytes;
    return bytes;
  }
  std::uint64_t outstanding() const {
    std::uint64_t bytes = 0;
    for (std::uint64_t number = first(); number < unsent_; ++number) bytes += segments_[number].bytes;
    return bytes;
  }

  void hear(const std::set<std::uint64_t>& told, Instant now) {
    if (told.size() <= heard_in_order_.size()) return;
    const std::uint64_t first_before = first();
    std::uint64_t acked_bytes = 0;
    bool sampled = false;
    for (const std::uint64_t transmission : in_order_of_arrival(told)) {
      heard_in_order_.insert(transmission);
      Segment& segment = segments_[transmissions_[transmission].segment];
      if (segment.acknowledged) continue;
      segment.acknowledged = true;
      segment.lost = false;
      acked_bytes += segment.bytes;
      if (segment.transmissions.size() == 1 && !sampled) {
        timeout_.sample(now - transmissions_[segment.transmissions.front()].at);
        sampled = true;
      }
    }
    if (first() > first_before) {
      timeouts_in_a_row_ = 0;
      timer_.reset();
      if (outstanding() > 0) timer_ = now + timeout_.timeout();
    }
    if (first() >= recovery_end_) recovery_ = Recovery::none;
    std::uint64_t in_order_bytes = 0;
    for (std::uint64_t number = first_before; number < first(); ++number)
      in_order_bytes += segments_[number].bytes;
    const bool limiting = was_full_ || (window_.in_slow_start() && window_.bytes() < 2 * used_);
    if (find_losses() && recovery_ == Recovery::none) {
      if (in_order_bytes > 0) window_.on_acked(in_order_bytes, limiting, timeout_.smoothed(), now);
      window_.on_loss();
      ++cuts;
      recovery_ = Recovery::fast;
      recovery_end_ = unsent_;
      one_anyway_ = true;
    }
    const bool limits = was_full_ || (window_.in_slow_start() && window_.bytes() < 2 * used_);
    if (recovery_ != Recovery::fast && acked_bytes > 0)
      window_.on_acked(acked_bytes, limits, timeout_.smoothed(), now);
  }

  // The first new one decides the sample, so their order counts: as they arrived.
  std::vector<std::uint64_t> in_order_of_arrival(const std::set<std::uint64_t>& told) const {
    std::vector<std::uint64_t> fresh;
    for (const auto& [at, transmission] : arrival_log_)
      if (told.contains(transmission) && !heard_in_order_.contains(transmission))
        fresh.push_back(transmission);
    return fresh;
  }

  bool find_losses() {
    bool found = false;
    const std::uint64_t newest = *heard_in_order_.rbegin();
    for (const std::uint64_t number : unacknowledged()) {
      Segment& segment = segments_[number];
      if (segment.lost || segment.transmissions.back() + 3 > newest) continue;
      segment.lost = found = true;
    }
    return found;
  }

  void time_out(Instant now) {
    ++timeouts;
    window_.on_timeout(timeouts_in_a_row_++ > 0);
    timeout_.back_off();
    timer_ = now + timeout_.timeout();
    for (const std::uint64_t number : unacknowledged()) segments_[number].lost = true;
    recovery_ = Recovery::after_timeout;
    recovery_end_ = unsent_;
    one_anyway_ = true;
  }

  void send(Instant now) {
    bool full = false;
    for (;;) {
      const auto waiting = unacknowledged();
      const auto lost = std::ranges::find_if(waiting, [&](std::uint64_t n) { return segments_[n].lost; });
      if (lost == waiting.end() && unsent_ == segments_.size()) break;
      const std::uint64_t number = lost != waiting.end() ? *lost : unsent_;
      const std::uint32_t bytes = segments_[number].bytes;
      if (number == unsent_ && outstanding() + bytes > options_.receive_window_bytes) break;
      const bool fits = in_flight() == 0 || in_flight() + bytes <= window_.bytes();
      full = !fits && !(one_anyway_ && number < unsent_);
      if (full) break;
      transmit(number, now);
    }
    if (first() >= use_until_ || full || (!was_full_ && in_flight() > used_)) {
      was_full_ = full;
      used_ = in_flight();
      use_until_ = unsent_;
    }
  }

  void transmit(std::uint64_t number, Instant now) {
    Segment& segment = segments_[number];
    const bool again = number < unsent_;
    if (again) ++sent_again;
    if (!timer_ || (again && number == first())) timer_ = now + timeout_.timeout();
    if (!again) ++unsent_;
    segment.lost = false;
    segment.transmissions.push_back(transmissions_.size());
    transmissions_.push_back({number, now});
    one_anyway_ = false;
    last_sent_ = now;
    const SegmentPath::Fate fate = path_.send(segment.bytes + 40, now);
    if (fate.dropped) return;
    flights_.emplace(fate.arrives_at, transmissions_.size() - 1);
    arrival_log_.emplace(fate.arrives_at, transmissions_.size() - 1);
  }

  TcpOptions options_;
  SegmentPath path_;
  SegmentPath ack_path_;
  CongestionWindow window_;
  RetransmissionTimeout timeout_;

  std::vector<Segment> segments_;
  std::uint64_t unsent_ = 0;
  std::vector<Sending> transmissions_;
  std::multimap<Instant, std::uint64_t> flights_;      // transmissions under way, equal ones as they left
  std::multimap<Instant, std::uint64_t> arrival_log_;  // all that ever arrive
  std::multimap<Instant, std::set<std::uint64_t>> acks_;
  std::set<std::uint64_t> received_;        // segments
  std::set<std::uint64_t> arrived_;         // transmissions
  std::set<std::uint64_t> heard_in_order_;  // transmissions that the sender knows of
  std::uint64_t pending_ = 0;
  std::optional<Instant> ack_timer_;
  std::optional<Instant> timer_;
  Recovery recovery_ = Recovery::none;
  std::uint64_t recovery_end_ = 0;
  bool one_anyway_ = false;
  int timeouts_in_a_row_ = 0;
  Instant last_sent_;
  bool was_full_ = false;
  std::uint64_t used_ = 0;
  std::uint64_t use_until_ = 0;
};

LinkConditions random_link(Random& random) {
  LinkConditions link{.delay = UniformDelay{Duration{random.between(0, 400'000'000)}, 400ms},
                      .jitter = Duration{random.between(0, 40'000'000)},
                      .jitter_may_reorder = random.chance(300'000),
                      .loss_ppm = static_cast<std::uint32_t>(random.below(4) * random.below(60'000)),
                      .reorder_ppm = static_cast<std::uint32_t>(random.below(2) * 20'000),
                      .reorder_delay = 60ms};
  if (random.chance(400'000)) {
    link.rate_bits_per_second = 500'000 + random.below(5'000'000);
    link.queue_bytes_max = 5'000 + random.below(60'000);
  }
  return link;
}

StreamConditions random_stream(Random& random) {
  return {.congestion = Congestion::cubic,
          .retransmit_after = Duration{random.between(0, 800'000'000)},
          .tcp = {.receive_window_bytes = 1'460 + random.below(300'000),
                  .initial_window_segments = static_cast<std::uint32_t>(1 + random.below(20)),
                  .timeout_min = Duration{random.between(1'000'000, 300'000'000)}}};
}

// Counts segments and remembers when which were there.
struct DeliverySink final : StreamSink {
  void on_delivered(std::span<const Chunk> chunks, Instant, Instant now) override {
    for (const Chunk& chunk : chunks) {
      BOOST_REQUIRE(!chunk.bytes.empty() && chunk.owner != nullptr);
      bytes.insert(bytes.end(), chunk.bytes.begin(), chunk.bytes.end());
    }
    segments += chunks.size();
    if (!deliveries.empty() && deliveries.back().at_ns == ns_since_start(now))
      deliveries.back().segments = segments;
    else
      deliveries.push_back({ns_since_start(now), segments});
  }
  void on_retransmitted(std::size_t, Instant) override { ++sent_again; }
  std::vector<std::uint8_t> bytes;
  std::vector<Delivery> deliveries;
  std::uint64_t segments = 0;
  std::uint64_t sent_again = 0;
};

// The last count of each instant.
std::vector<Delivery> merged(const std::vector<Delivery>& deliveries) {
  std::vector<Delivery> merged;
  for (const Delivery& each : deliveries)
    if (!merged.empty() && merged.back().at_ns == each.at_ns)
      merged.back() = each;
    else
      merged.push_back(each);
  return merged;
}

struct Totals {
  std::uint64_t sent_again = 0, timeouts = 0, cuts = 0, segments = 0;
};

void compare_with_naive(std::uint64_t seed, Totals& totals) {
  Random random{seed};
  const LinkConditions link = random_link(random);
  const LinkConditions reverse = random_link(random);
  const StreamConditions conditions = random_stream(random);
  TcpStream stream{link, reverse, conditions, random.fork("link", 0)};
  NaiveTcp naive{link, reverse, conditions, random.fork("link", 0)};
  DeliverySink sink;
  std::vector<std::uint8_t> written;
  Instant now{};
  for (int i = 0; i < 40; ++i) {
    now +=
        Duration{random.chance(50'000) ? random.between(0, 20'000'000'000) : random.between(0, 200'000'000)};
    advance_until(stream, now, sink);
    naive.run_until(now);
    std::vector<std::uint8_t> bytes(1 + random.below(random.chance(200'000) ? 40'000 : 4'000));
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.bits());
    written.insert(written.end(), bytes.begin(), bytes.end());
    naive.write(static_cast<std::uint32_t>(bytes.size()), now);
    BOOST_REQUIRE(stream.enqueue({nullptr, payload_of(std::move(bytes))}, now) == SendStatus::accepted);
  }
  advance_until(stream, kEver, sink);
  naive.run_until(kEver);
  const StreamFacts facts = *stream.facts(now);
  BOOST_REQUIRE(stream.empty());
  BOOST_REQUIRE(sink.bytes == written);
  BOOST_REQUIRE(sink.deliveries == merged(naive.deliveries));
  BOOST_REQUIRE(sink.sent_again == naive.sent_again);
  BOOST_REQUIRE(facts.timeouts == naive.timeouts);
  BOOST_REQUIRE(facts.window_cuts == naive.cuts);
  BOOST_REQUIRE(stream.sender().buffered_bytes() == 0);
  totals.sent_again += sink.sent_again;
  totals.timeouts += facts.timeouts;
  totals.cuts += facts.window_cuts;
  totals.segments += sink.segments;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tcp_stream_properties)

BOOST_AUTO_TEST_CASE(a_tcp_written_in_the_most_obvious_way_delivers_the_same_at_the_same_time) {
  for (const std::uint64_t base : {std::uint64_t{0}, extra_seed()}) {
    BOOST_TEST_MESSAGE("seeds " << base * 1'000 << " to " << base * 1'000 + 99
                                << "; repeat with NETRIG_SEED=" << base);
    Totals totals;
    for (std::uint64_t round = 0; round < 100; ++round) {
      BOOST_TEST_CONTEXT("seed " << base * 1'000 + round) compare_with_naive(base * 1'000 + round, totals);
    }
    BOOST_TEST_MESSAGE(totals.segments << " segments, " << totals.sent_again << " sent again, "
                                       << totals.timeouts << " timeouts, " << totals.cuts << " cuts");
    BOOST_TEST(totals.segments > 10'000u);  // the cases are not all the same easy one
    BOOST_TEST(totals.sent_again > 500u);
    BOOST_TEST(totals.timeouts > 50u);
    BOOST_TEST(totals.cuts > 100u);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
