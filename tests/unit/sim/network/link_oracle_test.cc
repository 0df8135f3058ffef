// Link against a naive model of the same draws: every packet in one list, conditions looked up packet by
// packet, nothing shared with link.cc but the parts that draw.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <tuple>

#include "netrig/tests/unit/sim/network/network_testing.h"

namespace netrig::testing {
namespace {

using Kind = LinkEvent::Kind;

// What a sink hears, in order.
struct Heard {
  char what;  // d delivered, c corrupted, x dropped, 2 duplicated, o overtaken
  std::uint32_t number;
  std::int64_t at_ns;
  int cause = -1;
  friend bool operator==(const Heard&, const Heard&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Heard& heard) {
    return out << heard.what << heard.number << '@' << heard.at_ns << '/' << heard.cause;
  }
};

struct HeardLog final : LinkSink {
  void note(char what, const Packet& packet, Instant now, int cause = -1) {
    heard.push_back({what, LinkLog::number_of(packet), ns_since_start(now), cause});
  }
  void on_delivered(const Packet& packet, Instant, Instant now) override { note('d', packet, now); }
  void on_corrupted(const Packet& packet, std::uint64_t, Instant, Instant now) override {
    note('c', packet, now);
  }
  void on_dropped(const Packet& packet, DropCause cause, Instant now) override {
    note('x', packet, now, static_cast<int>(cause));
  }
  void on_duplicated(const Packet& packet, Instant now) override { note('2', packet, now); }
  void on_reordered(const Packet& packet, Instant now) override { note('o', packet, now); }
  std::vector<Heard> heard;
};

struct Sent {
  std::uint32_t number = 0;
  std::uint32_t bytes = 0;
  Instant at;
};

// The same draws as Link takes, from the same forks; everything else in the plainest way.
class NaiveLink {
 public:
  NaiveLink(const LinkConditions& link, const Random& random)
      : link_(link),
        times_(link),
        delay_(link, random.fork("delay", 0)),
        copy_delay_(link, random.fork("duplicate.delay", 0)),
        loss_(link, random.fork("loss", 0)),
        by_delay_(random.fork("loss", 0).fork("by_delay", 0)),
        corruption_(random.fork("loss", 0).fork("corruption", 0)),
        duplicate_(random.fork("duplicate", 0)),
        reorder_(random.fork("reorder", 0)) {}

  // Whether it was accepted.
  bool send(const Sent& sent) {
    Instant departs = sent.at;
    if (link_.rate_bits_per_second > 0 && !queue(sent, departs)) return false;
    Instant arrives = departs + shifted(delay_.draw(), departs);
    if (!link_.jitter_may_reorder) last_ = arrives = std::max(arrives, last_);
    if (reorder_.chance(link_.reorder_ppm)) arrives += link_.reorder_delay;
    arrives = held(arrives);
    const bool copied = duplicate_.chance(link_.duplicate_ppm);
    Instant copy_arrives = arrives;
    if (copied && link_.jitter_may_reorder) copy_arrives = held(departs + copy_delay_.draw());
    const int cause = dropped(departs, arrives - sent.at);
    const bool corrupted = corruption_.chance(link_.corrupt_ppm);
    ++sequence_;
    if (cause >= 0)
      flights_.push_back({arrives, sequence_, sent.number, cause, false, false});
    else
      flights_.push_back({arrives, sequence_, sent.number, -1, corrupted, false});
    if (cause < 0 && copied) flights_.push_back({copy_arrives, sequence_, sent.number, -1, corrupted, true});
    return true;
  }

  // Everything, in order of arrival; of those at one instant, in order of sending.
  std::vector<Heard> hear() {
    std::ranges::stable_sort(flights_, {}, &Flight::arrives);
    std::vector<Heard> heard;
    std::uint64_t newest = 0;
    for (const Flight& flight : flights_) {
      const std::int64_t at = ns_since_start(flight.arrives);
      if (flight.cause >= 0) {
        heard.push_back({'x', flight.number, at, flight.cause});
        continue;
      }
      if (flight.copy)
        heard.push_back({'2', flight.number, at});
      else if (flight.sequence < newest)
        heard.push_back({'o', flight.number, at});
      newest = std::max(newest, flight.sequence);
      heard.push_back({flight.corrupted ? 'c' : 'd', flight.number, at});
    }
    return heard;
  }

