#include "netrig/loadgen/run/stranger.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string_view>

#include "netrig/core/base/frame.h"
#include "netrig/core/protocol/codec.h"
#include "netrig/core/venture/state_update.h"
#include "netrig/loadgen/io/utf8.h"

namespace netrig::loadgen {
namespace {

constexpr std::size_t kShownBytes = 16;
constexpr std::size_t kShownText = 40;

// The first frame's packet, as far as it is there.
std::optional<Bytes> first_packet(Bytes first) {
  std::optional<Bytes> packet;
  FrameReader{}.read(first, [&](Bytes whole) {
    packet = whole;
    return false;
  });
  return packet;
}

bool starts_with(Bytes bytes, std::string_view text) {
  return bytes.size() >= text.size() && std::equal(text.begin(), text.end(), bytes.begin());
}

bool is_text(Bytes bytes) {
  const auto is_printable = [](std::uint8_t byte) { return byte == '\t' || (byte >= 0x20 && byte < 0x7F); };
  const auto line_end = std::ranges::find_if_not(bytes, is_printable);
  const bool ends_there = line_end == bytes.end() || *line_end == '\r' || *line_end == '\n';
  return ends_there && line_end - bytes.begin() >= 4;
}

// A record of TLS 1.x: an alert or a handshake.
bool is_tls(Bytes bytes) {
  return bytes.size() >= 2 && (bytes[0] == 0x15 || bytes[0] == 0x16) && bytes[1] == 0x03;
}

std::string in_hex(Bytes bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes.first(std::min(bytes.size(), kShownBytes)))
    text += fmt::format("{}{:02x}", text.empty() ? "" : " ", byte);
  return text;
}

std::string first_line(Bytes bytes) {
  const std::string_view text = text_of(bytes);
  return printable(text.substr(0, std::min(text.find_first_of("\r\n"), kShownText)));
}

std::string_view protocol_of(Dialect dialect) {
  return dialect == Dialect::venture ? "the venture protocol" : "netrig's own protocol";
}

}  // namespace

std::string describe_stranger(Bytes first, Dialect expected) {
  const std::string not_that = fmt::format(", not {}", protocol_of(expected));
  if (starts_with(first, "HTTP/")) return "the server answers in HTTP" + not_that;
  if (is_tls(first)) return "the server answers in TLS" + not_that + ": is its URL tls://?";
  if (const std::optional<Bytes> packet = first_packet(first)) {
    const bool is_venture = venture::decode_state_update(*packet).has_value();
    const bool is_netrig = decode_packet(*packet, Sender::server).has_value();
    if (expected == Dialect::venture ? is_venture : is_netrig) return {};
    if (is_venture) return "the server speaks the venture protocol: add --dialect venture";
    if (is_netrig) return "the server speaks netrig's own protocol: leave --dialect venture out";
  }
  if (is_text(first)) return fmt::format("the server says \"{}\"{}", first_line(first), not_that);
  return fmt::format("the server does not speak {}: its first bytes are {}", protocol_of(expected),
                     in_hex(first));
}

std::string describe_silence(Dialect expected) {
  if (expected == Dialect::venture)
    return "the server closed the connection before its first update: it is full, or does not speak the "
           "venture "
           "protocol";
  return "the server closed the connection without a word: it does not speak netrig's own protocol; an "
         "existing server of the original one needs --dialect venture";
}

}  // namespace netrig::loadgen
