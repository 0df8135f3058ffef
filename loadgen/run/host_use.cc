#include "netrig/loadgen/run/host_use.h"

#include <sys/resource.h>

namespace netrig::loadgen {
namespace {

rusage usage_of_process() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage;
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
  host.rss_bytes_max = static_cast<std::uint64_t>(usage_of_process().ru_maxrss) * 1024;  // Linux: kibibytes
  return host;
}

}  // namespace netrig::loadgen
