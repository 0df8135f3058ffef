#include "netrig/loadgen/io/utf8.h"

#include <algorithm>
#include <cstdint>

namespace netrig::loadgen {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool continues(char byte) {
  return (static_cast<std::uint8_t>(byte) & 0xC0) == 0x80;
}

// Bytes of the well-formed character that `text` begins with, 0 when there is none (Unicode 15, table 3-7).
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if (!continues(text[i])) return 0;
  const std::uint8_t second = byte(1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;  // overlong, surrogate
  if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;  // overlong, too large
  return size;
}

// C0, DEL and C1, the latter as two bytes.
bool is_control(std::string_view character) {
  const auto first = static_cast<std::uint8_t>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7F;
  return character.size() == 2 && first == 0xC2 && static_cast<std::uint8_t>(character[1]) < 0xA0;
}

template <class Keep>
std::string replaced_unless(std::string_view text, Keep&& keep) {
  std::string clean;
  while (!text.empty()) {
    const std::size_t size = character_bytes(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
    clean += size > 0 && keep(character) ? character : kReplacement;
    text.remove_prefix(character.size());
  }
  return clean;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  return replaced_unless(text, [](std::string_view) { return true; });
}

std::string printable(std::string_view text) {
  return replaced_unless(text, [](std::string_view character) { return !is_control(character); });
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char byte) { return !continues(byte); }));
}

std::string cut_to(std::string_view text, std::size_t columns, std::string_view mark) {
  if (columns_of(text) <= columns) return std::string{text};
  const std::size_t kept = columns - std::min(columns, columns_of(mark));
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end)
    if (!continues(text[end]) && seen++ == kept) break;
  return std::string{text.substr(0, end)}.append(cut_to(mark, columns, ""));
}

}  // namespace netrig::loadgen
