#include "netrig/loadgen/run/shard.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "netrig/core/base/assert.h"

namespace netrig::loadgen {
namespace {

// Who owns which tasks of the network class: the in-memory transport, then one number per client's link.
constexpr std::uint32_t kMemoryOwner = 0;
constexpr std::uint32_t kFirstLinkOwner = 1;

// Between the link and its end, where bytes only pass within one instant: nine of the largest states, which
// are 65,535 entities of 111 B.
constexpr std::size_t kQueueBytesMax = 64 * 1024 * 1024;

const Address kServerAddress{"server", 7777};

// A link direction as a trace names it.
std::uint32_t owner_of(sim::LinkId link) {
  return link.client << 1 | static_cast<std::uint32_t>(link.direction);
}

metrics::RecorderConfig recorder_config(const Scenario& scenario, const Plan& plan) {
  metrics::RecorderConfig config;
  config.transport = scenario.transport;
  for (const Cohort& cohort : scenario.cohorts) config.cohorts.push_back(cohort.name);
  for (const ClientPlan& client : plan.clients) config.cohort_of_client.push_back(client.cohort);
  return config;
}

// Every client has an address of its own here, so no limit per address gets in its way.
AdmissionPolicy admission_policy(const Scenario& scenario, const World& world) {
  AdmissionPolicy policy;
  policy.schema_digest = world.schema().digest();
  policy.seats_per_address_max = scenario.server.players_max;
  policy.allows_plaintext = !scenario.encryption;
  return policy;
}

ServerConfig server_config(const Scenario& scenario) {
  ServerConfig config = scenario.server;
  config.horizon = horizon_of(scenario);
  return config;
}

}  // namespace

// --- observers

class Shard::Taps final : public metrics::ServerRecorder, public sim::NetworkObserver, public SeatObserver {
 public:
  Taps(metrics::Recorder& recorder, sim::Trace& trace, const Plan& plan, std::vector<PeerId>& peer_of_client,
       std::uint32_t tick_rate_hz)
      : ServerRecorder(recorder),
        recorder_(recorder),
        trace_(trace),
        peer_of_client_(peer_of_client),
        tick_rate_hz_(tick_rate_hz) {
    for (const ClientPlan& client : plan.clients)
      client_at_[client_address(client.index).host] = client.index;
  }

  void on_seated(const Address& from, PeerId peer) override {
    const std::uint32_t client = client_at_.at(from.host);
    bind(peer, client);
    peer_of_client_[client] = peer;
  }
  void on_unseated(PeerId peer) override { unbind(peer); }
  // A tick that was not over when the next was due has overrun, whether it began late or took long.
  void on_ticks_run(Tick newest, std::uint32_t ran, Instant finished) override {
    for (std::uint32_t back = 0; back < ran; ++back) {
      const Instant next_due = tick_instant(Instant{}, newest.value - back + 1, tick_rate_hz_);
      if (finished > next_due) recorder_.tick_overran();
    }
  }
  void on_advanced() override { desk_->answer(); }

  // Before the server's first call.
  void listen(RefereeDesk& desk) { desk_ = &desk; }

  void on_tick(Tick tick, std::uint32_t entities, std::uint64_t world_digest, Instant now) override {
    trace_.record({now, sim::EventKind::tick, 0, tick.value, world_digest});
    recorder_.tick_lateness(now - tick_instant(Instant{}, tick.value, tick_rate_hz_));
    ServerRecorder::on_tick(tick, entities, world_digest, now);
  }
  void on_joined(PeerId peer, ClientId client, EntityId, Instant now) override {
    trace_.record({now, sim::EventKind::open, peer.value, client.value, 0});
  }
  void on_resumed(PeerId peer, ClientId client, EntityId, Instant now) override {
    trace_.record({now, sim::EventKind::open, peer.value, client.value, 1});
  }
  void on_detached(PeerId peer, ClientId client, Instant now) override {
    trace_.record({now, sim::EventKind::close, peer.value, client.value, 0});
    ServerRecorder::on_detached(peer, client, now);
  }
  void on_left(PeerId peer, ClientId client, DisconnectReason reason, Instant now) override {
    trace_.record({now, sim::EventKind::close, peer.value, client.value, static_cast<std::uint64_t>(reason)});
    ServerRecorder::on_left(peer, client, reason, now);
  }
  void on_app_message(ClientId from, const AppMessage& message, Instant) override {
    desk_->on_message(from, message);
  }
  void on_latest_message(ClientId from, const LatestMessage& message, Instant) override {
    desk_->on_message(from, {message.key, message.bytes});
  }
  void on_world_event(Tick, std::uint16_t kind, EntityId subject, EntityId object) override {
    desk_->on_event(kind, subject, object);
  }

