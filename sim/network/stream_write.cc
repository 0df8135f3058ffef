#include "netrig/sim/network/stream_write.h"

#include <algorithm>
#include <utility>

namespace netrig::sim {
namespace {

// What [begin, end) of the framed write shows of `part`, which starts at `part_begin` of it. The chunk with
// the last byte takes the reference over: counting references is what a delivery costs.
std::size_t append_chunk(PayloadRef& part, std::uint32_t part_begin, std::uint32_t begin, std::uint32_t end,
                         std::vector<Chunk>& chunks) {
  begin = std::max(begin, part_begin);
  if (begin >= end) return 0;
  const Bytes bytes{part->bytes};
  const bool is_last = end - part_begin == bytes.size();
  chunks.push_back({bytes.subspan(begin - part_begin, end - begin), is_last ? std::move(part) : part});
  return end - begin;
}

}  // namespace

StreamWrite make_stream_write(const OutgoingMessage& message, std::size_t framing_bytes, std::uint32_t pieces,
                              Instant sent_at) {
  const std::size_t head_bytes = message.head ? message.head->bytes.size() : 0;
  return {.message = message,
          .sent_at = sent_at,
          .head_begin = static_cast<std::uint32_t>(framing_bytes),
          .body_begin = static_cast<std::uint32_t>(framing_bytes + head_bytes),
          .end = static_cast<std::uint32_t>(framing_bytes + message.size()),
          .pieces = pieces};
}

std::size_t append_chunks(StreamWrite& write, std::uint32_t begin, std::uint32_t end,
                          std::vector<Chunk>& chunks) {
  std::size_t bytes = 0;
  while (begin < end) {
    const std::uint32_t segment_end = std::min(end, begin + static_cast<std::uint32_t>(kSegmentBytesMax));
    bytes += append_chunk(write.message.head, write.head_begin, begin,
                          std::min(segment_end, write.body_begin), chunks);
    bytes += append_chunk(write.message.body, write.body_begin, begin, segment_end, chunks);
    begin = segment_end;
  }
  return bytes;
}

}  // namespace netrig::sim
