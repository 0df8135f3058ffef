#include "netrig/core/replication/full_state_assembler.h"

#include <algorithm>
#include <numeric>

#include "netrig/core/base/assert.h"

namespace netrig {

FullStateAssembler::FullStateAssembler(const Schema& schema)
    : layout_(schema), columns_(schema.columns()), newest_(schema.columns()) {}

void FullStateAssembler::reset() {
  for (Staged& staged : staged_) staged.header = {};
  current_ = nullptr;
  header_ = {};
  newest_.reset(Tick{});
}

FullStateAssembler::Staged* FullStateAssembler::slot_of(Tick tick) {
  const auto at = std::find_if(staged_.begin(), staged_.end(),
                               [tick](const Staged& staged) { return staged.header.tick == tick; });
  return at == staged_.end() ? nullptr : &*at;
}

// A free slot, or that of the oldest tick.
FullStateAssembler::Staged& FullStateAssembler::take_slot() {
  Staged& oldest = *std::min_element(staged_.begin(), staged_.end(), [](const Staged& a, const Staged& b) {
    return a.header.tick < b.header.tick;
  });
  free(oldest);
  return oldest;
}

void FullStateAssembler::free(Staged& staged) {
  if (staged.header.tick != Tick{}) ++given_up_;
  staged.header = {};
  staged.ids.clear();
  staged.values.clear();
}

bool FullStateAssembler::begin(const StateHeader& header) {
  current_ = nullptr;
  if (header.tick <= newest_.tick()) return true;
  current_ = slot_of(header.tick);
  if (current_ == nullptr) {
    const bool is_oldest = std::all_of(staged_.begin(), staged_.end(), [&](const Staged& staged) {
      return staged.header.tick > header.tick;
    });
    if (is_oldest) return true;
    current_ = &take_slot();
    current_->header = header;
  }
  const StateHeader& known = current_->header;
  return (known.entities == header.entities && known.input_ack == header.input_ack) || fail();
}

bool FullStateAssembler::fail() {
  if (current_ != nullptr) free(*current_);
  current_ = nullptr;
  return false;
}

bool FullStateAssembler::add(Bytes payload) {
  if (!layout_.update().matches(payload)) return fail();
  const venture::StateUpdateHeader update = venture::read_header(payload);
  const Tick tick{update.sequence};
  if (tick <= newest_.tick()) return true;
  if (current_ == nullptr || current_->header.tick != tick) current_ = slot_of(tick);
  if (current_ == nullptr) return true;  // its header did not come, or the tick was given up
  if (complete()) return fail();
  current_->ids.push_back(update.entity);
  current_->values.resize(current_->values.size() + columns_);
  const std::span<std::int32_t> row{current_->values.data() + current_->values.size() - columns_, columns_};
  return layout_.columns().read_all(payload, row) || fail();
}

bool FullStateAssembler::complete() const {
  return current_ != nullptr && current_->ids.size() == current_->header.entities;
}

bool FullStateAssembler::publish() {
  NETRIG_ASSERT(complete());
  Staged& whole = *current_;
  const auto& ids = whole.ids;
  whole.by_id.resize(ids.size());
  std::iota(whole.by_id.begin(), whole.by_id.end(), 0u);
  const auto earlier = [&](std::uint32_t a, std::uint32_t b) { return ids[a] < ids[b]; };
  if (!std::is_sorted(ids.begin(), ids.end())) std::sort(whole.by_id.begin(), whole.by_id.end(), earlier);
  const auto twice = std::adjacent_find(whole.by_id.begin(), whole.by_id.end(),
                                        [&](std::uint32_t a, std::uint32_t b) { return ids[a] == ids[b]; });
  if (twice != whole.by_id.end()) return fail();

  header_ = whole.header;
  newest_.reset(header_.tick);
  for (const std::uint32_t row : whole.by_id) {
    const auto values = whole.values.begin() + static_cast<std::ptrdiff_t>(row * columns_);
    std::copy_n(values, columns_, newest_.add(ids[row]).begin());
  }
  whole.header = {};  // not given up
  for (Staged& staged : staged_) {
    if (staged.header.tick <= header_.tick) free(staged);
  }
  current_ = nullptr;
  return true;
}

}  // namespace netrig
