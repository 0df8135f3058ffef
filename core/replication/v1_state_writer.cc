#include "netrig/core/replication/v1_state_writer.h"

#include "netrig/core/base/frame.h"

namespace netrig {

void V1StateWriter::write(const Snapshot& state, std::uint64_t timestamp, std::uint32_t first_sequence,
                          std::vector<std::uint8_t>& out, PacketBreakdown& breakdown) const {
  const std::size_t update_bytes = layout_.update().size();
  std::size_t at = out.size();
  out.resize(at + state.size() * framed_bytes());
  for (std::size_t row = 0; row < state.size(); ++row, at += framed_bytes()) {
    store_little_endian(out.data() + at, static_cast<std::uint32_t>(update_bytes));
    const std::span<std::uint8_t> payload{out.data() + at + kFrameHeaderBytes, update_bytes};
    layout_.update().encode({timestamp, state.id(row), venture::kPriorityNormal,
                             first_sequence + static_cast<std::uint32_t>(row)},
                            payload);
    layout_.columns().write_all(state.row(row), payload);
  }
  MessageTotal& updates = breakdown.by_message[message_row(MessageType::state_update)];
  updates.count += state.size();
  updates.bytes += state.size() * update_bytes;
  breakdown.protocol_bytes += state.size() * kFrameHeaderBytes;
}

}  // namespace netrig
