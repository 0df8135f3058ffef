#include "netrig/loadgen/run/app_messages.h"

#include <algorithm>
#include <utility>

namespace netrig::loadgen {

using metrics::Direction;

AppMessageCounts::AppMessageCounts(const GameKind& game) {
  for (const AppMessageKind& message : game.messages) rows_.push_back({message.kind, message.name, {}});
  rows_.push_back({0, "other", {}});
  for (Row& row : rows_) {
    row.by_direction[static_cast<std::size_t>(Direction::downstream)] = {row.name, "downstream"};
    row.by_direction[static_cast<std::size_t>(Direction::upstream)] = {row.name, "upstream"};
  }
}

AppMessageResult& AppMessageCounts::at(Direction direction, std::uint16_t kind) {
  const auto named =
      std::find_if(rows_.begin(), rows_.end() - 1, [&](const Row& row) { return row.kind == kind; });
  return named->by_direction[static_cast<std::size_t>(direction)];
}

void AppMessageCounts::sent(Direction direction, const AppMessage& message) {
  AppMessageResult& result = at(direction, message.kind);
  ++result.sent;
  result.sent_bytes += message.bytes.size();
}

void AppMessageCounts::received(Direction direction, const AppMessage& message) {
  ++at(direction, message.kind).received;
}

void AppMessageCounts::merge(const AppMessageCounts& other) {
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    for (std::size_t direction = 0; direction < 2; ++direction) {
      AppMessageResult& into = rows_[row].by_direction[direction];
      const AppMessageResult& from = other.rows_[row].by_direction[direction];
      into.sent += from.sent;
      into.received += from.received;
      into.sent_bytes += from.sent_bytes;
    }
  }
}

std::vector<AppMessageResult> AppMessageCounts::results() const {
  std::vector<AppMessageResult> results;
  for (const Direction direction : {Direction::downstream, Direction::upstream}) {
    for (const Row& row : rows_) {
      const AppMessageResult& result = row.by_direction[static_cast<std::size_t>(direction)];
      if (result.sent + result.received > 0) results.push_back(result);
    }
  }
  return results;
}

RefereeDesk::RefereeDesk(const Game& game, Server& server, AppMessageCounts& counts, const bool& measuring)
    : referee_(game.make_referee()), server_(server), counts_(counts), measuring_(measuring) {}

bool RefereeDesk::has_room() {
  if (waiting_.size() < kWaitingMax) return true;
  ++dropped_;
  return false;
}

bool RefereeDesk::has_room_for(ClientId from, std::size_t bytes) {
  std::size_t& taken = waiting_bytes_[from];
  if (taken + sizeof(Waiting) + bytes <= kWaitingBytesOfPlayerMax) {
    taken += sizeof(Waiting) + bytes;
    return true;
  }
  ++dropped_;
  return false;
}

void RefereeDesk::on_message(ClientId from, const AppMessage& message) {
  if (measuring_) counts_.received(Direction::upstream, message);
  if (!referee_ || !has_room() || !has_room_for(from, message.bytes.size())) return;
  Waiting& waiting = waiting_.emplace_back();
  waiting.from = from;
  waiting.kind = message.kind;
  waiting.bytes.assign(message.bytes.begin(), message.bytes.end());
}

void RefereeDesk::on_event(std::uint16_t kind, EntityId subject, EntityId object) {
  if (!referee_ || !has_room()) return;
  waiting_.push_back(
      {.is_event = true, .from = {}, .kind = kind, .subject = subject, .object = object, .bytes = {}});
}

void RefereeDesk::answer() {
  for (const Waiting& each : waiting_) {
    if (each.is_event)
      referee_->on_event(each.kind, each.subject, each.object, *this);
    else
      referee_->on_message(each.from, {each.kind, each.bytes}, *this);
  }
  waiting_.clear();
  waiting_bytes_.clear();
}

SendStatus RefereeDesk::send(ClientId client, const AppMessage& message) {
  const SendStatus status = server_.send(client, message);
  if (measuring_ && status == SendStatus::accepted) counts_.sent(Direction::downstream, message);
  return status;
}

SendStatus RefereeDesk::send_latest(ClientId client, std::uint16_t kind, Bytes bytes) {
  const SendStatus status = server_.send_latest(client, kind, bytes);
  if (measuring_ && status == SendStatus::accepted) counts_.sent(Direction::downstream, {kind, bytes});
  return status;
}

std::size_t RefereeDesk::broadcast(const AppMessage& message) {
  const std::size_t players = server_.broadcast(message);
  for (std::size_t i = 0; measuring_ && i < players; ++i) counts_.sent(Direction::downstream, message);
  return players;
}

}  // namespace netrig::loadgen
