// The envelope of a session's datagrams: `u8 kind | u32 sequence | packet | 16 bytes of seal`. The nonce is
// the 64-bit sequence, of which the wire carries the low half, so a key seals at most one datagram per
// sequence: whoever counts never goes back and never starts anew under the same keys. Which sequences are
// accepted is not decided here.
#pragma once

#include "netrig/core/protocol/crypto.h"
#include "netrig/core/protocol/limits.h"

namespace netrig {

constexpr std::uint8_t kSessionDatagram = 16;     // the first byte; smaller ones are the handshake's
constexpr std::size_t kSessionHeadBytes = 1 + 4;  // kind and sequence
// What a datagram has room for of a state: beside its envelope, flags (1), state_header (12), and an ack of a
// few ranges (24).
constexpr std::size_t kStatePartBytesMax = kDatagramBytesMax - kSessionHeadBytes - kSealBytes - 1 - 12 - 24;

// Writes the head and seals what lies between it and the last kSealBytes of `datagram`, in place.
void seal_session(const SymmetricKey& key, std::uint16_t version, std::uint64_t sequence,
                  std::span<std::uint8_t> datagram);

// Opens a datagram whose sequence the caller has unwrapped from its head. `packet` has room for what is
// between head and seal, and may be that very place. False: forged, damaged, or another session's.
bool open_session(const SymmetricKey& key, std::uint16_t version, std::uint64_t sequence, Bytes datagram,
                  std::span<std::uint8_t> packet);

// The head's sequence. Nothing for what is no session datagram, or too short for a head, a seal of
// `seal_bytes` (0 in a session without encryption), and at least one byte between them.
std::optional<std::uint32_t> session_sequence(Bytes datagram, std::size_t seal_bytes);

}  // namespace netrig
