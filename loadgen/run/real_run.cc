#include "netrig/loadgen/run/real_run.h"

#include <algorithm>
#include <utility>

#include "netrig/loadgen/run/host_use.h"
#include "netrig/loadgen/run/live_metrics.h"
#include "netrig/loadgen/run/recording.h"

namespace netrig::loadgen {
namespace {

using transport::AsioScheduler;

constexpr Duration kSetUpTime = 100ms;  // until the run's first instant, so that nobody is late for it
constexpr Duration kLook = 10ms;        // between two looks at signals and at who is in
constexpr Duration kProgressInterval = 50ms;
// From the last first state to the measured window: both threads know of it by then.
constexpr Duration kWindowNotice = 50ms;

constexpr std::uint32_t kFirstLinkOwner = 1;

metrics::RecorderConfig heard(metrics::RecorderConfig config, bool downstream, bool upstream) {
  config.hears = {downstream, upstream};
  return config;
}

}  // namespace

RealRun::RealRun(const Scenario& scenario, const Plan& plan, std::uint64_t seed, const RealSetting& setting)
    : scenario_(scenario),
      plan_(plan),
      seed_(seed),
      setting_(setting),
      zero_(std::chrono::steady_clock::now() + kSetUpTime),
      own_(nullptr, zero_),
      planned_names_(plan),
      truth_(derive_windows(horizon_of(scenario)).history_ticks),
      recorder_(heard(recorder_config(scenario, plan), !setting.mode.target.empty(), true)),
      app_messages_(*scenario.game_kind),
      link_taps_(recorder_, nullptr),
      links_(scenario, plan, Random{seed}) {}

RealRun::~RealRun() {
  if (server_) server_->stop();
  clients_.reset();
}

// Each client has one end here, and over a stream its server's other end is here, too.
Result<void, Failure> RealRun::provide_sockets() const {
  if (!setting_.sockets.url) return {};
  std::size_t connections = plan_.clients.size();
  if (has_own_server() && sim::delivery(scenario_.transport) == Delivery::reliable_ordered) connections *= 2;
  return provide_descriptors(connections);
}

Result<void, Failure> RealRun::begin(bool watched) {
  if (const auto provided = provide_sockets(); !provided) return provided.error();
  Address server;
  if (!has_own_server()) {
    server = setting_.sockets.url->address;
  } else {
    const auto bound = begin_server();
    if (!bound) return bound.error();
    server = *bound;
  }
  if (const auto begun = begin_clients(server); !begun) return begun.error();
  end_ = Instant{} + warm_up_max(scenario_) + scenario_.duration;
  begin_.emplace(scheduler(), 2, [this](Instant at) {
    recorder_.begin_measuring(at);
    if (network_) network_->restart_stream_facts(at);
  });
  if (scenario_.measure.after == MeasureAfter::start) measure_from(Instant{});
  if (watched) both_.emplace(recorder_.registry(), server_ ? &server_->watch() : nullptr);
  if (has_thread()) server_->start();
  return {};
}

Result<Address, Failure> RealRun::begin_server() {
  ClientNames* names = &port_names_;
  if (!has_thread()) names = &planned_names_;
  server_ =
      std::make_unique<RealServer>(scenario_, seed_, heard(recorder_config(scenario_, plan_), true, false),
                                   *names, &truth_, setting_.token_key, setting_.mode.dialect, zero_);
  return server_->listen(setting_.sockets);
}

Result<void, Failure> RealRun::begin_clients(const Address& server) {
  transport::Transport* transport = nullptr;
  if (has_own_server() && !has_thread()) {
    transport = &server_->transport();
  } else {
    auto opened = setting_.sockets.open(own_, transport::SocketRole::connects);
    if (!opened) return opened.error();
    own_transport_ = std::move(*opened);
    transport = own_transport_.get();
  }
  if (simulates_network(scenario_, setting_.mode)) {
    network_ = std::make_unique<transport::SimulatedTransport>(
        *transport, scheduler(), links_, link_taps_,
        transport::SimulatedOptions{.first_task_owner = kFirstLinkOwner});
    transport = network_.get();
  }
  if (setting_.token_key) {
    purse_ = std::make_unique<IssuedTokens>(*setting_.token_key, entropy_);
  } else if (!setting_.tokens.empty()) {
    purse_ = std::make_unique<GivenTokens>(setting_.tokens);
  }
  const ClientSetting clients{.seed = seed_,
                              .scheduler = scheduler(),
                              .transport = *transport,
                              .server_address = server,
                              .recorder = recorder_,
                              .app_messages = app_messages_,
                              .truth = has_own_server() ? &truth_ : nullptr,
                              .entropy = &entropy_,
                              .ports = &port_names_,
                              .tokens = purse_.get(),
                              .records_alone = true,
                              .inputs = setting_.inputs,
                              .dialect = setting_.mode.dialect};
  clients_ = std::make_unique<ClientSide>(scenario_, plan_, clients);
  return {};
}

// --- time

void RealRun::measure_from(Instant begin) {
  measuring_since_ = begin;
  end_ = begin + scenario_.duration;
  begin_->plan(begin);
  if (!server_) return;
  server_->measure_from(begin);
  server_->measure_until(end_);
}

void RealRun::watch_window() {
  if (!measuring_since_ && clients_->everybody_was_in()) measure_from(scheduler().now() + kWindowNotice);
}

metrics::RunState RealRun::state() const {
  if (is_over_) return metrics::RunState::finished;
  return measuring_since_ ? metrics::RunState::measuring : metrics::RunState::warming_up;
}

RunProgress RealRun::progress(Instant now) const {
  return {.simulated = std::max(now, Instant{}).time_since_epoch(),
          .planned = end_.time_since_epoch(),
          .state = state(),
          .clients = clients_->clients_in_session(),
          .plan = plan_,
          .registry = both_ ? &both_->registry() : nullptr,
          .timeline = both_ ? &both_->timeline() : nullptr};
}

void RealRun::publish(const RunControls& controls, Instant now) {
  if (both_) both_->look(measuring_since_, now);
  if (controls.on_publish) controls.on_publish(progress(now));
}

bool RealRun::run_to_end(const RunControls& controls) {
  Instant next_progress;
  Instant next_publish;
  while (true) {
    const Instant now = scheduler().now();
    const Instant limit = measuring_since_ ? end_ : Instant{} + warm_up_max(scenario_);
    if (now >= limit) {
      end_ = limit;
      return false;
    }
    if (controls.interrupted != nullptr && *controls.interrupted != 0) {
      end_ = std::max(now, Instant{});
      return true;
    }
    if (now >= next_publish) {
      publish(controls, now);
      next_publish = now + LiveMetrics::kInterval;
    }
    if (controls.on_progress && now >= next_progress) {
      controls.on_progress(progress(now));
      next_progress = now + kProgressInterval;
    }
    // Nobody is left, and nobody will come: there is nothing to wait for.
    if (clients_->everybody_gave_up()) {
      end_ = std::max(now, Instant{});
      return false;
    }
    recorder_.advance(now);
    scheduler().run_until(std::min(now + kLook, limit));
    watch_window();
  }
}

void RealRun::end(const RunControls& controls) {
  is_over_ = true;
  if (recorder_.measuring()) recorder_.end_measuring(end_);
  if (server_) {
    server_->stop();
    server_->finish(end_);
    server_->publish();
  }
  publish(controls, end_);
  if (!server_) return;
  recorder_.merge(server_->recorder());
  app_messages_.merge(server_->app_messages());
}

RunFacts RealRun::facts() const {
  RunFacts facts{.recorder = recorder_,
                 .plan = plan_,
                 .end = end_,
                 .measuring_since = measuring_since_,
                 .clients_in_session = clients_->clients_in_session(),
                 .clients_joined = clients_->clients_joined(),
                 .app_messages = app_messages_.results()};
  if (server_) facts.referee_dropped = server_->side().referee_dropped();
  if (network_) facts.stream_facts = network_->stream_facts(end_);
  facts.server_starts = clients_->server_epochs();
  facts.connection_problem = clients_->connection_problem();
  return facts;
}

Result<RunResult, Failure> run_real(const Scenario& scenario, std::uint64_t seed, const RealSetting& setting,
                                    const RunControls& controls) {
  const Plan plan = make_plan(scenario, seed);
  const HostUse before = host_use();
  RealRun run{scenario, plan, seed, setting};
  if (const auto begun = run.begin(controls.watched || controls.on_publish); !begun) return begun.error();
  const bool interrupted = run.run_to_end(controls);
  run.end(controls);

  HostResult host = host_since(before);
  host.threads = run.threads();
  RunFacts facts = run.facts();
  facts.interrupted = interrupted;
  return summarise_run(scenario, setting.mode, seed, facts, host);
}

}  // namespace netrig::loadgen
