#include "netrig/transport/proxy/session.h"

#include <utility>

#include "netrig/transport/simulated_dialing.h"

namespace netrig::transport {
namespace {

// The network-class lanes are the flows' own.
TaskOrder order_of(const ProxyOptions& options, std::uint32_t client, std::uint16_t lane) {
  return {.task_class = TaskClass::timer, .owner = options.first_task_owner + client, .lane = lane};
}

std::size_t size_of(std::span<const Chunk> chunks) {
  std::size_t size = 0;
  for (const Chunk& chunk : chunks) size += chunk.bytes.size();
  return size;
}

ProxyFlow::Place place_of(const ProxyOptions& options, std::uint32_t client, sim::Direction direction) {
  return {.task_owner = options.first_task_owner + client,
          .direction = direction,
          .bytes_max = options.buffer_bytes_max,
          .datagram_bytes_max = options.datagram_bytes_max};
}

}  // namespace

ProxySession::ProxySession(Proxy& proxy, std::uint32_t client, const LinkSetup& setup)
    : proxy_(proxy),
      client_(client),
      kind_(setup.kind),
      near_(*this, sim::Direction::up),
      far_(*this, sim::Direction::down),
      up_(place_of(proxy.options_, client, sim::Direction::up), setup, proxy.scheduler_, proxy.network_,
          *this),
      down_(place_of(proxy.options_, client, sim::Direction::down), setup, proxy.scheduler_, proxy.network_,
            *this),
      active_at_(proxy.scheduler_.now()),
      progress_turn_(*this, order_of(proxy.options_, client, 1)),
      settle_turn_(*this, order_of(proxy.options_, client, 2)) {
  const ConnectDelays delays = draw_connect_delays(setup, 0, active_at_);
  to_server_ = delays.to_listener;
  to_client_ = delays.to_caller;
  is_unanswered_ = !delays.is_answered;
}

ProxySession::~ProxySession() {
  proxy_.scheduler_.cancel(progress_turn_);
  proxy_.scheduler_.cancel(settle_turn_);
}

// ---- connecting

ConnectionHandler* ProxySession::accept(std::unique_ptr<Connection> near) {
  near_.connection = std::move(near);
  apply_pause(near_);
  proxy_.scheduler_.schedule(progress_turn_, proxy_.scheduler_.now() + to_server_);
  return &near_;
}

void ProxySession::advance(Instant now) {
  switch (progress_) {
    case Progress::dialing:
      return connect();
    case Progress::opening:
      return open();
    case Progress::refusing:
      return end(why_, now);
    default:
      return;
  }
}

void ProxySession::connect() {
  if (is_unanswered_) return not_connected(ProxyEnd::unreachable, "nothing passed its link for too long");
  progress_ = Progress::connecting;
  auto connected = proxy_.far_.connect(near_.connection->remote(), proxy_.server_, far_);
  if (!connected) return not_connected(ProxyEnd::unreachable, text(connected.error()));
  far_.connection = std::move(*connected);
}

// It was not: the client hears of it when the answer has come back to it.
void ProxySession::not_connected(ProxyEnd why, std::string_view detail) {
  why_ = why;
  detail_ = detail;
  progress_ = Progress::refusing;
  proxy_.scheduler_.schedule(progress_turn_, proxy_.scheduler_.now() + to_client_);
}

void ProxySession::opened(Side& side) {
  side.is_open = true;
  if (&side == &near_) return apply_pause(near_);
  if (is_stream()) proxy_.observer_.on_server_reached(client_, proxy_.scheduler_.now());
  apply_pause(far_);
  if (progress_ != Progress::connecting) return;
  progress_ = Progress::opening;
  if (to_client_ == Duration{0}) return open();
  proxy_.scheduler_.schedule(progress_turn_, proxy_.scheduler_.now() + to_client_);
}

// The client's first bytes leave a whole round trip after it came, as over a real line.
void ProxySession::open() {
  progress_ = Progress::open;
  apply_pause(near_);
  up_.try_again(proxy_.scheduler_.now());
}

// ---- bytes

void ProxySession::received(Side& side, std::span<const Chunk> chunks) {
  active_at_ = proxy_.scheduler_.now();
  const bool is_first_answer = &side == &far_ && !std::exchange(far_.has_spoken, true);
  if (is_first_answer && !is_stream()) proxy_.observer_.on_server_reached(client_, active_at_);
  proxy_.observer_.on_taken(client_, side.outgoing, size_of(chunks), active_at_);
  if (!sink_of(side.outgoing).is_closed) flow_from(side).take(chunks, active_at_);
}

SendStatus ProxySession::deliver(sim::Direction direction, const OutgoingMessage& message) {
  Side& sink = sink_of(direction);
  if (sink.is_closed || progress_ == Progress::over) return SendStatus::closed;
  if (!sink.is_there()) return SendStatus::queue_full;  // not yet
  const SendStatus status = sink.connection->send(message);
  if (status == SendStatus::accepted)
    proxy_.observer_.on_given(client_, direction, message.size(), proxy_.scheduler_.now());
  if (status != SendStatus::queue_full || is_stream()) return status;
  proxy_.observer_.on_send_refused(client_, direction);
  return SendStatus::closed;
}

void ProxySession::pause_source(sim::Direction direction, bool paused) {
  Side& side = source_of(direction);
  side.is_paused = paused;
  if (paused) proxy_.observer_.on_paused(client_, direction);
  apply_pause(side);
}

// A client is not read before it is connected; what nobody takes any more is read and thrown away.
void ProxySession::apply_pause(Side& side) {
  if (!is_stream() || side.is_closed || side.connection == nullptr) return;
  StreamControl* const control = side.connection->stream_control();
  if (control == nullptr) return;
  const bool waits = &side == &near_ && progress_ != Progress::open;
  const bool is_for_nobody = sink_of(side.outgoing).is_closed;
  control->pause_receiving((waits || side.is_paused) && !is_for_nobody);
}

void ProxySession::on_flow_due(Duration late) {
  proxy_.observer_.on_due(client_, late);
}

// ---- the end

bool ProxySession::ended(Side& side) {
  side.has_ended = true;
  flow_from(side).end(proxy_.scheduler_.now());
  return true;
}

void ProxySession::on_flow_ended(sim::Direction direction) {
  Side& source = source_of(direction);
  Side& sink = sink_of(direction);
  if (!sink.is_there()) return;
  if (source.is_closed && why_ == ProxyEnd::broken_off) return sink.connection->close();
  sink.connection->stream_control()->end_sending();
}

void ProxySession::closed(Side& side, CloseReason reason) {
  const Instant now = proxy_.scheduler_.now();
  side.is_closed = true;
  if (progress_ == Progress::over) return;
  if (&side == &far_ && !side.is_open) {
    const bool was_refused = reason == CloseReason::refused;
    return not_connected(was_refused ? ProxyEnd::refused : ProxyEnd::unreachable,
                         side.connection->close_detail());
  }
  if (!is_stream() || !far_.is_open) {
    const bool was_refused = &side == &far_ && reason == CloseReason::refused;
    detail_ = side.connection->close_detail();
    return end(was_refused ? ProxyEnd::refused : ProxyEnd::broken_off, now);
  }
  Side& other = &side == &near_ ? far_ : near_;
  if (other.is_closed) return finish(why_, detail_);
  if (!side.has_ended || !other.has_ended) broken_off(side, other, now);
  apply_pause(other);
}

// A side is gone that should still have sent or heard something: the other one is closed, behind what came
// before.
void ProxySession::broken_off(Side& side, Side& other, Instant now) {
  why_ = ProxyEnd::broken_off;
  detail_ = side.connection->close_detail();
  side.has_ended = true;
  ProxyFlow& flow = flow_from(side);
  if (flow.is_over()) return other.connection->close();
  flow.end(now);  // if it has not yet
}

void ProxySession::end(ProxyEnd why, Instant now) {
  if (progress_ == Progress::over) return;
  up_.stop(now);
  down_.stop(now);
  // Nothing was said yet: the client hears of it as an error, as it would have without a proxy.
  const bool was_not_connected = why == ProxyEnd::refused || why == ProxyEnd::unreachable;
  StreamControl* const control = near_.connection->stream_control();
  if (was_not_connected && control != nullptr) control->reset();
  finish(why, detail_);
}

// The connections close as they are destroyed, behind what was accepted.
void ProxySession::finish(ProxyEnd why, std::string_view detail) {
  progress_ = Progress::over;
  proxy_.scheduler_.cancel(progress_turn_);
  proxy_.observer_.on_client_gone(client_, why, detail, proxy_.scheduler_.now());
  proxy_.scheduler_.schedule(settle_turn_, proxy_.scheduler_.now());
}

void ProxySession::settle(Instant) {
  proxy_.forget(*this);
}

void ProxySession::change_link(const LinkSetup& setup, Instant now) {
  up_.change_link(setup, now);
  down_.change_link(setup, now);
}

bool ProxySession::is_idle(Duration time, Instant now) const {
  return !is_stream() && now - active_at_ >= time && up_.is_empty() && down_.is_empty();
}

}  // namespace netrig::transport
