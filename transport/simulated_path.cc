#include "netrig/transport/simulated_path.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/transport/simulated_dialing.h"

namespace netrig::transport {
namespace {

// Lanes of one connection's tasks. A client's connections take turns with them: one that comes 8,192
// connections later finds them free.
enum class Lane : std::uint8_t { up, down, progress, settle, retry };
constexpr std::uint32_t kLanes = 8;
static_assert(kEphemeralPorts * kLanes == 65'536, "lanes are 16 bits");

TaskOrder task_order(std::uint32_t owner, std::uint32_t connection, Lane lane) {
  const std::uint32_t first = connection % kEphemeralPorts * kLanes;
  return {.task_class = TaskClass::network,
          .owner = owner,
          .lane = static_cast<std::uint16_t>(first + static_cast<std::uint32_t>(lane))};
}

}  // namespace

class SimulatedPath::Handle final : public Connection {
 public:
  Handle(SimulatedPath& path, Side& side) : path_(path), side_(side) { side_.handle = this; }
  ~Handle() override { path_.detach(side_); }

  SendStatus send(const OutgoingMessage& message) override {
    if (side_.state != State::open) return SendStatus::closed;
    if (message.size() > side_.message_bytes_max) return SendStatus::too_large;
    return side_.out.send(message, path_.transport_.scheduler_.now());
  }
  void close() override { path_.close(side_); }
  Delivery delivery() const override { return sim::delivery(path_.kind_); }
  std::size_t message_bytes_max() const override { return side_.message_bytes_max; }
  std::size_t backlog_bytes() const override {
    return side_.out.backlog_bytes(path_.transport_.scheduler_.now());
  }
  const Address& remote() const override { return side_.remote; }
  std::string_view close_detail() const override {
    return &side_ == &path_.caller_ ? std::string_view{path_.end_detail_} : std::string_view{};
  }
  std::optional<Address> local() const override {
    const bool is_caller = &side_ == &path_.caller_;
    return is_caller && path_.inner_ ? path_.inner_->local() : std::nullopt;
  }

