// One line that says how far a run is. Reads no clock: every fact comes with the call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>

#include "netrig/core/base/time.h"
#include "netrig/loadgen/io/text_table.h"

namespace netrig::loadgen {

struct Progress {
  Duration simulated{};
  Duration total{};  // simulated time at the end, as far as known
  Duration wall{};   // since the start
  std::uint64_t clients = 0;
  std::uint64_t clients_planned = 0;
  // Of several runs: what counts then is how much of all of them is done.
  std::uint64_t runs = 0;  // finished
  std::uint64_t runs_planned = 0;
  double share = 0;
};

class ProgressLine {
 public:
  enum class Mode : std::uint8_t {
    terminal,  // one line, repainted at most 10 times a second
    plain,     // a line of its own every 5 s, for logs
    quiet,     // nothing
  };

  static constexpr Duration kRepaintInterval = 100ms;
  static constexpr Duration kPlainInterval = 5s;

  // `out` outlives the line. The style's width is the terminal's.
  ProgressLine(std::ostream& out, Mode mode, const Style& style) : out_(out), mode_(mode), style_(style) {}

  // May be called as often as one likes.
  void update(const Progress& progress);
  // Wipes the line off a terminal, so that something else can be printed; the next update paints it again.
  void clear();

 private:
  std::ostream& out_;
  Mode mode_;
  Style style_;
  Duration next_{};                // wall time from which on the next line is due
  std::size_t columns_shown_ = 0;  // on the terminal now
};

// "25.8 s of 60 s [=======>      ]  43 %  612x  ETA 57 ms  32 of 32 clients", at most `columns` wide.
std::string progress_bar(const Progress& progress, std::size_t columns);
// "3 of 8 runs [=======>      ]  43 %  ETA 57 ms" with several.
// "43 %, simulated 25.8 s of 60 s, 612x, ETA 57 ms, 32 of 32 clients"
std::string progress_sentence(const Progress& progress);

}  // namespace netrig::loadgen