  void on_sent(sim::LinkId link, std::size_t bytes, std::uint64_t digest, Instant now) override {
    trace_.record({now, sim::EventKind::send, owner_of(link), bytes, digest});
    recorder_.network_sent(link, bytes);
  }
  void on_delivered(sim::LinkId link, std::size_t bytes, Instant sent_at, Instant now) override {
    trace_.record({now, sim::EventKind::deliver, owner_of(link), bytes,
                   static_cast<std::uint64_t>(ns_since_start(sent_at))});
    recorder_.network_delivered(link, bytes);
  }
  void on_dropped(sim::LinkId link, sim::DropCause cause, std::size_t bytes, Instant now) override {
    if (cause != sim::DropCause::redundant)  // the network had delivered it
      trace_.record({now, sim::EventKind::drop, owner_of(link), bytes, static_cast<std::uint64_t>(cause)});
    recorder_.network_dropped(link, cause);
  }
  void on_duplicated(sim::LinkId link, std::size_t bytes, Instant now) override {
    trace_.record({now, sim::EventKind::duplicate, owner_of(link), bytes, 0});
    recorder_.network_duplicated(link);
  }
  void on_corrupted(sim::LinkId link, std::size_t bytes, Instant now) override {
    trace_.record({now, sim::EventKind::corrupt, owner_of(link), bytes, 0});
    recorder_.network_corrupted(link);
  }
  void on_abandoned(sim::LinkId link, std::size_t packets, Instant) override {
    recorder_.network_abandoned(link, packets);
  }
  void on_reordered(sim::LinkId link, std::size_t, Instant) override { recorder_.network_reordered(link); }
  void on_retransmitted(sim::LinkId link, std::size_t bytes, Instant now) override {
    trace_.record({now, sim::EventKind::retransmit, owner_of(link), bytes, 0});
    recorder_.network_retransmitted(link);
  }

 private:
  metrics::Recorder& recorder_;
  sim::Trace& trace_;
  std::vector<PeerId>& peer_of_client_;
  std::uint32_t tick_rate_hz_;
  RefereeDesk* desk_ = nullptr;
  std::map<std::string, std::uint32_t, std::less<>> client_at_;  // client index by host
};

class Shard::Directory final : public transport::LinkDirectory {
 public:
  Directory(const Scenario& scenario, const Plan& plan, const Random& random) {
    if (scenario.uplink) uplink_ = std::make_shared<sim::Bottleneck>(*scenario.uplink);
    for (const ClientPlan& client : plan.clients) {
      transport::LinkSetup setup{.client = client.index,
                                 .kind = scenario.transport,
                                 .up = client.up,
                                 .down = client.down,
                                 .congestion = congestion_of(scenario),
                                 .tcp = scenario.tcp,
                                 .random = random.fork("link", client.index)};
      share_queues(scenario.cohorts[client.cohort].link, client, setup);
      links_.emplace(client_address(client.index).host, std::move(setup));
    }
  }
  std::optional<transport::LinkSetup> link_of(const Address& from) const override {
    const auto found = links_.find(from.host);
    return found == links_.end() ? std::nullopt : std::optional{found->second};
  }

 private:
  using Queue = std::shared_ptr<sim::Bottleneck>;

  // A packet for a client passes the server's queue, then its household's.
  void share_queues(const CohortLink& link, const ClientPlan& client, transport::LinkSetup& into) {
    if (uplink_) into.down_queues.push_back(uplink_);
    if (!client.household) return;
    const auto add = [&](const std::optional<sim::QueueConditions>& conditions, sim::Direction direction,
                         sim::SharedQueues& queues) {
      if (!conditions) return;
      Queue& queue = households_[{client.cohort, *client.household, direction}];
      if (!queue) queue = std::make_shared<sim::Bottleneck>(*conditions);
      queues.push_back(queue);
    };
    add(link.household->up, sim::Direction::up, into.up_queues);
    add(link.household->down, sim::Direction::down, into.down_queues);
  }

