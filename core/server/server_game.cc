// The game's side of Server: messages to players, who is there, sending them away.
#include <algorithm>

#include "netrig/core/server/server.h"

namespace netrig {
namespace {

// At most `size_max` bytes of UTF-8, without a character cut in half.
std::string_view cut_text(std::string_view text, std::size_t size_max) {
  if (text.size() <= size_max) return text;
  while (size_max > 0 && (static_cast<unsigned char>(text[size_max]) & 0xC0) == 0x80) --size_max;
  return text.substr(0, size_max);
}

}  // namespace

SendStatus Server::send(ClientId client, const AppMessage& message) {
  Session* const session = find(client);
  return session == nullptr ? SendStatus::closed : session->peer.send_reliable(message);
}

SendStatus Server::send_latest(ClientId client, std::uint16_t key, Bytes bytes) {
  Session* const session = find(client);
  return session == nullptr ? SendStatus::closed : session->peer.send_latest(key, bytes);
}

std::size_t Server::broadcast(const AppMessage& message) {
  return static_cast<std::size_t>(std::count_if(sessions_.begin(), sessions_.end(), [&](const auto& session) {
    return !session->ending && session->peer.send_reliable(message) == SendStatus::accepted;
  }));
}

bool Server::kick(ClientId client, std::string_view message, Instant now) {
  Session* const session = find(client);
  if (session == nullptr) return false;
  session->ending_message = cut_text(message, kReasonTextBytesMax);
  end(*session, DisconnectReason::kicked, now);
  return true;
}

void Server::stop(Instant now) {
  stopping_ = true;
  for (const auto& session : sessions_) end(*session, DisconnectReason::stopping, now);
}

const TokenHolder* Server::holder(ClientId client) const {
  const Session* const session = find(client);
  return session != nullptr && session->info.holder ? &*session->info.holder : nullptr;
}

std::vector<Player> Server::players() const {
  std::vector<Player> players;
  for (const auto& session : sessions_) {
    if (session->ending) continue;
    players.push_back({session->client, session->id, session->entity, session->info.address,
                       session->peer.rtt().smoothed(), !session->detached});
  }
  return players;
}

std::optional<std::uint64_t> Server::view_digest(PeerId peer, Tick tick) const {
  const SentState& sent = sent_states_[tick.value % sent_states_.size()];
  if (find(peer) == nullptr || tick == Tick{} || sent.tick != tick) return std::nullopt;
  return sent.digest;
}

}  // namespace netrig
