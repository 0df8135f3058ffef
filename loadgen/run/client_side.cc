#include "netrig/loadgen/run/client_side.h"

#include <algorithm>

#include "netrig/loadgen/game/script.h"
#include "netrig/loadgen/run/replay_player.h"

namespace netrig::loadgen {
namespace {

VirtualClientPlan plan_of(const Scenario& scenario, const ClientPlan& client, std::uint64_t seed) {
  return {.index = client.index,
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
          .encrypted = scenario.encryption,
          .plays_unseen = scenario.server.avatars == Avatars::unseen};
}

std::unique_ptr<Behaviour> make_behaviour(const Scenario& scenario, const ClientPlan& client, Random random) {
  const Cohort& cohort = scenario.cohorts[client.cohort];
  switch (client.behaviour->plays_from) {
    case PlaysFrom::script:
      return std::make_unique<ScriptPlayer>(cohort.script, cohort.input_rate_hz);
    case PlaysFrom::recording: {
      const auto& recorded = cohort.replay.clients;
      return std::make_unique<ReplayPlayer>(
          recorded[(std::size_t{cohort.replay.first} + client.number) % recorded.size()]);
    }
    case PlaysFrom::itself:
      break;
  }
  return client.behaviour->make(*scenario.game, cohort.input_rate_hz, random);
}

}  // namespace

ClientSide::ClientSide(const Scenario& scenario, const Plan& plan, const ClientSetting& setting) {
  environment_.emplace(ClientEnvironment{setting.scheduler, setting.transport, setting.server_address,
                                         *scenario.game, scenario.game->schema(), setting.recorder,
                                         setting.truth, scenario.server.horizon.tick_rate_hz, counts_,
                                         setting.app_messages, setting.entropy, setting.ports, setting.tokens,
                                         setting.records_alone, setting.inputs, setting.dialect});
  for (const ClientPlan& client : plan.clients) {
    clients_.push_back(std::make_unique<VirtualClient>(
        *environment_, plan_of(scenario, client, setting.seed),
        make_behaviour(scenario, client, Random{setting.seed}.fork("behaviour", client.index))));
    clients_.back()->start();
  }
}

ClientSide::~ClientSide() = default;

bool ClientSide::everybody_gave_up() const {
  return std::ranges::all_of(clients_, [](const auto& client) { return client->has_given_up(); });
}

std::uint32_t ClientSide::clients_in_session() const {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(clients_, [](const auto& client) { return client->in_session(); }));
}

std::uint32_t clients_planned(const Plan& plan, Instant end) {
  const auto is_there = [&](const ClientPlan& client) {
    Stays stays = client.stays();
    auto stay = stays.next();
    while (stay && stay->until && *stay->until <= end) stay = stays.next();
    return stay && stay->from < end;
  };
  return static_cast<std::uint32_t>(std::ranges::count_if(plan.clients, is_there));
}

}  // namespace netrig::loadgen
