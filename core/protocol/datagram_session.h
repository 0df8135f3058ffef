// One side of an admitted session over datagrams: a DatagramChannel in its envelope. Seals what goes out,
// opens what comes in, and lets nothing reach the channel that another than the peer could have sent.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "netrig/core/base/payload.h"
#include "netrig/core/base/result.h"
#include "netrig/core/protocol/crypto.h"
#include "netrig/core/protocol/datagram_channel.h"
#include "netrig/core/protocol/fault.h"
#include "netrig/core/protocol/limits.h"

namespace netrig {

// What the handshake agreed on.
struct DatagramTerms {
  Sender peer_is = Sender::client;
  std::uint16_t version = 0;
  std::optional<SessionKeys> keys;   // nothing: a session that anybody on the way can read and change
  std::optional<Duration> rtt;       // as the handshake measured it
  std::uint64_t first_sequence = 0;  // tests let sequences wrap
};

class DatagramSession {
 public:
  DatagramSession(const Windows& windows, const DatagramTerms& terms);

  // Any bytes are safe. The messages to act on now, in order; valid until the next call. A replayed or a
  // damaged datagram gives none: anybody can send those, so they are counted and do no harm. A fault is the
  // peer's own.
  Result<std::span<const RawMessage>, PeerFault> receive(Bytes datagram, Instant now);

  DatagramWriter& begin_write(Instant now) { return channel_.begin_write(now); }
  // Hands each datagram of the write to `send(const OutgoingMessage&, const PacketBreakdown&) -> SendStatus`.
  template <class Send>
  void finish_write(PayloadPool& pool, Instant now, Send&& send) {
    for (const OutgoingDatagram& datagram : channel_.finish_write()) {
      PacketBreakdown breakdown = datagram.breakdown;
      breakdown.protocol_bytes += envelope_bytes_;
      if (send(enclose(datagram, pool), breakdown) != SendStatus::accepted) {
        channel_.drop(datagram.sequence, now);
      }
    }
  }

  DatagramChannel& channel() { return channel_; }
  const DatagramChannel& channel() const { return channel_; }
  bool is_sealed() const { return keys_.has_value(); }
  bool has_heard() const { return opened_ > 0; }  // the peer is who the handshake spoke with

  std::uint64_t opened() const { return opened_; }
  std::uint64_t replayed() const { return replayed_; }  // came before, or too late to tell
  std::uint64_t forged() const { return forged_; }      // damaged on the way, or somebody else's

 private:
  OutgoingMessage enclose(const OutgoingDatagram& datagram, PayloadPool& pool) const;

  std::uint16_t version_;
  std::optional<SessionKeys> keys_;
  std::size_t envelope_bytes_;
  DatagramChannel channel_;
  std::vector<std::uint8_t> packet_;  // the one received last
  std::uint64_t opened_ = 0;
  std::uint64_t replayed_ = 0;
  std::uint64_t forged_ = 0;
};

}  // namespace netrig
