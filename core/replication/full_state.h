// `replication: full`: every entity, every tick, as a v1 StateUpdate whose sequence is the tick. Written once
// per tick into frames that all clients share; read back into a snapshot that counts only when it is
// complete.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "netrig/core/base/bytes.h"
#include "netrig/core/base/payload.h"
#include "netrig/core/protocol/limits.h"
#include "netrig/core/protocol/message_writer.h"
#include "netrig/core/protocol/messages.h"
#include "netrig/core/protocol/packet_breakdown.h"
#include "netrig/core/protocol/session_seal.h"
#include "netrig/core/venture/state_update_template.h"
#include "netrig/core/world/schema.h"
#include "netrig/core/world/snapshot.h"
#include "netrig/core/world/v1_columns.h"

namespace netrig {

// How one entity of a schema lies in a StateUpdate payload. Equal on both sides, because the schemas are.
class FullStateLayout {
 public:
  explicit FullStateLayout(const Schema& schema);

  const venture::StateUpdateTemplate& update() const { return template_; }
  const V1Columns& columns() const { return columns_; }

  // How such a payload stands in a packet: behind an envelope, its type and length, that is always the same.
  std::size_t envelope_bytes() const { return envelope_bytes_; }
  std::size_t message_bytes() const { return envelope_bytes_ + template_.size(); }
  // Whether each payload of a run, whose bytes and envelopes are all there, has that envelope.
  bool envelopes_match(const venture::PayloadRun& run) const;

 private:
  V1Columns columns_;
  venture::StateUpdateTemplate template_;
  std::size_t envelope_bytes_;
  std::uint32_t envelope_ = 0;  // its bytes, and the mask that takes them out of four
  std::uint32_t envelope_mask_ = 0;
};

// Some of a tick's state_update messages, as a datagram carries them behind its state_header.
struct StatePart {
  PayloadRef messages;
  PacketBreakdown breakdown;
};

class FullStateWriter {
 public:
  explicit FullStateWriter(const Schema& schema) : layout_(schema) {}

  // Appends whole frames of state_update messages. `server_time_ns` is the tick's, and every update's
  // timestamp.
  void write(const Snapshot& state, std::uint64_t server_time_ns, std::vector<std::uint8_t>& out,
             PacketBreakdown& breakdown) const;

  // The same as messages without frames, cut into parts of at most `part_bytes_max` each; an entity that is
  // longer stands alone in its part. `parts` is cleared first.
  void write_parts(const Snapshot& state, std::uint64_t server_time_ns, std::size_t part_bytes_max,
                   PayloadPool& pool, std::vector<StatePart>& parts) const;

 private:
  void write_rows(const Snapshot& state, std::size_t first, std::size_t count, std::uint64_t server_time_ns,
                  MessageWriter& writer) const;

  FullStateLayout layout_;
};

// Collects one state at a time. Whatever is added, the newest published state stays as it was until
// publish().
class FullStateReader {
 public:
  explicit FullStateReader(const Schema& schema);

  // A state begins; one that was not complete is given up. False: not newer than the newest (nothing begins).
  bool begin(const StateHeader& header);
  // One state_update body. False: none is expected, or it does not decode, does not belong to this tick, or
  // is out of order; the state begun is given up.
  bool add(Bytes payload);
  // Adds the state_updates that come next in a packet, and takes them off `rest`. False: one does not fit.
  bool add_next(Bytes& rest);
  bool complete() const { return collecting_ && staged_.size() == header_.entities; }
  void abandon() { collecting_ = false; }

  // Makes the complete state the newest one.
  void publish();
  void reset();  // forgets everything: a new session

  const StateHeader& header() const { return header_; }  // of the state begun last
  const Snapshot& newest() const { return newest_; }     // empty and of tick 0 before the first

 private:
  bool stage(Bytes payload);
  void stage_run(Bytes& rest);
  bool belongs(const Snapshot::Rows& rows, const venture::PayloadRun& run) const;

  FullStateLayout layout_;
  StateHeader header_;
  bool collecting_ = false;
  Snapshot staged_;
  Snapshot newest_;
};

}  // namespace netrig
