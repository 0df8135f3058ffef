#include "netrig/loadgen/scenario/diagnostic.h"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include "netrig/core/base/nearest.h"

namespace netrig::loadgen {
namespace {

constexpr std::uint32_t kShownColumnsMax = 120;  // a source line longer than a wide terminal is cut

bool starts_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

// The part of a source line that is shown, and what stands before the caret: tabs kept, the rest spaces.
struct Excerpt {
  std::string line;
  std::string before_caret;
};

Excerpt excerpt(std::string_view line, std::uint32_t column) {
  Excerpt shown;
  const std::uint32_t first = column > kShownColumnsMax ? column - kShownColumnsMax / 2 : 1;
  std::uint32_t at = 0;  // the character that the byte belongs to, from 1
  for (const char byte : line) {
    if (starts_character(byte)) {
      if (++at >= first + kShownColumnsMax) break;
      if (at >= first && at < column) shown.before_caret += byte == '\t' ? '\t' : ' ';
    }
    if (at >= first) shown.line += byte;
  }
  return shown;
}

}  // namespace

std::string_view text(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

void print(const Diagnostic& diagnostic, std::ostream& out) {
  out << diagnostic.file << ':';
  if (diagnostic.line > 0) out << diagnostic.line << ':' << diagnostic.column << ':';
  out << ' ' << (diagnostic.severity == Severity::warning ? "warning: " : "") << diagnostic.message << '\n';
  if (diagnostic.source_line.empty()) return;
  const Excerpt shown = excerpt(diagnostic.source_line, diagnostic.column);
  out << "  " << shown.line << "\n  " << shown.before_caret << "^\n";
}

std::string text(const Diagnostic& diagnostic) {
  std::ostringstream out;
  print(diagnostic, out);
  return out.str();
}

std::string json(std::span<const Diagnostic> diagnostics) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const Diagnostic& diagnostic : diagnostics) {
    nlohmann::ordered_json one;
    one["file"] = diagnostic.file;
    one["line"] = diagnostic.line;
    one["column"] = diagnostic.column;
    one["severity"] = text(diagnostic.severity);
    one["message"] = diagnostic.message;
    all.push_back(std::move(one));
  }
  return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

bool has_error(std::span<const Diagnostic> diagnostics) {
  return std::ranges::any_of(diagnostics, [](const Diagnostic& d) { return d.severity == Severity::error; });
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const std::optional<std::string_view> best = netrig::nearest(word, candidates);
  return best ? fmt::format("; did you mean \"{}\"?", *best) : "";
}

}  // namespace netrig::loadgen
