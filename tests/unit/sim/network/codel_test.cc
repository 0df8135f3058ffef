#include "netrig/sim/network/codel.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <deque>
#include <vector>

#include "netrig/core/base/random.h"
#include "netrig/sim/network/bottleneck.h"

using namespace netrig;
using namespace netrig::sim;

namespace {

// The pseudocode of RFC 8289, section 5, on a queue of packets, in floating point and whole nanoseconds. Only
// the test for a queue below one full packet is the one of codel.h.
class Rfc8289 {
 public:
  Rfc8289(Duration target, Duration interval, Duration packet_time)
      : target_(std::max(target, packet_time)), interval_(interval), packet_time_(packet_time) {}

  void enqueue(int packet, Instant now) { queue_.push_back({packet, now}); }

  // Serves the queue until `until`, one packet each packet_time_. Numbers of packets that were dropped.
  void serve(Instant until, std::vector<int>& dropped) {
    while (!queue_.empty() && std::max(free_at_, queue_.front().arrived_at) <= until) {
      const Instant now = std::max(free_at_, queue_.front().arrived_at);
      if (deque(now, dropped)) free_at_ = now + packet_time_;
    }
  }

 private:
  struct Packet {
    int number;
    Instant arrived_at;
  };
  struct Dequeued {
    std::optional<Packet> p;
    bool ok_to_drop = false;
  };

  Dequeued dodequeue(Instant now) {
    Dequeued r;
    // A packet that arrives later is not there yet.
    if (queue_.empty() || queue_.front().arrived_at > now) {
      first_above_time_ = 0;
      return r;
    }
    r.p = queue_.front();
    queue_.pop_front();
    if (now - r.p->arrived_at < target_) {
      first_above_time_ = 0;
    } else if (first_above_time_ == 0) {
      first_above_time_ = ns(now) + ns(interval_);
    } else if (ns(now) >= first_above_time_) {
      r.ok_to_drop = true;
    }
    return r;
  }

  bool deque(Instant now, std::vector<int>& dropped) {
    Dequeued r = dodequeue(now);
    if (dropping_) {
      if (!r.ok_to_drop) dropping_ = false;
      while (ns(now) >= drop_next_ && dropping_) {
        dropped.push_back(r.p->number);
        ++count_;
        r = dodequeue(now);
        if (!r.ok_to_drop)
          dropping_ = false;
        else
          drop_next_ = control_law(drop_next_);
      }
    } else if (r.ok_to_drop) {
      dropped.push_back(r.p->number);
      r = dodequeue(now);
      dropping_ = true;
      const int delta = count_ - lastcount_;
      count_ = 1;
      if (delta > 1 && ns(now) - drop_next_ < 16 * ns(interval_)) count_ = delta;
      drop_next_ = control_law(ns(now));
      lastcount_ = count_;
    }
    return r.p.has_value();
  }

  double control_law(double t) const { return t + std::floor(ns(interval_) / std::sqrt(count_)); }
  static double ns(Duration duration) { return static_cast<double>(duration.count()); }
  static double ns(Instant instant) { return ns(instant.time_since_epoch()); }

  Duration target_, interval_, packet_time_;
  std::deque<Packet> queue_;
  Instant free_at_{};
  double first_above_time_ = 0;
  bool dropping_ = false;
  double drop_next_ = 0;
  int count_ = 0;
  int lastcount_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(codel)

BOOST_AUTO_TEST_CASE(a_standing_queue_is_dropped_from_at_the_times_of_the_control_law) {
  CoDel law{{.target = 5ms, .interval = 100ms}};
  std::vector<double> drops_ms;
  for (Instant now{1s}; now < Instant{2s}; now += 10us) {
    if (!law.drops(20ms, 1ms, now)) continue;
    drops_ms.push_back(static_cast<double>(ns_since_start(now)) / 1e6);
    BOOST_TEST(!law.drops(20ms, 1ms, now));  // the packet behind it reaches the head at once, and leaves
  }
  // The first one interval after it stood above the target; then after interval / sqrt(1), / sqrt(2), ...
  BOOST_REQUIRE(drops_ms.size() >= 10u);
  double expected = 1'100;
  for (std::size_t count = 0; count < 10; ++count) {
    BOOST_CHECK_SMALL(drops_ms[count] - expected, 0.011 * static_cast<double>(count + 1));
    expected += 100 / std::sqrt(static_cast<double>(count + 1));
  }
}

BOOST_AUTO_TEST_CASE(a_queue_that_drains_within_an_interval_is_left_alone) {
  CoDel law{{}};
  for (Instant now{}; now < Instant{10s}; now += 1ms) {
    const bool drained = ns_since_start(now) / 1'000'000 % 90 == 0;
    BOOST_REQUIRE(!law.drops(drained ? 4ms : 50ms, 1ms, now));
  }
}

BOOST_AUTO_TEST_CASE(a_target_below_one_full_packet_counts_as_one) {
  CoDel slow{{}};
  CoDel fast{{}};
  int dropped = 0;
  for (Instant now{}; now < Instant{10s}; now += 1ms) {
    BOOST_REQUIRE(!slow.drops(11ms, 12ms, now));  // 1,500 B take 12 ms at 1 Mbit/s
    dropped += fast.drops(11ms, 1ms, now);
  }
  BOOST_TEST(dropped > 100);
}

BOOST_AUTO_TEST_CASE(it_drops_what_the_pseudocode_of_the_rfc_drops) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random{seed};
    const QueueConditions conditions{
        .rate_bits_per_second = 12'000'000, .bytes_max = 1 << 30, .codel = CoDelConditions{}};
    constexpr Duration kPacketTime = 1ms;  // 1,500 B at 12 Mbit/s
    Bottleneck ours{conditions};
    Rfc8289 rfc{5ms, 100ms, kPacketTime};
    std::vector<int> expected;
    std::vector<int> dropped;
    Instant now{};
    for (int packet = 0; packet < 20'000; ++packet) {
      // Phases of overload and of rest, so that dropping begins, ends and is taken up again.
      const bool busy = packet / 1'500 % 3 != 2;
      now += Duration{static_cast<std::int64_t>(random.below(busy ? 1'700'000 : 2'900'000))};
      rfc.serve(now - 1ns, expected);
      rfc.enqueue(packet, now);
      if (ours.push(1'500, now).dropped) dropped.push_back(packet);
    }
    rfc.serve(now + 1'000s, expected);
    BOOST_REQUIRE(expected.size() > 100u);
    BOOST_TEST(dropped == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_SUITE_END()
