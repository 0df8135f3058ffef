// What is wrong with a file or an option, and where: collected, sorted, and printed all at once.
#pragma once

#include <compare>
#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace netrig::loadgen {

enum class Severity : std::uint8_t {
  error,    // the scenario cannot run
  warning,  // it runs, and probably not as meant
};
std::string_view text(Severity severity);

struct Diagnostic {
  std::string file;          // as the caller named it, or the option such as "--set seed=x"
  std::uint32_t line = 0;    // from 1; 0: the place has no lines (an option)
  std::uint32_t column = 0;  // from 1, in characters
  Severity severity = Severity::error;
  std::string message;
  std::string source_line;  // without its end; empty: nothing to show

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

// "FILE:LINE:COLUMN: message", then the source line and a caret below the column. Tabs stay tabs in both
// lines, so the caret stands right whatever a tab is worth. A long line is cut around the column.
void print(const Diagnostic& diagnostic, std::ostream& out);
std::string text(const Diagnostic& diagnostic);

// A JSON array of {file, line, column, severity, message}. Bytes that are not UTF-8 become U+FFFD.
std::string json(std::span<const Diagnostic> diagnostics);

bool has_error(std::span<const Diagnostic> diagnostics);

// `; did you mean "tick_rate"?`, or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace netrig::loadgen
