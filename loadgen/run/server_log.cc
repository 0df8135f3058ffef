#include "netrig/loadgen/run/server_log.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "netrig/loadgen/io/human.h"

namespace netrig::loadgen {
namespace {

constexpr std::array<std::string_view, kServerEvents> kWords{
    "joined",
    "resumed",
    "lost their connection",
    "left",
    "refused",
    "packets that no honest client sends",
    "inputs refused",
    "states not sent, because a connection was backlogged",
    "ticks left out, because it was too late to catch up",
};

constexpr std::uint32_t kOwner = UINT32_MAX;
constexpr std::uint16_t kLane = 3;

}  // namespace

ServerLog::ServerLog(Scheduler& scheduler, std::ostream& out, std::function<std::size_t()> players)
    : Task({TaskClass::timer, kOwner, kLane}),
      scheduler_(scheduler),
      out_(out),
      players_(std::move(players)),
      told_at_(Instant{} - kInterval) {}

ServerLog::~ServerLog() {
  scheduler_.cancel(*this);
}

// The first of a quiet time is told at once.
void ServerLog::count(ServerEvent event, std::uint64_t times) {
  since_told_[static_cast<std::size_t>(event)] += times;
  if (planned_) return;
  planned_ = true;
  scheduler_.schedule(*this, std::max(scheduler_.now(), told_at_ + kInterval));
}

void ServerLog::tell() {
  for (std::size_t event = 0; event < kServerEvents; ++event) {
    const std::uint64_t times = std::exchange(since_told_[event], 0);
    if (times == 0) continue;
    out_ << short_seconds(seconds(scheduler_.now().time_since_epoch())) << "  " << whole(times) << ' '
         << kWords[event] << "; " << players_() << " here\n";
  }
  out_.flush();
}

void ServerLog::run(Instant now) {
  planned_ = false;
  told_at_ = now;
  tell();
}

}  // namespace netrig::loadgen
