#include "netrig/core/venture/state_update.h"

#include <limits>

#include "netrig/core/base/assert.h"
#include "netrig/core/venture/message_writer.h"
#include "netrig/core/venture/state_update_layout.h"

namespace netrig::venture {
namespace {

constexpr std::size_t kComponentsMax = std::numeric_limits<std::uint16_t>::max();  // the count is a u16

// The payload's bytes, all of them known to fit at `to`.
inline void write_payload(const StateUpdate& update, std::uint8_t* to) {
  write_header(update.header, to);
  store_little_endian(to + kCountOffset, static_cast<std::uint16_t>(update.components.size()));
  to += kStateUpdateBytesMin;
  for (const Component& component : update.components) {
    to = write_sized<std::uint16_t>(to, bytes_of(component.type));
    to = write_sized<std::uint32_t>(to, component.data);
  }
}

}  // namespace

Result<StateUpdateView, DecodeError> decode_state_update(Bytes payload) {
  if (payload.size() < kStateUpdateBytesMin) return DecodeError::truncated;
  const std::size_t count = load_little_endian<std::uint16_t>(payload.data() + kCountOffset);
  const Bytes components = payload.subspan(kStateUpdateBytesMin);
  if (components.size() < count * kComponentBytesMin) return DecodeError::truncated;

  const std::uint8_t* at = components.data();
  std::size_t remaining = components.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (remaining < kComponentBytesMin) return DecodeError::truncated;
    const std::size_t type_bytes = load_little_endian<std::uint16_t>(at);
    remaining -= kComponentBytesMin;
    if (remaining < type_bytes) return DecodeError::truncated;
    const std::size_t data_bytes = load_little_endian<std::uint32_t>(at + 2 + type_bytes);
    remaining -= type_bytes;
    if (remaining < data_bytes) return DecodeError::truncated;
    remaining -= data_bytes;
    at += kComponentBytesMin + type_bytes + data_bytes;
  }
  if (remaining != 0) return DecodeError::trailing_bytes;
  return StateUpdateView{read_header(payload), ComponentRange{components, count}};
}

StateUpdateHeader read_header(Bytes payload) {
  NETRIG_ASSERT(payload.size() >= kStateUpdateBytesMin);
  return read_header(payload.data());
}

Result<std::size_t, EncodeError> encoded_size(const StateUpdate& update) {
  if (update.components.size() > kComponentsMax) return EncodeError::too_many_components;
  // 65,535 x (6 + 65,535 + 4,294,967,295) fits 64 bits. The bounds are all ones, so the or of all lengths
  // exceeds one exactly when a length does; the sum matters only when none does.
  std::uint64_t size = kStateUpdateBytesMin + update.components.size() * kComponentBytesMin;
  std::uint64_t type_bits = 0;
  std::uint64_t data_bits = 0;
  for (const Component& component : update.components) {
    type_bits |= component.type.size();
    data_bits |= component.data.size();
    size += component.type.size() + component.data.size();
  }
  if (type_bits > kTypeBytesMax) return EncodeError::type_too_long;
  if (data_bits > kDataBytesMax) return EncodeError::data_too_long;
  if (size > kPayloadBytesMax) return EncodeError::payload_too_long;
  return static_cast<std::size_t>(size);
}

EncodeResult encode(const StateUpdate& update, std::span<std::uint8_t> out) {
  return write_to(out, encoded_size(update), [&](std::uint8_t* to) { write_payload(update, to); });
}

EncodeResult append(const StateUpdate& update, std::vector<std::uint8_t>& out) {
  return append_to(out, encoded_size(update), [&](std::uint8_t* to) { write_payload(update, to); });
}

EncodeResult append_framed(const StateUpdate& update, std::vector<std::uint8_t>& out) {
  return append_framed_to(out, encoded_size(update), [&](std::uint8_t* to) { write_payload(update, to); });
}

}  // namespace netrig::venture
