// Whatever happens in whatever order: what a client sees of a tick is what the server sent, and nothing piles
// up.
#include <boost/test/unit_test.hpp>
#include <deque>

#include "netrig/tests/support/allocation_counter.h"
#include "netrig/tests/support/seed.h"
#include "netrig/tests/unit/core/session/session_testing.h"

namespace netrig::testing {
namespace {

constexpr Duration kStep = 10ms;
constexpr std::size_t kSeats = 12;
constexpr std::uint32_t kPlayersMax = 8;  // fewer than seats, so that some are refused

// One direction of a stream with a delay that changes; what was sent first arrives first.
class DelayQueue {
 public:
  void push(Buffer bytes, Duration delay, Instant now) {
    last_due_ = std::max(last_due_, now + delay);
    flights_.push_back({last_due_, std::move(bytes)});
  }
  std::optional<Buffer> pop(Instant now) {
    if (flights_.empty() || flights_.front().due > now) return std::nullopt;
    Buffer bytes = std::move(flights_.front().bytes);
    flights_.pop_front();
    return bytes;
  }
  bool empty() const { return flights_.empty(); }
  void clear() { flights_.clear(); }

 private:
  struct Flight {
    Instant due;
    Buffer bytes;
  };
  std::deque<Flight> flights_;
  Instant last_due_;
};

struct Wire {
  DelayQueue up;
  DelayQueue down;
  bool closes_up = false;  // once all has arrived
  bool closes_down = false;
  bool connected = false;

  void cut() { *this = {}; }
};

ServerConfig schedule_config(Avatars avatars) {
  ServerConfig config = lab_config();
  config.avatars = avatars;
  config.players_max = kPlayersMax;
  return config;
}

class Schedule {
 public:
  Schedule(std::uint64_t seed, Avatars avatars)
      : lab(schedule_config(avatars), {.seats_per_address_max = kPlayersMax}),
        random_(Random{seed}.fork("schedule", 0)) {
    for (std::size_t i = 0; i < kSeats; ++i) lab.add_seat();
  }

  void step() {
    lab.now += kStep;
    for (std::size_t i = 0; i < kSeats; ++i) step_seat(*lab.seats[i], wires_[i]);
    step_server();
    BOOST_REQUIRE(lab.server.players().size() <= kPlayersMax);
    BOOST_REQUIRE(lab.acceptor.waiting() <= kSeats);
    lab.log = {};
    for (const auto& seat : lab.seats) {
      joins += seat->log.life.empty() ? 0u : static_cast<std::size_t>(seat->log.life.front() == "connected");
      seat->log = {};
    }
  }
  void cut_all() {
    for (std::size_t i = 0; i < kSeats; ++i) cut(*lab.seats[i], wires_[i]);
  }

  Lab lab;
  std::size_t compared = 0;
  std::size_t joins = 0;

 private:
  bool one_in(std::uint64_t n) { return random_.below(n) == 0; }
  Duration delay() { return Duration{1ms} * static_cast<int>(random_.below(300)); }

  void cut(Seat& seat, Wire& wire) {
    lab.lose(seat);
    wire.cut();
  }

  void step_seat(Seat& seat, Wire& wire) {
    if (!wire.connected) {
      if (one_in(100)) connect(seat, wire);
      return;
    }
    while (const std::optional<Buffer> bytes = wire.up.pop(lab.now)) hear_in_pieces(seat, *bytes);
    while (const std::optional<Buffer> bytes = wire.down.pop(lab.now)) {
      seat.client.receive(*bytes, lab.now);
      compare(seat);
    }
    const bool refused = !seat.open && !seat.pending;
    const bool closed = (wire.closes_up && wire.up.empty()) || (wire.closes_down && wire.down.empty());
    if (refused || closed || one_in(3000)) return cut(seat, wire);
    act(seat, wire);
    seat.client.advance(lab.now);
    flush(seat, wire);
  }

  void connect(Seat& seat, Wire& wire) {
    BOOST_REQUIRE((seat.client.state() == ClientState::idle));
    seat.pending = lab.acceptor.open(seat.address, lab.now);
    seat.client.connect(lab.now);
    wire.connected = true;
    flush(seat, wire);
  }

  void flush(Seat& seat, Wire& wire) {
    seat.client.flush(seat.out);
    for (const auto& write : std::exchange(seat.out.writes, {})) {
      wire.up.push(bytes_of_write(write.message), delay(), lab.now);
    }
    if (!std::exchange(seat.out.closed, {}).empty()) wire.closes_up = true;
  }

