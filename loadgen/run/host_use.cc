#include "netrig/loadgen/run/host_use.h"

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/resource.h>

namespace netrig::loadgen {
namespace {

rusage usage_of_process() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage;
}

// Of this program alone: what getrusage says begins with whoever started it, because fork and exec keep it.
// (proc(5), VmHWM; elsewhere than on Linux, getrusage is all there is.)
std::uint64_t rss_bytes_max() {
  constexpr std::uint64_t kKibibyte = 1024;
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);) {
    constexpr std::string_view kKey = "VmHWM:";
    if (line.starts_with(kKey)) return std::strtoull(line.c_str() + kKey.size(), nullptr, 10) * kKibibyte;
  }
  return static_cast<std::uint64_t>(usage_of_process().ru_maxrss) * kKibibyte;
}

double in_seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

HostUse host_use() {
  const rusage usage = usage_of_process();
  return {std::chrono::steady_clock::now(), in_seconds(usage.ru_utime) + in_seconds(usage.ru_stime)};
}

HostResult host_since(const HostUse& before) {
  const HostUse now = host_use();
  HostResult host;
  host.wall_seconds = seconds(now.wall - before.wall);
  host.cpu_seconds = now.cpu_seconds - before.cpu_seconds;
  host.rss_bytes_max = rss_bytes_max();
  return host;
}

}  // namespace netrig::loadgen
