#include "netrig/loadgen/io/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/loadgen/io/utf8.h"

namespace netrig::loadgen {

std::string number_text(double number) {
  NETRIG_ASSERT(std::isfinite(number));
  std::array<char, 384> digits{};  // the longest fixed form is that of -2^-1074 in its shortest digits: 343
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed);
  NETRIG_ASSERT(end.ec == std::errc{});
  return {digits.data(), end.ptr};
}

void JsonWriter::key(std::string_view name) {
  NETRIG_ASSERT(!levels_.empty() && !after_key_);
  before_item();
  quote(name);
  out_ += ": ";
  after_key_ = true;
}

void JsonWriter::value(std::string_view text) {
  before_item();
  quote(text);
}

// A text has no line break of its own in JSON, so every one is the layout's.
void JsonWriter::document(std::string_view finished) {
  before_item();
  if (finished.ends_with('\n')) finished.remove_suffix(1);
  for (const char c : finished) {
    out_ += c;
    if (c == '\n') out_.append(2 * levels_.size(), ' ');
  }
}

std::string JsonWriter::finish() {
  NETRIG_ASSERT(levels_.empty());
  out_ += '\n';
  return std::exchange(out_, {});
}

void JsonWriter::begin(char bracket, Layout layout) {
  before_item();
  out_ += bracket;
  const bool inside_line = !levels_.empty() && levels_.back().layout == Layout::one_line;
  levels_.push_back({.layout = inside_line ? Layout::one_line : layout});
}

void JsonWriter::end(char bracket) {
  NETRIG_ASSERT(!levels_.empty() && !after_key_);
  const Level level = levels_.back();
  levels_.pop_back();
  if (!level.empty && level.layout == Layout::lines) break_line();
  out_ += bracket;
}

void JsonWriter::scalar(std::string_view text) {
  before_item();
  out_ += text;
}

void JsonWriter::before_item() {
  if (std::exchange(after_key_, false) || levels_.empty()) return;
  Level& level = levels_.back();
  if (!level.empty) out_ += level.layout == Layout::lines ? "," : ", ";
  level.empty = false;
  if (level.layout == Layout::lines) break_line();
}

void JsonWriter::break_line() {
  out_ += '\n';
  out_.append(2 * levels_.size(), ' ');
}

void JsonWriter::quote(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out_ += '"';
  for (const char c : valid_utf8(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (c == '\n') {
      out_ += "\\n";
    } else if (byte < 0x20) {
      out_.append("\\u00").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    } else {
      out_ += c;
    }
  }
  out_ += '"';
}

}  // namespace netrig::loadgen
