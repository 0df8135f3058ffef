// InputCommand, the only message from client to server. Views both ways: encoding borrows, decoding points
// into the payload and allocates nothing.
//
//   u64 player | u64 timestamp | u32 sequence | u16 length, type | u32 length, data     all little-endian
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "netrig/core/base/bytes.h"
#include "netrig/core/base/ids.h"
#include "netrig/core/base/result.h"
#include "netrig/core/venture/error.h"

namespace netrig::venture {

constexpr std::size_t kInputCommandBytesMin = 8 + 8 + 4 + 2 + 4;  // 26: empty type, empty data

// Types in use. Any other is legal.
constexpr std::string_view kInputMove = "move";         // data: InputDirection
constexpr std::string_view kInputAttack = "attack";     // data: Attack
constexpr std::string_view kInputUseItem = "use_item";  // data: Item
constexpr std::string_view kInputInteract = "interact";
constexpr std::string_view kInputJump = "jump";
constexpr std::string_view kInputCrouch = "crouch";
constexpr std::string_view kInputInventory = "inventory";

struct InputCommand {
  ClientId player{};            // what the sender claims; a server goes by the connection instead
  std::uint64_t timestamp = 0;  // unit and zero are the sender's
  std::uint32_t sequence = 0;
  std::string_view type{};  // borrowed; may be empty; not checked for UTF-8
  Bytes data{};             // borrowed
};

// Takes exactly one payload, without its frame: every truncation and every trailing byte is an error. The
// result is valid as long as `payload` is.
Result<InputCommand, DecodeError> decode_input_command(Bytes payload);

// Bytes of the payload, or why the format cannot express it.
Result<std::size_t, EncodeError> encoded_size(const InputCommand& command);

// `append` and `append_framed` allocate only when the vector's capacity does not suffice.
[[nodiscard]] EncodeResult encode(const InputCommand& command, std::span<std::uint8_t> out);
[[nodiscard]] EncodeResult append(const InputCommand& command, std::vector<std::uint8_t>& out);
[[nodiscard]] EncodeResult append_framed(const InputCommand& command, std::vector<std::uint8_t>& out);

}  // namespace netrig::venture
