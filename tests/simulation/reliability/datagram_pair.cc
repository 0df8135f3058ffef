#include "netrig/tests/simulation/reliability/datagram_pair.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>

namespace netrig::testing {
namespace {

constexpr std::uint32_t kMeanBurst = 4;
constexpr std::size_t kSequenceBytes = 4;

DatagramChannel::Config config_of(const PairConditions& conditions, std::size_t index) {
  DatagramChannel::Config config;
  config.peer_is = index == 0 ? Sender::server : Sender::client;
  config.seal_bytes = conditions.seal_bytes;
  config.first_sequence = config.peer_first_sequence = conditions.first_sequence;
  return config;
}

}  // namespace

DatagramPair::Side::Side(DatagramPair& owner, std::size_t side_index, const PairConditions& made_for,
                         Random random)
    : pair(owner),
      index(side_index),
      channel(made_for.windows, config_of(made_for, side_index)),
      link(made_for.link, random.fork("link", side_index)),
      bursts(made_for.burst_loss_ppm, kMeanBurst, random.fork("bursts", side_index)),
      phase(random.fork("phase", side_index).between(0, 1'000'000'000 / made_for.rate_hz - 1)) {}

DatagramPair::Side& DatagramPair::Side::other() const {
  return pair.sides[1 - index];
}

void DatagramPair::Side::count_drop(std::uint32_t sequence_low) {
  ++packets_dropped;
  const std::uint32_t place = sequence_low - static_cast<std::uint32_t>(pair.conditions.first_sequence);
  if (dropped.size() <= place) dropped.resize(place + 1);
  dropped[place] = true;
}

void DatagramPair::Side::write(Instant now, const std::function<void(DatagramWriter&)>& what) {
  DatagramWriter& writer = channel.begin_write(now);
  writer.write_due_reliable();
  what(writer);
  for (const OutgoingDatagram& datagram : channel.finish_write()) {
    ++packets_sent;
    bytes_sent += datagram.size() + pair.conditions.seal_bytes;
    BOOST_REQUIRE(datagram.size() + pair.conditions.seal_bytes <= kDatagramBytesMax);
    const std::shared_ptr<Payload> payload = pair.pool_.acquire();
    ByteWriter bytes{payload->bytes};
    bytes.u32(static_cast<std::uint32_t>(datagram.sequence));
    bytes.bytes(datagram.own);
    if (datagram.shared) bytes.bytes(datagram.shared->bytes);
    const auto wire_bytes = static_cast<std::uint32_t>(datagram.size() + pair.conditions.seal_bytes + 28);
    const bool lost =
        bursts.draw() || link.enqueue({{payload, nullptr}, wire_bytes}, now) != sim::EnqueueResult::accepted;
    if (lost) count_drop(static_cast<std::uint32_t>(datagram.sequence));
  }
}

void DatagramPair::Side::on_delivered(const sim::Packet& packet, Instant sent_at, Instant now) {
  Side& to = other();
  const auto& propagation = std::get<sim::ConstantDelay>(pair.conditions.link.delay);
  queue_delay_sum += now - sent_at - propagation.delay;
  ++packets_delivered;
  const Bytes bytes = packet.message.head->bytes;
  const auto sequence = to.channel.unwrap(load_little_endian<std::uint32_t>(bytes.data()));
  BOOST_REQUIRE(sequence.has_value());
  const auto heard = to.channel.receive(*sequence, bytes.subspan(kSequenceBytes), now);
  BOOST_REQUIRE(heard.has_value());
  if (pair.on_messages) pair.on_messages(to, *heard, now);
}

void DatagramPair::Side::on_dropped(const sim::Packet& packet, sim::DropCause, Instant) {
  count_drop(load_little_endian<std::uint32_t>(packet.message.head->bytes.data()));
}

DatagramPair::DatagramPair(const PairConditions& made_for)
    : conditions(made_for),
      sides{Side{*this, 0, made_for, Random{made_for.seed}},
            Side{*this, 1, made_for, Random{made_for.seed}}} {}

void DatagramPair::replace_links(const sim::LinkConditions& link) {
  conditions.link = link;
  for (Side& side : sides)
    side.link = sim::Link{link, Random{conditions.seed}.fork("another link", side.index)};
}

Instant DatagramPair::tick_at(const Side& side) const {
  return tick_instant(Instant{} + side.phase, side.ticks, conditions.rate_hz);
}

std::optional<Instant> DatagramPair::next_event() const {
  Instant next = Instant::max();
  for (const Side& side : sides) {
    next = std::min({next, tick_at(side), side.link.next_deadline().value_or(Instant::max())});
    if (const auto deadline = side.channel.next_deadline()) next = std::min(next, std::max(*deadline, now_));
  }
  return next;
}

void DatagramPair::tick(Side& side, Instant now) {
  ++side.ticks;
  if (before_tick) before_tick(side, now);
  side.write(now, [&](DatagramWriter& writer) {
    if (on_tick) on_tick(side, writer, now);
  });
}

void DatagramPair::turn(Instant now) {
  for (Side& side : sides) {
    if (const auto due = side.link.next_deadline(); due && *due <= now) side.link.advance(now, side);
  }
  for (Side& side : sides) {
    const auto due = side.channel.next_deadline();
    if (due && *due <= now) side.write(now, [](DatagramWriter&) {});
  }
  for (Side& side : sides) {
    if (tick_at(side) <= now) tick(side, now);
  }
}

void DatagramPair::run_until(Instant end) {
  while (true) {
    const Instant next = *next_event();
    if (next > end) break;
    now_ = next;
    turn(now_);
  }
  now_ = end;
}

}  // namespace netrig::testing
