// Writing the fixed part of a StateUpdate payload. Within this layer only.
#pragma once

#include <cstddef>
#include <cstdint>

#include "netrig/core/base/bytes.h"
#include "netrig/core/venture/state_update.h"

namespace netrig::venture {

// Everything before the component count.
inline void write_header(const StateUpdateHeader& header, std::uint8_t* to) {
  store_little_endian(to + kTimestampOffset, header.timestamp);
  store_little_endian(to + kEntityOffset, header.entity.value);
  to[kPriorityOffset] = header.priority;
  store_little_endian(to + kSequenceOffset, header.sequence);
}

}  // namespace netrig::venture
