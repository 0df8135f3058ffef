#include "netrig/core/protocol/datagram_channel.h"

#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

#include "netrig/core/base/random.h"
#include "netrig/tests/support/seed.h"

using namespace netrig;

namespace {

using Buffer = std::vector<std::uint8_t>;

const Windows kWindows = derive_windows({.rtt_max = 10s, .jitter_max = 1s, .tick_rate_hz = 20});
constexpr Duration kTick = 50ms;
constexpr std::size_t kSealBytes = 21;
constexpr std::size_t kPacketBytesMax = kDatagramBytesMax - kSealBytes;

struct Datagram {
  std::uint64_t sequence = 0;
  Buffer bytes;
  PacketBreakdown breakdown;
};

DatagramChannel::Config config_of(Sender peer_is) {
  DatagramChannel::Config config;
  config.peer_is = peer_is;
  config.seal_bytes = kSealBytes;
  return config;
}

struct End {
  explicit End(Sender peer_is) : channel(kWindows, config_of(peer_is)) {}

  std::vector<Datagram> finish() {
    std::vector<Datagram> packets;
    for (const OutgoingDatagram& out : channel.finish_write()) {
      BOOST_REQUIRE(out.size() <= kPacketBytesMax);
      BOOST_REQUIRE(out.breakdown.total_bytes() == out.size());
      Datagram packet{out.sequence, Buffer(out.own.begin(), out.own.end()), out.breakdown};
      if (out.shared)
        packet.bytes.insert(packet.bytes.end(), out.shared->bytes.begin(), out.shared->bytes.end());
      packets.push_back(std::move(packet));
    }
    return packets;
  }
  // Writes what is due by itself.
  std::vector<Datagram> write(Instant now) {
    channel.begin_write(now).write_due_reliable();
    return finish();
  }
  // "type:bytes" of each message handed on.
  std::vector<std::string> hear(const Datagram& packet, Instant now) {
    const auto sequence = channel.unwrap(static_cast<std::uint32_t>(packet.sequence));
    BOOST_REQUIRE(sequence.has_value());
    const auto messages = channel.receive(*sequence, packet.bytes, now);
    BOOST_REQUIRE(messages.has_value());
    std::vector<std::string> heard;
    for (const RawMessage& message : *messages)
      heard.push_back(std::string{kMessages[message_row(message.type)].name} + ":" +
                      std::to_string(message.body.size()));
    return heard;
  }
  std::optional<DatagramFault> fault(std::uint64_t sequence, const Buffer& bytes, Instant now) {
    const auto messages = channel.receive(sequence, bytes, now);
    if (messages) return std::nullopt;
    return messages.error();
  }

