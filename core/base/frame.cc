#include "netrig/core/base/frame.h"

#include <algorithm>

namespace netrig {

bool FrameReader::check_length(std::size_t length) {
  if (length > packet_bytes_max_) broken_ = true;
  return !broken_;
}

bool FrameReader::holds_whole_frame(Bytes chunk) {
  if (chunk.size() < kFrameHeaderBytes) return false;
  const std::size_t length = load_little_endian<std::uint32_t>(chunk.data());
  return check_length(length) && chunk.size() - kFrameHeaderBytes >= length;
}

bool FrameReader::partial_is_whole() const {
  if (broken_ || partial_.size() < kFrameHeaderBytes) return false;
  return partial_.size() == kFrameHeaderBytes + load_little_endian<std::uint32_t>(partial_.data());
}

std::size_t FrameReader::buffer(Bytes chunk) {
  if (broken_) return chunk.size();
  std::size_t wanted = kFrameHeaderBytes - std::min(kFrameHeaderBytes, partial_.size());
  if (wanted == 0) {
    const std::size_t length = load_little_endian<std::uint32_t>(partial_.data());
    wanted = kFrameHeaderBytes + length - partial_.size();
  }
  const std::size_t taken = std::min(wanted, chunk.size());
  partial_.insert(partial_.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(taken));
  if (partial_.size() == kFrameHeaderBytes) check_length(load_little_endian<std::uint32_t>(partial_.data()));
  return taken;
}

}  // namespace netrig
