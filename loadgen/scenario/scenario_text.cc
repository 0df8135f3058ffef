#include "netrig/loadgen/scenario/scenario_text.h"

#include <string>

namespace netrig::loadgen {
namespace {

// The bytes of the UTF-8 character at the front of `text`, or 0 when it is none (RFC 3629, table in section
// 4).
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool surrogate = first == 0xED && byte(1) >= 0xA0;
  const bool beyond_unicode = first == 0xF4 && byte(1) >= 0x90;
  return overlong || surrogate || beyond_unicode ? 0 : size;
}

bool is_text(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  return (code >= 0x20 && code != 0x7F) || code == '\t' || code == '\n' || code == '\r';
}

}  // namespace

bool check_text(std::string_view text, std::string_view what, Findings& findings) {
  Place place;
  while (!text.empty()) {
    const std::size_t size = character_bytes(text);
    if (size == 0 || !is_text(text[0])) {
      findings.error(place, size == 0
                                ? "not UTF-8 from here on; " + std::string{what} + " is a UTF-8 text file"
                                : "a control character; " + std::string{what} + " is a text file");
      return false;
    }
    if (text[0] == '\n') {
      ++place.line;
      place.column = 1;
    } else {
      place.column += static_cast<std::uint32_t>(size);  // bytes, as the parser counts
    }
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace netrig::loadgen
