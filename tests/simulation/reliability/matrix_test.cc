// The matrix: round trip x rate x loss x kind of loss. Both sides send a reliable message and an unreliable
// one each tick for a minute, then the pipes drain. Whatever the network does: once, in order, and with
// estimates that are right.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>

#include "netrig/tests/simulation/reliability/datagram_pair.h"
#include "netrig/tests/support/seed.h"

namespace netrig::testing {
namespace {

constexpr Duration kSending = 60s;
constexpr std::size_t kReliableBytes = 32;
constexpr std::size_t kUnreliableBytes = 16;

struct Cell {
  Duration rtt{};
  std::uint32_t rate_hz = 0;
  std::uint32_t loss_ppm = 0;
  bool bursts = false;
};

struct Result {
  Duration drain{};
  std::uint64_t bytes_per_second = 0;  // of one side, while sending
  std::uint64_t resends = 0;
  std::uint64_t waited = 0;  // ticks at which a message found the queue full
  std::uint64_t dropped = 0;
  std::uint64_t lost = 0;  // as the senders think
  std::uint64_t late_acks = 0;
  std::uint64_t reliable_sent = 0;
  bool complete = false;
  bool in_order = true;
  bool rtt_right = true;
  bool loss_right = true;

  bool good() const { return complete && in_order && rtt_right && loss_right; }
};

// One side's game: what it has said and heard.
struct Game {
  std::uint64_t made = 0;  // reliable messages, whether accepted or still waiting
  std::uint64_t accepted = 0;
  std::uint64_t heard = 0;
};

class CellRun {
 public:
  CellRun(const Cell& cell, const Windows& windows, std::uint64_t seed, int round_trips_max = 40)
      : cell_(cell), round_trips_max_(round_trips_max), pair_(conditions(cell, windows, seed)) {
    pair_.before_tick = [this](DatagramPair::Side& side, Instant now) { say_reliable(side, now); };
    pair_.on_tick = [this](DatagramPair::Side& side, DatagramWriter& writer, Instant now) {
      if (now < Instant{} + kSending) say_unreliable(side, writer);
    };
    pair_.on_messages = [this](DatagramPair::Side& to, std::span<const RawMessage> messages, Instant) {
      for (const RawMessage& message : messages) hear(to, message);
    };
  }

  Result run() {
    pair_.run_until(Instant{} + kSending - 1s);
    for (const DatagramPair::Side& side : pair_.sides) sent_in_time_[side.index] = side.packets_sent;
    pair_.run_until(Instant{} + kSending);
    check_rtt();
    for (const DatagramPair::Side& side : pair_.sides)
      result_.bytes_per_second += side.bytes_sent / 2 / (kSending / 1s);
    const Instant give_up = Instant{} + kSending + round_trips_max_ * (cell_.rtt + 1s);
    const Duration step = 1'000'000'000ns / cell_.rate_hz;
    while (!all_heard() && pair_.now() < give_up) pair_.run_until(pair_.now() + step);
    result_.drain = pair_.now() - (Instant{} + kSending);
    while (!all_acked() && pair_.now() < give_up) pair_.run_until(pair_.now() + step);
    result_.complete = all_heard() && all_acked();
    pair_.run_until(pair_.now() + 3 * cell_.rtt + 1s);
    check_loss();
    for (const DatagramPair::Side& side : pair_.sides) {
      result_.resends += side.channel.reliable_out().resends();
      result_.late_acks += side.channel.sent().facts().late_acks;
      result_.reliable_sent += games_[side.index].made;
    }
    return result_;
  }

 private:
  static PairConditions conditions(const Cell& cell, const Windows& windows, std::uint64_t seed) {
    PairConditions made;
    made.link.delay = sim::ConstantDelay{cell.rtt / 2};
    made.link.loss_ppm = cell.bursts ? 0 : cell.loss_ppm;
    made.burst_loss_ppm = cell.bursts ? cell.loss_ppm : 0;
    made.rate_hz = cell.rate_hz;
    made.windows = windows;
    made.seed = seed;
    return made;
  }

  void say_reliable(DatagramPair::Side& side, Instant now) {
    Game& game = games_[side.index];
    if (now < Instant{} + kSending) ++game.made;
    while (game.accepted < game.made) {
      std::array<std::uint8_t, 2 + kReliableBytes> body{};
      store_little_endian(body.data() + 2, game.accepted);
      if (side.channel.send_reliable(MessageType::app_reliable, body) != SendStatus::accepted) {
        ++result_.waited;
        return;
      }
      ++game.accepted;
    }
  }

