#include "netrig/core/client/venture_client.h"

#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/core/venture/input_command.h"

namespace netrig {
namespace {

constexpr std::size_t kInputRow = message_row(MessageType::input);
constexpr std::size_t kUpdateRow = message_row(MessageType::state_update);

}  // namespace

VentureClient::VentureClient(const VentureClientConfig& config, VentureClientObserver& observer)
    : config_(config), windows_(derive_windows(config.horizon)), observer_(observer) {}

// --- the session's life

void VentureClient::connect(Instant now) {
  NETRIG_ASSERT(state_ == ClientState::idle);
  state_ = ClientState::connecting;
  now_ = heard_at_ = now;
  frames_ = FrameReader{};
  close_due_ = false;
  bad_packets_ = 0;
  next_sequence_ = 0;
  outbox_.clear();
  outbox_breakdown_ = {};
}

void VentureClient::disconnect(Instant now) {
  if (state_ == ClientState::idle) return;
  if (state_ == ClientState::connecting) return close(DisconnectReason::left, now);
  state_ = ClientState::leaving;
}

void VentureClient::on_connection_lost(Instant now) {
  if (state_ == ClientState::idle) return;
  close(state_ == ClientState::leaving ? DisconnectReason::left : DisconnectReason::connection_lost, now);
  close_due_ = false;
}

void VentureClient::close(DisconnectReason reason, Instant now) {
  state_ = ClientState::idle;
  close_due_ = true;
  outbox_.clear();
  observer_.on_closed(reason, now);
}

void VentureClient::advance(Instant now) {
  now_ = now;
  const std::optional<Instant> deadline = next_deadline();
  if (deadline && now >= *deadline) close(DisconnectReason::timeout, now);
}

std::optional<Instant> VentureClient::next_deadline() const {
  if (state_ == ClientState::idle) return std::nullopt;
  return heard_at_ + (state_ == ClientState::connecting ? windows_.handshake_timeout : windows_.idle_timeout);
}

// --- incoming

void VentureClient::receive(Bytes bytes, Instant now) {
  now_ = now;
  if (state_ == ClientState::idle) return;
  PacketBreakdown received;
  const bool in_step = frames_.read(bytes, [&](Bytes packet) {
    on_packet(packet, received, now);
    return state_ != ClientState::idle;
  });
  if (received.total_bytes() > 0) observer_.on_packet_received(received, now);
  if (!in_step) fault(PeerFault::out_of_step, now);
}

void VentureClient::on_packet(Bytes packet, PacketBreakdown& received, Instant now) {
  const auto update = venture::decode_state_update(packet);
  if (!update) return fault(PeerFault::undecodable, now);
  heard_at_ = now;
  ++received.by_message[kUpdateRow].count;
  received.by_message[kUpdateRow].bytes += packet.size();
  received.protocol_bytes += kFrameHeaderBytes;
  if (state_ == ClientState::connecting) {
    state_ = ClientState::connected;
    observer_.on_connected(now);
  }
  observer_.on_update(*update, now);
}

// Whoever cannot say one update right as its first word speaks something else.
void VentureClient::fault(PeerFault fault, Instant now) {
  observer_.on_fault(fault, now);
  const bool forgivable = fault == PeerFault::undecodable && state_ != ClientState::connecting;
  if (!forgivable) return close(DisconnectReason::protocol_error, now);
  if (++bad_packets_ < kBadPacketsMax) return;
  observer_.on_fault(PeerFault::too_many_bad_packets, now);
  close(DisconnectReason::protocol_error, now);
}

// --- outgoing

SendStatus VentureClient::push_command(std::string_view type, Bytes data, Instant now) {
  if (state_ == ClientState::idle || state_ == ClientState::leaving) return SendStatus::closed;
  const venture::InputCommand command{.player = config_.player,
                                      .timestamp = static_cast<std::uint64_t>(ns_since_start(now)),
                                      .sequence = next_sequence_,
                                      .type = type,
                                      .data = data};
  const auto size = venture::encoded_size(command);
  if (!size || *size > kFramePacketBytesMax) return SendStatus::too_large;
  if (outbox_breakdown_.by_message[kInputRow].count >= windows_.inputs_queued_max) {
    drop_oldest();
    observer_.on_command_overflow(now);
  }
  const bool written = venture::append_framed(command, outbox_).has_value();
  NETRIG_ASSERT(written);  // its size was right
  ++next_sequence_;
  ++outbox_breakdown_.by_message[kInputRow].count;
  outbox_breakdown_.by_message[kInputRow].bytes += *size;
  outbox_breakdown_.protocol_bytes += kFrameHeaderBytes;
  return SendStatus::accepted;
}

void VentureClient::drop_oldest() {
  const std::size_t size = load_little_endian<std::uint32_t>(outbox_.data());
  outbox_.erase(outbox_.begin(), outbox_.begin() + static_cast<std::ptrdiff_t>(kFrameHeaderBytes + size));
  --outbox_breakdown_.by_message[kInputRow].count;
  outbox_breakdown_.by_message[kInputRow].bytes -= size;
  outbox_breakdown_.protocol_bytes -= kFrameHeaderBytes;
}

void VentureClient::flush(PacketSink& sink) {
  if (!outbox_.empty()) {
    std::shared_ptr<Payload> head = heads_.acquire();
    head->bytes.assign(outbox_.begin(), outbox_.end());
    const SendStatus status = sink.send(PeerId{}, {PayloadPool::seal(std::move(head)), {}});
    if (status == SendStatus::accepted) {
      observer_.on_packet(outbox_breakdown_, now_);
      outbox_.clear();
      outbox_breakdown_ = {};
    } else {
      observer_.on_send_refused(status, now_);
    }
  }
  if (state_ == ClientState::leaving && outbox_.empty()) close(DisconnectReason::left, now_);
  if (!std::exchange(close_due_, false)) return;
  sink.close(PeerId{});
}

}  // namespace netrig
