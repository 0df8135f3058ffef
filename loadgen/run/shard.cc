#include "netrig/loadgen/run/shard.h"

#include <algorithm>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/loadgen/run/recording.h"

namespace netrig::loadgen {
namespace {

// Who owns which tasks of the network class: the in-memory transport, then one number per client's link.
constexpr std::uint32_t kMemoryOwner = 0;
constexpr std::uint32_t kFirstLinkOwner = 1;

// Between the link and its end, where bytes only pass within one instant: nine of the largest states, which
// are 65,535 entities of 111 B.
constexpr std::size_t kQueueBytesMax = 64 * 1024 * 1024;

const Address kServerAddress{"server", 7777};

}  // namespace

class Shard::Truth final : public ServerTruth {
 public:
  explicit Truth(const ServerSide& server) : server_(server) {}
  std::optional<std::uint64_t> sent_digest(std::uint32_t client, Tick tick) const override {
    return server_.server().view_digest(server_.peer_of(client), tick);
  }

 private:
  const ServerSide& server_;
};

Shard::Shard(const Scenario& scenario, const Plan& plan, std::uint64_t seed, sim::TraceWindow capture,
             InputRecorder* inputs, Dialect dialect)
    : scenario_(scenario),
      plan_(plan),
      trace_(capture),
      recorder_(recorder_config(scenario, plan)),
      app_messages_(*scenario.game_kind),
      entropy_(Random{seed}.fork("entropy", 0)),
      link_taps_(recorder_, &trace_),
      links_(scenario, plan, Random{seed}),
      memory_(scheduler_, {.delivery = sim::delivery(scenario.transport),
                           .queue_bytes_max = kQueueBytesMax,
                           .task_owner = kMemoryOwner}),
      network_(memory_, scheduler_, links_, link_taps_, {.first_task_owner = kFirstLinkOwner}),
      names_(plan),
      server_(scenario, {.seed = seed,
                         .scheduler = scheduler_,
                         .entropy = entropy_,
                         .recorder = recorder_,
                         .app_messages = app_messages_,
                         .clients = names_,
                         .admission = admission_of(scenario),
                         .dialect = dialect,
                         .trace = &trace_}),
      truth_(std::make_unique<Truth>(server_)),
      clients_(scenario, plan,
               {.seed = seed,
                .scheduler = scheduler_,
                .transport = network_,
                .server_address = kServerAddress,
                .recorder = recorder_,
                .app_messages = app_messages_,
                .truth = truth_.get(),
                .inputs = inputs,
                .dialect = dialect}) {
  const auto listening = server_.listen(network_, kServerAddress);
  NETRIG_ASSERT(listening.has_value());
  end_ = Instant{} + warm_up_max(scenario) + scenario.duration;
  if (scenario.measure.after == MeasureAfter::start) begin_measuring(Instant{});
}

Shard::~Shard() = default;

void Shard::begin_measuring(Instant at) {
  phase_ = Phase::measuring;
  server_.measure(true);
  measuring_since_ = at;
  end_ = at + scenario_.duration;
  recorder_.begin_measuring(at);
  network_.restart_stream_facts(at);
}

// The window begins just after the instant at which the last client got its first state: a tick of that
// instant is over, so as many ticks fall into the window as its length says.
void Shard::step() {
  const std::optional<Instant> next = scheduler_.next_deadline();
  const bool waits = phase_ == Phase::warming_up && everybody_in_at_;
  if (waits && (!next || *next > *everybody_in_at_)) begin_measuring(*everybody_in_at_ + 1ns);
  const Instant limit = phase_ == Phase::warming_up ? Instant{} + warm_up_max(scenario_) : end_;
  if (!next || *next >= limit) return finish(limit);
  recorder_.advance(*next);
  scheduler_.run_next();
  if (!everybody_in_at_ && clients_.everybody_was_in()) everybody_in_at_ = now();
}

void Shard::stop() {
  finish(now());
}

void Shard::finish(Instant at) {
  if (phase_ == Phase::measuring) recorder_.end_measuring(at);
  recorder_.end(at);
  stream_facts_ = network_.stream_facts(at);
  end_ = at;
  server_.measure(false);
  phase_ = Phase::done;
}

RunFacts Shard::facts() const {
  return {.recorder = recorder_,
          .plan = plan_,
          .digest = trace_.digest(),
          .end = end_,
          .measuring_since = measuring_since_,
          .events = scheduler_.events(),
          .world_digest = server_.world_digest(),
          .clients_in_session = clients_.clients_in_session(),
          .clients_joined = clients_.clients_joined(),
          .referee_dropped = server_.referee_dropped(),
          .app_messages = app_messages_.results(),
          .stream_facts = stream_facts_};
}

}  // namespace netrig::loadgen