  static void say_unreliable(DatagramPair::Side& side, DatagramWriter& writer) {
    std::array<std::uint8_t, 6 + kUnreliableBytes> body{};
    store_little_endian(body.data() + 2, static_cast<std::uint32_t>(side.ticks));
    writer.write_encoded(MessageType::app_latest, body);
  }

  void hear(DatagramPair::Side& to, const RawMessage& message) {
    if (message.type != MessageType::app_reliable) return;
    Game& game = games_[to.index];
    result_.in_order =
        result_.in_order && load_little_endian<std::uint64_t>(message.body.data() + 2) == game.heard;
    ++game.heard;
  }

  bool all_heard() const { return games_[0].heard == games_[1].made && games_[1].heard == games_[0].made; }
  bool all_acked() const {
    return std::all_of(pair_.sides.begin(), pair_.sides.end(), [](const DatagramPair::Side& side) {
      return side.channel.reliable_out().unacked() == 0;
    });
  }

  void check_rtt() {
    const Duration tick = 1'000'000'000ns / cell_.rate_hz;
    for (const DatagramPair::Side& side : pair_.sides) {
      const RoundTrip& rtt = side.channel.rtt();
      const Duration wrong = std::chrono::abs(rtt.smoothed() - cell_.rtt);
      result_.rtt_right = result_.rtt_right && rtt.has_sample() && wrong <= cell_.rtt / 10 + tick;
    }
  }

  // Among packets that are judged. Those sent while messages were are; acks at the very end are not, because
  // nobody acks them.
  void check_loss() {
    for (const DatagramPair::Side& side : pair_.sides) {
      std::uint64_t dropped = 0;
      for (std::uint64_t sent = 0; sent < side.packets_sent; ++sent) {
        const bool judged = side.channel.sent().is_judged(pair_.conditions.first_sequence + sent);
        dropped += judged && sent < side.dropped.size() && side.dropped[sent] ? 1 : 0;
        result_.loss_right = result_.loss_right && (judged || sent >= sent_in_time_[side.index]);
      }
      const std::uint64_t lost = side.channel.sent().facts().lost;
      const std::uint64_t wrong = lost > dropped ? lost - dropped : dropped - lost;
      result_.loss_right = result_.loss_right && wrong <= std::max<std::uint64_t>(1, dropped / 10);
      result_.dropped += dropped;
      result_.lost += lost;
    }
  }

