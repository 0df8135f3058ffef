// Packets of datagrams: headers with acks, and the messages that wrap others.
#include <algorithm>
#include <utility>

#include "netrig/core/protocol/datagram_codec.h"
#include "netrig/tests/conformance/golden_cases.h"

namespace netrig::conformance {
namespace {

using Cases = std::vector<GoldenCase>;

constexpr std::size_t kBodyBytesMax = kDatagramBytesMax - 5 - 1 - 3;  // less kind, sequence, flags, envelope

Buffer with_ack(const Ack& ack, const Buffer& messages = {}) {
  Buffer bytes;
  ByteWriter writer{bytes};
  writer.u8(kFlagAck);
  encode_ack(ack, writer);
  writer.bytes(messages);
  return bytes;
}

Buffer without_ack(const Buffer& messages) {
  Buffer bytes(1 + messages.size());
  std::copy(messages.begin(), messages.end(), bytes.begin() + 1);
  return bytes;
}

Buffer message(MessageType type, const Buffer& body) {
  Buffer bytes;
  ByteWriter writer{bytes};
  writer.u8(static_cast<std::uint8_t>(type));
  writer.varint(static_cast<std::uint32_t>(body.size()));
  writer.bytes(body);
  return bytes;
}

// A body that begins with `head` and has `size` bytes.
Buffer filled(Buffer head, std::size_t size) {
  while (head.size() < size) head.push_back(static_cast<std::uint8_t>(head.size()));
  return head;
}

Buffer ping_message() {
  return message(MessageType::ping, {1, 0, 0, 0});
}

Buffer entity_removed_body() {
  return {33, 0, 0, 0, 0, 0, 0, 0, 0xB1, 4, 0, 0};
}

Buffer welcome_body() {
  const Buffer packet = packet_of([](FrameWriter& writer) {
    writer.write(Welcome{1, 0, 2, ClientId{3}, EntityId{4}, 20, Tick{5}, 6});
  });
  return {packet.begin() + 3, packet.end()};
}

Buffer numbered(std::uint16_t id, MessageType inner, const Buffer& body) {
  Buffer bytes;
  ByteWriter writer{bytes};
  writer.u16(id);
  writer.u8(static_cast<std::uint8_t>(inner));
  writer.bytes(body);
  return message(MessageType::numbered, bytes);
}

Ack ack_of(std::uint32_t largest, std::uint32_t delay_us, std::uint32_t ranges, std::uint32_t width) {
  Ack ack;
  ack.largest = largest;
  ack.delay_us = delay_us;
  ack.count = ranges;
  for (std::uint32_t i = 0; i < ranges; ++i) ack.ranges[i] = {i * (width + 2), i * (width + 2) + width};
  return ack;
}

void add_valid(Cases& cases, std::string name, Sender from, Buffer bytes) {
  cases.push_back(
      {.name = std::move(name), .from = from, .bytes = std::move(bytes), .layer = Layer::datagram});
}

void add_refused(Cases& cases, std::string name, Sender from, Buffer bytes) {
  cases.push_back({.name = std::move(name),
                   .from = from,
                   .bytes = std::move(bytes),
                   .layer = Layer::datagram,
                   .is_refused = true});
}

void add_acks(Cases& cases) {
  add_valid(cases, "datagram, an ack of packet 0", Sender::client, with_ack(ack_of(0, 0, 1, 0)));
  add_valid(cases, "datagram, an ack of 300 in a row and a ping", Sender::client,
            with_ack(ack_of(1'000, 20'000, 1, 299), ping_message()));
  add_valid(cases, "datagram, an ack of three ranges", Sender::server, with_ack(ack_of(1'000, 7, 3, 2)));
  add_valid(cases, "datagram, an ack of 64 ranges", Sender::server,
            with_ack(ack_of(UINT32_MAX, UINT32_MAX, 64, 1'000), ping_message()));
  Ack widest = ack_of(5, 0, 2, 0);
  widest.ranges[1] = {2, UINT32_MAX};
  add_valid(cases, "datagram, an ack of all there is", Sender::client, with_ack(widest));
}

void add_wrappers(Cases& cases) {
  for (const Sender from : {Sender::client, Sender::server}) {
    const std::string side = from == Sender::client ? " of a client" : " of a server";
    add_valid(cases, "numbered, shortest" + side, from,
              without_ack(numbered(0, MessageType::app_reliable, {1, 2})));
    add_valid(cases, "numbered, longest" + side, from,
              without_ack(numbered(0xFFFF, MessageType::app_reliable, filled({}, kBodyBytesMax - 3))));
    add_valid(cases, "part, shortest" + side, from, without_ack(message(MessageType::part, {2, 1, 0, 7})));
    add_valid(cases, "part, the last and longest" + side, from,
              without_ack(message(MessageType::part, filled({0xFF, 0xFF, 1}, kBodyBytesMax))));
    add_valid(cases, "fragment, shortest" + side, from,
              without_ack(message(MessageType::fragment, {2, 1, 0, 2, 7})));
    add_valid(cases, "fragment, the last and longest" + side, from,
              without_ack(message(MessageType::fragment, filled({0xFF, 0xFF, 254, 255}, kBodyBytesMax))));
  }
  Buffer two = numbered(7, MessageType::entity_removed, entity_removed_body());
  const Buffer second = ping_message();
  two.insert(two.end(), second.begin(), second.end());
  add_valid(cases, "an entity_removed with a number, and a ping", Sender::server, without_ack(two));
  add_valid(cases, "a welcome with a number", Sender::server,
            without_ack(numbered(0, MessageType::welcome, welcome_body())));
}

void add_bad_headers(Cases& cases) {
  add_refused(cases, "datagram without a packet", Sender::client, {});
  add_refused(cases, "datagram, a header and nothing else", Sender::client, {0});
  for (const int flags : {2, 3, 4, 8, 16, 32, 64, 128, 255}) {
    Buffer bytes = without_ack(ping_message());
    bytes[0] = static_cast<std::uint8_t>(flags);
    add_refused(cases, "datagram, flags " + std::to_string(flags), Sender::client, bytes);
  }
  add_refused(cases, "datagram, an ack that is not there", Sender::client, {1});
  add_refused(cases, "datagram, an ack without its count", Sender::client, {1, 5, 0, 0, 0, 0, 0});
  add_refused(cases, "datagram, an ack without its ranges", Sender::client, {1, 5, 0, 0, 0, 0, 0, 1});
  add_refused(cases, "datagram, an ack with half a range", Sender::client, {1, 5, 0, 0, 0, 0, 0, 1, 0});
  add_refused(cases, "datagram, an ack with a padded delay", Sender::client, {1, 5, 0, 0, 0, 0x80, 0, 0, 0});
  Buffer too_many = with_ack(ack_of(1'000, 0, 64, 1));
  too_many[1 + 4 + 1 + 1] = 64;
  too_many.insert(too_many.end(), {0, 0});
  add_refused(cases, "datagram, an ack of 65 ranges", Sender::client, too_many);
  add_refused(cases, "datagram, an ack beyond 2^32", Sender::client,
              {1, 5, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1, 0, 0});
}

void add_bad_wrappers(Cases& cases) {
  const auto refuse = [&](std::string name, MessageType type, Buffer body) {
    add_refused(cases, std::move(name), Sender::client, without_ack(message(type, body)));
  };
  refuse("numbered without an inner message", MessageType::numbered, {0, 0});
  refuse("numbered, an unknown inner message", MessageType::numbered, {0, 0, 99, 1});
  refuse("numbered, an inner message too short", MessageType::numbered, {0, 0, 48, 1});
  refuse("numbered, a ping", MessageType::numbered, {0, 0, 4, 1, 0, 0, 0});
  refuse("numbered, a numbered one", MessageType::numbered, {0, 0, 9, 1, 0, 48, 1, 2});
  refuse("numbered, a welcome of a client", MessageType::numbered, filled({0, 0, 2}, 47));
  refuse("part without bytes", MessageType::part, {0, 0, 1});
  refuse("part of a part", MessageType::part, {0, 0});
  refuse("part, flags 2", MessageType::part, {0, 0, 2, 7});
  refuse("fragment without bytes", MessageType::fragment, {0, 0, 0, 2});
  refuse("fragment of a fragment", MessageType::fragment, {0, 0, 0});
  refuse("fragment 0 of 1", MessageType::fragment, {0, 0, 0, 1, 7});
  refuse("fragment 0 of none", MessageType::fragment, {0, 0, 0, 0, 7});
  refuse("fragment 2 of 2", MessageType::fragment, {0, 0, 2, 2, 7});
  refuse("app_reliable without a number", MessageType::app_reliable, {1, 2});
  refuse("a hello in a session", MessageType::hello, filled({}, 24));
  add_refused(cases, "welcome without a number", Sender::server,
              without_ack(message(MessageType::welcome, welcome_body())));
  add_refused(cases, "a refuse in a session", Sender::server,
              without_ack(message(MessageType::refuse, {1, 1, 0, 1, 0})));
  add_refused(cases, "an input of a server", Sender::server,
              without_ack(message(MessageType::input, filled({1}, 8))));
  add_refused(cases, "a challenge in a session", Sender::server,
              without_ack(message(MessageType::challenge, filled({}, 48))));
  refuse("a proof in a session", MessageType::proof, filled({}, 80));
  add_refused(cases, "tag 13 in a datagram", Sender::server, without_ack({13, 0}));
  add_refused(cases, "a datagram's message beyond its end", Sender::server, without_ack({4, 5, 1, 0, 0, 0}));
}

}  // namespace

void add_valid_datagrams(Cases& cases) {
  add_acks(cases);
  add_wrappers(cases);
}

void add_refused_datagrams(Cases& cases) {
  add_bad_headers(cases);
  add_bad_wrappers(cases);
}

}  // namespace netrig::conformance
