#include "netrig/transport/memory.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "netrig/core/base/assert.h"

namespace netrig::transport {

namespace {
enum class State : std::uint8_t { opening, open, closing, closed };
}  // namespace

struct MemoryTransport::Side {
  Handle* handle = nullptr;  // null before it is accepted and after its owner destroyed it
  ConnectionHandler* handler = nullptr;
  State state = State::opening;
  bool is_paused = false;
  bool is_ending = false;  // by end_sending(), or because its handler did not keep it open
  bool end_told = false;   // to the other side
  bool end_heard = false;  // of the other side
  Address remote;
  std::vector<OutgoingMessage> inbox;  // sent by the other side, delivered in the next turn
  std::size_t inbox_bytes = 0;

  bool hears() const { return state == State::open && handle != nullptr; }
};

struct MemoryTransport::Pair {
  std::uint64_t number = 0;
  bool listed = false;  // stands in ready_
  bool met = false;     // the listener was looked for
  Side caller;
  Side listener;
};

class MemoryTransport::Door final : public Listener {
 public:
  Door(MemoryTransport& transport, const Address& at) : transport_(transport), at_(at) {}
  ~Door() override { transport_.listeners_.erase(at_); }
  const Address& local() const override { return at_; }

 private:
  MemoryTransport& transport_;
  Address at_;
};

class MemoryTransport::Handle final : public Connection, public StreamControl {
 public:
  Handle(MemoryTransport& transport, Pair& pair, Side& self, Side& other)
      : transport_(transport), pair_(pair), self_(self), other_(other) {
    self_.handle = this;
  }

  ~Handle() override {
    self_.handle = nullptr;
    close();
    transport_.mark(pair_);
  }

  SendStatus send(const OutgoingMessage& message) override {
    if (self_.state != State::open || self_.is_ending) return SendStatus::closed;
    const std::size_t size = message.size();
    if (size > message_bytes_max()) return SendStatus::too_large;
    if (other_.inbox_bytes + size > transport_.options_.queue_bytes_max ||
        other_.inbox.size() >= kMemoryQueueMessagesMax)
      return SendStatus::queue_full;
    other_.inbox.push_back(message);
    other_.inbox_bytes += size;
    transport_.mark(pair_);
    return SendStatus::accepted;
  }

  void close() override {
    if (self_.state == State::closing || self_.state == State::closed) return;
    self_.state = State::closing;
    transport_.mark(pair_);
  }

  Delivery delivery() const override { return transport_.options_.delivery; }
  std::size_t message_bytes_max() const override {
    return transport_.is_stream() ? transport_.options_.queue_bytes_max
                                  : transport_.options_.datagram_bytes_max;
  }
  std::size_t backlog_bytes() const override { return other_.inbox_bytes; }
  const Address& remote() const override { return self_.remote; }
  StreamControl* stream_control() override { return transport_.is_stream() ? this : nullptr; }

  void pause_receiving(bool paused) override {
    self_.is_paused = paused;
    if (!paused) transport_.mark(pair_);
  }
  void end_sending() override {
    if (self_.state != State::open || self_.is_ending) return;
    self_.is_ending = true;
    transport_.mark(pair_);
  }
  void reset() override {
    other_.inbox.clear();
    other_.inbox_bytes = 0;
    close();
  }

