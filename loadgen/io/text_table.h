// Aligned columns for a terminal of a given width, with or without colour.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netrig::loadgen {

// What the terminal can do; the caller finds out (isatty, NO_COLOR, the locale).
struct Style {
  bool colour = false;
  bool unicode = true;     // false: no check marks; the words beside them say the same
  std::size_t width = 80;  // columns, at least 60
};

enum class Paint : std::uint8_t { none, strong, faint, good, bad };

// `text` in the escape codes of `paint`, or as it is.
std::string painted(std::string_view text, Paint paint, const Style& style);

struct Cell {
  std::string text;  // printable UTF-8
  Paint paint = Paint::none;
};

enum class Align : std::uint8_t { left, right };

// Two blanks before each line and between columns. When a table is too wide, the column `flexible` is cut.
class TextTable {
 public:
  explicit TextTable(std::vector<Align> columns, std::size_t flexible = 0)
      : columns_(std::move(columns)), flexible_(flexible) {}

  // This column is left out before any other is cut.
  void set_expendable(std::size_t column) { expendable_ = column; }
  // At most one cell for each column; missing ones are empty.
  void add(std::vector<Cell> row);
  // A line of its own between the rows, as wide as the table may be.
  void add_line(Cell line);
  void write(std::ostream& out, const Style& style) const;

 private:
  struct Row {
    std::vector<Cell> cells;
    bool is_line = false;  // one cell, in no column
  };

  // 0: the column is left out.
  std::vector<std::size_t> widths(const Style& style) const;

  std::vector<Align> columns_;
  std::size_t flexible_;
  std::optional<std::size_t> expendable_;
  std::vector<Row> rows_;
};

// Breaks `text` at blanks into lines that fit the style's width: `first` before the first line, as many
// blanks before the others. A word that is longer than a line stays whole.
void write_wrapped(std::ostream& out, const Cell& first, std::string_view text, const Style& style);

}  // namespace netrig::loadgen
