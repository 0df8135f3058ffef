#include "netrig/core/venture/input_command.h"

#include "netrig/core/venture/message_writer.h"

namespace netrig::venture {
namespace {

constexpr std::size_t kPlayerOffset = 0;
constexpr std::size_t kTimestampOffset = 8;
constexpr std::size_t kSequenceOffset = 16;
constexpr std::size_t kTypeOffset = 20;
static_assert(kTypeOffset + 2 + 4 == kInputCommandBytesMin);

// The payload's bytes, all of them known to fit at `to`.
inline void write_payload(const InputCommand& command, std::uint8_t* to) {
  store_little_endian(to + kPlayerOffset, command.player.value);
  store_little_endian(to + kTimestampOffset, command.timestamp);
  store_little_endian(to + kSequenceOffset, command.sequence);
  std::uint8_t* const data = write_sized<std::uint16_t>(to + kTypeOffset, bytes_of(command.type));
  write_sized<std::uint32_t>(data, command.data);
}

}  // namespace

Result<InputCommand, DecodeError> decode_input_command(Bytes payload) {
  if (payload.size() < kInputCommandBytesMin) return DecodeError::truncated;
  std::size_t remaining = payload.size() - kInputCommandBytesMin;
  const std::uint8_t* const at = payload.data();
  const std::size_t type_bytes = load_little_endian<std::uint16_t>(at + kTypeOffset);
  if (remaining < type_bytes) return DecodeError::truncated;
  remaining -= type_bytes;
  const std::uint8_t* const type = at + kTypeOffset + 2;
  const std::size_t data_bytes = load_little_endian<std::uint32_t>(type + type_bytes);
  if (remaining < data_bytes) return DecodeError::truncated;
  if (remaining > data_bytes) return DecodeError::trailing_bytes;
  return InputCommand{.player = ClientId{load_little_endian<std::uint64_t>(at + kPlayerOffset)},
                      .timestamp = load_little_endian<std::uint64_t>(at + kTimestampOffset),
                      .sequence = load_little_endian<std::uint32_t>(at + kSequenceOffset),
                      .type = text_of({type, type_bytes}),
                      .data = {type + type_bytes + 4, data_bytes}};
}

Result<std::size_t, EncodeError> encoded_size(const InputCommand& command) {
  if (command.type.size() > kTypeBytesMax) return EncodeError::type_too_long;
  if (command.data.size() > kDataBytesMax) return EncodeError::data_too_long;
  const std::uint64_t size = std::uint64_t{kInputCommandBytesMin} + command.type.size() + command.data.size();
  if (size > kPayloadBytesMax) return EncodeError::payload_too_long;
  return static_cast<std::size_t>(size);
}

EncodeResult encode(const InputCommand& command, std::span<std::uint8_t> out) {
  return write_to(out, encoded_size(command), [&](std::uint8_t* to) { write_payload(command, to); });
}

EncodeResult append(const InputCommand& command, std::vector<std::uint8_t>& out) {
  return append_to(out, encoded_size(command), [&](std::uint8_t* to) { write_payload(command, to); });
}

EncodeResult append_framed(const InputCommand& command, std::vector<std::uint8_t>& out) {
  return append_framed_to(out, encoded_size(command), [&](std::uint8_t* to) { write_payload(command, to); });
}

}  // namespace netrig::venture
