#include "netrig/loadgen/run/server_driver.h"

#include <algorithm>
#include <utility>

namespace netrig::loadgen {

ServerDriver::ServerDriver(Scheduler& scheduler, ServerSpeaker& speaker, SeatObserver& seats,
                           const ServerPace& pace)
    : Task(TaskOrder{TaskClass::tick, 0, 0}),
      scheduler_(scheduler),
      server_(speaker.server()),
      seats_(seats),
      binding_(scheduler, server_, speaker.entrance(), speaker.datagrams(), *this),
      pace_(pace) {}

ServerDriver::~ServerDriver() {
  scheduler_.cancel(*this);
}

Result<Address, transport::TransportError> ServerDriver::listen(transport::Transport& transport,
                                                                const Address& at) {
  auto listener = transport.listen(at, binding_);
  if (!listener) return listener.error();
  listener_ = *std::move(listener);
  schedule_next();
  return listener_->local();
}

// --- time

void ServerDriver::schedule_next() {
  if (flush_due_) return scheduler_.schedule(*this, busy_until_);
  const Instant next = held_.empty() ? binding_.next_deadline() : scheduler_.now();
  scheduler_.schedule(*this, running_from(pace_, next));
}

bool ServerDriver::is_away(Instant now) const {
  return now < busy_until_ || running_from(pace_, now) > now;
}

void ServerDriver::run(Instant now) {
  if (flush_due_ && now >= busy_until_) flush();
  if (!is_away(now)) {
    read_held();
    binding_.expire(now);
    run_ticks(now);
  }
  schedule_next();
}

void ServerDriver::run_ticks(Instant now) {
  const Tick before = server_.tick();
  server_.advance(now);
  seats_.on_advanced();
  const std::uint32_t ran = std::min(server_.tick().value - before.value, GameServer::kCatchUpTicksMax);
  busy_until_ = now;
  flush_due_ = true;
  if (ran > 0) {
    busy_until_ =
        finished_at(pace_, now, work_of(pace_.tick_cost, ran, server_.state().size(), binding_.peers()));
    seats_.on_ticks_run(server_.tick(), ran, busy_until_);
  }
  if (busy_until_ == now) flush();
}

void ServerDriver::flush() {
  flush_due_ = false;
  server_.flush(binding_);
}

// --- what arrives while the server is away

bool ServerDriver::keeps(transport::ServerLinkId link, transport::Connection& connection,
                         std::span<const Chunk> chunks) {
  if (!holds(scheduler_.now())) return false;
  std::size_t bytes = sizeof(Held) * chunks.size();
  for (const Chunk& chunk : chunks) bytes += chunk.bytes.size();
  if (held_bytes_ + bytes > kHeldBytesMax) {
    connection.close();
    return true;
  }
  if (connection.delivery() == Delivery::datagram && chunks.size() != 1) {
    std::vector<std::uint8_t> whole;
    for (const Chunk& chunk : chunks) whole.insert(whole.end(), chunk.bytes.begin(), chunk.bytes.end());
    hold(link, whole, nullptr);
  } else {
    for (const Chunk& chunk : chunks) hold(link, chunk.bytes, chunk.owner);
  }
  schedule_next();
  return true;
}

// Without an owner the bytes are copied.
void ServerDriver::hold(transport::ServerLinkId link, Bytes bytes, PayloadRef owner) {
  if (!owner) {
    auto copy = std::make_shared<Payload>();
    copy->bytes.assign(bytes.begin(), bytes.end());
    owner = PayloadPool::seal(std::move(copy));
    bytes = owner->bytes;
  }
  held_bytes_ += sizeof(Held) + bytes.size();
  held_.push_back({link, Chunk{bytes, std::move(owner)}});
}

bool ServerDriver::keeps_end(transport::ServerLinkId link) {
  if (!holds(scheduler_.now())) return false;
  held_.push_back({link, std::nullopt});
  schedule_next();
  return true;
}

void ServerDriver::read_held() {
  while (!held_.empty()) {
    const Held held = std::move(held_.front());
    held_.pop_front();
    if (!held.chunk) {
      binding_.end(held.link);
      continue;
    }
    held_bytes_ -= sizeof(Held) + held.chunk->bytes.size();
    binding_.deliver(held.link, {&*held.chunk, 1});
  }
}

}  // namespace netrig::loadgen
