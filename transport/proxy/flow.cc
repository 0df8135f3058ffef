#include "netrig/transport/proxy/flow.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"

namespace netrig::transport {
namespace {

// Each direction has half of its owner's lanes: the first for the flow itself, the others for links in turn.
constexpr std::uint32_t kLanesOfFlow = 32'768;

std::uint32_t first_lane(sim::Direction direction) {
  return direction == sim::Direction::up ? 0 : kLanesOfFlow;
}

TaskOrder order_of(std::uint32_t owner, std::uint32_t lane) {
  return {.task_class = TaskClass::network, .owner = owner, .lane = static_cast<std::uint16_t>(lane)};
}

std::size_t cost_of(const OutgoingMessage& message) {
  return message.size() + kProxyMessageBytes;
}

// As long as its bytes, and no longer: what waits for seconds should not take the room of the largest read.
PayloadRef copy_of(std::span<const Chunk> chunks) {
  std::size_t size = 0;
  for (const Chunk& chunk : chunks) size += chunk.bytes.size();
  auto copy = std::make_shared<Payload>();
  copy->bytes.reserve(size);
  for (const Chunk& chunk : chunks)
    copy->bytes.insert(copy->bytes.end(), chunk.bytes.begin(), chunk.bytes.end());
  return PayloadPool::seal(std::move(copy));
}

OutgoingMessage message_of(std::span<const Chunk> chunks) {
  if (auto whole = whole_message(chunks)) return *std::move(whole);
  return {.head = nullptr, .body = copy_of(chunks)};
}

// What is left of a message whose first `count` bytes are gone.
OutgoingMessage rest_of(const OutgoingMessage& message, std::size_t count) {
  if (count == 0) return message;
  auto rest = std::make_shared<Payload>();
  for (const PayloadRef& part : {message.head, message.body}) {
    if (!part) continue;
    const std::size_t skipped = std::min(count, part->bytes.size());
    count -= skipped;
    const Bytes bytes = Bytes{part->bytes}.subspan(skipped);
    rest->bytes.insert(rest->bytes.end(), bytes.begin(), bytes.end());
  }
  return {.head = nullptr, .body = PayloadPool::seal(std::move(rest))};
}

Duration longest_delay(const LinkSetup& setup, sim::Direction direction) {
  const sim::LinkConditions& link = direction == sim::Direction::up ? setup.up : setup.down;
  return sim::largest_delay(link) + link.jitter + link.reorder_delay;
}

Duration round_trip(const LinkSetup& setup) {
  return sim::nominal_delay(setup.up.delay) + sim::nominal_delay(setup.down.delay);
}

}  // namespace

// Hears what becomes of its packets, and passes that on to the observer.
class ProxyFlow::Generation final : public PipeExit, public sim::NetworkObserver {
 public:
  Generation(ProxyFlow& flow, const LinkSetup& setup, TaskOrder order)
      : flow_(flow), longest_delay_(longest_delay(setup, flow.place_.direction)) {
    const sim::Direction direction = flow.place_.direction;
    const sim::LinkId link{setup.client, direction};
    const Random random = setup.random.fork(direction == sim::Direction::up ? "link.up" : "link.down",
                                            flow.generations_made_ - 1);
    if (flow.is_stream())
      pipe_ = std::make_unique<StreamPipe>(order, link, setup, random, flow.scheduler_, *this, *this);
    else
      pipe_ = std::make_unique<DatagramPipe>(order, link, setup, random, flow.place_.datagram_bytes_max,
                                             flow.scheduler_, *this, *this);
  }

  SendStatus send(const OutgoingMessage& message, Instant now) {
    const SendStatus status = pipe_->send(message, now);
    if (status != SendStatus::accepted || !flow_.is_stream()) return status;
    sent_.push_back({message, 0});
    bytes_ += cost_of(message);
    return status;
  }
  void finish(Instant now) { pipe_->finish(now); }
  void retire(Instant gives_up_at) { gives_up_at_ = gives_up_at_.value_or(gives_up_at); }
  const std::optional<Instant>& gives_up_at() const { return gives_up_at_; }
  void stop(Instant now) { pipe_->stop(now); }

