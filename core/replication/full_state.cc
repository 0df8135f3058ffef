#include "netrig/core/replication/full_state.h"

#include <algorithm>
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
    : columns_(schema),
      template_(template_of(schema, columns_)),
      envelope_bytes_(1 + varint_size(static_cast<std::uint32_t>(template_.size()))) {
  static_assert(Schema::kStateUpdateBytesMax < 1u << 21, "an envelope is at most four bytes");
  std::vector<std::uint8_t> bytes;
  ByteWriter writer{bytes};
  writer.u8(static_cast<std::uint8_t>(MessageType::state_update));
  writer.varint(static_cast<std::uint32_t>(template_.size()));
  NETRIG_ASSERT(bytes.size() == envelope_bytes_);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    envelope_ |= std::uint32_t{bytes[i]} << (8 * i);
    envelope_mask_ |= std::uint32_t{0xFF} << (8 * i);
  }
}

bool FullStateLayout::envelopes_match(const venture::PayloadRun& run) const {
  std::uint32_t difference = 0;
  const std::uint8_t* at = run.first - envelope_bytes_;
  for (std::size_t i = 0; i < run.count; ++i, at += run.stride)
    difference |= (load_little_endian<std::uint32_t>(at) & envelope_mask_) ^ envelope_;
  return difference == 0;
}

void FullStateWriter::write_rows(const Snapshot& state, std::size_t first, std::size_t count,
                                 std::uint64_t server_time_ns, MessageWriter& writer) const {
  for (std::size_t row = first; row < first + count; ++row) {
    const std::span<std::uint8_t> payload =
        writer.write_space(MessageType::state_update, layout_.update().size());
    layout_.update().encode({server_time_ns, state.id(row), venture::kPriorityNormal, state.tick().value},
                            payload);
    layout_.columns().write_all(state.row(row), payload);
  }
}

void FullStateWriter::write(const Snapshot& state, std::uint64_t server_time_ns,
                            std::vector<std::uint8_t>& out, PacketBreakdown& breakdown) const {
  FrameWriter writer{out, breakdown};
  write_rows(state, 0, state.size(), server_time_ns, writer);
  writer.finish();
}

void FullStateWriter::write_parts(const Snapshot& state, std::uint64_t server_time_ns,
                                  std::size_t part_bytes_max, PayloadPool& pool,
                                  std::vector<StatePart>& parts) const {
  const std::size_t update_bytes = layout_.update().size();
  const std::size_t rows_max =
      std::max<std::size_t>(1, part_bytes_max / (envelope_bytes(update_bytes) + update_bytes));
  parts.clear();
  for (std::size_t first = 0; first < state.size(); first += rows_max) {
    StatePart& part = parts.emplace_back();
    std::shared_ptr<Payload> payload = pool.acquire();
    RawWriter writer{payload->bytes, part.breakdown};
    write_rows(state, first, std::min(rows_max, state.size() - first), server_time_ns, writer);
    part.messages = PayloadPool::seal(std::move(payload));
  }
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
  if (collecting_) stage_run(rest);
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

// Stages as many updates as the state still lacks and the packet can hold, if they are all as they should be:
// the usual case, checked without a branch for each. If one is not, nothing has happened, and they are looked
// at one by one.
void FullStateReader::stage_run(Bytes& rest) {
  const std::size_t message_bytes = layout_.message_bytes();
  const std::size_t count = std::min(rest.size() / message_bytes, header_.entities - staged_.size());
  if (count == 0) return;
  const venture::PayloadRun run{rest.data() + layout_.envelope_bytes(), count, message_bytes};
  if (!layout_.envelopes_match(run) || !layout_.update().matches_all(run)) return;
  const Snapshot::Rows rows = staged_.add_rows(count);
  if (!belongs(rows, run) || !layout_.columns().read_rows(run.first, run.stride, rows.values))
    return staged_.drop_rows(count);
  rest = rest.subspan(count * message_bytes);
}

// Reads the ids of the rows just added; whether they and the rows before are in order and of this tick.
bool FullStateReader::belongs(const Snapshot::Rows& rows, const venture::PayloadRun& run) const {
  const std::size_t before = staged_.size() - run.count;
  std::uint32_t other_tick = 0;
  bool in_order = before == 0 || staged_.id(before - 1) < venture::read_header(run.first).entity;
  EntityId previous{};
  const std::uint8_t* payload = run.first;
  for (std::size_t i = 0; i < run.count; ++i, payload += run.stride) {
    const venture::StateUpdateHeader update = venture::read_header(payload);
    other_tick |= update.sequence ^ header_.tick.value;
    in_order &= i == 0 || previous < update.entity;
    previous = rows.ids[i] = update.entity;
  }
  return in_order && other_tick == 0;
}

void FullStateReader::publish() {
  NETRIG_ASSERT(complete());
  std::swap(staged_, newest_);
  collecting_ = false;
}

}  // namespace netrig
