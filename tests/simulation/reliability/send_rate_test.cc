// The send rate over a bottleneck: 590 kbit/s of state are offered, and the path carries 300 behind a queue
// of 64 KiB, which is 1.7 s of it.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "netrig/tests/simulation/reliability/datagram_pair.h"
#include "netrig/tests/support/seed.h"

namespace netrig::testing {
namespace {

constexpr std::uint64_t kBottleneck = 300'000;  // bit/s
constexpr std::uint64_t kOffered = 590'000;
constexpr std::uint32_t kRateHz = 20;
constexpr std::size_t kPacketsPerTick = 4;
constexpr std::size_t kWireBytes = kOffered / 8 / kRateHz / kPacketsPerTick;  // of each packet: 921

const Windows kWindows = derive_windows({.rtt_max = 10s, .jitter_max = 1s, .tick_rate_hz = kRateHz});

sim::LinkConditions path(Duration rtt, std::uint64_t rate, std::uint32_t loss_ppm = 0,
                         Duration jitter = 0ms) {
  sim::LinkConditions link;
  link.delay = sim::ConstantDelay{rtt / 2};
  link.rate_bits_per_second = rate;
  link.queue_bytes_max = rate == 0 ? 0 : 64 * 1024;
  link.loss_ppm = loss_ppm;
  link.jitter = jitter;
  link.jitter_may_reorder = jitter > 0ns;
  return link;
}

// The second side sends states to the first, which sends inputs.
class Flow {
 public:
  explicit Flow(const sim::LinkConditions& link)
      : pair_([&] {
          PairConditions made;
          made.link = link;
          made.rate_hz = kRateHz;
          made.windows = kWindows;
          made.seed = test_seed();
          return made;
        }()) {
    pair_.on_tick = [this](DatagramPair::Side& side, DatagramWriter& writer, Instant now) {
      if (side.index == 0) return writer.write(InputMessage{InputSequence{1}, {}, {}});
      ++asked_;
      if (ask && !side.channel.may_send_state(now)) return;
      ++sent_;
      for (std::size_t i = 0; i < kPacketsPerTick; ++i)
        writer.write_encoded(MessageType::state_update, body_);
    };
    pair_.on_messages = [this](DatagramPair::Side& to, std::span<const RawMessage> messages, Instant) {
      if (to.index == 0) states_heard_ += messages.size();
    };
  }

  struct Stretch {
    double utilisation = 0;  // of the bottleneck, by delivered wire bytes
    double sent = 0;         // of what was offered
    Duration queue{};        // mean
  };
  Stretch run_for(Duration duration) {
    const std::uint64_t heard_before = states_heard_;
    const std::uint64_t asked_before = asked_;
    const std::uint64_t sent_before = sent_;
    server().queue_delay_sum = 0ns;
    server().packets_delivered = 0;
    pair_.run_until(pair_.now() + duration);
    const double bits = static_cast<double>((states_heard_ - heard_before) * kWireBytes * 8);
    return {bits / (static_cast<double>(kBottleneck) * seconds(duration)),
            static_cast<double>(sent_ - sent_before) / static_cast<double>(asked_ - asked_before),
            server().queue_delay_sum / static_cast<std::int64_t>(server().packets_delivered)};
  }
  bool ask = true;  // may_send_state()
  DatagramPair::Side& server() { return pair_.sides[1]; }
  void change_path(const sim::LinkConditions& link) { pair_.replace_links(link); }

 private:
  DatagramPair pair_;
  std::vector<std::uint8_t> body_ = std::vector<std::uint8_t>(kWireBytes - 28 - 5 - 1 - 3);
  std::uint64_t asked_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t states_heard_ = 0;
};

const auto kRttsMs = boost::unit_test::data::make({0, 50, 200, 1'000, 5'000, 10'000});

}  // namespace

BOOST_AUTO_TEST_SUITE(send_rate)

BOOST_DATA_TEST_CASE(it_settles_below_a_bottleneck_and_recovers_when_it_goes_away, kRttsMs, rtt_ms) {
  const Duration rtt = rtt_ms * 1ms;
  Flow flow{path(rtt, kBottleneck)};
  flow.run_for(20s + 3 * rtt);
  constexpr int kStretches = 10;
  double queue = 0;
  for (int stretch = 0; stretch < kStretches; ++stretch) {
    const Flow::Stretch settled = flow.run_for(10s + rtt);
    BOOST_TEST(settled.utilisation >= 0.8);
    queue += seconds(settled.queue) / kStretches;
  }
  BOOST_TEST(queue <= 0.25 + 0.06 * seconds(rtt));  // of the 1.7 that would fit
  BOOST_TEST(flow.server().channel.send_rate().limited());
  flow.change_path(path(rtt, 0));
  flow.run_for(20s + 8 * rtt);
  BOOST_TEST(flow.run_for(20s).sent == 1.0);
}

// Against the same queue without a send rate: it stands at its 1.7 s, and half of what is sent is lost in it.
BOOST_AUTO_TEST_CASE(without_asking_the_queue_is_full) {
  Flow flow{path(200ms, kBottleneck)};
  flow.ask = false;
  flow.run_for(20s);
  BOOST_TEST(seconds(flow.run_for(10s).queue) > 1.6);
  BOOST_TEST(flow.server().channel.sent().loss_ppm() > 400'000u);
}

BOOST_AUTO_TEST_CASE(loss_and_jitter_alone_limit_nothing) {
  for (const Duration rtt : {50ms, 1'000ms, 5'000ms}) {
    for (const Duration jitter : {Duration{0ms}, Duration{rtt / 10}}) {
      Flow flow{path(rtt, 0, 200'000, jitter)};
      for (int stretch = 0; stretch < 6; ++stretch) BOOST_TEST(flow.run_for(20s).sent == 1.0);
      BOOST_TEST(!flow.server().channel.send_rate().limited());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_flow_that_needs_less_than_the_path_carries_is_not_limited) {
  for (const Duration rtt : {0ms, 200ms, 10'000ms}) {
    Flow flow{path(rtt, 2 * kOffered)};
    BOOST_TEST(flow.run_for(120s).sent == 1.0);
    BOOST_TEST(!flow.server().channel.send_rate().limited());
  }
}

BOOST_AUTO_TEST_CASE(a_path_that_becomes_longer_is_no_queue_for_long) {
  Flow flow{path(50ms, 0)};
  BOOST_TEST(flow.run_for(30s).sent == 1.0);
  flow.change_path(path(800ms, 0));  // handover to a satellite
  flow.run_for(30s);
  BOOST_TEST(flow.run_for(30s).sent == 1.0);
}

BOOST_AUTO_TEST_CASE(a_narrower_bottleneck_is_followed_down) {
  Flow flow{path(200ms, kBottleneck)};
  flow.run_for(30s);
  flow.change_path(path(200ms, kBottleneck / 2));
  flow.run_for(20s);
  const Flow::Stretch settled = flow.run_for(30s);
  BOOST_TEST(settled.utilisation * 2 >= 0.8);
  BOOST_TEST(seconds(settled.queue) <= 0.5);
}

BOOST_AUTO_TEST_CASE(random_loss_on_a_bottleneck_costs_little_more_than_itself) {
  Flow flow{path(200ms, kBottleneck, 50'000)};
  flow.run_for(30s);
  const Flow::Stretch settled = flow.run_for(60s);
  BOOST_TEST(settled.utilisation >= 0.75);
  BOOST_TEST(seconds(settled.queue) <= 0.5);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
