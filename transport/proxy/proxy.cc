#include "netrig/transport/proxy/proxy.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/transport/proxy/session.h"

namespace netrig::transport {

std::string_view text(ProxyEnd end) {
  switch (end) {
    case ProxyEnd::closed:
      return "closed";
    case ProxyEnd::broken_off:
      return "broken_off";
    case ProxyEnd::refused:
      return "refused";
    case ProxyEnd::unreachable:
      return "unreachable";
    case ProxyEnd::idle:
      return "idle";
    case ProxyEnd::stopped:
      return "stopped";
  }
  return "unknown";
}

Proxy::Proxy(Transport& near, Transport& far, Address server, Scheduler& scheduler,
             sim::NetworkObserver& network, ProxyObserver& observer, Links links, ProxyOptions options)
    : near_(near),
      far_(far),
      server_(std::move(server)),
      scheduler_(scheduler),
      network_(network),
      observer_(observer),
      links_(std::move(links)),
      options_(options),
      sweep_(*this, {.task_class = TaskClass::timer, .owner = options.first_task_owner, .lane = 0}) {
  free_places_.reserve(options_.clients_max);
  for (std::size_t place = options_.clients_max; place > 0; --place)
    free_places_.push_back(static_cast<std::uint32_t>(place - 1));
}

Proxy::~Proxy() {
  scheduler_.cancel(sweep_);
}

Result<Address, TransportError> Proxy::listen(const Address& at) {
  NETRIG_ASSERT(!listener_);
  auto listener = near_.listen(at, *this);
  if (!listener) return listener.error();
  listener_ = std::move(*listener);
  return listener_->local();
}

StrangerAnswer Proxy::on_stranger(const Address& from, std::span<const Chunk>) {
  StrangerAnswer answer;
  answer.accept = !free_places_.empty();
  if (!answer.accept) observer_.on_turned_away(from);
  return answer;
}

ConnectionHandler* Proxy::on_accept(std::unique_ptr<Connection> connection) {
  if (free_places_.empty()) {
    observer_.on_turned_away(connection->remote());
    return nullptr;
  }
  const std::uint32_t place = free_places_.back();
  free_places_.pop_back();
  const std::uint64_t number = came_++;
  observer_.on_client_came(place, connection->remote(), scheduler_.now());
  auto session = std::make_unique<ProxySession>(*this, place, links_(place, number));
  ConnectionHandler* const handler = session->accept(std::move(connection));
  sessions_.emplace(place, Guest{number, std::move(session)});
  if (sessions_.size() == 1) scheduler_.schedule(sweep_, scheduler_.now() + options_.idle_max / 4);
  return handler;
}

void Proxy::change_links(Links links) {
  links_ = std::move(links);
  const Instant now = scheduler_.now();
  for (auto& [place, guest] : sessions_) guest.session->change_link(links_(place, guest.number), now);
}

void Proxy::sweep(Instant now) {
  for (auto& [place, guest] : sessions_)
    if (guest.session->is_idle(options_.idle_max, now)) guest.session->end(ProxyEnd::idle, now);
  if (!sessions_.empty()) scheduler_.schedule(sweep_, now + options_.idle_max / 4);
}

void Proxy::stop() {
  listener_.reset();
  for (auto& [place, guest] : sessions_) guest.session->end(ProxyEnd::stopped, scheduler_.now());
}

void Proxy::forget(ProxySession& session) {
  const std::uint32_t place = session.client();
  free_places_.push_back(place);
  sessions_.erase(place);
  if (sessions_.empty()) scheduler_.cancel(sweep_);
}

}  // namespace netrig::transport
