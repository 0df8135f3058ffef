// Reading the native messages (message_writer.h writes them). Decoding is total: any bytes give a value or an
// error, and nothing is allocated.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "netrig/core/base/bytes.h"
#include "netrig/core/base/result.h"
#include "netrig/core/protocol/messages.h"
#include "netrig/core/protocol/packet_breakdown.h"

namespace netrig {

enum class DecodeFault : std::uint8_t {
  truncated,       // ends inside a field
  trailing_bytes,  // goes on after the last field
  unknown_type,
  wrong_sender,   // a message only the other side may send
  out_of_range,   // a field outside its declared range
  bad_header,     // packet header flags that are not defined
  empty,          // a packet without a message or an ack
  wrong_channel,  // in a datagram: a reliable message without its number, one that is not reliable with one
};
std::string_view text(DecodeFault fault);

// One message of a packet, as a view into it.
struct RawMessage {
  MessageType type = MessageType::hello;
  Bytes body;
};

// The stream packet header: `u8 flags`, then `varint received` when bit 0 is set: how many reliable messages
// of this connection have arrived, modulo 2^32.
constexpr std::uint8_t kFlagReliableAck = 0x01;

struct PacketView {
  std::optional<std::uint32_t> reliable_ack;
  Bytes messages;
  bool has_state = false;   // a state_header or a state_update
  bool has_others = false;  // any other message
};
// Checks a whole packet before any of it is acted on: the header, every message's envelope, that `from` may
// send it, and every body except that of a state_update, which whoever stages the state checks
// (core/replication).
Result<PacketView, DecodeFault> decode_packet(Bytes packet, Sender from);

// Whether the envelope of the next message is whole; take_message() may follow if it is.
bool envelope_fits(Bytes rest);
// What is wrong with a message that is no wrapper (messages.h): its type, its sender, its body.
std::optional<DecodeFault> fault_in_message(const RawMessage& message, Sender from);
// The hello that is all of a client's first packet, and its body. Nothing: the packet is something else.
struct FirstHello {
  Hello hello;
  Bytes body;
};
std::optional<FirstHello> sole_hello(Bytes packet);
std::optional<Proof> sole_proof(Bytes packet);

// Takes the next message off `rest`, the messages of a packet that decode_packet accepted.
inline RawMessage take_message(Bytes& rest) {
  const std::uint8_t* const at = rest.data();
  RawMessage message{static_cast<MessageType>(at[0]), {}};
  if (at[1] < 0x80) {  // nearly always
    message.body = {at + 2, at[1]};
  } else {
    ByteReader reader{rest.subspan(1)};
    const std::uint32_t length = reader.varint();
    message.body = reader.bytes(length);
  }
  rest = rest.subspan(static_cast<std::size_t>(message.body.data() + message.body.size() - at));
  return message;
}

inline void add_message(PacketBreakdown& into, const RawMessage& message) {
  MessageTotal& total = into.by_message[message_row(message.type)];
  total.count += 1;
  total.bytes += message.body.size();
}

Result<Hello, DecodeFault> decode_hello(Bytes body);
// The versions that a hello of any version of the protocol begins with. Nothing: it is another protocol's.
struct VersionRange {
  std::uint16_t min = 0;
  std::uint16_t max = 0;
};
std::optional<VersionRange> peek_versions(Bytes hello_body);
Result<Welcome, DecodeFault> decode_welcome(Bytes body);
Result<Refuse, DecodeFault> decode_refuse(Bytes body);
Result<Ping, DecodeFault> decode_ping(Bytes body);
Result<Pong, DecodeFault> decode_pong(Bytes body);
Result<Disconnect, DecodeFault> decode_disconnect(Bytes body);
Result<Challenge, DecodeFault> decode_challenge(Bytes body);
Result<Proof, DecodeFault> decode_proof(Bytes body);
Result<StateHeader, DecodeFault> decode_state_header(Bytes body);
Result<EntityRemoved, DecodeFault> decode_entity_removed(Bytes body);
Result<InputMessage, DecodeFault> decode_input(Bytes body);
Result<AppMessage, DecodeFault> decode_app_reliable(Bytes body);
Result<LatestMessage, DecodeFault> decode_app_latest(Bytes body);
// `leave` has no body; `state_update` is a v1 StateUpdate (core/venture).

}  // namespace netrig