 private:
  MemoryTransport& transport_;
  Pair& pair_;
  Side& self_;
  Side& other_;
};

MemoryTransport::MemoryTransport(Scheduler& scheduler, MemoryOptions options)
    : scheduler_(scheduler),
      options_(options),
      turn_(*this, {.task_class = TaskClass::network, .owner = options.task_owner, .lane = 0}) {}

MemoryTransport::~MemoryTransport() {
  NETRIG_ASSERT(listeners_.empty());
  for (const auto& [number, pair] : pairs_) NETRIG_ASSERT(!pair->caller.handle && !pair->listener.handle);
  scheduler_.cancel(turn_);
}

Result<std::unique_ptr<Listener>, TransportError> MemoryTransport::listen(const Address& at,
                                                                          ListenerHandler& handler) {
  if (at.host.empty()) return TransportError::address_invalid;
  if (!listeners_.emplace(at, &handler).second) return TransportError::address_in_use;
  return std::unique_ptr<Listener>{std::make_unique<Door>(*this, at)};
}

Result<std::unique_ptr<Connection>, TransportError> MemoryTransport::connect(const Address& from,
                                                                             const Address& to,
                                                                             ConnectionHandler& handler) {
  if (to.host.empty()) return TransportError::address_invalid;
  if (pairs_.size() >= options_.connections_max) return TransportError::out_of_connections;
  auto owned = std::make_unique<Pair>();
  Pair& pair = *owned;
  pair.number = next_number_++;
  pair.caller.handler = &handler;
  pair.caller.remote = to;
  pair.listener.remote = from;
  pairs_.emplace(pair.number, std::move(owned));
  mark(pair);
  return std::unique_ptr<Connection>{std::make_unique<Handle>(*this, pair, pair.caller, pair.listener)};
}

void MemoryTransport::mark(Pair& pair) {
  if (pair.listed) return;
  pair.listed = true;
  ready_.push_back(&pair);
  if (turn_scheduled_) return;
  turn_scheduled_ = true;
  scheduler_.schedule(turn_, scheduler_.now());
}

void MemoryTransport::run_turn() {
  turn_scheduled_ = false;
  running_.swap(ready_);
  std::sort(running_.begin(), running_.end(),
            [](const Pair* a, const Pair* b) { return a->number < b->number; });
  for (Pair* pair : running_) {
    pair->listed = false;
    step(*pair);
  }
  running_.clear();
}

// Every callback may destroy or close any handle, so each looks at the sides' state anew.
void MemoryTransport::step(Pair& pair) {
  if (!pair.met) meet(pair);
  deliver(pair, pair.listener);
  deliver(pair, pair.caller);
  end_half(pair, pair.caller, pair.listener);
  end_half(pair, pair.listener, pair.caller);
  finish_close(pair.caller, pair.listener);
  finish_close(pair.listener, pair.caller);
  if (!pair.listed && !pair.caller.handle && !pair.listener.handle) pairs_.erase(pair.number);
}

void MemoryTransport::meet(Pair& pair) {
  pair.met = true;
  Side& caller = pair.caller;
  if (caller.state != State::opening) {  // closed again before anybody heard of it
    pair.listener.state = State::closed;
    return;
  }
  const bool answered = is_stream() ? accept(pair) : listeners_.contains(caller.remote);
  if (!answered) return refuse(pair);
  if (caller.state != State::opening) return;
  caller.state = State::open;
  caller.handler->on_open(*caller.handle);
}

// Offers the connection to whoever listens now. False when nobody does, or nobody took it.
bool MemoryTransport::accept(Pair& pair) {
  const auto found = listeners_.find(pair.caller.remote);
  if (found == listeners_.end()) return false;
  Side& side = pair.listener;
  side.handler = found->second->on_accept(std::make_unique<Handle>(*this, pair, side, pair.caller));
  if (side.handler == nullptr || side.handle == nullptr) return false;
  if (side.state != State::opening) return true;  // closed inside on_accept
  side.state = State::open;
  side.handler->on_open(*side.handle);
  return true;
}

void MemoryTransport::refuse(Pair& pair) {
  pair.listener.state = State::closed;
  Side& caller = pair.caller;
  const bool hears =
      caller.handle != nullptr && caller.state != State::closing && caller.state != State::closed;
  if (!hears) return;
  caller.state = State::closed;
  caller.handler->on_close(*caller.handle, CloseReason::refused);
}

void MemoryTransport::deliver(Pair& pair, Side& to) {
  if (to.inbox.empty() || (to.is_paused && to.hears())) return;
  taken_.assign(std::move_iterator(to.inbox.begin()), std::move_iterator(to.inbox.end()));
  to.inbox.clear();
  to.inbox_bytes = 0;
  if (is_stream())
    deliver_stream(to);
  else
    deliver_datagrams(pair, to);
  taken_.clear();
}

void MemoryTransport::deliver_stream(Side& to) {
  for (OutgoingMessage& message : taken_) add_chunks(message);
  if (!chunks_.empty() && to.hears()) to.handler->on_receive(*to.handle, chunks_);
  chunks_.clear();
}

void MemoryTransport::deliver_datagrams(Pair& pair, Side& to) {
  for (OutgoingMessage& message : taken_) {
    if (!to.hears() && to.state != State::opening) return;
    add_chunks(message);
    const bool deliver = to.state == State::open || meet_stranger(pair);
    if (deliver && to.hears()) to.handler->on_receive(*to.handle, chunks_);
    chunks_.clear();
  }
}

// The message in chunks_ comes from an address without a connection. Whether it is to be delivered to the one
// that was made.
bool MemoryTransport::meet_stranger(Pair& pair) {
  const auto found = listeners_.find(pair.caller.remote);
  if (found == listeners_.end()) {
    refuse(pair);
    return false;
  }
  const StrangerAnswer answer = found->second->on_stranger(pair.listener.remote, chunks_);
  Side& caller = pair.caller;
  const bool has_reply = answer.reply.head || answer.reply.body;
  if (has_reply && caller.inbox_bytes + answer.reply.size() <= options_.queue_bytes_max) {
    caller.inbox.push_back(answer.reply);
    caller.inbox_bytes += answer.reply.size();
    mark(pair);
  }
  if (!answer.accept) return false;
  if (!accept(pair)) refuse(pair);
  return answer.deliver;
}

void MemoryTransport::add_chunks(OutgoingMessage& message) {
  for (PayloadRef* part : {&message.head, &message.body}) {
    if (!*part || (*part)->bytes.empty()) continue;
    const Bytes bytes = (*part)->bytes;
    chunks_.push_back({.bytes = bytes, .owner = std::move(*part)});
  }
}

// Tells `other` that `ending` has ended its half, once everything it had sent was delivered.
void MemoryTransport::end_half(Pair& pair, Side& ending, Side& other) {
  if (!ending.is_ending || ending.end_told || !other.inbox.empty()) return;
  ending.end_told = true;
  if (!other.hears()) return;
  other.end_heard = true;
  const bool keeps_half = other.handler->on_end(*other.handle);
  if (other.hears() && (!keeps_half || other.end_told)) {
    other.is_ending = true;
    mark(pair);  // its end is told next, if it was not
    other.state = State::closed;
    other.handler->on_close(*other.handle, CloseReason::remote);
  }
  if (!ending.hears() || !ending.end_heard) return;
  ending.state = State::closed;
  ending.handler->on_close(*ending.handle, CloseReason::remote);
}

void MemoryTransport::finish_close(Side& closing, Side& other) {
  if (closing.state != State::closing || !other.inbox.empty()) return;
  closing.state = State::closed;
  if (closing.handle) closing.handler->on_close(*closing.handle, CloseReason::local);
  if (!is_stream() || !other.hears()) return;
  other.state = State::closed;
  other.handler->on_close(*other.handle, CloseReason::remote);
}

}  // namespace netrig::transport
