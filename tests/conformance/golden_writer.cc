// Prints the golden vectors of the native protocol, or with --messages the codec's table of messages.
#include <cstdio>
#include <optional>
#include <string_view>

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

}  // namespace
}  // namespace netrig::conformance

int main(int argc, char** argv) {
  using namespace netrig::conformance;
  if (argc == 2 && std::string_view{argv[1]} == "--messages") return print(messages_json()), 0;
  if (argc != 1) return std::fputs("usage: golden_writer [--messages]\n", stderr), 2;
  print(schema_json("arena", golden_schema()));
  const bool valid = print_vectors(valid_cases());
  const bool refused = print_vectors(refused_cases());
  return valid && refused ? 0 : 1;
}
