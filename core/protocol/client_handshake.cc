#include "netrig/core/protocol/client_handshake.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/core/protocol/message_writer.h"

namespace netrig {

std::string_view text(HandshakeState state) {
  switch (state) {
    case HandshakeState::asking:
      return "asking";
    case HandshakeState::answering:
      return "answering";
    case HandshakeState::accepted:
      return "accepted";
    case HandshakeState::refused:
      return "refused";
    case HandshakeState::timed_out:
      return "timed_out";
  }
  return "unknown";
}

std::string_view text(HandshakeFault fault) {
  switch (fault) {
    case HandshakeFault::malformed:
      return "malformed";
    case HandshakeFault::stale:
      return "stale";
    case HandshakeFault::downgraded:
      return "downgraded";
    case HandshakeFault::forged:
      return "forged";
  }
  return "unknown";
}

ClientHandshake::ClientHandshake(const Config& config, Hello hello, const ClientToken* token,
                                 Entropy& entropy, Instant now)
    : config_(config),
      windows_(derive_windows(config.horizon)),
      hello_(hello),
      began_(now),
      next_send_(now),
      wait_(kFirstWait) {
  const Duration expected = std::min(config.rtt_expected.value_or(0s), config.horizon.rtt_max);
  wait_ = std::max(wait_, expected + expected / 4);
  if (token != nullptr) {
    token_ = *token;
    hello_.token = token_->token.bytes;
  }
  if (hello.resume.client != ClientId{}) resume_key_ = std::exchange(hello_.resume.key, {});
  encode_body(hello_, hello_body_);
  if (config.encrypted) {
    const KeyPair own = make_key_pair(entropy);
    share_ = own.public_key;
    secret_key_ = own.secret_key;
  } else {
    entropy.fill(share_.bytes);
  }
}

// --- outgoing

bool ClientHandshake::poll(Request out, Instant now) {
  advance(now);
  if (is_over() || now < next_send_) return false;
  ConnectRequest request;
  request.attempt = static_cast<std::uint8_t>(sent_);
  request.cookie = cookie_;
  request.encrypted = config_.encrypted;
  request.share = share_;
  request.hello = hello_body_;
  const RequestSecrets secrets{token_ ? &*token_ : nullptr, resume_key_ ? &*resume_key_ : nullptr};
  write_connect_request(request, secrets, request_);
  std::ranges::copy(request_, out.begin());
  sent_at_[sent_ % kAttemptsKept] = now;
  ++sent_;
  next_send_ = now + wait_;
  wait_ = std::min(2 * wait_, std::max(kFirstWait, config_.horizon.rtt_max));
  return true;
}

void ClientHandshake::advance(Instant now) {
  if (!is_over() && now - began_ >= windows_.handshake_timeout) state_ = HandshakeState::timed_out;
}

std::optional<Instant> ClientHandshake::next_deadline() const {
  if (is_over()) return std::nullopt;
  return std::min(next_send_, began_ + windows_.handshake_timeout);
}

// --- incoming

void ClientHandshake::ignore(HandshakeFault fault) {
  ++counts_[static_cast<std::size_t>(fault)];
}

void ClientHandshake::receive(Bytes datagram, Instant now) {
  advance(now);
  if (is_over()) return ignore(HandshakeFault::stale);
  if (datagram.empty()) return ignore(HandshakeFault::malformed);
  switch (static_cast<DatagramKind>(datagram[0])) {
    case DatagramKind::challenge:
      return on_challenge(datagram, now);
    case DatagramKind::accept:
      return on_accept(datagram);
    case DatagramKind::refuse:
      return on_refuse(datagram);
    default:
      return ignore(HandshakeFault::malformed);
  }
}

// Each request is worth one challenge: who repeats them makes this side say nothing more often.
void ClientHandshake::on_challenge(Bytes datagram, Instant now) {
  const Result<CookieChallenge, DecodeFault> challenge = decode_challenge_datagram(datagram, share_);
  if (!challenge) return ignore(HandshakeFault::malformed);
  // The attempt it answers, of those not answered yet: they count modulo 256.
  const auto ahead = static_cast<std::uint8_t>(challenge->attempt - answered_);
  if (ahead >= sent_ - answered_) return ignore(HandshakeFault::stale);
  const std::uint32_t attempt = answered_ + ahead;
  const Duration round_trip = now - sent_at_[attempt % kAttemptsKept];
  // Attempts before it had no cookie, or one that was not good: their challenges say nothing new.
  answered_ = sent_;
  if (!rtt_) rtt_ = round_trip;
  cookie_ = challenge->cookie;
  state_ = HandshakeState::answering;
  wait_ = std::max(kFirstWait, *rtt_ / 4);
  next_send_ = now;
}

bool ClientHandshake::is_less_than_asked(const Accept& accept) const {
  const bool speaks_it = accept.version >= hello_.version_min && accept.version <= hello_.version_max;
  const bool is_offered = (accept.features & ~(hello_.offered | hello_.required)) == 0;
  const bool has_required = (hello_.required & ~accept.features) == 0;
  return accept.encrypted != config_.encrypted || !speaks_it || !is_offered || !has_required;
}

void ClientHandshake::on_accept(Bytes datagram) {
  const Result<Accept, DecodeFault> accept = decode_accept(datagram);
  if (!accept) return ignore(HandshakeFault::malformed);
  if (state_ != HandshakeState::answering || sent_ == answered_) return ignore(HandshakeFault::stale);
  if (is_less_than_asked(*accept)) return ignore(HandshakeFault::downgraded);
  SymmetricKey exchanged;
  if (config_.encrypted) {
    const std::optional<SymmetricKey> agreed = agree(secret_key_, accept->share);
    if (!agreed) return ignore(HandshakeFault::forged);
    exchanged = *agreed;
  }
  const Result<ConnectRequest, DecodeFault> request = decode_connect_request(request_);
  NETRIG_ASSERT(request.has_value());
  const SessionSecrets secrets =
      derive_session(token_ ? token_->secret : SymmetricKey{}, exchanged, request->agreed, accept->head);
  if (!equal_in_constant_time(secrets.accept_tag.bytes, accept->tag.bytes)) {
    return ignore(HandshakeFault::forged);
  }
  state_ = HandshakeState::accepted;
  accepted_ = Accepted{accept->version, accept->features, {}};
  if (config_.encrypted) accepted_->keys = SessionKeys{secrets.to_server, secrets.to_client};
}

void ClientHandshake::on_refuse(Bytes datagram) {
  const Result<Refuse, DecodeFault> refuse = decode_refuse_datagram(datagram, share_);
  if (!refuse) return ignore(HandshakeFault::malformed);
  state_ = HandshakeState::refused;
  refused_ = *refuse;
}

}  // namespace netrig
