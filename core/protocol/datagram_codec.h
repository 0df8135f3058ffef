// Reading the messages of a datagram's packet: those of streams, and the wrappers that only datagrams have.
#pragma once

#include <cstdint>

#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/datagram_header.h"

namespace netrig {

struct NumberedMessage {
  std::uint16_t id = 0;
  RawMessage inner;
};
struct PartMessage {
  std::uint16_t id = 0;
  bool last = false;
  Bytes bytes;  // not empty
};
struct FragmentMessage {
  std::uint16_t group = 0;
  std::uint8_t index = 0;
  std::uint8_t count = 0;  // 2 at least, and above `index`
  Bytes bytes;             // not empty
};

Result<NumberedMessage, DecodeFault> decode_numbered(Bytes body);
Result<PartMessage, DecodeFault> decode_part(Bytes body);
Result<FragmentMessage, DecodeFault> decode_fragment(Bytes body);

// Checks a whole packet before any of it is acted on, as decode_packet does: header, envelopes, that `from`
// may send each message and that it travels as it must, bodies. What is inside parts and fragments is
// checked when it is whole, by fault_in_inner.
Result<DatagramView, DecodeFault> decode_datagram(Bytes packet, Sender from, Ack& ack);

// What is wrong with a message that came inside a wrapper.
std::optional<DecodeFault> fault_in_inner(const RawMessage& inner, Carriage carried, Sender from);

}  // namespace netrig
