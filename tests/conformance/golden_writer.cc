// Prints the golden vectors of the native protocol, with --messages the codec's table of messages, or with
// --numbers the bounds, sizes and reasons that PROTOCOL.md states.
#include <cstdio>
#include <optional>
#include <string_view>

#include "netrig/core/protocol/handshake_codec.h"
#include "netrig/core/protocol/limits.h"
#include "netrig/core/protocol/message_writer.h"
#include "netrig/core/protocol/reassembler.h"
#include "netrig/core/protocol/reply_limiter.h"
#include "netrig/core/protocol/session_seal.h"
#include "netrig/core/protocol/token.h"
#include "netrig/tests/conformance/golden_cases.h"
#include "netrig/tests/conformance/handshake_json.h"
#include "netrig/tests/conformance/wire_json.h"

namespace netrig::conformance {
namespace {

void print(const Json& line) {
  std::puts(line.dump().c_str());
}

std::string_view layer_name(Layer layer) {
  switch (layer) {
    case Layer::packet:
      return "packet";
    case Layer::stream:
      return "stream";
    case Layer::datagram:
      return "datagram";
    case Layer::handshake:
      return "handshake";
    case Layer::token:
      return "token";
    case Layer::sealed:
      return "sealed";
  }
  return "unknown";
}

Decoded decode(const GoldenCase& golden) {
  if (golden.layer == Layer::stream) return decode_stream_json(golden.bytes, golden.from);
  if (golden.layer == Layer::datagram) return decode_datagram_json(golden.bytes, golden.from);
  if (golden.layer == Layer::handshake) return decode_handshake_json(golden.bytes, golden.context);
  if (golden.layer == Layer::token) return decode_token_json(golden.bytes, golden.context);
  if (golden.layer == Layer::sealed) return decode_sealed_json(golden.bytes, golden.context);
  return decode_packet_json(golden.bytes, golden.from, golden.is_state ? &golden_schema() : nullptr);
}

// Nothing when the codec does not do with the case what it is there for.
std::optional<Json> vector_of(const GoldenCase& golden) {
  Json line{{"name", golden.name},
            {"from", name_of(golden.from)},
            {"kind", golden.is_refused ? "refused" : "valid"},
            {"layer", layer_name(golden.layer)}};
  if (golden.is_state) line["schema"] = "arena";
  line["bytes"] = hex(golden.bytes);
  for (const auto& [name, bytes] : golden.context) line["context"][name] = hex(bytes);
  const Decoded decoded = decode(golden);
  if (decoded.ok() == golden.is_refused) return std::nullopt;
  if (decoded.ok()) {
    line.update(decoded.json);
  } else {
    line["fault"] = decoded.fault;
  }
  return line;
}

bool print_vectors(const std::vector<GoldenCase>& cases) {
  bool good = true;
  for (const GoldenCase& golden : cases) {
    const std::optional<Json> line = vector_of(golden);
    if (line) print(*line);
    if (!line) std::fprintf(stderr, "%s: refused or decoded against expectation\n", golden.name.c_str());
    good = good && line.has_value();
  }
  return good;
}

// "1 malformed, 2 version", from 1 to `last`.
template <class Reason>
std::string reasons_text(std::uint8_t last) {
  std::string all;
  for (std::uint8_t i = 1; i <= last; ++i)
    all += (i == 1 ? "" : ", ") + std::to_string(i) + " " + std::string{text(Reason{i})};
  return all;
}

Json numbers_json() {
  const Windows least = derive_windows({.rtt_max = 0s, .jitter_max = 0s, .tick_rate_hz = 1});
  return {{"frame_bytes_max", kFramePacketBytesMax},
          {"bad_packets_max", kBadPacketsMax},
          {"magic", kHelloMagic},
          {"tick_rate_max", kTickRateHzLimit},
          {"ping_seconds", kPingInterval / 1s},
          {"reason_bytes_max", kReasonTextBytesMax},
          {"input_bytes_max", kInputBytesMax},
          {"input_jump_max", kInputSequenceJumpMax},
          {"input_burst_least", least.inputs_burst_max},
          {"app_bytes_max", kAppMessageBytesMax},
          {"reliable_least", least.reliable_in_flight_max},
          {"latest_keys_max", kLatestKeysMax},
          {"datagram_bytes_max", kDatagramBytesMax},
          {"session_kind", kSessionDatagram},
          {"replay_least", least.replay_packets},
          {"further_ranges_max", kAckRangesMax - 1},
          {"window_bytes", kReliableBytesMax},
          {"window_block", kReliableBlockBytes},
          {"window_ids", kReliableMessagesMax},
          {"connect_request_bytes", kConnectRequestBytes},
          {"cookie_bytes", kCookieBytes},
          {"cookie_seconds_least", least.cookie_life / 1s},
          {"token_bytes", kTokenBytes},
          {"claims_bytes", kTokenClaimsBytes},
          {"identity_bytes", kIdentityBytesMax},
          {"refusals_per_second", ReplyLimiter::kBurst + ReplyLimiter::kPerSecond},
          {"refuse_reasons", reasons_text<RefuseReason>(kRefuseReasons)},
          {"disconnect_reasons", reasons_text<DisconnectReason>(5)}};
}

}  // namespace
}  // namespace netrig::conformance

int main(int argc, char** argv) {
  using namespace netrig::conformance;
  if (argc == 2 && std::string_view{argv[1]} == "--messages") return print(messages_json()), 0;
  if (argc == 2 && std::string_view{argv[1]} == "--numbers") return print(numbers_json()), 0;
  if (argc != 1) return std::fputs("usage: golden_writer [--messages | --numbers]\n", stderr), 2;
  print(schema_json("arena", golden_schema()));
  const bool valid = print_vectors(valid_cases());
  const bool refused = print_vectors(refused_cases());
  return valid && refused ? 0 : 1;
}
