#include "netrig/transport/simulated.h"

#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/transport/simulated_path.h"

namespace netrig::transport {

// Listens at the inner transport. A connection that comes from one of this transport's own callers meets that
// caller's path; any other passes as it is.
class SimulatedTransport::Door final : public Listener, public ListenerHandler {
 public:
  Door(SimulatedTransport& transport, ListenerHandler& handler) : transport_(transport), handler_(handler) {}
  void hold(std::unique_ptr<Listener> inner) { inner_ = std::move(inner); }

  const Address& local() const override { return inner_->local(); }
  StrangerAnswer on_stranger(const Address& from, std::span<const Chunk> message) override {
    StrangerAnswer answer = handler_.on_stranger(from, message);
    SimulatedPath* const path = transport_.path_from(from);
    if (path == nullptr || (!answer.reply.head && !answer.reply.body)) return answer;
    path->reply(std::exchange(answer.reply, {}));
    return answer;
  }
  ConnectionHandler* on_accept(std::unique_ptr<Connection> connection) override {  // may destroy this
    SimulatedPath* const path = transport_.path_from(connection->remote());
    return path ? path->accept(std::move(connection), handler_) : handler_.on_accept(std::move(connection));
  }

 private:
  SimulatedTransport& transport_;
  ListenerHandler& handler_;
  std::unique_ptr<Listener> inner_;
};

SimulatedTransport::SimulatedTransport(Transport& inner, Scheduler& scheduler, const LinkDirectory& links,
                                       sim::NetworkObserver& observer, SimulatedOptions options)
    : inner_(inner), scheduler_(scheduler), links_(links), observer_(observer), options_(options) {}

SimulatedTransport::~SimulatedTransport() {
  for (const auto& [caller, path] : paths_) NETRIG_ASSERT(!path->has_handles());
}

Result<std::unique_ptr<Listener>, TransportError> SimulatedTransport::listen(const Address& at,
                                                                             ListenerHandler& handler) {
  auto door = std::make_unique<Door>(*this, handler);
  auto inner = inner_.listen(at, *door);
  if (!inner) return inner.error();
  door->hold(std::move(*inner));
  return std::unique_ptr<Listener>{std::move(door)};
}

Result<std::unique_ptr<Connection>, TransportError> SimulatedTransport::connect(const Address& from,
                                                                                const Address& to,
                                                                                ConnectionHandler& handler) {
  const std::optional<LinkSetup> setup = links_.link_of(from);
  if (!setup || to.host.empty()) return TransportError::address_invalid;
  std::uint32_t& made = connections_made_[setup->client];
  const auto caller = caller_address(from, made);
  if (!caller) return caller.error();
  SimulatedPath::Route route{.caller = *caller, .to = to, .connection = made++};
  auto path = std::make_unique<SimulatedPath>(*this, *setup, std::move(route), handler);
  auto handle = path->dial();
  paths_.emplace(*caller, std::move(path));
  return handle;
}

Result<Address, TransportError> SimulatedTransport::caller_address(const Address& from,
                                                                   std::uint32_t connection) const {
  Address caller = from;
  if (from.port != 0) {
    if (paths_.contains(caller)) return TransportError::address_in_use;
    return caller;
  }
  for (std::uint32_t tried = 0; tried < kEphemeralPorts; ++tried) {
    caller.port = static_cast<std::uint16_t>(kEphemeralPortFirst + (connection + tried) % kEphemeralPorts);
    if (!paths_.contains(caller)) return caller;
  }
  return TransportError::out_of_connections;
}

SimulatedPath* SimulatedTransport::path_from(const Address& caller) {
  const auto found = paths_.find(caller);
  return found == paths_.end() ? nullptr : found->second.get();
}

void SimulatedTransport::forget(const Address& caller) {
  const auto found = paths_.find(caller);
  NETRIG_ASSERT(found != paths_.end());
  paths_.erase(found);
}

std::map<sim::LinkId, sim::StreamFacts> SimulatedTransport::stream_facts(Instant now) const {
  std::map<sim::LinkId, sim::StreamFacts> facts = finished_streams_;
  for (const auto& [caller, path] : paths_)
    for (const Pipe* pipe : path->pipes_in_use())
      if (const auto of_pipe = pipe->stream_facts(now)) facts[pipe->link()] += *of_pipe;
  return facts;
}

void SimulatedTransport::restart_stream_facts(Instant now) {
  finished_streams_.clear();
  for (const auto& [caller, path] : paths_)
    for (Pipe* pipe : path->pipes_in_use()) pipe->restart_stream_facts(now);
}

void SimulatedTransport::keep_facts(const Pipe& pipe) {
  if (const auto facts = pipe.stream_facts(scheduler_.now())) finished_streams_[pipe.link()] += *facts;
}

}  // namespace netrig::transport
