#include "netrig/core/venture/state_update_template.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "netrig/core/base/assert.h"
#include "netrig/core/venture/state_update_layout.h"

namespace netrig::venture {
namespace {

constexpr std::size_t kBlockBytes = 16;
static_assert(kStateUpdateBytesMin >= kBlockBytes);

std::size_t data_bytes_max(std::span<const ComponentLayout> layout) {
  std::size_t most = 0;
  for (const ComponentLayout& component : layout) most = std::max(most, component.data_bytes);
  return most;
}

}  // namespace

Result<StateUpdateTemplate, EncodeError> StateUpdateTemplate::make(std::span<const ComponentLayout> layout) {
  const std::vector<std::uint8_t> zeros(data_bytes_max(layout));
  std::vector<Component> components;
  for (const ComponentLayout& component : layout)
    components.push_back({component.type, Bytes{zeros}.first(component.data_bytes)});

  StateUpdateTemplate made;
  const auto size = venture::append({.header = {}, .components = components}, made.payload_);
  if (!size) return size.error();

  std::size_t at = kStateUpdateBytesMin;
  for (const ComponentLayout& component : layout) {
    at += kComponentBytesMin + component.type.size();
    made.data_offsets_.push_back(at);
    made.data_bytes_.push_back(component.data_bytes);
    at += component.data_bytes;
  }
  made.make_blocks();
  return made;
}

// From the component count on, all but the data is the layout's: runs of constant bytes, each covered by as
// few blocks of sixteen bytes as hold it, which compare faster than odd lengths.
void StateUpdateTemplate::make_blocks() {
  std::size_t run = kCountOffset;
  for (std::size_t i = 0; i < data_offsets_.size(); ++i) {
    cover(run, data_offsets_[i]);
    run = data_offsets_[i] + data_bytes_[i];
  }
  if (data_offsets_.empty()) cover(run, payload_.size());
}

void StateUpdateTemplate::cover(std::size_t begin, std::size_t end) {
  for (std::size_t at = begin; at < end; at += kBlockBytes) {
    const std::size_t offset = std::min(at, std::max(begin, end - std::min(end, kBlockBytes)));
    const std::size_t within = std::min(offset, payload_.size() - kBlockBytes);
    std::array<std::uint8_t, kBlockBytes> mask{};
    for (std::size_t byte = 0; byte < kBlockBytes; ++byte) {
      if (within + byte >= begin && within + byte < end) mask[byte] = 0xFF;
    }
    const Lanes block_mask = Lanes::load(mask.data());
    blocks_.push_back({within, block_mask, Lanes::load(payload_.data() + within) & block_mask});
  }
}

std::span<std::uint8_t> StateUpdateTemplate::append(const StateUpdateHeader& header,
                                                    std::vector<std::uint8_t>& out) const {
  out.insert(out.end(), payload_.begin(), payload_.end());
  const std::span<std::uint8_t> appended = std::span{out}.last(size());
  write_header(header, appended.data());
  return appended;
}

void StateUpdateTemplate::encode(const StateUpdateHeader& header, std::span<std::uint8_t> out) const {
  NETRIG_ASSERT(out.size() == size());
  std::memcpy(out.data(), payload_.data(), payload_.size());
  write_header(header, out.data());
}

}  // namespace netrig::venture
