#include "netrig/core/protocol/codec.h"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <functional>

#include "netrig/core/base/frame.h"
#include "netrig/core/base/random.h"
#include "netrig/core/protocol/limits.h"
#include "netrig/core/protocol/message_writer.h"

using namespace netrig;

namespace {

using Buffer = std::vector<std::uint8_t>;

// What one message becomes: a whole frame.
struct Written {
  Buffer bytes;
  PacketBreakdown breakdown;
};
Written write(const std::function<void(FrameWriter&)>& messages) {
  Written written;
  FrameWriter writer{written.bytes, written.breakdown};
  messages(writer);
  writer.finish();
  return written;
}
template <class Message>
Written write_one(const Message& message) {
  return write([&](FrameWriter& writer) { writer.write(message); });
}

Bytes packet_of(const Buffer& frame) {
  BOOST_REQUIRE(frame.size() >= kFrameHeaderBytes);
  BOOST_REQUIRE(load_little_endian<std::uint32_t>(frame.data()) == frame.size() - kFrameHeaderBytes);
  return Bytes{frame}.subspan(kFrameHeaderBytes);
}

RawMessage only_message(const Buffer& frame, Sender from) {
  const auto view = decode_packet(packet_of(frame), from);
  BOOST_REQUIRE(view.has_value());
  Bytes rest = view->messages;
  const RawMessage message = take_message(rest);
  BOOST_REQUIRE(rest.empty());
  return message;
}

// Every message there is, once, with fields that differ.
struct Sample {
  MessageType type;
  Written written;
};
std::vector<Sample> samples() {
  const Buffer app_body{0x34, 0x12, 'h', 'i'};
  const Buffer latest_body{0x34, 0x12, 5, 0, 0, 0, 'h', 'i'};
  const Buffer removed_body{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  const Buffer state_body(23);
  const Buffer five{1, 2, 3, 4, 5};
  const auto encoded = [](MessageType type, const Buffer& body) {
    return Sample{type, write([&](FrameWriter& writer) { writer.write_encoded(type, body); })};
  };
  return {
      {MessageType::hello, write_one(Hello{1, 2, 3, 4, 5})},
      {MessageType::welcome, write_one(Welcome{1, 2, 3, ClientId{4}, EntityId{5}, 20, Tick{7}, 8})},
      {MessageType::refuse, write_one(Refuse{RefuseReason::server_full, 1, 2})},
      {MessageType::ping, write_one(Ping{77})},
      {MessageType::pong, write_one(Pong{77, 1000, 123456789})},
      {MessageType::leave, write([](FrameWriter& writer) { writer.write_leave(); })},
      {MessageType::disconnect, write_one(Disconnect{DisconnectReason::kicked, "bye"})},
      {MessageType::state_header, write_one(StateHeader{Tick{9}, InputSequence{8}, 32})},
      encoded(MessageType::state_update, state_body),
      encoded(MessageType::entity_removed, removed_body),
      {MessageType::input, write_one(InputMessage{InputSequence{3}, Tick{2}, Input{five}})},
      encoded(MessageType::app_reliable, app_body),
      encoded(MessageType::app_latest, latest_body),
      {MessageType::challenge, write_one(Challenge{})},
      {MessageType::proof, write_one(Proof{})},
  };
}

Sender sender_of(MessageType type) {
  const Sender sender = kMessages[message_row(type)].sender;
  return sender == Sender::both ? Sender::client : sender;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(codec)

BOOST_AUTO_TEST_CASE(a_ping_is_these_bytes) {
  const Buffer expected{7,    0, 0, 0,  // length
                        0,              // flags
                        4,    4,        // tag, body length
                        0x4D, 0, 0, 0};
  BOOST_TEST(write_one(Ping{77}).bytes == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_hello_is_these_bytes) {
  const Buffer expected{
      63, 0, 0, 0, 0, 1, 60, 'N', 'T', 'R', 'G', 1, 0, 2, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5,
      0,  0, 0, 0, 0, 0, 0,  6,   0,   0,   0,   0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0,  // epoch, client
      8,  0, 0, 0, 0, 0, 0,  0,   9,   0,   0,   0, 0, 0, 0, 0,                       // key
      10, 0, 0, 0};
  BOOST_TEST(write_one(Hello{1, 2, 3, 4, 5, {6, ClientId{7}, {8, 9}, 10}}).bytes == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_ack_stands_in_the_header_and_needs_no_message) {
  const Written written = write([](FrameWriter& writer) { writer.acknowledge(300); });
  const Buffer expected{3, 0, 0, 0, 1, 0xAC, 0x02};
  BOOST_TEST(written.bytes == expected, boost::test_tools::per_element());
  const auto view = decode_packet(packet_of(written.bytes), Sender::client);
  BOOST_REQUIRE(view.has_value());
  BOOST_TEST(view->reliable_ack.value() == 300u);
  BOOST_TEST(view->messages.empty());
}

BOOST_AUTO_TEST_CASE(every_message_comes_back_as_it_was) {
  const std::vector<Sample> all = samples();
  BOOST_TEST(all.size() == kMessages.size() - 3);  // the wrappers of datagrams

  for (const Sample& sample : all) {
    BOOST_TEST_CONTEXT(kMessages[message_row(sample.type)].name) {
      BOOST_TEST((only_message(sample.written.bytes, sender_of(sample.type)).type == sample.type));
    }
  }
  const Bytes welcome_body = only_message(all[1].written.bytes, Sender::server).body;
  const Welcome welcome = *decode_welcome(welcome_body);
  BOOST_TEST(welcome.version == 1);
  BOOST_TEST(welcome.features == 2u);
  BOOST_TEST(welcome.epoch == 3u);
  BOOST_TEST((welcome.client == ClientId{4}));
  BOOST_TEST((welcome.entity == EntityId{5}));
  BOOST_TEST(welcome.tick_rate_hz == 20);
  BOOST_TEST((welcome.tick == Tick{7}));
  BOOST_TEST(welcome.server_time_ns == 8u);

  const Pong pong = *decode_pong(only_message(all[4].written.bytes, Sender::client).body);
  BOOST_TEST(pong.id == 77u);
  BOOST_TEST(pong.held_us == 1000u);
  BOOST_TEST(pong.time_ns == 123456789u);

  const Disconnect goodbye = *decode_disconnect(only_message(all[6].written.bytes, Sender::server).body);
  BOOST_TEST((goodbye.reason == DisconnectReason::kicked));
  BOOST_TEST(goodbye.message == "bye");

  const StateHeader header = *decode_state_header(only_message(all[7].written.bytes, Sender::server).body);
  BOOST_TEST((header.tick == Tick{9}));
  BOOST_TEST((header.input_ack == InputSequence{8}));
  BOOST_TEST(header.entities == 32);

  const EntityRemoved removed =
      *decode_entity_removed(only_message(all[9].written.bytes, Sender::server).body);
  BOOST_TEST(removed.entity.value == 0x0807060504030201u);
  BOOST_TEST(removed.tick.value == 0x0C0B0A09u);

  const InputMessage input = *decode_input(only_message(all[10].written.bytes, Sender::client).body);
  BOOST_TEST((input.sequence == InputSequence{3}));
  BOOST_TEST((input.acked == Tick{2}));
  BOOST_TEST(input.input.bytes().size() == 5u);

  const LatestMessage latest = *decode_app_latest(only_message(all[12].written.bytes, Sender::client).body);
  BOOST_TEST(latest.key == 0x1234);
  BOOST_TEST(latest.sequence == 5u);
  BOOST_TEST(text_of(latest.bytes) == "hi");
}

BOOST_AUTO_TEST_CASE(every_truncation_of_a_packet_is_refused) {
  for (const Sample& sample : samples()) {
    const Bytes packet = packet_of(sample.written.bytes);
    for (std::size_t size = 0; size < packet.size(); ++size) {
      BOOST_TEST(!decode_packet(packet.first(size), sender_of(sample.type)).has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(every_body_that_is_too_short_or_too_long_is_refused) {
  for (const Sample& sample : samples()) {
    const bool open_ended = sample.type == MessageType::app_reliable ||
                            sample.type == MessageType::app_latest ||
                            sample.type == MessageType::disconnect || sample.type == MessageType::input ||
                            sample.type == MessageType::state_update;
    if (open_ended) continue;
    const Bytes body = only_message(sample.written.bytes, sender_of(sample.type)).body;
    const auto accepts = [&](Bytes changed) {
      const Written written = write([&](FrameWriter& writer) { writer.write_encoded(sample.type, changed); });
      return decode_packet(packet_of(written.bytes), sender_of(sample.type)).has_value();
    };
    BOOST_TEST_CONTEXT(kMessages[message_row(sample.type)].name) {
      BOOST_TEST(accepts(body));
      for (std::size_t size = 0; size < body.size(); ++size) BOOST_TEST(!accepts(body.first(size)));
      Buffer longer{body.begin(), body.end()};
      longer.push_back(0);
      BOOST_TEST(!accepts(longer));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_message_from_the_wrong_side_is_refused) {
  for (const Sample& sample : samples()) {
    const Sender allowed = kMessages[message_row(sample.type)].sender;
    if (allowed == Sender::both) continue;
    const Sender other = allowed == Sender::client ? Sender::server : Sender::client;
    const auto view = decode_packet(packet_of(sample.written.bytes), other);
    BOOST_REQUIRE(view.has_error());
    BOOST_TEST((view.error() == DecodeFault::wrong_sender));
  }
}

BOOST_AUTO_TEST_CASE(fields_out_of_range_are_refused) {
  const auto fault = [](const Written& written, Sender from) {
    const auto view = decode_packet(packet_of(written.bytes), from);
    BOOST_REQUIRE(view.has_error());
    return view.error();
  };
  const auto out_of_range = DecodeFault::out_of_range;
  BOOST_TEST((fault(write_one(Hello{2, 1, 0, 0, 0}), Sender::client) == out_of_range));
  BOOST_TEST((fault(write_one(Welcome{1, 0, 0, ClientId{}, {}, 20, {}, 0}), Sender::server) == out_of_range));
  BOOST_TEST((fault(write_one(Welcome{1, 0, 0, ClientId{1}, {}, 0, {}, 0}), Sender::server) == out_of_range));
  BOOST_TEST(
      (fault(write_one(Welcome{1, 0, 0, ClientId{1}, {}, 241, {}, 0}), Sender::server) == out_of_range));
  BOOST_TEST((fault(write_one(Pong{1, 0, UINT64_MAX}), Sender::client) == out_of_range));
  BOOST_TEST((fault(write_one(Refuse{RefuseReason{0}, 1, 1}), Sender::server) == out_of_range));
  BOOST_TEST((fault(write_one(Refuse{RefuseReason{14}, 1, 1}), Sender::server) == out_of_range));
  BOOST_TEST(
      (fault(write_one(Disconnect{DisconnectReason::connection_lost, ""}), Sender::server) == out_of_range));
  BOOST_TEST((fault(write_one(InputMessage{}), Sender::client) == out_of_range));
}

BOOST_AUTO_TEST_CASE(undefined_flags_unknown_tags_and_empty_packets_are_refused) {
  const auto fault = [](Buffer packet) { return decode_packet(packet, Sender::client).error(); };
  BOOST_TEST((fault({}) == DecodeFault::truncated));
  BOOST_TEST((fault({0}) == DecodeFault::empty));
  BOOST_TEST((fault({2, 4, 4, 0, 0, 0, 0}) == DecodeFault::bad_header));
  BOOST_TEST((fault({0, 99, 0}) == DecodeFault::unknown_type));
  BOOST_TEST((fault({0, 4, 5, 0, 0, 0, 0}) == DecodeFault::truncated));
}

BOOST_AUTO_TEST_CASE(bytes_are_accounted_for_to_the_last_one) {
  for (const Sample& sample : samples()) {
    BOOST_TEST(sample.written.breakdown.total_bytes() == sample.written.bytes.size());
    BOOST_TEST(sample.written.breakdown.by_message[message_row(sample.type)].count == 1u);
  }
  const Buffer body(30'000);
  const Written many = write([&](FrameWriter& writer) {
    writer.acknowledge(1'000'000);
    for (int i = 0; i < 7; ++i) writer.write_encoded(MessageType::app_reliable, body);
  });
  BOOST_TEST(many.breakdown.total_bytes() == many.bytes.size());
  BOOST_TEST(many.breakdown.payload_bytes() == 7u * 30'000);
}

BOOST_AUTO_TEST_CASE(messages_that_do_not_fit_one_packet_begin_another) {
  const Buffer body(30'000);
  const Written written = write([&](FrameWriter& writer) {
    for (int i = 0; i < 7; ++i) writer.write_encoded(MessageType::app_reliable, body);
  });
  FrameReader reader;
  int packets = 0;
  int messages = 0;
  BOOST_TEST(reader.read(written.bytes, [&](Bytes packet) {
    const auto view = decode_packet(packet, Sender::client);
    BOOST_REQUIRE(view.has_value());
    ++packets;
    for (Bytes rest = view->messages; !rest.empty(); ++messages) take_message(rest);
    return true;
  }));
  BOOST_TEST(packets == 4);  // two of 30,000 bytes fit 65,536
  BOOST_TEST(messages == 7);
}

BOOST_AUTO_TEST_CASE(any_bytes_give_a_value_or_an_error) {
  const char* const extra_seed = std::getenv("NETRIG_SEED");
  const std::uint64_t seed = extra_seed != nullptr ? std::strtoull(extra_seed, nullptr, 10) : 1;
  BOOST_TEST_MESSAGE("NETRIG_SEED=" << seed);
  Random random{seed};
  const std::vector<Sample> valid = samples();
  std::size_t decoded = 0;
  for (int round = 0; round < 200'000; ++round) {
    const Bytes original = packet_of(valid[random.below(valid.size())].written.bytes);
    Buffer packet{original.begin(), original.end()};
    for (std::uint64_t change = random.below(4); change > 0; --change) {
      packet[random.below(packet.size())] = static_cast<std::uint8_t>(random.bits());
    }
    const Sender from = random.chance(500'000) ? Sender::client : Sender::server;
    const auto view = decode_packet(packet, from);
    if (!view) continue;
    ++decoded;
    for (Bytes rest = view->messages; !rest.empty();) take_message(rest);
  }
  BOOST_TEST(decoded > 1000u);
}

BOOST_AUTO_TEST_SUITE_END()
