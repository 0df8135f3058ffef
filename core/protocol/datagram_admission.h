// The server's side of the datagram handshake, without a socket: who may become a peer, decided from one
// datagram at a time. Nothing is kept or allocated for an address before it has sent back a cookie made for
// it, and for one with a token before that token opened; no answer is longer than what it answers. From then
// on the address has a session, which must prove itself with a first session datagram or ends again.
//
//   outcome = admission.receive(from, datagram, answer, now);   // a datagram whose kind is below 16
//   replaced: remove the peer that was at `from`; accepted: add outcome.info; answer_bytes: send them back
//   confirm(from) when the first session datagram from there opened; forget(from) when its peer is gone
//   expire(now) at next_deadline(): remove the peers of the addresses it gives
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "netrig/core/protocol/admission.h"
#include "netrig/core/protocol/handshake_codec.h"
#include "netrig/core/protocol/reply_limiter.h"

namespace netrig {

// What a datagram came to.
enum class AdmissionCause : std::uint8_t {
  malformed,   // not a request, or damaged: dropped
  no_cookie,   // challenged
  bad_cookie,  // forged, another's, or too old: challenged again
  accepted,
  repeated,  // of a session that exists: given the same answer again
  over,      // of a session that has ended: dropped
  refused,   // for Outcome::reason
};
std::string_view text(AdmissionCause cause);
constexpr std::size_t kAdmissionCauses = 7;

class DatagramAdmission {
 public:
  using Answer = std::span<std::uint8_t, kAnswerBytesMax>;

  // Book, tokens and entropy outlive the admission. Without a gate, tokens are refused.
  DatagramAdmission(const AdmissionPolicy& policy, const Windows& windows, const SeatBook& book,
                    TokenGate* tokens, Entropy& entropy);

  struct Outcome {
    AdmissionCause cause = AdmissionCause::malformed;
    std::size_t answer_bytes = 0;  // of `answer`, to send back; 0: nothing
    RefuseReason reason{};         // of a refusal
    PeerInfo info;                 // of whom was accepted
    bool replaces = false;         // the session that was at this address is over
  };
  // Any bytes are safe, from anybody.
  Outcome receive(const Address& from, Bytes datagram, Answer answer, Instant now);

  // A session datagram from there was opened: it is the one who was accepted, and alive. In a session without
  // encryption any well-formed one counts.
  void confirm(const Address& from);
  // The session there is over; what was sent to begin it begins no other.
  void forget(const Address& from, Instant now);

  std::optional<Instant> next_deadline() const;
  // An address whose session was never confirmed; call until there is none.
  std::optional<Address> expire(Instant now);

  std::uint64_t count(AdmissionCause cause) const { return counts_[static_cast<std::size_t>(cause)]; }
  std::uint64_t refused(RefuseReason reason) const;
  std::uint64_t unanswered() const { return unanswered_; }  // refusals that the limit kept back
  std::size_t sessions() const { return sessions_.size(); }
  std::size_t unconfirmed() const { return unconfirmed_.size(); }

 private:
  struct Session {
    PublicKey share;
    std::array<std::uint8_t, kAcceptBytes> accept{};
    std::optional<VerifyKey> holder;
    Instant began;
    bool confirmed = false;
  };
  // Shares of sessions that have ended, while a request with them could still hold a good cookie: 95 sessions
  // may end a second at 10 s of RTT before the oldest is given up. 100 B each.
  static constexpr std::size_t kSpentSharesMax = 4096;

  Outcome challenge(const ConnectRequest& request, AdmissionCause cause, const Address& from, Answer answer,
                    Instant now);
  Outcome refuse(const PublicKey& share, RefuseReason reason, const Address& from, Answer answer,
                 Instant now);
  Outcome decide(const ConnectRequest& request, const Address& from, Answer answer, Instant now);
  std::optional<RefuseReason> fault_in_token(const ConnectRequest& request, const Hello& hello,
                                             bool comes_back, std::optional<TokenClaims>& claims,
                                             Instant now) const;
  bool resumes(const ConnectRequest& request, const Hello& hello) const;
  // The seats as they will be when the session that is at `from` has made room.
  Seats seats_without(const Address& from, const Session* replaced) const;
  bool has_too_many_pending(const Address& from, const Session* replaced) const;
  Outcome accept(const ConnectRequest& request, const SymmetricKey& exchanged, PublicKey own_share,
                 const TokenClaims* claims, PeerInfo info, Answer answer, Instant now);
  void spend(const PublicKey& share, Instant now);
  Outcome counted(AdmissionCause cause);

  Admission admission_;
  Windows windows_;
  const SeatBook& book_;
  TokenGate* tokens_;
  Entropy& entropy_;
  CookieJar cookies_;
  ReplyLimiter refusals_;

  std::map<Address, Session> sessions_;  // as many as the server has seats
  std::vector<Address> unconfirmed_;     // of sessions_, in the order in which they began
  std::map<PublicKey, Instant> spent_;   // until when each is remembered

  std::array<std::uint64_t, kAdmissionCauses> counts_{};
  std::array<std::uint64_t, kRefuseReasons> refused_{};
  std::uint64_t unanswered_ = 0;
};

}  // namespace netrig
