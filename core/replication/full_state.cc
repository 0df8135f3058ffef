#include "netrig/core/replication/full_state.h"

#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/message_writer.h"

namespace netrig {
namespace {

venture::StateUpdateTemplate template_of(const Schema& schema, const V1Columns& columns) {
  std::vector<venture::ComponentLayout> layout;
  for (std::size_t i = 0; i < schema.components().size(); ++i) {
    layout.push_back({schema.components()[i].name, columns.component_data_bytes(i)});
  }
  auto made = venture::StateUpdateTemplate::make(layout);
  NETRIG_ASSERT(made.has_value());  // a schema's names and fields are within the format's bounds
  for (std::size_t i = 0; i < layout.size(); ++i)
    NETRIG_ASSERT(made->data_offset(i) == columns.data_offset(i));
  return *std::move(made);
}

}  // namespace

FullStateLayout::FullStateLayout(const Schema& schema)
    : columns_(schema), template_(template_of(schema, columns_)) {}

void FullStateWriter::write(const Snapshot& state, std::uint64_t server_time_ns,
                            std::vector<std::uint8_t>& out, PacketBreakdown& breakdown) const {
  FrameWriter writer{out, breakdown};
  for (std::size_t row = 0; row < state.size(); ++row) {
    const std::span<std::uint8_t> payload =
        writer.write_space(MessageType::state_update, layout_.update().size());
    layout_.update().encode({server_time_ns, state.id(row), venture::kPriorityNormal, state.tick().value},
                            payload);
    layout_.columns().write_all(state.row(row), payload);
  }
  writer.finish();
}

FullStateReader::FullStateReader(const Schema& schema)
    : layout_(schema), staged_(schema.columns()), newest_(schema.columns()) {}

void FullStateReader::reset() {
  collecting_ = false;
  newest_.reset(Tick{});
}

bool FullStateReader::begin(const StateHeader& header) {
  collecting_ = header.tick > newest_.tick();
  if (!collecting_) return false;
  header_ = header;
  staged_.reset(header.tick);
  return true;
}

bool FullStateReader::add(Bytes payload) {
  collecting_ = collecting_ && stage(payload);
  return collecting_;
}

bool FullStateReader::add_next(Bytes& rest) {
  constexpr auto kTag = static_cast<std::uint8_t>(MessageType::state_update);
  while (!rest.empty() && rest[0] == kTag) {
    if (!add(take_message(rest).body)) return false;
  }
  return true;
}

bool FullStateReader::stage(Bytes payload) {
  if (staged_.size() == header_.entities || !layout_.update().matches(payload)) return false;
  const venture::StateUpdateHeader update = venture::read_header(payload);
  const bool in_order = staged_.size() == 0 || staged_.id(staged_.size() - 1) < update.entity;
  if (!in_order || update.sequence != header_.tick.value) return false;
  return layout_.columns().read_all(payload, staged_.add(update.entity));
}

void FullStateReader::publish() {
  NETRIG_ASSERT(complete());
  std::swap(staged_, newest_);
  collecting_ = false;
}

}  // namespace netrig
