// What is told of a proxy while it runs: one line. Reads no clock: every fact comes with the call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>

#include "netrig/core/base/time.h"
#include "netrig/loadgen/report/progress.h"

namespace netrig::loadgen {

struct ProxyFacts {
  Duration running{};
  std::uint64_t clients = 0;       // now
  std::uint64_t clients_came = 0;  // ever
  std::uint64_t up_bytes = 0;      // of payload, given to their receiver
  std::uint64_t down_bytes = 0;
  std::uint64_t dropped = 0;  // packets, by chance or otherwise
  double late_seconds_p99 = 0;
};

class ProxyLine {
 public:
  // `out` outlives the line.
  ProxyLine(std::ostream& out, ProgressLine::Mode mode, const Style& style)
      : out_(out), mode_(mode), style_(style) {}

  // May be called as often as one likes. Plain lines come as often as those of a run, and only when something
  // has changed.
  void update(const ProxyFacts& facts);
  void clear();  // off a terminal, so that something else can be printed

 private:
  static constexpr Duration kRateInterval = 1s;  // over which rates are taken

  std::ostream& out_;
  ProgressLine::Mode mode_;
  Style style_;
  Duration next_{};
  std::size_t columns_shown_ = 0;
  ProxyFacts before_{};  // of kRateInterval ago, about
  ProxyFacts shown_{};
  double up_bytes_per_second_ = 0;
  double down_bytes_per_second_ = 0;
};

// "12 of 20 clients here, 1.2 MB/s up, 340 kB/s down, 17 packets dropped, p99 61.2 us late"
std::string proxy_sentence(const ProxyFacts& facts, double up_bytes_per_second, double down_bytes_per_second);

}  // namespace netrig::loadgen
