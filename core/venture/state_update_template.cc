#include "netrig/core/venture/state_update_template.h"

#include <algorithm>
#include <cstring>

#include "netrig/core/base/assert.h"
#include "netrig/core/venture/short_bytes.h"
#include "netrig/core/venture/state_update_layout.h"

namespace netrig::venture {
namespace {

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

  std::size_t run_begin = kCountOffset;
  std::size_t at = kStateUpdateBytesMin;
  for (const ComponentLayout& component : layout) {
    at += kComponentBytesMin + component.type.size();
    made.constant_runs_.push_back({run_begin, at - run_begin});
    made.data_offsets_.push_back(at);
    at += component.data_bytes;
    run_begin = at;
  }
  if (layout.empty()) made.constant_runs_.push_back({run_begin, at - run_begin});
  return made;
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

bool StateUpdateTemplate::matches(Bytes payload) const {
  if (payload.size() != payload_.size()) return false;
  for (const Run& run : constant_runs_)
    if (!short_equal(payload.data() + run.offset, payload_.data() + run.offset, run.size)) return false;
  return true;
}

}  // namespace netrig::venture
