#include "netrig/loadgen/run/proxy_run.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/loadgen/commands/inspect.h"
#include "netrig/loadgen/report/threshold.h"
#include "netrig/loadgen/run/proxy_links.h"
#include "netrig/loadgen/run/run_mode.h"
#include "netrig/loadgen/run/summarise_run.h"
#include "netrig/loadgen/version.h"
#include "netrig/metrics/catalog.h"
#include "netrig/metrics/registry_view.h"
#include "netrig/transport/asio/factory.h"

namespace netrig::loadgen {
namespace {

namespace catalog = metrics::catalog;
using transport::UrlScheme;

constexpr std::size_t kOtherDescriptors = 32;     // the three of any process, listener, loop, files
constexpr std::size_t kSocketQueue = 256 * 1024;  // of a stream: four reads; the flow keeps the others
constexpr std::size_t kConnectionsOfClient = 4;   // its two, and two of somebody who has just left
constexpr std::size_t kConnectionsBeside = 64;
constexpr Duration kLastWords = 50ms;  // for what was accepted to leave

const char* const kEverybody = "clients";  // the only cohort

sim::TransportKind kind_of(const transport::EndpointUrl& url) {
  return url.scheme == UrlScheme::udp ? sim::TransportKind::udp : sim::TransportKind::tcp;
}

metrics::RecorderConfig recorder_config(const ProxySetting& setting) {
  metrics::RecorderConfig config;
  config.cohorts = {kEverybody};
  config.cohort_of_client.assign(setting.limits.clients_max, 0);
  config.transport = kind_of(setting.listen);
  return config;
}

transport::SocketOptions socket_options(const ProxySetting& setting) {
  transport::SocketOptions options;
  options.tcp.queue_bytes_max = kSocketQueue;
  options.tcp.connections_max = setting.limits.clients_max * kConnectionsOfClient + kConnectionsBeside;
  options.udp.connections_max = options.tcp.connections_max;
  options.udp.datagram_bytes_max = setting.limits.datagram_bytes_max;
  return options;
}

double late_p99(const metrics::RegistryView& view) {
  const metrics::HistogramId id = catalog::kGeneratorLatenessSeconds;
  const auto late = metrics::summarise(view.histogram(id), metrics::steps_per_unit(id.metric().unit));
  return late ? late->p99 : 0;
}

}  // namespace

ProxyRun::ProxyRun(const ProxySetting& setting, const CohortLink& link, ProxyRecorder::Problem problem)
    : setting_(setting),
      recorder_(recorder_config(setting)),
      network_(recorder_, nullptr),
      counts_(recorder_, std::move(problem)) {
  auto made = make_socket_transport(scheduler_, setting.listen, transport::SocketRole::connects,
                                    socket_options(setting));
  NETRIG_ASSERT(made);  // plain sockets need nothing
  transport_ = std::move(*made);
  proxy_ = std::make_unique<transport::Proxy>(*transport_, *transport_, setting.to.address, scheduler_,
                                              network_, counts_, links_of(link), setting.limits);
}

metrics::RunInfo ProxyRun::info() const {
  return {.version = std::string{kVersion},
          .scenario = "proxy",
          .clock = "real",
          .transport = std::string{sim::text(kind_of(setting_.listen))},
          .seed = setting_.seed,
          .tick_interval = {},
          .cohorts = {{kEverybody, setting_.limits.clients_max}}};
}

ProxyRun::~ProxyRun() {
  proxy_.reset();
  transport_.reset();
}

std::size_t ProxyRun::clients_possible(const ProxySetting& setting) {
  const std::size_t descriptors = transport::raise_descriptor_limit();
  const std::size_t each = kind_of(setting.listen) == sim::TransportKind::udp ? 1 : 2;
  const std::size_t possible = descriptors > kOtherDescriptors ? (descriptors - kOtherDescriptors) / each : 1;
  return std::min(setting.limits.clients_max, std::max<std::size_t>(possible, 1));
}

transport::Proxy::Links ProxyRun::links_of(const CohortLink& link) const {
  const auto links =
      std::make_shared<ProxyLinks>(link, kind_of(setting_.listen), setting_.congestion, setting_.seed);
  return [links](std::uint32_t place, std::uint64_t number) { return links->link_of(place, number); };
}

Result<transport::EndpointUrl, std::string> ProxyRun::listen() {
  const auto bound = proxy_->listen(setting_.listen.address);
  if (!bound)
    return "cannot listen on " + text(setting_.listen) + ": " + std::string{transport::text(bound.error())};
  transport::EndpointUrl listening = setting_.listen;
  listening.address = *bound;
  recorder_.begin_measuring(scheduler_.now());
  return listening;
}

void ProxyRun::run_for(Duration time) {
  scheduler_.run_until(scheduler_.now() + time);
  recorder_.advance(scheduler_.now());
}

void ProxyRun::change_link(const CohortLink& link) {
  proxy_->change_links(links_of(link));
}

void ProxyRun::end_counting() {
  recorder_.end_measuring(scheduler_.now());
}

void ProxyRun::stop() {
  proxy_->stop();
  scheduler_.run_until(scheduler_.now() + kLastWords);
}

ProxyFacts ProxyRun::facts() const {
  const metrics::RegistryView view{recorder_.registry()};
  ProxyFacts facts;
  facts.running = running();
  facts.clients = counts_.clients();
  facts.clients_came = counts_.came();
  facts.up_bytes = counts_.given(sim::Direction::up);
  facts.down_bytes = counts_.given(sim::Direction::down);
  facts.dropped = view.counter(catalog::kPacketsLostTotal) + view.counter(catalog::kPacketsDroppedTotal);
  facts.late_seconds_p99 = late_p99(view);
  return facts;
}

RunResult ProxyRun::describe(const ProxySetting& setting, const CohortLink& link) {
  RunResult result;
  result.version = kVersion;
  result.deterministic = false;
  result.seed = setting.seed;
  result.scenario.name = "proxy";
  result.scenario.clock = "real";
  result.scenario.transport = sim::text(kind_of(setting.listen));
  result.scenario.dialect = "any";
  result.scenario.replication = "none";
  result.description.network = brief(link);
  result.description.target = text(setting.to);
  if (kind_of(setting.listen) == sim::TransportKind::tcp)
    result.description.streams = sim::text(setting.congestion);
  CohortResult& clients = result.cohorts.emplace_back();
  clients.name = "clients";
  clients.link = brief(link);
  return result;
}

RunResult ProxyRun::result(const CohortLink& link, const HostResult& host) const {
  RunResult result = describe(setting_, link);
  fill_in_recorded(result, recorder_, host);
  ProxyResult& proxy = result.proxy.emplace();
  proxy.to = text(setting_.to);
  counts_.fill_in(proxy);
  result.scenario.clients = result.cohorts.front().clients = proxy.clients;
  result.scenario.duration = result.simulated = running();
  result.connection_problem = counts_.connection_problem();
  // One that had nothing to do was not late.
  if (result.generator.lateness_seconds.count > 0)
    result.thresholds.push_back(evaluate(punctuality(), metrics::RegistryView{recorder_.registry()},
                                         running(), {.virtual_clock = false, .own_server = false}));
  result.exit_code = exit_code_of(result.thresholds);
  if (counts_.reached_nobody()) result.exit_code = worst(result.exit_code, ExitCode::target_unreachable);
  return result;
}

}  // namespace netrig::loadgen
