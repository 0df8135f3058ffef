// What happens to a server's players, in plain lines: at most one a second for each cause, with how often it
// happened since the last.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>

#include "netrig/core/base/scheduler.h"

namespace netrig::loadgen {

enum class ServerEvent : std::uint8_t {
  joined,
  resumed,
  detached,  // its connection broke; it may come back
  left,
  refused,
  faulty,  // a packet that no honest client sends
  input_dropped,
  state_skipped,
  tick_skipped,
};
constexpr std::size_t kServerEvents = 9;

class ServerLog final : Task {
 public:
  static constexpr Duration kInterval = 1s;

  // All of them outlive the log. `players`: how many have a session now.
  ServerLog(Scheduler& scheduler, std::ostream& out, std::function<std::size_t()> players);
  ~ServerLog() override;

  void count(ServerEvent event, std::uint64_t times = 1);
  // What has not been told yet, for the end.
  void tell();

 private:
  void run(Instant now) override;

  Scheduler& scheduler_;
  std::ostream& out_;
  std::function<std::size_t()> players_;
  std::array<std::uint64_t, kServerEvents> since_told_{};
  Instant told_at_;
  bool planned_ = false;
};

}  // namespace netrig::loadgen