 private:
  struct Flight {
    Instant arrives;
    std::uint64_t sequence;
    std::uint32_t number;
    int cause;
    bool corrupted;
    bool copy;
  };
  struct Waiting {
    Instant leaves;
    std::uint32_t bytes;
  };

  // Bits leave one by one: each byte takes 8 / rate seconds, exactly, in 1 / rate nanoseconds.
  bool queue(const Sent& sent, Instant& departs) {
    const std::uint64_t rate = link_.rate_bits_per_second;
    const auto now = static_cast<std::uint64_t>(ns_since_start(sent.at)) * rate;
    const std::uint64_t left = free_ > now ? free_ - now : 0;
    const std::uint64_t byte = 8'000'000'000ull;
    if ((left + byte - 1) / byte + sent.bytes > link_.queue_bytes_max) return false;
    // An idle limiter begins at a whole nanosecond; what is below one is carried only while it is busy.
    if (free_ / rate < static_cast<std::uint64_t>(ns_since_start(sent.at))) free_ = now;
    free_ += sent.bytes * byte;
    departs = instant_from_ns(static_cast<std::int64_t>(free_ / rate));
    return true;
  }

  static std::optional<Duration> into(const LinkEvent& event, Instant now) {
    for (Duration start = event.at;; start += event.every) {
      const Duration since = now.time_since_epoch() - start;
      if (since < Duration{0}) return std::nullopt;
      if (event.length == Duration{0} || since < event.length) return since;
      if (event.every == Duration{0}) return std::nullopt;
    }
  }

  Duration shifted(Duration delay, Instant departs) const {
    if (!link_.schedule) return delay;
    Duration middle = nominal_delay(link_.delay);
    for (const LinkEvent& event : link_.schedule->events)
      if (event.delay && into(event, departs)) middle = *event.delay;
    return std::max(delay + middle - nominal_delay(link_.delay), Duration{0});
  }

  Instant held(Instant arrives) const {
    if (!link_.schedule) return arrives;
    for (bool moved = true; moved;) {
      moved = false;
      for (const LinkEvent& event : link_.schedule->events) {
        if (event.kind != Kind::hold) continue;
        const auto since = into(event, arrives);
        if (!since) continue;
        arrives += event.length - *since;
        moved = true;
      }
    }
    return arrives;
  }

  int dropped(Instant departs, Duration total) {
    std::uint32_t ppm = link_.loss_ppm;
    int cut = -1;
    if (link_.schedule)
      for (const LinkEvent& event : link_.schedule->events) {
        if (!into(event, departs)) continue;
        if (event.loss_ppm) ppm = *event.loss_ppm;
        if (cut >= 0) continue;
        if (event.kind == Kind::outage) cut = static_cast<int>(DropCause::outage);
        if (event.kind == Kind::partition) cut = static_cast<int>(DropCause::partition);
      }
    const bool lost = loss_.draw(ppm);
    bool by_delay = false;
    if (link_.loss_by_delay) {
      const LossByDelay& line = *link_.loss_by_delay;
      const Duration over = std::clamp(total - line.from, Duration{0}, line.to - line.from);
      by_delay = by_delay_.chance(
          static_cast<std::uint32_t>(over.count() * line.loss_ppm / (line.to - line.from).count()));
    }
    if (cut >= 0) return cut;
    return lost || by_delay ? static_cast<int>(DropCause::loss) : -1;
  }

