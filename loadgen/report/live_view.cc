#include "netrig/loadgen/report/live_view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <string_view>

#include "netrig/loadgen/io/human.h"
#include "netrig/loadgen/io/utf8.h"

namespace netrig::loadgen {
namespace {

constexpr std::size_t kColumnsMin = 40;  // narrower: the line of progress alone
constexpr std::size_t kLabelColumns = 12;
constexpr std::size_t kValueColumns = 18;  // "100,000 of 100,000"
constexpr std::size_t kBarColumnsMax = 40;
constexpr std::size_t kSparkColumnsMax = 60;

constexpr std::array<std::string_view, 8> kBlocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 8> kLetters{".", ":", "-", "=", "+", "*", "%", "#"};

std::string padded(std::string text, std::size_t columns) {
  text = cut_to(text, columns, "");
  return text.append(columns - columns_of(text), ' ');
}

std::string right_aligned(const std::string& text, std::size_t columns) {
  const std::string shown = cut_to(text, columns, "");
  return std::string(columns - columns_of(shown), ' ') + shown;
}

std::string bar(std::uint64_t part, std::uint64_t of, std::size_t columns, const Style& style) {
  const double share =
      of > 0 ? std::clamp(static_cast<double>(part) / static_cast<double>(of), 0.0, 1.0) : 0.0;
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(columns));
  std::string done, left;
  for (std::size_t i = 0; i < columns; ++i)
    (i < filled ? done : left) += i < filled ? (style.unicode ? "█" : "#") : (style.unicode ? "░" : ".");
  return painted(done, Paint::good, style) + painted(left, Paint::faint, style);
}

std::size_t room(TerminalSize size, std::size_t used, std::size_t most) {
  return size.columns > used + 1 ? std::min(size.columns - 1 - used, most) : 0;
}

std::string cohort_line(const LiveCohort& cohort, const Style& style, TerminalSize size) {
  const std::string count = fmt::format("{} of {}", whole(cohort.connected), whole(cohort.planned));
  const std::size_t columns = room(size, 2 + kLabelColumns + 1 + kValueColumns + 2, kBarColumnsMax);
  return "  " + padded(printable(cohort.name), kLabelColumns) + ' ' + right_aligned(count, kValueColumns) +
         "  " + bar(cohort.connected, cohort.planned, columns, style);
}

std::string series_line(std::string_view label, const std::vector<double>& values, const std::string& newest,
                        const Style& style, TerminalSize size) {
  const std::size_t columns = room(size, 2 + kLabelColumns + 1 + kValueColumns + 2, kSparkColumnsMax);
  return "  " + padded(std::string{label}, kLabelColumns) + ' ' +
         right_aligned(values.empty() ? "-" : newest, kValueColumns) + "  " +
         painted(sparkline(values, columns, style.unicode), Paint::strong, style);
}

double newest(const std::vector<double>& values) {
  return values.empty() ? 0.0 : values.back();
}

void add_cohorts(std::vector<std::string>& lines, const LiveFacts& facts, const Style& style,
                 TerminalSize size) {
  const std::size_t shown = std::min(facts.cohorts.size(), LiveView::kCohortsMax);
  for (std::size_t i = 0; i < shown; ++i) lines.push_back(cohort_line(facts.cohorts[i], style, size));
  if (shown == facts.cohorts.size()) return;
  LiveCohort others{fmt::format("{} more", facts.cohorts.size() - shown)};
  for (std::size_t i = shown; i < facts.cohorts.size(); ++i) {
    others.connected += facts.cohorts[i].connected;
    others.planned += facts.cohorts[i].planned;
  }
  lines.push_back(cohort_line(others, style, size));
}

void add_series(std::vector<std::string>& lines, const LiveFacts& facts, const Style& style,
                TerminalSize size) {
  if (facts.warming_up) {
    lines.push_back(cut_to("  waiting until everybody has joined", size.columns - 1, ""));
    return;
  }
  const std::vector<double>& bytes = facts.downstream_bytes_per_second;
  lines.push_back(series_line("downstream", bytes, short_bytes(newest(bytes)) + "/s", style, size));
  const auto seconds_line = [&](std::string_view label, const std::vector<double>& values) {
    lines.push_back(series_line(label, values, short_seconds(newest(values)), style, size));
  };
  seconds_line("input ack", facts.input_to_ack_seconds_p95);
  seconds_line("tick p99", facts.tick_seconds_p99);
  seconds_line("lateness", facts.lateness_seconds_p99);
}

}  // namespace

std::string sparkline(const std::vector<double>& values, std::size_t columns, bool unicode) {
  const std::size_t shown = std::min(values.size(), columns);
  const auto first = values.end() - static_cast<std::ptrdiff_t>(shown);
  const double greatest = shown > 0 ? *std::max_element(first, values.end()) : 0.0;
  const auto& steps = unicode ? kBlocks : kLetters;
  std::string line;
  for (auto value = first; value != values.end(); ++value) {
    const double share = greatest > 0 ? std::clamp(*value / greatest, 0.0, 1.0) : 0.0;
    line += steps[static_cast<std::size_t>(std::lround(share * static_cast<double>(steps.size() - 1)))];
  }
  return line;
}

std::vector<std::string> live_lines(const LiveFacts& facts, const Style& style, TerminalSize size) {
  size.columns = std::max<std::size_t>(size.columns, 2);
  std::vector<std::string> lines{progress_bar(facts.progress, size.columns - 1)};
  if (size.columns >= kColumnsMin) {
    add_cohorts(lines, facts, style, size);
    add_series(lines, facts, style, size);
  }
  if (lines.size() >= size.rows) lines.resize(std::max<std::size_t>(size.rows, 2) - 1);
  return lines;
}

void LiveView::update(Duration wall, const std::function<LiveFacts()>& look) {
  if (wall < next_) return;
  next_ = wall + kRepaintInterval;
  const std::vector<std::string> lines = live_lines(look(), style_, size_());
  std::string sent;
  if (lines_shown_ > 0) sent = fmt::format("\x1b[{}A\r", lines_shown_);  // up to the first line
  for (const std::string& line : lines)
    sent.append(line).append("\x1b[K\n");  // and wipe what is left of the old one
  sent.append("\x1b[J");
  lines_shown_ = lines.size();
  out_ << sent << std::flush;
}

void LiveView::clear() {
  if (lines_shown_ == 0) return;
  out_ << fmt::format("\x1b[{}A\r\x1b[J", lines_shown_) << std::flush;
  lines_shown_ = 0;
  next_ = Duration::zero();
}

}  // namespace netrig::loadgen