  Cell cell_;
  int round_trips_max_;  // to drain
  DatagramPair pair_;
  std::array<Game, 2> games_;
  std::array<std::uint64_t, 2> sent_in_time_{};
  Result result_;
};

Windows windows_of(const Cell& cell) {
  return derive_windows({.rtt_max = 10s, .jitter_max = 1s, .tick_rate_hz = cell.rate_hz});
}

std::string text(const Cell& cell) {
  std::ostringstream out;
  out << cell.rtt / 1ms << " ms, " << cell.rate_hz << " Hz, " << cell.loss_ppm / 10'000 << " % "
      << (cell.bursts ? "in bursts" : "independent");
  return out.str();
}

constexpr std::string_view kTableHead =
    "| RTT | Hz | 0 % | 1 % | 5 % | 20 % |\n"
    "|---:|---:|---:|---:|---:|---:|\n";

// Seconds to drain, bytes per second, messages sent again; packets thought lost and lost.
std::string written(const Result& result) {
  const double again =
      100.0 * static_cast<double>(result.resends) / static_cast<double>(result.reliable_sent);
  std::ostringstream out;
  out << std::fixed << std::setprecision(1) << " | " << seconds(result.drain) << " s, "
      << result.bytes_per_second << " B/s, " << std::setprecision(0) << again << " %, " << result.lost << "/"
      << result.dropped;
  return out.str();
}

// Printed, appended to the file that NETRIG_MATRIX_MARKDOWN names, and what the README shows.
void publish(const std::string& table, std::uint64_t seed) {
  std::cout << table;
  if (const char* const path = std::getenv("NETRIG_MATRIX_MARKDOWN"))
    std::ofstream{path, std::ios::app} << table;
  if (seed != 1) return;
  std::ifstream file{NETRIG_SOURCE_DIR "/core/protocol/README.md"};
  const std::string readme{std::istreambuf_iterator<char>{file}, {}};
  BOOST_TEST(readme.find(table) != std::string::npos,
             "core/protocol/README.md shows another table; NETRIG_MATRIX_MARKDOWN=FILE writes this one");
}

Result run_cell(const Cell& cell, std::uint64_t seed) {
  const Result result = CellRun{cell, windows_of(cell), seed}.run();
  BOOST_TEST_CONTEXT(text(cell) << "; NETRIG_SEED=" << seed) {
    BOOST_TEST(result.complete);
    BOOST_TEST(result.in_order);
    BOOST_TEST(result.rtt_right);
    BOOST_TEST(result.loss_right);
    BOOST_TEST(result.waited == 0u);
  }
  return result;
}

void run_cells(bool bursts) {
  const std::uint64_t seed = test_seed();
  std::ostringstream table;
  table << kTableHead;
  for (const Duration rtt : {0ms, 200ms, 1000ms, 2000ms, 5000ms, 10000ms}) {
    for (const std::uint32_t rate : {10u, 20u, 60u}) {
      table << "| " << seconds(rtt) << " s | " << rate;
      for (const std::uint32_t loss : {0u, 10'000u, 50'000u, 200'000u})
        table << written(run_cell({rtt, rate, loss, bursts}, seed));
      table << " |\n";
    }
  }
  publish(table.str(), seed);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(matrix)

BOOST_AUTO_TEST_CASE(independent_loss) {
  run_cells(false);
}
BOOST_AUTO_TEST_CASE(loss_in_bursts) {
  run_cells(true);
}

// 72,000 messages in 60 s pass 2^16 ids, and packets pass 2^32 on the way.
BOOST_AUTO_TEST_CASE(ids_and_sequences_run_past_their_ends) {
  PairConditions made;
  made.link.delay = sim::ConstantDelay{100ms};
  made.link.jitter = 30ms;
  made.link.jitter_may_reorder = true;
  made.link.loss_ppm = 50'000;
  made.rate_hz = 60;
  made.windows = windows_of({.rate_hz = 60});
  made.first_sequence = (std::uint64_t{1} << 32) - 1'500;
  made.seed = test_seed();
  DatagramPair pair{made};
  std::uint64_t said = 0;
  std::uint64_t heard = 0;
  bool in_order = true;
  pair.before_tick = [&](DatagramPair::Side& side, Instant now) {
    for (int i = 0; side.index == 0 && now < Instant{} + kSending && i < 20; ++i) {
      std::array<std::uint8_t, 2 + 8> body{};
      store_little_endian(body.data() + 2, said);
      BOOST_REQUIRE((side.channel.send_reliable(MessageType::app_reliable, body) == SendStatus::accepted));
      ++said;
    }
  };
  pair.on_messages = [&](DatagramPair::Side&, std::span<const RawMessage> messages, Instant) {
    for (const RawMessage& message : messages)
      in_order = in_order && load_little_endian<std::uint64_t>(message.body.data() + 2) == heard++;
  };
  pair.run_until(Instant{} + kSending + 10s);
  BOOST_TEST(said > 70'000u);
  BOOST_TEST(heard == said);
  BOOST_TEST(in_order);
  BOOST_TEST(pair.sides[0].channel.sent().next_sequence() > (std::uint64_t{1} << 32) + 1'500);
}

// What the windows are derived for: with the 256 packets that others remember, the same matrix is red as soon
// as more are on the way.
BOOST_AUTO_TEST_CASE(a_window_of_256_packets_fails_beyond_four_seconds_at_60_hz) {
  const auto run_with_256 = [](Duration rtt) {
    const Cell cell{rtt, 60, 0, false};
    Windows windows = windows_of(cell);
    windows.packets_kept_max = 256;
    return CellRun{cell, windows, test_seed(), 2}.run();
  };
  for (const Duration rtt : {2s, 3s}) BOOST_TEST(run_with_256(rtt).good(), seconds(rtt) << " s");
  for (const Duration rtt : {5s, 10s}) {  // 300 and 600 packets are on the way
    BOOST_TEST_CONTEXT(seconds(rtt) << " s") {
      const Result result = run_with_256(rtt);
      BOOST_TEST(!result.good());
      BOOST_TEST(!result.complete);    // every message goes out again and again
      BOOST_TEST(!result.rtt_right);   // never measured
      BOOST_TEST(!result.loss_right);  // all packets seem lost, on a link that loses none
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