  DatagramChannel channel;
};

struct Two {
  End client{Sender::server};
  End server{Sender::client};
};

using Heard = std::vector<std::string>;

Buffer app(std::size_t size) {
  return Buffer(2 + size, 7);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(datagram_channel)

BOOST_AUTO_TEST_CASE(a_message_its_ack_and_silence) {
  Two two;
  two.client.channel.begin_write(Instant{}).write(Ping{77});
  const auto sent = two.client.finish();
  BOOST_REQUIRE(sent.size() == 1u);
  const Buffer expected{0, 4, 4, 77, 0, 0, 0};  // flags; tag, length, id
  BOOST_TEST(sent[0].bytes == expected, boost::test_tools::per_element());
  BOOST_TEST((two.server.hear(sent[0], Instant{} + 100ms) == Heard{"ping:4"}));
  BOOST_TEST((two.server.channel.next_deadline().value() == Instant{} + 100ms + kTick));
  BOOST_TEST(!two.server.channel.has_due(Instant{} + 100ms));
  BOOST_TEST(two.server.channel.has_due(Instant{} + 150ms));

  const auto ack = two.server.write(Instant{} + 120ms);
  BOOST_REQUIRE(ack.size() == 1u);
  const Buffer ack_bytes{1, 0, 0, 0, 0, 0xA0, 0x9C, 0x01, 0, 0};  // packet 0, 20,000 us ago, none before it
  BOOST_TEST(ack[0].bytes == ack_bytes, boost::test_tools::per_element());
  BOOST_TEST(two.client.hear(ack[0], Instant{} + 220ms).empty());
  BOOST_TEST((two.client.channel.rtt().smoothed() == 200ms));
  BOOST_TEST(two.client.write(Instant{} + 1s).empty());  // an ack is not acked
  BOOST_TEST(!two.client.channel.next_deadline().has_value());
}

BOOST_AUTO_TEST_CASE(a_lost_reliable_message_comes_with_the_next_packets_and_before_later_ones) {
  Two two;
  two.client.channel.send_reliable(MessageType::app_reliable, app(1));
  const auto lost = two.client.write(Instant{});  // packet 0, lost
  for (std::size_t i = 2; i <= 4; ++i) {          // packets 1 to 3
    two.client.channel.send_reliable(MessageType::app_reliable, app(i));
    const Instant now = Instant{} + kTick * static_cast<int>(i);
    BOOST_TEST(two.server.hear(two.client.write(now)[0], now + 10ms).empty());  // waits for the first
  }
  two.client.hear(two.server.write(Instant{} + 300ms)[0], Instant{} + 310ms);  // acks 1 to 3: 0 is lost
  const auto again = two.client.write(Instant{} + 320ms);
  BOOST_REQUIRE(again.size() == 1u);
  BOOST_TEST((two.server.hear(again[0], Instant{} + 330ms) ==
              Heard{"app_reliable:3", "app_reliable:4", "app_reliable:5", "app_reliable:6"}));
  BOOST_TEST(two.server.hear(lost[0], Instant{} + 340ms).empty());  // late, and a copy
  BOOST_TEST(two.client.channel.reliable_out().resends() == 1u);
}

BOOST_AUTO_TEST_CASE(a_welcome_stands_before_the_states_beside_it) {
  Two two;
  const Buffer welcome = [] {
    Buffer frame;
    PacketBreakdown breakdown;
    FrameWriter writer{frame, breakdown};
    writer.write(Welcome{1, 0, 2, ClientId{3}, EntityId{4}, 20, Tick{5}, 6});
    writer.finish();
    return Buffer(frame.begin() + 7, frame.end());
  }();
  two.server.channel.send_reliable(MessageType::welcome, welcome);
  DatagramWriter& writer = two.server.channel.begin_write(Instant{});
  writer.write(StateHeader{Tick{5}, {}, 0});
  writer.write_due_reliable();
  const Heard expected{"welcome:" + std::to_string(welcome.size()), "state_header:10"};
  BOOST_TEST((two.client.hear(two.server.finish()[0], Instant{}) == expected));
}

BOOST_AUTO_TEST_CASE(messages_are_cut_between_packets_and_fill_them) {
  Two two;
  DatagramWriter& writer = two.server.channel.begin_write(Instant{});
  for (int i = 0; i < 40; ++i) writer.write_encoded(MessageType::state_update, Buffer(111));
  const auto packets = two.server.finish();
  BOOST_TEST(packets.size() == 4u);  // 40 x 113 bytes, ten to a packet of 1,179
  BOOST_TEST(packets[0].bytes.size() == 1 + 10 * 113u);
  for (const Datagram& packet : packets) BOOST_TEST(two.client.hear(packet, Instant{}).size() == 10u);
}

BOOST_AUTO_TEST_CASE(the_ack_goes_where_there_is_room_and_needs_a_packet_of_its_own_only_if_there_is_none) {
  for (const std::size_t size : {1'000u, 1'170u}) {
    Two two;
    two.client.channel.begin_write(Instant{}).write(Ping{1});
    two.server.hear(two.client.finish()[0], Instant{});
    DatagramWriter& writer = two.server.channel.begin_write(Instant{} + 1ms);
    writer.write_encoded(MessageType::state_update, Buffer(size));
    const auto packets = two.server.finish();
    BOOST_TEST(packets.size() == (size == 1'000u ? 1u : 2u));
    BOOST_TEST((packets.back().bytes[0] & kFlagAck) != 0);
  }
}

BOOST_AUTO_TEST_CASE(an_unreliable_message_too_long_for_a_packet_travels_in_fragments) {
  Two two;
  for (const std::size_t size : {1'175u, 1'176u, 1'177u, 5'000u, 32'774u}) {
    DatagramWriter& writer = two.server.channel.begin_write(Instant{});
    writer.write_encoded(MessageType::app_latest, Buffer(size));
    writer.write(Ping{1});
    const auto packets = two.server.finish();
    PacketBreakdown sum;
    Heard heard;
    for (const Datagram& packet : packets) {
      sum += packet.breakdown;
      for (std::string& message : two.client.hear(packet, Instant{})) heard.push_back(std::move(message));
    }
    std::sort(heard.begin(), heard.end());
    BOOST_TEST((heard == Heard{"app_latest:" + std::to_string(size), "ping:4"}));
    const MessageTotal& total = sum.by_message[message_row(MessageType::app_latest)];
    BOOST_TEST(total.count == 1u);
    BOOST_TEST(total.bytes == size);
  }
}

BOOST_AUTO_TEST_CASE(a_shared_body_ends_a_packet_behind_what_is_kept_together_with_it) {
  Two two;
  const auto shared = std::make_shared<Payload>();
  PacketBreakdown breakdown;
  for (int i = 0; i < 10; ++i) {
    const Buffer update(111, 1);
    ByteWriter bytes{shared->bytes};
    bytes.u8(17);
    bytes.varint(111);
    bytes.bytes(update);
    breakdown.protocol_bytes += 2;
  }
  breakdown.by_message[message_row(MessageType::state_update)] = {10, 1'110};
  DatagramWriter& writer = two.server.channel.begin_write(Instant{});
  writer.write(Ping{1});
  for (int packet = 0; packet < 2; ++packet) {
    writer.keep_together(12 + shared->bytes.size());
    writer.write(StateHeader{Tick{1}, {}, 20});
    writer.write_shared(shared, breakdown);
  }
  writer.write(Ping{2});
  const auto packets = two.server.finish();
  BOOST_REQUIRE(packets.size() == 3u);
  BOOST_TEST(two.client.hear(packets[0], Instant{}).size() == 12u);  // ping, header, ten states
  BOOST_TEST(two.client.hear(packets[1], Instant{}).size() == 11u);
  BOOST_TEST((two.client.hear(packets[2], Instant{}) == Heard{"ping:4"}));
}

BOOST_AUTO_TEST_CASE(the_newest_value_of_a_key_is_named_when_it_is_lost_and_an_older_one_is_not) {
  Two two;
  const auto write_key = [&](std::uint16_t key, std::size_t size, Instant now) {
    DatagramWriter& writer = two.client.channel.begin_write(now);
    writer.write_encoded(MessageType::app_latest, Buffer(size));
    writer.note_latest(key);
    return two.client.finish();
  };
  write_key(5, 10, Instant{});                              // packet 0: superseded, and lost
  write_key(6, 3'000, Instant{} + 50ms);                    // packets 1 to 3: the middle one is lost
  const auto newest = write_key(5, 10, Instant{} + 100ms);  // packet 4: arrives
  for (int i = 0; i < 3; ++i)
    two.client.channel.begin_write(Instant{} + 100ms).write(Ping{1}), two.client.finish();
  Ack ack;
  ack.largest = 7;
  ack.count = 3;
  ack.ranges[0] = {0, 4};  // 3 to 7
  ack.ranges[1] = {6, 6};  // 1
  ack.count = 2;
  Buffer bytes{kFlagAck};
  ByteWriter writer{bytes};
  encode_ack(ack, writer);
  two.client.hear({0, bytes, {}}, Instant{} + 200ms);
  const auto lost = two.client.channel.take_lost_latest();
  BOOST_REQUIRE(lost.size() == 1u);
  BOOST_TEST(lost[0] == 6);
  BOOST_TEST(two.client.channel.take_lost_latest().empty());
}

BOOST_AUTO_TEST_CASE(marks_tell_what_has_arrived) {
  Two two;
  for (std::uint32_t input = 1; input <= 3; ++input) {
    DatagramWriter& writer = two.client.channel.begin_write(Instant{});
    writer.write(InputMessage{InputSequence{input}, {}, {}});
    writer.note_mark(input);
    const auto packet = two.client.finish();
    if (input != 2) two.server.hear(packet[0], Instant{} + 10ms);
  }
  two.client.hear(two.server.write(Instant{} + 10ms)[0], Instant{} + 20ms);
  const auto arrived = two.client.channel.take_arrived_marks();
  BOOST_TEST((std::set<std::uint32_t>(arrived.begin(), arrived.end()) == std::set<std::uint32_t>{1, 3}));
}

BOOST_AUTO_TEST_CASE(what_the_sink_refuses_goes_into_the_next_write) {
  Two two;
  two.client.channel.send_reliable(MessageType::app_reliable, app(1));
  const auto refused = two.client.write(Instant{});
  two.client.channel.drop(refused[0].sequence, Instant{});
  BOOST_TEST(two.client.channel.has_due(Instant{}));
  BOOST_TEST(two.server.hear(two.client.write(Instant{} + kTick)[0], Instant{} + kTick).size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_undecodable_packet_changes_nothing_and_is_not_acked) {
  Two two;
  BOOST_TEST((two.server.fault(0, {0, 4, 4, 1, 0, 0}, Instant{}) == DatagramFault::undecodable));
  BOOST_TEST((two.server.channel.decode_fault() == DecodeFault::truncated));
  // A good message before a bad one does not count either.
  BOOST_TEST(
      (two.server.fault(1, {0, 9, 5, 0, 0, 48, 1, 2, 99, 0}, Instant{}) == DatagramFault::undecodable));
  BOOST_TEST(two.server.channel.reliable_in().delivered() == 0u);
  BOOST_TEST(two.server.write(Instant{} + 1s).empty());
  BOOST_TEST(!two.server.channel.unwrap(0).has_value());  // but it is not taken again
}

BOOST_AUTO_TEST_CASE(lies_end_the_session) {
  Two two;
  const auto fault = two.server.fault(0, {1, 9, 0, 0, 0, 0, 0, 0}, Instant{});  // acks packet 9 of none
  BOOST_TEST((fault == DatagramFault::false_ack));
  BOOST_TEST(ends_session(*fault));
  BOOST_TEST((two.server.fault(1, {0, 9, 5, 0, 0x10, 48, 1, 2}, Instant{}) == DatagramFault::beyond_window));
  BOOST_TEST((two.client.fault(0, {0, 10, 5, 0, 0, 1, 99, 1}, Instant{}) == DatagramFault::broken_parts));
}

BOOST_AUTO_TEST_CASE(a_fragmented_message_that_is_none_is_dropped_and_counted) {
  Two two;
  BOOST_TEST(two.server.hear({0, {0, 11, 5, 0, 0, 0, 2, 48, 11, 5, 0, 0, 1, 2, 1}, {}}, Instant{}).empty());
  BOOST_TEST(two.server.channel.counters().messages_refused == 1u);  // app_reliable is no unreliable message
}

// A long-lived channel hears anything: faults are values, and it goes on working.
BOOST_AUTO_TEST_CASE(any_bytes_in_any_order_leave_the_channel_unharmed) {
  Random random = Random{testing::test_seed()}.fork("channel bytes", 0);
  End victim{Sender::client};
  std::uint64_t sequence = 0;
  for (int round = 0; round < 40'000; ++round) {
    Buffer bytes{static_cast<std::uint8_t>(random.below(8) == 0 ? random.below(3) : 0)};
    const std::size_t messages = random.between(1, 4);
    for (std::size_t i = 0; i < messages; ++i) {
      const std::size_t size = random.below(40);
      const std::uint8_t tags[] = {4, 9, 9, 10, 11, 11, 49, static_cast<std::uint8_t>(random.below(60))};
      bytes.push_back(tags[random.below(8)]);
      bytes.push_back(static_cast<std::uint8_t>(size));
      for (std::size_t at = 0; at < size; ++at)
        bytes.push_back(static_cast<std::uint8_t>(random.chance(600'000) ? random.below(3) : random.bits()));
    }
    if (random.chance(100'000)) bytes.resize(random.below(bytes.size() + 1));
    const auto low =
        static_cast<std::uint32_t>(sequence + random.below(4) - std::min<std::uint64_t>(sequence, 2));
    const auto unwrapped = victim.channel.unwrap(low);
    if (!unwrapped) continue;
    sequence = std::max(sequence, *unwrapped + 1);
    const Instant now = Instant{} + 10ms * round;
    static_cast<void>(victim.channel.receive(*unwrapped, bytes, now));
    if (random.chance(200'000)) victim.channel.begin_write(now).write(Ping{1}), victim.finish();
    BOOST_REQUIRE(victim.channel.reliable_in().held_bytes() <= kReliableBytesMax);
    BOOST_REQUIRE(victim.channel.fragments().held_bytes() <= kReassemblyBytesMax);
  }
  // It still speaks and listens.
  BOOST_TEST((victim.hear({sequence + 10, {0, 4, 4, 1, 0, 0, 0}, {}}, Instant{} + 500s) == Heard{"ping:4"}));
  BOOST_TEST(!victim.write(Instant{} + 500s).empty());
}

BOOST_AUTO_TEST_SUITE_END()
