// What the recorder's tests share: two cohorts, and packets of known sizes.
#pragma once

#include "netrig/metrics/recorder/recorder.h"
#include "netrig/metrics/registry_view.h"

namespace netrig::metrics::testing {

constexpr std::uint32_t kNear = 0;  // client of cohort 0
constexpr std::uint32_t kFar = 1;   // and kFarther: clients of cohort 1
constexpr std::uint32_t kFarther = 2;

inline RecorderConfig two_cohorts() {
  return {.cohorts = {"near", "far"}, .cohort_of_client = {0, 1, 1}};
}

inline PacketBreakdown packet_of(MessageType type, std::uint64_t count, std::uint64_t bytes,
                                 std::uint64_t protocol_bytes) {
  PacketBreakdown packet;
  packet.by_message[message_row(type)] = {count, bytes};
  packet.protocol_bytes = protocol_bytes;
  return packet;
}

// The state of 32 entities as the arena has them.
constexpr std::uint64_t kStateUpdateBytes = 32 * 111;
constexpr std::uint64_t kStateHeaderBytes = 10;
constexpr std::uint64_t kStateProtocolBytes = 77;
constexpr std::uint64_t kStateBytes = kStateUpdateBytes + kStateHeaderBytes + kStateProtocolBytes;
inline PacketBreakdown state_packet() {
  PacketBreakdown packet = packet_of(MessageType::state_update, 32, kStateUpdateBytes, kStateProtocolBytes);
  packet.by_message[message_row(MessageType::state_header)] = {1, kStateHeaderBytes};
  return packet;
}

}  // namespace netrig::metrics::testing
