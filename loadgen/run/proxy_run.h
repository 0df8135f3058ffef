// A proxy over sockets, and what it counts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "netrig/core/base/result.h"
#include "netrig/loadgen/report/report_proxy.h"
#include "netrig/loadgen/report/run_result.h"
#include "netrig/loadgen/run/host_use.h"
#include "netrig/loadgen/run/link_side.h"
#include "netrig/loadgen/run/proxy_recorder.h"
#include "netrig/loadgen/scenario/scenario.h"
#include "netrig/metrics/exposition.h"
#include "netrig/metrics/recorder/recorder.h"
#include "netrig/transport/asio/asio_scheduler.h"
#include "netrig/transport/endpoint_url.h"
#include "netrig/transport/proxy/proxy.h"

namespace netrig::loadgen {

struct ProxySetting {
  transport::EndpointUrl listen;
  transport::EndpointUrl to;
  sim::Congestion congestion = sim::Congestion::ideal;
  std::uint64_t seed = 1;
  transport::ProxyOptions limits{};
};

class ProxyRun {
 public:
  ProxyRun(const ProxySetting& setting, const CohortLink& link, ProxyRecorder::Problem problem);
  ~ProxyRun();

  // As many clients as this process may have descriptors for, when that is fewer than were asked for.
  static std::size_t clients_possible(const ProxySetting& setting);

  // The answer: where it listens. The error is a sentence.
  Result<transport::EndpointUrl, std::string> listen();
  void run_for(Duration time);
  void change_link(const CohortLink& link);
  void end_counting();
  void stop();  // everybody is told to go

  Duration running() const { return scheduler_.now() - Instant{}; }
  ProxyFacts facts() const;
  const ProxyRecorder& counts() const { return counts_; }
  const metrics::Recorder& recorder() const { return recorder_; }
  // What was recorded, with its verdict; identity and description are filled in, too.
  RunResult result(const CohortLink& link, const HostResult& host) const;

  // As Prometheus sees it.
  metrics::RunInfo info() const;

  // What begins to be said of it: everything that is known before it runs.
  static RunResult describe(const ProxySetting& setting, const CohortLink& link);

 private:
  transport::Proxy::Links links_of(const CohortLink& link) const;

  const ProxySetting setting_;
  transport::AsioScheduler scheduler_;
  metrics::Recorder recorder_;
  LinkTaps network_;
  ProxyRecorder counts_;
  std::unique_ptr<transport::Transport> transport_;
  std::unique_ptr<transport::Proxy> proxy_;
};

}  // namespace netrig::loadgen