  void act(Seat& seat, Wire& wire) {
    if (one_in(5))
      seat.client.push_input(turn(static_cast<std::int16_t>(random_.between(-500, 500))), lab.now);
    if (one_in(50)) seat.client.send({1, Buffer(random_.below(3000))});
    if (one_in(50)) seat.client.send_latest(static_cast<std::uint16_t>(random_.below(80)), bytes_of("x"));
    if (one_in(2000)) seat.client.disconnect(lab.now);
    if (one_in(500)) seat.out.answers[PeerId{}] = SendStatus::queue_full;
    if (one_in(50)) seat.out.answers.clear();
    if (one_in(400)) wire.up.push(junk(), delay(), lab.now);
  }
  Buffer junk() {
    Buffer bytes(random_.below(40));
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random_.bits());
    return one_in(5) ? bytes : framed(bytes);
  }

  void hear_in_pieces(Seat& seat, Bytes bytes) {
    while (!bytes.empty()) {
      const std::size_t piece = 1 + random_.below(bytes.size());
      lab.hear(seat, bytes.first(piece));
      bytes = bytes.subspan(piece);
    }
  }

  void step_server() {
    if (one_in(100)) lab.server.broadcast({2, Buffer(random_.below(5000))});
    if (one_in(1000)) lab.server.kick(ClientId{random_.below(1000)}, "away", lab.now);
    if (!one_in(4)) lab.server.advance(lab.now);  // sometimes late
    for (const auto& seat : lab.seats) {
      if (one_in(300)) lab.out.answers[seat->peer] = SendStatus::queue_full;
      if (one_in(300)) lab.out.backlogs[seat->peer] = 100'000;
      if (one_in(30)) lab.out.answers.erase(seat->peer);
      if (one_in(30)) lab.out.backlogs.erase(seat->peer);
    }
    lab.server.flush(lab.out);
    const auto writes = std::exchange(lab.out.writes, {});
    const auto closed = std::exchange(lab.out.closed, {});
    for (std::size_t i = 0; i < kSeats; ++i) {
      const Seat& seat = *lab.seats[i];
      if (!seat.open) continue;
      for (const auto& write : writes) {
        if (write.peer == seat.peer) wires_[i].down.push(bytes_of_write(write.message), delay(), lab.now);
      }
      if (std::find(closed.begin(), closed.end(), seat.peer) != closed.end()) wires_[i].closes_down = true;
    }
  }

  void compare(const Seat& seat) {
    const Tick tick = seat.client.view().tick();
    const std::optional<std::uint64_t> sent = lab.server.view_digest(seat.peer, tick);
    if (!sent) return;  // before the first state, or the server has let this player go
    ++compared;
    BOOST_REQUIRE((seat.client.view_digest(tick) == sent));
  }

  Random random_;
  std::array<Wire, kSeats> wires_;
};

void run_schedule(Avatars avatars) {
  const std::uint64_t seed = test_seed();
  BOOST_TEST_CONTEXT("NETRIG_SEED=" << seed) {
    Schedule schedule{seed, avatars};
    for (int step = 0; step < 10'000; ++step) schedule.step();
    schedule.cut_all();
    schedule.step();
    const std::size_t after_100_s = live_bytes();
    for (int step = 0; step < 20'000; ++step) schedule.step();
    schedule.cut_all();
    schedule.step();
    BOOST_TEST(live_bytes() < after_100_s + 512 * 1024);
    BOOST_TEST(schedule.compared > 10'000u);
    BOOST_TEST(schedule.joins > 100u);
    schedule.cut_all();
    BOOST_TEST(schedule.lab.server.players().empty());
    BOOST_TEST(schedule.lab.acceptor.waiting() == 0u);
  }
}

BOOST_AUTO_TEST_SUITE(schedule)

BOOST_AUTO_TEST_CASE(views_agree_and_nothing_piles_up_while_entities_come_and_go) {
  run_schedule(Avatars::on_join);
}
BOOST_AUTO_TEST_CASE(views_agree_and_nothing_piles_up_with_entities_from_the_start) {
  run_schedule(Avatars::from_start);
}
BOOST_AUTO_TEST_CASE(views_agree_and_nothing_piles_up_without_entities) {
  run_schedule(Avatars::none);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
