#include "netrig/loadgen/run/real_server.h"

#include <utility>

#include "netrig/loadgen/run/tokens.h"

namespace netrig::loadgen {
namespace {

const Address kMemoryServer{"server", 7777};

AdmissionPolicy admission(const Scenario& scenario, bool requires_token) {
  AdmissionPolicy policy = admission_of(scenario);
  policy.requires_token = requires_token;
  return policy;
}

}  // namespace

RealServer::RealServer(const Scenario& scenario, std::uint64_t seed, const metrics::RecorderConfig& recorder,
                       ClientNames& names, SentStates* sent_states, const std::optional<TokenKey>& token_key,
                       Zero zero)
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
                       .tokens = tokens_ ? &*tokens_ : nullptr,
                       .sent_states = sent_states}),
      begin_(scheduler_, 0, [this](Instant at) { begin_measuring(at); }),
      end_(scheduler_, 1, [this](Instant at) { end_measuring(at); }) {}

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

void RealServer::start() {
  thread_ = std::thread{[this] { scheduler_.run(); }};
}

void RealServer::stop() {
  if (!thread_.joinable()) return;
  scheduler_.stop();
  thread_.join();
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
