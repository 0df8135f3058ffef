#include "netrig/core/protocol/datagram_codec.h"

namespace netrig {
namespace {

std::optional<DecodeFault> fault_in_datagram_message(const RawMessage& message, Sender from) {
  switch (message.type) {
    case MessageType::numbered: {
      const Result<NumberedMessage, DecodeFault> numbered = decode_numbered(message.body);
      if (!numbered) return numbered.error();
      return fault_in_inner(numbered->inner, Carriage::numbered, from);
    }
    case MessageType::part: {
      const Result<PartMessage, DecodeFault> part = decode_part(message.body);
      return part ? std::nullopt : std::optional{part.error()};
    }
    case MessageType::fragment: {
      const Result<FragmentMessage, DecodeFault> fragment = decode_fragment(message.body);
      return fragment ? std::nullopt : std::optional{fragment.error()};
    }
    default:
      return fault_in_inner(message, Carriage::plain, from);
  }
}

}  // namespace

Result<NumberedMessage, DecodeFault> decode_numbered(Bytes body) {
  ByteReader reader{body};
  NumberedMessage message;
  message.id = reader.u16();
  message.inner.type = static_cast<MessageType>(reader.u8());
  message.inner.body = reader.rest();
  if (!reader.ok()) return DecodeFault::truncated;
  return message;
}

Result<PartMessage, DecodeFault> decode_part(Bytes body) {
  ByteReader reader{body};
  PartMessage part;
  part.id = reader.u16();
  const std::uint8_t flags = reader.u8();
  part.last = (flags & kPartIsLast) != 0;
  part.bytes = reader.rest();
  if (!reader.ok() || part.bytes.empty()) return DecodeFault::truncated;
  if ((flags & ~kPartIsLast) != 0) return DecodeFault::out_of_range;
  return part;
}

Result<FragmentMessage, DecodeFault> decode_fragment(Bytes body) {
  ByteReader reader{body};
  FragmentMessage fragment;
  fragment.group = reader.u16();
  fragment.index = reader.u8();
  fragment.count = reader.u8();
  fragment.bytes = reader.rest();
  if (!reader.ok() || fragment.bytes.empty()) return DecodeFault::truncated;
  if (fragment.count < 2 || fragment.index >= fragment.count) return DecodeFault::out_of_range;
  return fragment;
}

std::optional<DecodeFault> fault_in_inner(const RawMessage& inner, Carriage carried, Sender from) {
  if (kMessageRows[static_cast<std::uint8_t>(inner.type)] == kNoMessage) return DecodeFault::unknown_type;
  if (carriage(inner.type) != carried) return DecodeFault::wrong_channel;
  return fault_in_message(inner, from);
}

Result<DatagramView, DecodeFault> decode_datagram(Bytes packet, Sender from, Ack& ack) {
  const Result<DatagramView, DecodeFault> view = decode_datagram_header(packet, ack);
  if (!view) return view;
  for (Bytes rest = view->messages; !rest.empty();) {
    if (!envelope_fits(rest)) return DecodeFault::truncated;
    if (const std::optional<DecodeFault> fault = fault_in_datagram_message(take_message(rest), from))
      return *fault;
  }
  return view;
}

}  // namespace netrig
