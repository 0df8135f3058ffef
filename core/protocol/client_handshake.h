// The client's side of the datagram handshake, without a socket: asks until it has a cookie, asks with the
// cookie until it is accepted or refused, gives up after the handshake timeout. How often it asks follows
// from the round trip it measures.
//
//   ClientHandshake handshake{{.horizon = ...}, hello, nullptr, entropy, now};
//   while (handshake.poll(datagram, now)) send(datagram);   // now, and at every next_deadline()
//   handshake.receive(datagram, now);                       // whatever comes from the server's address
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "netrig/core/protocol/handshake_codec.h"

namespace netrig {

enum class HandshakeState : std::uint8_t {
  asking,     // no cookie yet
  answering,  // with the cookie
  accepted,
  refused,
  timed_out,
};
std::string_view text(HandshakeState state);

// Why a datagram was ignored.
enum class HandshakeFault : std::uint8_t {
  malformed,   // damaged, no answer at all, or of a server that has not seen the request
  stale,       // repeated, of an attempt not made, or after the end
  downgraded,  // less than was asked for: encryption, versions, features
  forged,      // a server that does not know what it must: the keys of this exchange, the token's secret
};
std::string_view text(HandshakeFault fault);
constexpr std::size_t kHandshakeFaults = 4;

class ClientHandshake {
 public:
  struct Config {
    Horizon horizon;
    bool encrypted = true;  // false: a session that anybody on the way can read and change
    // The round trip of an earlier session with this server, if there was one.
    std::optional<Duration> rtt_expected{};
  };
  using Request = std::span<std::uint8_t, kConnectRequestBytes>;

  // Begins. `token`: if there is one, `hello` need not name it; it is copied. The key of a claim in `hello`
  // is not sent. All entropy is drawn here.
  ClientHandshake(const Config& config, Hello hello, const ClientToken* token, Entropy& entropy, Instant now);

  // Writes the request that is due. False: none is.
  bool poll(Request out, Instant now);
  void receive(Bytes datagram, Instant now);
  void advance(Instant now);                     // notices the timeout
  std::optional<Instant> next_deadline() const;  // of poll() or advance(); nothing once it is over

  HandshakeState state() const { return state_; }
  bool is_over() const { return state_ > HandshakeState::answering; }

  struct Accepted {
    std::uint16_t version = 0;
    Features features = 0;
    std::optional<SessionKeys> keys{};  // of a session with encryption
  };
  const std::optional<Accepted>& accepted() const { return accepted_; }
  const std::optional<Refuse>& refused() const { return refused_; }
  const std::optional<Duration>& rtt() const { return rtt_; }  // measured from the first challenge
  std::uint32_t requests_sent() const { return sent_; }
  std::uint64_t count(HandshakeFault fault) const { return counts_[static_cast<std::size_t>(fault)]; }

 private:
  // The first wait when nothing is known: as TCP's initial timeout, RFC 6298, but a quarter, for a request is
  // one datagram.
  static constexpr Duration kFirstWait = 250ms;
  // Times remembered of requests, by attempt; with doubling waits a handshake of 42 s makes about 15.
  static constexpr std::size_t kAttemptsKept = 32;

  void on_challenge(Bytes datagram, Instant now);
  void on_accept(Bytes datagram);
  void on_refuse(Bytes datagram);
  void ignore(HandshakeFault fault);
  bool is_less_than_asked(const Accept& accept) const;

  Config config_;
  Windows windows_;
  std::optional<ClientToken> token_;
  Hello hello_;                           // its token is not valid here
  std::optional<ResumeKey> resume_key_;   // of the session it claims
  std::vector<std::uint8_t> hello_body_;  // as it is sent
  PublicKey share_;
  SecretKey secret_key_;  // of share_; unused without encryption

  HandshakeState state_ = HandshakeState::asking;
  Instant began_;
  Instant next_send_;
  Duration wait_;
  std::optional<Cookie> cookie_;
  std::uint32_t sent_ = 0;
  std::uint32_t answered_ = 0;  // attempts up to here were challenged
  std::array<Instant, kAttemptsKept> sent_at_{};

  std::array<std::uint8_t, kConnectRequestBytes> request_{};  // the newest
  std::optional<Duration> rtt_;
  std::optional<Accepted> accepted_;
  std::optional<Refuse> refused_;
  std::array<std::uint64_t, kHandshakeFaults> counts_{};
};

}  // namespace netrig
