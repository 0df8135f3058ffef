// A run as it goes on, on a terminal: one line of progress, a bar for each cohort, and how bandwidth, ticks,
// latency and lateness went lately. Reads no clock and no terminal: every fact comes with the call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "netrig/loadgen/io/text_table.h"
#include "netrig/loadgen/report/progress.h"

namespace netrig::loadgen {

struct LiveCohort {
  std::string name;
  std::uint64_t connected = 0;
  std::uint64_t planned = 0;
};

// Means of the steps of a time series, oldest first; empty before the window has its first.
struct LiveFacts {
  Progress progress;
  bool warming_up = false;
  std::vector<LiveCohort> cohorts{};
  std::vector<double> downstream_bytes_per_second{};  // payload and protocol, to all clients
  std::vector<double> tick_seconds_p99{};             // of this machine
  std::vector<double> input_to_ack_seconds_p95{};
  std::vector<double> lateness_seconds_p99{};  // of the load generator
};

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

class LiveView {
 public:
  static constexpr Duration kRepaintInterval = ProgressLine::kRepaintInterval;
  static constexpr std::size_t kCohortsMax = 8;  // the others in one line

  // `out` outlives the view. `size` is asked at each repaint, for terminals change.
  LiveView(std::ostream& out, const Style& style, std::function<TerminalSize()> size)
      : out_(out), style_(style), size_(std::move(size)) {}

  // May be called as often as one likes; repaints when it is time. `look` is called only then.
  void update(Duration wall, const std::function<LiveFacts()>& look);
  // Wipes it all off, so that something else can be printed; the next update paints it again.
  void clear();

 private:
  std::ostream& out_;
  Style style_;
  std::function<TerminalSize()> size_;
  Duration next_{};
  std::size_t lines_shown_ = 0;
};

// What is painted: at most size.rows - 1 lines, none wider than size.columns - 1.
std::vector<std::string> live_lines(const LiveFacts& facts, const Style& style, TerminalSize size);

// The last `columns` values, each as high as its share of the greatest of them: "▁▄█", or ".=#" without
// Unicode.
std::string sparkline(const std::vector<double>& values, std::size_t columns, bool unicode);

}  // namespace netrig::loadgen
