#include "netrig/tests/unit/core/session/datagram_testing.h"

#include <boost/test/unit_test.hpp>
#include <utility>

namespace netrig::testing {
namespace {

ServerConfig with_rate(ServerConfig config, std::uint32_t rate_hz) {
  config.horizon.tick_rate_hz = rate_hz;
  return config;
}

AdmissionPolicy policy_of(const World& world) {
  AdmissionPolicy policy;
  policy.schema_digest = world.schema().digest();
  policy.allows_plaintext = true;
  return policy;
}

}  // namespace

DatagramLab::DatagramLab(bool is_encrypted, std::uint64_t seed, ServerConfig config, std::uint32_t rate)
    : encrypted(is_encrypted),
      rate_hz(rate),
      entropy(Random{seed}),
      server(with_rate(config, rate), world, entropy, log, now),
      acceptor(server, policy_of(world), derive_windows(with_rate(config, rate).horizon), nullptr, entropy,
               log) {}

DatagramSeat& DatagramLab::add_seat() {
  ClientConfig config;
  config.horizon.tick_rate_hz = rate_hz;
  config.datagrams = {&client_entropy, encrypted};
  Address from{"client-" + std::to_string(seats.size()), 1};
  return *seats.emplace_back(std::make_unique<DatagramSeat>(config, world.schema(), std::move(from)));
}

DatagramSeat& DatagramLab::join() {
  DatagramSeat& seat = add_seat();
  seat.client.connect(now);
  BOOST_REQUIRE(run_until([&] { return seat.client.view().tick() != Tick{}; }, 1s));
  return seat;
}

void DatagramLab::up(DatagramSeat& seat) {
  seat.client.flush(seat.out);
  for (const CollectingSink::Write& write : std::exchange(seat.out.writes, {})) {
    Buffer datagram = bytes_of_write(write.message);
    if (lose && lose(seat.address, true, datagram)) continue;
    if (tap) tap(seat, true, datagram);
    hear(seat, datagram);
  }
  seat.out.closed.clear();
}

void DatagramLab::hear(DatagramSeat& seat, Bytes datagram) {
  if (datagram.empty()) return;
  if (datagram[0] >= kSessionDatagram) {
    server.receive(seat.peer, datagram, now);
    return acceptor.on_session_datagram(seat.address, seat.peer);
  }
  const DatagramAcceptor::Outcome outcome = acceptor.receive(seat.address, datagram, now);
  if (outcome.seated) seat.peer = *outcome.seated;
  if (outcome.reply.head) to_client(seat, outcome.reply.head->bytes);
}

void DatagramLab::to_client(DatagramSeat& seat, Bytes bytes) {
  Buffer datagram{bytes.begin(), bytes.end()};
  if (lose && lose(seat.address, false, datagram)) return;
  if (tap) tap(seat, false, datagram);
  seat.client.receive(datagram, now);
  if (datagram[0] < kSessionDatagram) up(seat);  // the handshake goes on at once
}

void DatagramLab::down() {
  server.flush(out);
  for (const CollectingSink::Write& write : std::exchange(out.writes, {})) {
    for (const auto& seat : seats) {
      if (seat->peer == write.peer) to_client(*seat, bytes_of_write(write.message));
    }
  }
  for (const PeerId closed : std::exchange(out.closed, {})) {
    for (const auto& seat : seats) {
      if (seat->peer == closed) acceptor.close(seat->address, now);
    }
  }
}

void DatagramLab::tick() {
  now = *server.next_deadline();
  for (const auto& seat : seats) {
    seat->client.advance(now);
    up(*seat);
  }
  while (acceptor.expire(now)) {
  }
  server.advance(now);
  down();
}

void DatagramLab::run(Duration time) {
  const Instant end = now + time;
  while (*server.next_deadline() <= end) tick();
}

bool DatagramLab::run_until(const std::function<bool()>& done, Duration at_most) {
  const Instant end = now + at_most;
  while (!done() && now < end) tick();
  return done();
}

}  // namespace netrig::testing
