#include "netrig/core/protocol/datagram_session.h"

#include "netrig/core/protocol/session_seal.h"

namespace netrig {
namespace {

std::size_t seal_bytes(const std::optional<SessionKeys>& keys) {
  return keys ? kSealBytes : 0;
}

DatagramChannel::Config config_of(const DatagramTerms& terms) {
  DatagramChannel::Config config;
  config.peer_is = terms.peer_is;
  config.seal_bytes = kSessionHeadBytes + seal_bytes(terms.keys);
  config.first_sequence = terms.first_sequence;
  config.peer_first_sequence = terms.first_sequence;
  config.rtt = terms.rtt;
  return config;
}

PeerFault fault_of(DatagramFault fault) {
  switch (fault) {
    case DatagramFault::undecodable:
      return PeerFault::undecodable;
    case DatagramFault::false_ack:
      return PeerFault::false_ack;
    case DatagramFault::beyond_window:
    case DatagramFault::broken_parts:
      break;
  }
  return PeerFault::out_of_step;
}

void append(std::vector<std::uint8_t>& out, Bytes bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

DatagramSession::DatagramSession(const Windows& windows, const DatagramTerms& terms)
    : version_(terms.version),
      keys_(terms.keys),
      envelope_bytes_(kSessionHeadBytes + seal_bytes(terms.keys)),
      channel_(windows, config_of(terms)) {
  packet_.reserve(kDatagramBytesMax);
}

// Size, kind, sequence, replay, seal; only then does anything change.
Result<std::span<const RawMessage>, PeerFault> DatagramSession::receive(Bytes datagram, Instant now) {
  const std::span<const RawMessage> nothing;
  const std::optional<std::uint32_t> low =
      datagram.size() <= kDatagramBytesMax ? session_sequence(datagram, seal_bytes(keys_)) : std::nullopt;
  if (!low) {
    ++forged_;
    return nothing;
  }
  const std::optional<std::uint64_t> sequence = channel_.unwrap(*low);
  if (!sequence) {
    ++replayed_;
    return nothing;
  }
  packet_.resize(datagram.size() - envelope_bytes_);
  if (!keys_) {
    const Bytes plain = datagram.subspan(kSessionHeadBytes);
    packet_.assign(plain.begin(), plain.end());
  } else if (!open_session(keys_->receive, version_, *sequence, datagram, packet_)) {
    ++forged_;
    return nothing;
  }
  const auto messages = channel_.receive(*sequence, packet_, now);
  if (messages) {
    ++opened_;
    return *messages;
  }
  if (!keys_) {  // nobody knows whose it is
    ++forged_;
    return nothing;
  }
  return fault_of(messages.error());
}

OutgoingMessage DatagramSession::enclose(const OutgoingDatagram& datagram, PayloadPool& pool) const {
  std::shared_ptr<Payload> head = pool.acquire();
  std::vector<std::uint8_t>& bytes = head->bytes;
  bytes.reserve(kDatagramBytesMax);
  ByteWriter writer{bytes};
  writer.u8(kSessionDatagram);
  writer.u32(static_cast<std::uint32_t>(datagram.sequence));
  append(bytes, datagram.own);
  if (!keys_) return {PayloadPool::seal(std::move(head)), datagram.shared};
  if (datagram.shared) append(bytes, datagram.shared->bytes);
  bytes.resize(bytes.size() + kSealBytes);
  seal_session(keys_->send, version_, datagram.sequence, bytes);
  return {PayloadPool::seal(std::move(head)), {}};
}

}  // namespace netrig
