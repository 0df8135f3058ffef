#include "netrig/loadgen/run/real_server.h"

#include <utility>

#include "netrig/loadgen/run/live_metrics.h"
#include "netrig/loadgen/run/tokens.h"

namespace netrig::loadgen {
namespace {

const Address kMemoryServer{"server", 7777};

constexpr std::uint16_t kBeginLane = 0;
constexpr std::uint16_t kEndLane = 1;
constexpr std::uint16_t kPulseLane = 4;  // 2 is the clients', who may share the scheduler; 3 is the log's

AdmissionPolicy admission(const Scenario& scenario, bool requires_token) {
  AdmissionPolicy policy = admission_of(scenario);
  policy.requires_token = requires_token;
  return policy;
}

}  // namespace

RealServer::RealServer(const Scenario& scenario, std::uint64_t seed, const metrics::RecorderConfig& recorder,
                       ClientNames& names, SentStates* sent_states, const std::optional<TokenKey>& token_key,
                       Dialect dialect, Zero zero, bool records_alone)
    : scheduler_(nullptr, zero),
      recorder_(recorder),
      app_messages_(*scenario.game_kind),
      tokens_(token_key ? std::optional<TokenGate>{std::in_place, gate_for(*token_key), entropy_}
                        : std::nullopt),
      side_(scenario, {.seed = seed,
                       .scheduler = scheduler_,
                       .entropy = entropy_,
                       .recorder = recorder_,
                       .app_messages = app_messages_,
                       .clients = names,
                       .admission = admission(scenario, token_key.has_value()),
                       .dialect = dialect,
                       .tokens = tokens_ ? &*tokens_ : nullptr,
                       .sent_states = sent_states,
                       .records_alone = records_alone}),
      begin_(scheduler_, kBeginLane, [this](Instant at) { begin_measuring(at); }),
      end_(scheduler_, kEndLane, [this](Instant at) { end_measuring(at); }) {}

RealServer::~RealServer() {
  stop();
}

Result<Address, Failure> RealServer::listen(const Sockets& sockets) {
  auto opened = sockets.open(scheduler_, transport::SocketRole::listens);
  if (!opened) return opened.error();
  transport_ = std::move(*opened);
  const auto bound = side_.listen(*transport_, sockets.url ? sockets.url->address : kMemoryServer);
  const std::string where = sockets.url ? text(*sockets.url) : kMemoryServer.host;
  if (!bound) return Failure{"cannot listen on " + where + ": " + std::string{text(bound.error())}};
  return *bound;
}

ServerLog& RealServer::log_to(std::ostream& out) {
  log_.emplace(scheduler_, out, [this] { return players_here(); });
  side_.tell(*log_);
  return *log_;
}

std::size_t RealServer::players_here() const {
  return side_.server().connected();
}

void RealServer::start() {
  thread_ = std::thread{[this] { scheduler_.run(); }};
}

void RealServer::stop() {
  if (!thread_.joinable()) return;
  scheduler_.stop();
  thread_.join();
}

metrics::Published& RealServer::watch() {
  published_.emplace(recorder_.registry().shape());
  publishing_.emplace(scheduler_, kPulseLane, LiveMetrics::kInterval, [this](Instant) { publish(); });
  return *published_;
}

void RealServer::publish() {
  if (published_) published_->publish(recorder_.registry(), {});
}

void RealServer::measure_from(Instant begin) {
  scheduler_.post([this, begin] { begin_.plan(begin); });
}

void RealServer::measure_until(Instant end) {
  scheduler_.post([this, end] { end_.plan(end); });
}

void RealServer::begin_measuring(Instant at) {
  recorder_.begin_measuring(at);
  side_.measure(true);
}

void RealServer::end_measuring(Instant at) {
  if (!recorder_.measuring()) return;
  recorder_.end_measuring(at);
  side_.measure(false);
}

void RealServer::finish(Instant end) {
  end_measuring(end);
}

}  // namespace netrig::loadgen