 private:
  SimulatedPath& path_;
  Side& side_;
};

SimulatedPath::SimulatedPath(SimulatedTransport& transport, const LinkSetup& setup, Route route,
                             ConnectionHandler& handler)
    : transport_(transport),
      kind_(setup.kind),
      client_(setup.client),
      caller_address_(route.caller),
      up_(make_pipe(sim::Direction::up, setup, route)),
      down_(make_pipe(sim::Direction::down, setup, route)),
      caller_(*up_),
      listener_(*down_),
      progress_turn_(*this, task_order(transport.options_.first_task_owner + setup.client, route.connection,
                                       Lane::progress)),
      settle_turn_(*this, task_order(transport.options_.first_task_owner + setup.client, route.connection,
                                     Lane::settle)),
      retry_turn_(*this, task_order(transport.options_.first_task_owner + setup.client, route.connection,
                                    Lane::retry)) {
  draw_delays(setup, route);
  caller_.handler = &handler;
  listener_.remote = std::move(route.caller);
  caller_.remote = std::move(route.to);
}

SimulatedPath::~SimulatedPath() {
  transport_.scheduler_.cancel(progress_turn_);
  transport_.scheduler_.cancel(settle_turn_);
  transport_.scheduler_.cancel(retry_turn_);
}

std::unique_ptr<Pipe> SimulatedPath::make_pipe(sim::Direction direction, const LinkSetup& setup,
                                               const Route& route) {
  const bool is_up = direction == sim::Direction::up;
  const TaskOrder order = task_order(transport_.options_.first_task_owner + setup.client, route.connection,
                                     is_up ? Lane::up : Lane::down);
  const sim::LinkId link{setup.client, direction};
  const Random random = setup.random.fork(is_up ? "link.up" : "link.down", route.connection);
  PipeExit& exit = *this;
  if (is_stream())
    return std::make_unique<StreamPipe>(order, link, setup, random, transport_.scheduler_,
                                        transport_.observer_, exit);
  return std::make_unique<DatagramPipe>(order, link, setup, random, transport_.options_.datagram_bytes_max,
                                        transport_.scheduler_, transport_.observer_, exit);
}

void SimulatedPath::draw_delays(const LinkSetup& setup, const Route& route) {
  const ConnectDelays delays = draw_connect_delays(setup, route.connection, transport_.scheduler_.now());
  to_listener_ = delays.to_listener;
  to_caller_ = delays.to_caller;
  is_unanswered_ = !delays.is_answered;
}

std::unique_ptr<Connection> SimulatedPath::dial() {
  transport_.scheduler_.schedule(progress_turn_, transport_.scheduler_.now() + to_listener_);
  return std::make_unique<Handle>(*this, caller_);
}

void SimulatedPath::progress() {
  switch (progress_) {
    case Progress::dialing:
      return connect_inner();
    case Progress::opening:
      return open_caller();
    case Progress::refused:
      end(caller_, end_reason_);
      return wind_up();
  }
}

void SimulatedPath::connect_inner() {
  if (is_unanswered_) {
    end(caller_, CloseReason::unreachable);
    return wind_up();
  }
  auto connected = transport_.inner_.connect(caller_address_, caller_.remote, caller_end_);
  if (!connected) {
    end(caller_, CloseReason::unreachable);
    return wind_up();
  }
  inner_ = std::move(*connected);
  NETRIG_ASSERT(inner_->delivery() == sim::delivery(kind_));
  for (Side* side : {&caller_, &listener_})
    side->message_bytes_max = std::min(side->message_bytes_max, inner_->message_bytes_max());
}

void SimulatedPath::inner_opened() {
  opened_ = true;
  if (caller_.state != State::opening) return;
  progress_ = Progress::opening;
  if (to_caller_ == Duration{0}) return open_caller();
  transport_.scheduler_.schedule(progress_turn_, transport_.scheduler_.now() + to_caller_);
}

// Bytes of the other side that no link has delayed yet: nobody there is decorated.
void SimulatedPath::inner_received(std::span<const Chunk> chunks) {
  std::size_t size = 0;
  for (const Chunk& chunk : chunks) size += chunk.bytes.size();
  const std::size_t size_max = down_->message_bytes_max();
  if (size <= size_max) return send_down(message_of(chunks));
  NETRIG_ASSERT(is_stream());
  for (Chunk rest : chunks)
    while (!rest.bytes.empty()) {
      const Chunk piece{rest.bytes.first(std::min(rest.bytes.size(), size_max)), rest.owner};
      rest.bytes = rest.bytes.subspan(piece.bytes.size());
      send_down(message_of({&piece, 1}));
    }
}

void SimulatedPath::send_down(const OutgoingMessage& message) {
  if (winding_up_) return;
  if (!held_down_.messages.empty() ||
      down_->send(message, transport_.scheduler_.now()) != SendStatus::accepted)
    hold(held_down_, message);
}

void SimulatedPath::inner_closed(CloseReason reason) {
  inner_gone_ = true;
  if (winding_up_) {
    over_ = true;
    return settle_soon();
  }
  end_reason_ = reason;
  if (inner_) end_detail_ = inner_->close_detail();
  if (is_stream() && opened_) {
    if (held_down_.messages.empty()) down_->finish(transport_.scheduler_.now());
    return;
  }
  progress_ = Progress::refused;
  transport_.scheduler_.schedule(progress_turn_, transport_.scheduler_.now() + to_caller_);
}

ConnectionHandler* SimulatedPath::accept(std::unique_ptr<Connection> inner, ListenerHandler& handler) {
  if (winding_up_) return nullptr;
  inner_accepted_ = std::move(inner);
  ConnectionHandler* const answer = handler.on_accept(std::make_unique<Handle>(*this, listener_));
  if (answer == nullptr || listener_.handle == nullptr) {
    listener_.state = State::closed;
    inner_accepted_.reset();
    return nullptr;
  }
  paired_ = true;
  listener_.handler = answer;
  if (listener_.state == State::closing) {  // inside on_accept
    finish(listener_);
    settle_soon();
  }
  return &listener_end_;
}

void SimulatedPath::listener_opened() {
  if (listener_.state != State::opening) return;
  listener_.state = State::open;
  listener_.handler->on_open(*listener_.handle);
}

// On the answer, or on bytes from the listener that overtake it.
void SimulatedPath::open_caller() {
  if (caller_.state != State::opening) return;
  transport_.scheduler_.cancel(progress_turn_);
  caller_.state = State::open;
  caller_.handler->on_open(*caller_.handle);
}

void SimulatedPath::on_arrived(sim::Direction direction, std::span<const Chunk> chunks) {
  if (direction == sim::Direction::down) {
    open_caller();
    receive(caller_, chunks);
  } else if (paired_) {
    receive(listener_, chunks);
  } else {
    send_inner(message_of(chunks));
  }
}

void SimulatedPath::on_ended(sim::Direction direction) {
  if (direction == sim::Direction::down) {
    open_caller();
    end(caller_, end_reason_);
  } else if (paired_) {
    end(listener_, CloseReason::remote);
  } else {
    up_ended_ = true;
    if (!held_up_.messages.empty()) return;
  }
  wind_up();
}

void SimulatedPath::on_idle() {
  if (!is_stream() && !has_handles()) settle_soon();
}

void SimulatedPath::receive(Side& side, std::span<const Chunk> chunks) {
  if (side.hears()) side.handler->on_receive(*side.handle, chunks);
}

void SimulatedPath::send_inner(const OutgoingMessage& message) {
  if (!has_inner()) return;
  const bool must_wait = !held_up_.messages.empty();
  if (!must_wait && inner_->send(message) != SendStatus::queue_full) return;  // closed: nobody misses it
  if (is_stream()) return hold(held_up_, message);
  transport_.observer_.on_dropped({client_, sim::Direction::up}, sim::DropCause::queue_full, message.size(),
                                  transport_.scheduler_.now());
}

void SimulatedPath::hold(Held& held, const OutgoingMessage& message) {
  if (held.bytes + message.size() > kHeldBytesMax) {
    end(caller_, CloseReason::overflow);
    return wind_up();
  }
  if (held_up_.messages.empty() && held_down_.messages.empty())
    transport_.scheduler_.schedule(retry_turn_, transport_.scheduler_.now() + kHeldRetry);
  held.bytes += message.size();
  held.messages.push_back(message);
}

void SimulatedPath::retry_held() {
  if (winding_up_) return;
  const Instant now = transport_.scheduler_.now();
  const auto pass_on = [](Held& held, auto&& send) {
    while (!held.messages.empty() && send(held.messages.front()) != SendStatus::queue_full)
      held.bytes -= held.messages.pop_front().size();
    return held.messages.empty();
  };
  const bool up_is_clear = pass_on(held_up_, [&](const OutgoingMessage& message) {
    return inner_gone_ ? SendStatus::closed : inner_->send(message);
  });
  const bool down_is_clear =
      pass_on(held_down_, [&](const OutgoingMessage& message) { return down_->send(message, now); });
  if (up_is_clear && up_ended_) return wind_up();
  if (down_is_clear && inner_gone_) down_->finish(now);
  if (!up_is_clear || !down_is_clear) transport_.scheduler_.schedule(retry_turn_, now + kHeldRetry);
}

OutgoingMessage SimulatedPath::message_of(std::span<const Chunk> chunks) {
  if (const auto whole = whole_message(chunks)) return *whole;
  std::shared_ptr<Payload> copy = transport_.pool_.acquire();
  for (const Chunk& chunk : chunks)
    copy->bytes.insert(copy->bytes.end(), chunk.bytes.begin(), chunk.bytes.end());
  return {.head = nullptr, .body = PayloadPool::seal(std::move(copy))};
}

void SimulatedPath::close(Side& side) {
  if (side.state == State::closing || side.state == State::closed) return;
  side.state = State::closing;
  finish(side);
  settle_soon();
}

void SimulatedPath::detach(Side& side) {
  side.handle = nullptr;
  if (side.state == State::opening || side.state == State::open) finish(side);
  side.state = State::closed;
  settle_soon();
}

// Tells the other side, behind everything that was accepted, when there is one that could know of this.
void SimulatedPath::finish(Side& side) {
  if (&side == &listener_ && !paired_) return;
  if (has_inner()) return side.out.finish(transport_.scheduler_.now());
  transport_.scheduler_.cancel(progress_turn_);
  over_ = true;
}

void SimulatedPath::end(Side& side, CloseReason reason) {
  if (side.handle == nullptr || side.state == State::closing || side.state == State::closed) return;
  side.state = State::closed;
  side.handler->on_close(*side.handle, reason);
}

void SimulatedPath::wind_up() {
  if (winding_up_) return;
  for (const Pipe* pipe : pipes_in_use()) transport_.keep_facts(*pipe);
  winding_up_ = true;
  up_->stop(transport_.scheduler_.now());
  down_->stop(transport_.scheduler_.now());
  if (has_inner()) {
    inner_->close();
  } else {
    over_ = true;
  }
  settle_soon();
}

std::vector<Pipe*> SimulatedPath::pipes_in_use() const {
  if (winding_up_) return {};
  return {up_.get(), down_.get()};
}

void SimulatedPath::settle_soon() {
  transport_.scheduler_.schedule(settle_turn_, transport_.scheduler_.now());
}

void SimulatedPath::settle() {
  for (Side* side : {&caller_, &listener_})
    if (side->state == State::closing) {
      side->state = State::closed;
      if (side->handle != nullptr) side->handler->on_close(*side->handle, CloseReason::local);
    }
  if (has_handles()) return;
  if (!is_stream() && (paired_ || up_->idle())) wind_up();  // the caller misses nothing any more
  if (over_) transport_.forget(caller_address_);            // destroys this
}

}  // namespace netrig::transport
