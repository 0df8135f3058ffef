// Frames on a byte pipe: `u32 length | packet`, little-endian, as the venture protocol has them. Both
// dialects use it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "netrig/core/base/bytes.h"

namespace netrig {

constexpr std::size_t kFrameHeaderBytes = 4;
constexpr std::size_t kFramePacketBytesMax = 64 * 1024;  // a longer claim closes the connection

// Restores packets from chunks cut anywhere. A packet that lies whole in one chunk is handed on in place;
// only one that a chunk boundary splits is copied. Memory: one packet of at most `packet_bytes_max`, grown as
// bytes arrive and never by what a length claims.
class FrameReader {
 public:
  explicit FrameReader(std::size_t packet_bytes_max = kFramePacketBytesMax)
      : packet_bytes_max_(packet_bytes_max) {}

  // Calls `on_packet(Bytes) -> bool` for each packet that `chunk` completes; the view is valid during the
  // call, and `false` stops reading. Returns false once a frame claims more than the bound: the stream has no
  // step any more, and every later call returns false too.
  template <class OnPacket>
  bool read(Bytes chunk, OnPacket&& on_packet) {
    while (!chunk.empty() && !broken_) {
      if (partial_.empty() && holds_whole_frame(chunk)) {
        const std::size_t length = load_little_endian<std::uint32_t>(chunk.data());
        const Bytes packet = chunk.subspan(kFrameHeaderBytes, length);
        chunk = chunk.subspan(kFrameHeaderBytes + length);
        if (!on_packet(packet)) return true;
        continue;
      }
      chunk = chunk.subspan(buffer(chunk));
      if (!partial_is_whole()) continue;
      const bool go_on = on_packet(Bytes{partial_}.subspan(kFrameHeaderBytes));
      partial_.clear();
      if (!go_on) return true;
    }
    return !broken_;
  }

  // Bytes of a frame that has begun and is not complete.
  std::size_t partial_bytes() const { return partial_.size(); }

 private:
  bool holds_whole_frame(Bytes chunk);
  bool partial_is_whole() const;
  std::size_t buffer(Bytes chunk);  // takes what the current frame still needs; returns how much it took
  bool check_length(std::size_t length);

  std::size_t packet_bytes_max_;
  std::vector<std::uint8_t> partial_;  // header and bytes of the frame in progress; empty between frames
  bool broken_ = false;
};

}  // namespace netrig
