#include "netrig/core/protocol/datagram_admission.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"

namespace netrig {
std::string_view text(AdmissionCause cause) {
  switch (cause) {
    case AdmissionCause::malformed:
      return "malformed";
    case AdmissionCause::no_cookie:
      return "no_cookie";
    case AdmissionCause::bad_cookie:
      return "bad_cookie";
    case AdmissionCause::accepted:
      return "accepted";
    case AdmissionCause::repeated:
      return "repeated";
    case AdmissionCause::over:
      return "over";
    case AdmissionCause::refused:
      return "refused";
  }
  return "unknown";
}

DatagramAdmission::DatagramAdmission(const AdmissionPolicy& policy, const Windows& windows,
                                     const SeatBook& book, TokenGate* tokens, Entropy& entropy)
    : admission_(policy),
      windows_(windows),
      book_(book),
      tokens_(tokens),
      entropy_(entropy),
      cookies_(windows.cookie_life, entropy),
      refusals_(entropy) {
  NETRIG_ASSERT(tokens != nullptr || !policy.requires_token);
}

std::uint64_t DatagramAdmission::refused(RefuseReason reason) const {
  return refused_[static_cast<std::size_t>(reason) - 1];
}

DatagramAdmission::Outcome DatagramAdmission::counted(AdmissionCause cause) {
  ++counts_[static_cast<std::size_t>(cause)];
  Outcome outcome;
  outcome.cause = cause;
  return outcome;
}

// --- answers that leave nothing behind

DatagramAdmission::Outcome DatagramAdmission::challenge(const ConnectRequest& request, AdmissionCause cause,
                                                        const Address& from, Answer answer, Instant now) {
  Outcome outcome = counted(cause);
  const CookieChallenge challenge{request.attempt, cookies_.bake(from, request.share, now)};
  outcome.answer_bytes = write_challenge_datagram(challenge, request.share, answer);
  return outcome;
}

DatagramAdmission::Outcome DatagramAdmission::refuse(const PublicKey& share, RefuseReason reason,
                                                     const Address& from, Answer answer, Instant now) {
  Outcome outcome = counted(AdmissionCause::refused);
  outcome.reason = reason;
  ++refused_[static_cast<std::size_t>(reason) - 1];
  if (refusals_.may_reply(from, now)) {
    outcome.answer_bytes =
        write_refuse_datagram({reason, kProtocolVersionMin, kProtocolVersionMax}, share, answer);
  } else {
    ++unanswered_;
  }
  return outcome;
}

// --- requests

DatagramAdmission::Outcome DatagramAdmission::receive(const Address& from, Bytes datagram, Answer answer,
                                                      Instant now) {
  const Result<ConnectRequest, DecodeFault> request = decode_connect_request(datagram);
  if (!request) return counted(AdmissionCause::malformed);
  const std::optional<VersionRange> versions = peek_versions(request->hello);
  if (!versions) return counted(AdmissionCause::malformed);
  if (versions->min > kProtocolVersionMax || versions->max < kProtocolVersionMin) {
    return refuse(request->share, RefuseReason::version, from, answer, now);
  }
  if (!request->cookie) return challenge(*request, AdmissionCause::no_cookie, from, answer, now);
  const std::optional<Duration> age = cookies_.age_of(*request->cookie, from, request->share, now);
  if (!age) return challenge(*request, AdmissionCause::bad_cookie, from, answer, now);
  // From here on the sender is at `from`.
  const auto session = sessions_.find(from);
  if (session != sessions_.end() && session->second.share == request->share) {
    Outcome outcome = counted(AdmissionCause::repeated);
    std::ranges::copy(session->second.accept, answer.begin());
    outcome.answer_bytes = kAcceptBytes;
    return outcome;
  }
  if (spent_.contains(request->share)) return counted(AdmissionCause::over);
  Outcome outcome = decide(*request, from, answer, now);
  outcome.info.rtt = std::min(*age, windows_.rtt_max);
  return outcome;
}

std::optional<RefuseReason> DatagramAdmission::fault_in_token(const ConnectRequest& request,
                                                              const Hello& hello, bool comes_back,
                                                              std::optional<TokenClaims>& claims,
                                                              Instant now) const {
  if (hello.token.empty()) {
    const bool needs_one = admission_.policy().requires_token && !comes_back;
    return needs_one ? std::optional{RefuseReason::token_required} : std::nullopt;
  }
  if (tokens_ == nullptr) return RefuseReason::token_invalid;
  const Result<TokenClaims, TokenFault> opened = tokens_->open(hello.token, now);
  if (!opened) return refuse_reason(opened.error());
  if (!is_proved(request, *opened)) return RefuseReason::token_invalid;
  claims = *opened;
  return std::nullopt;
}

bool DatagramAdmission::resumes(const ConnectRequest& request, const Hello& hello) const {
  const std::optional<ResumeKey> key = book_.resume_key(hello.resume);
  return key && is_resumed(request, *key);
}

DatagramAdmission::Outcome DatagramAdmission::decide(const ConnectRequest& request, const Address& from,
                                                     Answer answer, Instant now) {
  const auto no = [&](RefuseReason reason) { return refuse(request.share, reason, from, answer, now); };
  const Result<Hello, DecodeFault> hello = decode_hello(request.hello);
  if (!hello || hello->token.empty() == request.proof.has_value() ||
      (hello->resume.client != ClientId{}) != request.resume.has_value()) {
    return no(RefuseReason::malformed);
  }
  const bool comes_back = resumes(request, *hello);

  std::optional<TokenClaims> claims;
  if (const auto fault = fault_in_token(request, *hello, comes_back, claims, now)) return no(*fault);
  if (!request.encrypted && !admission_.policy().allows_plaintext) {
    return no(RefuseReason::encryption_required);
  }
  const auto found = sessions_.find(from);
  const Session* const replaced = found == sessions_.end() ? nullptr : &found->second;
  // Whoever came with a token keeps the address against everybody else.
  const bool is_taken = replaced != nullptr && replaced->holder && !comes_back &&
                        (!claims || claims->client != *replaced->holder);
  if (is_taken || has_too_many_pending(from, replaced)) return no(RefuseReason::address_limit);
  Decision decision = admission_.on_hello(from, seats_without(from, replaced), *hello, comes_back);
  if (decision.verdict != Decision::Verdict::accept) return no(decision.refuse.reason);

  SymmetricKey exchanged;
  PublicKey own_share;
  if (request.encrypted) {
    const KeyPair own = make_key_pair(entropy_);
    const std::optional<SymmetricKey> agreed = agree(own.secret_key, request.share);
    if (!agreed) return no(RefuseReason::malformed);
    exchanged = *agreed;
    own_share = own.public_key;
  } else {
    entropy_.fill(own_share.bytes);
  }
  if (claims) {
    if (const auto used = tokens_->use(*claims, now); !used) return no(refuse_reason(used.error()));
  }
  return accept(request, exchanged, own_share, claims ? &*claims : nullptr, std::move(decision.info), answer,
                now);
}

DatagramAdmission::Outcome DatagramAdmission::accept(const ConnectRequest& request,
                                                     const SymmetricKey& exchanged, PublicKey own_share,
                                                     const TokenClaims* claims, PeerInfo info, Answer answer,
                                                     Instant now) {
  Outcome outcome = counted(AdmissionCause::accepted);
  const Address from = info.address;
  outcome.replaces = sessions_.contains(from);
  if (outcome.replaces) forget(from, now);

  Session& session = sessions_[from];
  session.share = request.share;
  session.began = now;
  const std::span<std::uint8_t, kAcceptHeadBytes> head = std::span{session.accept}.first<kAcceptHeadBytes>();
  write_accept_head({request.encrypted, info.version, info.features, own_share, {}, {}}, head);
  const SessionSecrets secrets =
      derive_session(claims != nullptr ? claims->secret : SymmetricKey{}, exchanged, request.agreed, head);
  std::ranges::copy(secrets.accept_tag.bytes, session.accept.begin() + kAcceptHeadBytes);
  if (claims != nullptr) {
    session.holder = claims->client;
    info.holder = TokenHolder{claims->client, claims->identity};
  }
  if (request.encrypted) info.keys = SessionKeys{secrets.to_client, secrets.to_server};
  unconfirmed_.push_back(from);

  std::ranges::copy(session.accept, answer.begin());
  outcome.answer_bytes = kAcceptBytes;
  outcome.info = std::move(info);
  return outcome;
}

// --- books

Seats DatagramAdmission::seats_without(const Address& from, const Session* replaced) const {
  Seats seats = book_.seats(from);
  if (replaced != nullptr) {
    seats.taken -= std::min(seats.taken, 1u);
    seats.taken_from_address -= std::min(seats.taken_from_address, 1u);
  }
  return seats;
}

bool DatagramAdmission::has_too_many_pending(const Address& from, const Session* replaced) const {
  if (is_lifted(admission_.policy(), from)) return false;
  const auto same_host =
      std::ranges::count_if(unconfirmed_, [&](const Address& address) { return address.host == from.host; });
  const bool makes_room = replaced != nullptr && !replaced->confirmed;
  return same_host - (makes_room ? 1 : 0) >= admission_.policy().pending_per_address_max;
}

void DatagramAdmission::confirm(const Address& from) {
  const auto session = sessions_.find(from);
  if (session == sessions_.end() || session->second.confirmed) return;
  session->second.confirmed = true;
  std::erase(unconfirmed_, from);
}

void DatagramAdmission::forget(const Address& from, Instant now) {
  const auto session = sessions_.find(from);
  if (session == sessions_.end()) return;
  if (!session->second.confirmed) std::erase(unconfirmed_, from);
  spend(session->second.share, now);
  sessions_.erase(session);
}

void DatagramAdmission::spend(const PublicKey& share, Instant now) {
  if (spent_.size() >= kSpentSharesMax) {
    std::erase_if(spent_, [&](const auto& entry) { return entry.second <= now; });
  }
  if (spent_.size() >= kSpentSharesMax) {
    spent_.erase(std::ranges::min_element(spent_, {}, [](const auto& entry) { return entry.second; }));
  }
  spent_[share] = now + windows_.cookie_life + 1s;  // a cookie's time is in whole milliseconds
}

std::optional<Instant> DatagramAdmission::next_deadline() const {
  if (unconfirmed_.empty()) return std::nullopt;
  return sessions_.at(unconfirmed_.front()).began + windows_.handshake_timeout;
}

std::optional<Address> DatagramAdmission::expire(Instant now) {
  const std::optional<Instant> deadline = next_deadline();
  if (!deadline || now < *deadline) return std::nullopt;
  const Address address = unconfirmed_.front();
  forget(address, now);
  return address;
}

}  // namespace netrig