  // What the link has not delivered, in order, of a stream.
  GrowingRing<OutgoingMessage> give_up(Instant now) {
    pipe_->stop(now);
    GrowingRing<OutgoingMessage> rest;
    while (!sent_.empty()) {
      const Sent sent = sent_.pop_front();
      rest.push_back(rest_of(sent.message, sent.delivered));
    }
    bytes_ = 0;
    gave_up_ = true;
    return rest;
  }

  std::size_t message_bytes_max() const { return pipe_->message_bytes_max(); }
  Duration longest() const { return longest_delay_; }
  bool is_idle() const { return gave_up_ || pipe_->idle(); }
  bool has_ended() const { return has_ended_; }
  std::size_t bytes() const { return bytes_; }
  sim::LinkId link() const { return pipe_->link(); }
  GrowingRing<OutgoingMessage> early;  // came out before those ahead of it were through

 private:
  struct Sent {
    OutgoingMessage message;
    std::size_t delivered = 0;
  };

  void on_arrived(sim::Direction, std::span<const Chunk> chunks) override {
    if (flow_.is_stream()) {
      Sent& front = sent_.front();  // one call is about one write
      for (const Chunk& chunk : chunks) front.delivered += chunk.bytes.size();
      if (front.delivered == front.message.size()) bytes_ -= cost_of(sent_.pop_front().message);
    }
    flow_.arrived(*this, message_of(chunks));
  }
  void on_ended(sim::Direction) override {
    has_ended_ = true;
    flow_.work_at(flow_.scheduler_.now());
  }
  void on_idle() override {
    if (gives_up_at_) flow_.work_at(flow_.scheduler_.now());
  }
  void on_due(Duration late) override { flow_.ends_.on_flow_due(late); }

  // A datagram's bytes are counted by what becomes of it: only the link knows.
  void count(std::size_t bytes) {
    if (!flow_.is_stream()) bytes_ += bytes + kProxyMessageBytes;
  }
  void count_out(std::size_t bytes) {
    if (!flow_.is_stream()) bytes_ -= bytes + kProxyMessageBytes;
  }
  void on_sent(sim::LinkId link, std::size_t bytes, std::uint64_t digest, Instant now) override {
    count(bytes);
    flow_.observer_.on_sent(link, bytes, digest, now);
  }
  void on_delivered(sim::LinkId link, std::size_t bytes, Instant sent_at, Instant now) override {
    count_out(bytes);
    flow_.observer_.on_delivered(link, bytes, sent_at, now);
  }
  void on_dropped(sim::LinkId link, sim::DropCause cause, std::size_t bytes, Instant now) override {
    count_out(bytes);
    flow_.observer_.on_dropped(link, cause, bytes, now);
  }
  void on_duplicated(sim::LinkId link, std::size_t bytes, Instant now) override {
    count(bytes);
    flow_.observer_.on_duplicated(link, bytes, now);
  }
  void on_corrupted(sim::LinkId link, std::size_t bytes, Instant now) override {
    flow_.observer_.on_corrupted(link, bytes, now);
  }
  void on_reordered(sim::LinkId link, std::size_t bytes, Instant now) override {
    flow_.observer_.on_reordered(link, bytes, now);
  }
  void on_retransmitted(sim::LinkId link, std::size_t bytes, Instant now) override {
    flow_.observer_.on_retransmitted(link, bytes, now);
  }
  void on_abandoned(sim::LinkId link, std::size_t packets, Instant now) override {
    flow_.observer_.on_abandoned(link, packets, now);
  }

