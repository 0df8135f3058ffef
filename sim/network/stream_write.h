// One write of a stream between its acceptance and its delivery, and the cutting of what it shows. Part of
// the stream models.
#pragma once

#include <cstdint>
#include <vector>

#include "netrig/core/base/payload.h"
#include "netrig/core/base/time.h"
#include "netrig/sim/network/header_model.h"

namespace netrig::sim {

// In the pipe: [0, head_begin) framing, [head_begin, body_begin) head, then body.
struct StreamWrite {
  OutgoingMessage message;  // each part until its last byte is delivered
  Instant sent_at;
  std::uint32_t head_begin = 0;
  std::uint32_t body_begin = 0;
  std::uint32_t end = 0;
  std::uint32_t pieces = 0;  // not delivered yet: runs of segments, or segments
};

// `framing_bytes` stand in front of the message.
StreamWrite make_stream_write(const OutgoingMessage& message, std::size_t framing_bytes, std::uint32_t pieces,
                              Instant sent_at);

// Appends the payload within [begin, end) of the framed write, cut at each segment; `begin` is where one
// begins. Parts are handed out from front to back. Returns the bytes of payload.
std::size_t append_chunks(StreamWrite& write, std::uint32_t begin, std::uint32_t end,
                          std::vector<Chunk>& chunks);

}  // namespace netrig::sim
