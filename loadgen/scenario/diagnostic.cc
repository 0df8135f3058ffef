#include "netrig/loadgen/scenario/diagnostic.h"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sstream>

namespace netrig::loadgen {
namespace {

constexpr std::uint32_t kShownColumnsMax = 120;  // a source line longer than a wide terminal is cut
constexpr std::size_t kSpelledBytesMax = 64;  // longer words are not compared: the cost grows with the square

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

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({replaced, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
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

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.size() > kSpelledBytesMax) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(word.size(), 3) / 3 + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string_view best = nearest(word, candidates);
  return best.empty() ? "" : fmt::format("; did you mean \"{}\"?", best);
}

}  // namespace netrig::loadgen
