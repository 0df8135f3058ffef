#include "netrig/loadgen/io/text_table.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/loadgen/io/utf8.h"

namespace netrig::loadgen {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kFlexibleColumnMin = 8;  // still tells names apart

std::string_view escape_code(Paint paint) {
  switch (paint) {
    case Paint::none:
      return "";
    case Paint::strong:
      return "\x1b[1m";
    case Paint::faint:
      return "\x1b[2m";
    case Paint::good:
      return "\x1b[32m";
    case Paint::bad:
      return "\x1b[1;31m";
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

}  // namespace

std::string painted(std::string_view text, Paint paint, const Style& style) {
  if (!style.colour || paint == Paint::none || text.empty()) return std::string{text};
  return std::string{escape_code(paint)}.append(text).append("\x1b[0m");
}

void TextTable::add(std::vector<Cell> row) {
  NETRIG_ASSERT(row.size() <= columns_.size());
  rows_.push_back({std::move(row)});
}

void TextTable::add_line(Cell line) {
  rows_.push_back({{std::move(line)}, true});
}

std::vector<std::size_t> TextTable::widths(const Style& style) const {
  std::vector<std::size_t> widths(columns_.size());
  for (const Row& row : rows_)
    for (std::size_t i = 0; !row.is_line && i < row.cells.size(); ++i)
      widths[i] = std::max(widths[i], columns_of(row.cells[i].text));
  std::size_t total = 0;
  for (const std::size_t width : widths) total += width > 0 ? kGap + width : 0;
  if (total > style.width && expendable_) {
    total -= kGap + widths[*expendable_];
    widths[*expendable_] = 0;
  }
  if (total > style.width) {
    const std::size_t excess = total - style.width;
    std::size_t& cut = widths[flexible_];
    cut = std::max(cut - std::min(cut, excess), std::min(cut, kFlexibleColumnMin));
  }
  return widths;
}

void TextTable::write(std::ostream& out, const Style& style) const {
  const std::vector<std::size_t> column_widths = widths(style);
  for (const auto& [row, is_line] : rows_) {
    if (is_line) {
      out << painted(row[0].text, row[0].paint, style) << '\n';
      continue;
    }
    std::string line;
    std::size_t blanks = 0;  // owed before the next text, so that no line ends in any
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (column_widths[i] == 0) continue;
      const std::string text = cut_to(row[i].text, column_widths[i], style.unicode ? "…" : "~");
      const std::size_t padding = column_widths[i] - columns_of(text);
      blanks += kGap + (columns_[i] == Align::right ? padding : 0);
      if (!text.empty()) {
        line.append(blanks, ' ').append(painted(text, row[i].paint, style));
        blanks = 0;
      }
      if (columns_[i] == Align::left) blanks += padding;
    }
    out << line << '\n';
  }
}

void write_wrapped(std::ostream& out, const Cell& first, std::string_view text, const Style& style) {
  std::string line = painted(first.text, first.paint, style);
  const std::string indent(columns_of(first.text), ' ');
  std::size_t used = indent.size();
  bool fresh = true;  // nothing but the indent stands in the line yet
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (!fresh && used + 1 + columns_of(word) > style.width) {
      out << line << '\n';
      line = indent;
      used = indent.size();
      fresh = true;
    }
    if (!fresh) line += ' ';
    used += columns_of(word) + (fresh ? 0 : 1);
    line += word;
    fresh = false;
  }
  out << line << '\n';
}

}  // namespace netrig::loadgen