  ProxyFlow& flow_;
  const Duration longest_delay_;
  std::unique_ptr<Pipe> pipe_;
  GrowingRing<Sent> sent_;  // streams: what the link holds, in order
  std::size_t bytes_ = 0;
  std::optional<Instant> gives_up_at_;  // it has been replaced
  bool gave_up_ = false;
  bool has_ended_ = false;
};

ProxyFlow::ProxyFlow(const Place& place, const LinkSetup& setup, Scheduler& scheduler,
                     sim::NetworkObserver& observer, FlowEnds& ends)
    : Task(order_of(place.task_owner, first_lane(place.direction))),
      place_(place),
      kind_(setup.kind),
      scheduler_(scheduler),
      observer_(observer),
      ends_(ends) {
  make_generation(setup);
}

ProxyFlow::~ProxyFlow() {
  scheduler_.cancel(*this);
}

TaskOrder ProxyFlow::next_order() {
  const std::uint32_t lane = 1 + generations_made_++ % (kLanesOfFlow - 1);
  return order_of(place_.task_owner, first_lane(place_.direction) + lane);
}

void ProxyFlow::make_generation(const LinkSetup& setup) {
  const TaskOrder order = next_order();
  generations_.push_back(std::make_unique<Generation>(*this, setup, order));
}

std::size_t ProxyFlow::bytes() const {
  std::size_t sum = waiting_bytes_;
  for (const auto& generation : generations_) sum += generation->bytes();
  return sum;
}

bool ProxyFlow::is_empty() const {
  return held_.empty() && arrived_.empty() &&
         std::ranges::all_of(generations_, [](const auto& each) { return each->is_idle(); });
}

// ---- in

void ProxyFlow::take(std::span<const Chunk> chunks, Instant now) {
  if (is_stopped_ || source_ended_) return;
  if (!is_stream()) {
    const OutgoingMessage message = message_of(chunks);
    if (bytes() + cost_of(message) <= place_.bytes_max) return static_cast<void>(push(message, now));
    const std::size_t wire = message.size() + sim::overhead_bytes(kind_, place_.direction, message.size());
    const sim::LinkId link = generations_.back()->link();
    observer_.on_sent(link, wire, 0, now);
    return observer_.on_dropped(link, sim::DropCause::queue_full, wire, now);
  }
  const std::size_t piece_max = generations_.back()->message_bytes_max();
  for (Chunk rest : chunks)
    while (!rest.bytes.empty()) {
      const Chunk piece{rest.bytes.first(std::min(rest.bytes.size(), piece_max)), rest.owner};
      rest.bytes = rest.bytes.subspan(piece.bytes.size());
      take_message(message_of({&piece, 1}), now);
    }
  update_pause();
}

void ProxyFlow::take_message(OutgoingMessage message, Instant now) {
  if (held_.empty() && push(message, now)) return;
  waiting_bytes_ += cost_of(message);
  held_.push_back(std::move(message));
  work_at(now + kHeldRetry);
}

// False when the link has no room for it now.
bool ProxyFlow::push(const OutgoingMessage& message, Instant now) {
  return generations_.back()->send(message, now) != SendStatus::queue_full;
}

void ProxyFlow::end(Instant now) {
  if (std::exchange(source_ended_, true) || is_stopped_) return;
  work_at(now);
}

void ProxyFlow::send_held(Instant now) {
  while (!held_.empty()) {
    const OutgoingMessage& front = held_.front();
    const std::size_t size_max = generations_.back()->message_bytes_max();
    if (front.size() > size_max) {  // the link has changed since it was cut
      const OutgoingMessage whole = held_.pop_front();
      waiting_bytes_ -= cost_of(whole);
      GrowingRing<OutgoingMessage> others = std::exchange(held_, {});
      const Chunk bytes{whole.body ? Bytes{whole.body->bytes} : Bytes{}, nullptr};
      for (std::size_t at = 0; at < bytes.bytes.size(); at += size_max) {
        const Chunk piece{bytes.bytes.subspan(at, std::min(size_max, bytes.bytes.size() - at)), nullptr};
        held_.push_back(message_of({&piece, 1}));
        waiting_bytes_ += cost_of(held_.back());
      }
      while (!others.empty()) held_.push_back(others.pop_front());
      continue;
    }
    if (!push(front, now)) return work_at(now + kHeldRetry);
    waiting_bytes_ -= cost_of(held_.pop_front());
  }
  if (source_ended_ && !std::exchange(end_sent_, true)) generations_.back()->finish(now);
}

// ---- out

void ProxyFlow::arrived(Generation& from, OutgoingMessage message) {
  if (is_stopped_) return;
  const bool is_early = is_stream() && &from != generations_.front().get();
  if (!is_early) return pass_on(std::move(message));
  waiting_bytes_ += cost_of(message);
  from.early.push_back(std::move(message));
}

void ProxyFlow::pass_on(OutgoingMessage message) {
  if (arrived_.empty() && ends_.deliver(place_.direction, message) != SendStatus::queue_full) {
    if (is_paused_) update_pause();
    return;
  }
  waiting_bytes_ += cost_of(message);
  arrived_.push_back(std::move(message));
  work_at(scheduler_.now() + kHeldRetry);
}

void ProxyFlow::try_again(Instant now) {
  work_at(now);
}

// Those that have been replaced and are through, or are given up.
void ProxyFlow::advance_generations(Instant now) {
  while (generations_.size() > 1) {
    const Generation& front = *generations_.front();
    const bool is_over = front.is_idle() || (is_stream() && *front.gives_up_at() <= now) ||
                         generations_.size() > kProxyLinksMax;
    if (!is_over) break;
    retire_front(now);
  }
  Generation& front = *generations_.front();
  const bool is_given_up = generations_.size() == 1 && front.gives_up_at() && *front.gives_up_at() <= now;
  if (is_given_up && !front.is_idle()) {  // its end was on its way: no other link follows
    GrowingRing<OutgoingMessage> rest = front.give_up(now);
    while (!rest.empty()) pass_on(rest.pop_front());
  }
  for (const auto& generation : generations_)
    if (is_stream() && generation->gives_up_at() && !generation->is_idle())
      return work_at(*generation->gives_up_at());
}

void ProxyFlow::retire_front(Instant now) {
  const std::unique_ptr<Generation> front = std::move(generations_.front());
  generations_.pop_front();
  if (!is_stream()) return front->stop(now);
  GrowingRing<OutgoingMessage> rest = front->give_up(now);
  while (!rest.empty()) pass_on(rest.pop_front());
  GrowingRing<OutgoingMessage>& early = generations_.front()->early;
  while (!early.empty()) {
    OutgoingMessage message = early.pop_front();
    waiting_bytes_ -= cost_of(message);
    pass_on(std::move(message));
  }
}

void ProxyFlow::end_when_over() {
  if (!end_sent_ || over_ || generations_.size() > 1 || !arrived_.empty()) return;
  const Generation& last = *generations_.front();
  const bool is_through = last.has_ended() || (last.gives_up_at() && last.is_idle());
  if (!is_through) return;
  over_ = true;
  ends_.on_flow_ended(place_.direction);
}

// ---- all of it

void ProxyFlow::run(Instant now) {
  works_at_.reset();
  if (is_stopped_) return;
  while (!arrived_.empty()) {
    const OutgoingMessage& front = arrived_.front();
    if (ends_.deliver(place_.direction, front) == SendStatus::queue_full) {
      work_at(now + kHeldRetry);
      break;
    }
    waiting_bytes_ -= cost_of(arrived_.pop_front());
  }
  send_held(now);
  advance_generations(now);
  update_pause();
  end_when_over();
}

void ProxyFlow::update_pause() {
  if (!is_stream() || source_ended_) return;
  const std::size_t bound = is_paused_ ? place_.bytes_max / 2 : place_.bytes_max;
  const bool pause = !held_.empty() || bytes() >= bound;
  if (std::exchange(is_paused_, pause) != pause) ends_.pause_source(place_.direction, pause);
}

void ProxyFlow::work_at(Instant at) {
  if (is_stopped_ || (works_at_ && *works_at_ <= at)) return;
  works_at_ = at;
  scheduler_.schedule(*this, at);
}

void ProxyFlow::change_link(const LinkSetup& setup, Instant now) {
  NETRIG_ASSERT(setup.kind == kind_);
  if (is_stopped_ || over_) return;
  generations_.back()->retire(now + generations_.back()->longest() + round_trip(setup));
  if (!end_sent_) make_generation(setup);
  work_at(now);
}

void ProxyFlow::stop(Instant now) {
  if (std::exchange(is_stopped_, true)) return;
  scheduler_.cancel(*this);
  for (const auto& generation : generations_) generation->stop(now);
}

}  // namespace netrig::transport