  Queue uplink_;
  std::map<std::tuple<std::uint32_t, std::uint32_t, sim::Direction>, Queue> households_;
  std::map<std::string, transport::LinkSetup, std::less<>> links_;
};

// --- the universe

Shard::Shard(const Scenario& scenario, const Plan& plan, std::uint64_t seed, sim::TraceWindow capture)
    : scenario_(scenario),
      plan_(plan),
      trace_(capture),
      recorder_(recorder_config(scenario, plan)),
      app_messages_(*scenario.game_kind),
      peer_of_client_(plan.clients.size()),
      world_(scenario.game->make_world(Random{seed}.fork("world", 0))),
      entropy_(Random{seed}.fork("entropy", 0)),
      taps_(std::make_unique<Taps>(recorder_, trace_, plan, peer_of_client_,
                                   scenario.server.horizon.tick_rate_hz)),
      directory_(std::make_unique<Directory>(scenario, plan, Random{seed})),
      memory_(scheduler_, {.delivery = sim::delivery(scenario.transport),
                           .queue_bytes_max = kQueueBytesMax,
                           .task_owner = kMemoryOwner}),
      network_(memory_, scheduler_, *directory_, *taps_, {.first_task_owner = kFirstLinkOwner}),
      server_(server_config(scenario), *world_, entropy_, *taps_, Instant{}),
      acceptor_(server_, admission_policy(scenario, *world_), derive_windows(horizon_of(scenario)), *taps_),
      datagrams_(server_, admission_policy(scenario, *world_), derive_windows(horizon_of(scenario)), nullptr,
                 entropy_, *taps_),
      driver_(scheduler_, server_, acceptor_, datagrams_, *taps_, scenario.pace),
      desk_(*scenario.game, server_, app_messages_, measuring_) {
  NETRIG_ASSERT(world_->schema().digest() == scenario.game->schema().digest());
  taps_->listen(desk_);
  const auto listening = driver_.listen(network_, kServerAddress);
  NETRIG_ASSERT(listening.has_value());
  environment_.emplace(ClientEnvironment{
      scheduler_, network_, kServerAddress, world_->schema(), recorder_, server_, peer_of_client_, Instant{},
      scenario.server.horizon.tick_rate_hz, clients_joined_, app_messages_});
  for (const ClientPlan& client : plan.clients) {
    VirtualClientPlan to_run{.index = client.index,
                             .stays = client.stays(),
                             .cuts = client.cuts(),
                             .cut = client.storm ? client.storm->cut : CutKind::reset,
                             .reconnect = client.reconnect,
                             .random = Random{seed}.fork("client", client.index),
                             .input_interval = client.input_interval,
                             .phase = client.phase_offset,
                             .clock_offset = client.clock_offset,
                             .drift_ppb = client.drift_ppb,
                             .horizon = horizon_of(scenario),
                             .delivery = sim::delivery(scenario.transport),
                             .encrypted = scenario.encryption};
    const std::uint32_t inputs_per_second = scenario.cohorts[client.cohort].input_rate_hz;
    clients_.push_back(std::make_unique<VirtualClient>(
        *environment_, to_run,
        client.behaviour->make(*scenario.game, inputs_per_second,
                               Random{seed}.fork("behaviour", client.index))));
    clients_.back()->start();
  }
  end_ = Instant{} + warm_up_max(scenario) + scenario.duration;
  if (scenario.measure.after == MeasureAfter::start) begin_measuring(Instant{});
}

Shard::~Shard() = default;

void Shard::begin_measuring(Instant at) {
  phase_ = Phase::measuring;
  measuring_ = true;
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
  if (!everybody_in_at_ && clients_joined_ == clients_.size()) everybody_in_at_ = now();
}

void Shard::stop() {
  finish(now());
}

void Shard::finish(Instant at) {
  if (phase_ == Phase::measuring) recorder_.end_measuring(at);
  stream_facts_ = network_.stream_facts(at);
  end_ = at;
  measuring_ = false;
  phase_ = Phase::done;
}

std::uint32_t Shard::clients_in_session() const {
  return static_cast<std::uint32_t>(std::count_if(clients_.begin(), clients_.end(),
                                                  [](const auto& client) { return client->in_session(); }));
}

std::uint32_t Shard::clients_planned() const {
  const auto is_there = [&](const ClientPlan& client) {
    Stays stays = client.stays();
    auto stay = stays.next();
    while (stay && stay->until && *stay->until <= end_) stay = stays.next();
    return stay && stay->from < end_;
  };
  return static_cast<std::uint32_t>(std::ranges::count_if(plan_.clients, is_there));
}

}  // namespace netrig::loadgen
