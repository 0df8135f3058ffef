#include "netrig/core/protocol/session_seal.h"

#include <algorithm>

#include "netrig/core/base/assert.h"

namespace netrig {
namespace {

Nonce nonce_of(std::uint64_t sequence) {
  Nonce nonce;
  store_little_endian(nonce.bytes.data(), sequence);
  return nonce;
}

// What the seal vouches for besides the packet: the head as it stands, and the version it is meant for.
std::array<std::uint8_t, kSessionHeadBytes + 2> associated_with(Bytes head, std::uint16_t version) {
  std::array<std::uint8_t, kSessionHeadBytes + 2> associated{};
  std::ranges::copy(head, associated.begin());
  store_little_endian(associated.data() + kSessionHeadBytes, version);
  return associated;
}

}  // namespace

void seal_session(const SymmetricKey& key, std::uint16_t version, std::uint64_t sequence,
                  std::span<std::uint8_t> datagram) {
  NETRIG_ASSERT(datagram.size() > kSessionHeadBytes + kSealBytes);
  datagram[0] = kSessionDatagram;
  store_little_endian(datagram.data() + 1, static_cast<std::uint32_t>(sequence));
  const std::span<std::uint8_t> sealed = datagram.subspan(kSessionHeadBytes);
  seal(key, nonce_of(sequence), associated_with(datagram.first(kSessionHeadBytes), version),
       sealed.first(sealed.size() - kSealBytes), sealed);
}

bool open_session(const SymmetricKey& key, std::uint16_t version, std::uint64_t sequence, Bytes datagram,
                  std::span<std::uint8_t> packet) {
  NETRIG_ASSERT(datagram.size() == kSessionHeadBytes + packet.size() + kSealBytes);
  return open(key, nonce_of(sequence), associated_with(datagram.first(kSessionHeadBytes), version),
              datagram.subspan(kSessionHeadBytes), packet);
}

std::optional<std::uint32_t> session_sequence(Bytes datagram, std::size_t seal_bytes) {
  if (datagram.size() <= kSessionHeadBytes + seal_bytes || datagram[0] != kSessionDatagram) {
    return std::nullopt;
  }
  return load_little_endian<std::uint32_t>(datagram.data() + 1);
}

}  // namespace netrig