  LinkConditions link_;
  Timeline times_;
  DelayModel delay_, copy_delay_;
  LossModel loss_;
  Random by_delay_, corruption_, duplicate_, reorder_;
  Instant last_{};
  std::uint64_t free_ = 0;  // when the limiter is free, in 1 / rate nanoseconds
  std::uint64_t sequence_ = 0;
  std::vector<Flight> flights_;
};

// Half of the times nothing.
template <class T>
T maybe(Random& random, T value) {
  return random.below(2) == 0 ? T{} : value;
}

Duration up_to(Random& random, Duration most) {
  return Duration{random.between(0, most.count())};
}

Delay random_shape(Random& random) {
  switch (random.below(5)) {
    case 0:
      return ConstantDelay{up_to(random, 200ms)};
    case 1:
      return UniformDelay{20ms, 20ms + up_to(random, 100ms)};
    case 2:
      return NormalDelay{up_to(random, 200ms), up_to(random, 50ms)};
    case 3:
      return ParetoDelay{
          .min = up_to(random, 50ms), .scale = up_to(random, 20ms), .shape_milli = 1'700, .max = 2s};
    default:
      return TableDelay{std::make_shared<const std::vector<DelayPoint>>(
          std::vector<DelayPoint>{{0, 5ms}, {700'000, 30ms}, {1'000'000, 300ms}})};
  }
}

std::shared_ptr<const LinkSchedule> random_schedule(Random& random) {
  LinkSchedule schedule;
  for (std::uint64_t left = random.below(4); left > 0; --left) {
    LinkEvent event{.kind = static_cast<Kind>(random.below(4)),
                    .at = up_to(random, 1s),
                    .length = 1ns + up_to(random, 300ms)};
    event.every = maybe(random, event.length + up_to(random, 500ms) + 1ns);
    if (event.kind == Kind::change) {
      event.delay = up_to(random, 300ms);
      if (random.below(2) == 0) event.loss_ppm = static_cast<std::uint32_t>(random.below(500'000));
    }
    schedule.events.push_back(event);
  }
  return std::make_shared<const LinkSchedule>(std::move(schedule));
}

LinkConditions random_conditions(Random& random) {
  LinkConditions link;
  link.delay = random_shape(random);
  link.jitter = maybe(random, up_to(random, 40ms));
  link.correlation_ppm = maybe(random, static_cast<std::uint32_t>(random.below(kPartsPerMillion)));
  link.jitter_may_reorder = random.below(2) == 0;
  link.loss_ppm = maybe(random, static_cast<std::uint32_t>(random.below(200'000)));
  if (random.below(3) == 0) link.bursts = GilbertElliott{.enter_ppm = 50'000, .leave_ppm = 300'000};
  if (random.below(3) == 0) link.loss_by_delay = LossByDelay{20ms, 200ms, 700'000};
  link.corrupt_ppm = maybe(random, static_cast<std::uint32_t>(random.below(100'000)));
  link.duplicate_ppm = maybe(random, static_cast<std::uint32_t>(random.below(200'000)));
  link.reorder_ppm = maybe(random, static_cast<std::uint32_t>(random.below(200'000)));
  link.reorder_delay = 1ns + up_to(random, 50ms);
  if (random.below(2) == 0) {
    link.rate_bits_per_second = 100'000 + random.below(10'000'000);
    link.queue_bytes_max = 3'000 + random.below(30'000);
  }
  if (random.below(2) == 0) link.schedule = random_schedule(random);
  return link;
}

void compare(std::uint64_t seed) {
  Random random{seed};
  const LinkConditions conditions = random_conditions(random);
  BOOST_REQUIRE(!validate(conditions));
  Link link{conditions, Random{seed}};
  NaiveLink naive{conditions, Random{seed}};
  HeardLog log;
  Instant now{};
  for (std::uint32_t number = 0; number < 400; ++number) {
    now += maybe(random, up_to(random, 12ms));
    advance_until(link, now - 1ns, log);
    const auto bytes = static_cast<std::uint32_t>(28 + random.below(1'200));
    const bool accepted = naive.send({number, bytes, now});
    const bool is_full = link.enqueue(numbered_packet(number, bytes), now) == EnqueueResult::queue_full;
    BOOST_REQUIRE_EQUAL(accepted, !is_full);
  }
  advance_until(link, kEver, log);
  const std::vector<Heard> expected = naive.hear();
  BOOST_REQUIRE_EQUAL_COLLECTIONS(log.heard.begin(), log.heard.end(), expected.begin(), expected.end());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(link_oracle)

BOOST_AUTO_TEST_CASE(random_conditions_and_packets_end_as_the_naive_model_says) {
  const std::uint64_t extra = extra_seed();
  BOOST_TEST_MESSAGE("NETRIG_SEED=" << extra);
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) compare(seed);
    BOOST_TEST_CONTEXT("NETRIG_SEED=" << extra << ", seed " << seed) compare(extra * 1'000'003 + seed);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
