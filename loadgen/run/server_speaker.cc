#include "netrig/loadgen/run/server_speaker.h"

#include "netrig/core/server/acceptor.h"
#include "netrig/core/server/server.h"
#include "netrig/core/server/venture_server.h"
#include "netrig/loadgen/scenario/plan.h"

namespace netrig::loadgen {
namespace {

ServerConfig server_config(const Scenario& scenario) {
  ServerConfig config = scenario.server;
  config.horizon = horizon_of(scenario);
  return config;
}

class NetrigSpeaker final : public ServerSpeaker {
 public:
  explicit NetrigSpeaker(const SpeakerSetting& setting)
      : server_(server_config(setting.scenario), setting.world, setting.entropy, setting.observer, Instant{}),
        acceptor_(server_, setting.admission, derive_windows(horizon_of(setting.scenario)), setting.observer,
                  setting.tokens),
        datagrams_(server_, setting.admission, derive_windows(horizon_of(setting.scenario)), setting.tokens,
                   setting.entropy, setting.observer),
        desk_(*setting.scenario.game, server_, setting.app_messages, setting.measuring) {}

  GameServer& server() override { return server_; }
  Entrance& entrance() override { return acceptor_; }
  DatagramAcceptor* datagrams() override { return &datagrams_; }
  RefereeDesk* desk() override { return &desk_; }

 private:
  Server server_;
  Acceptor acceptor_;
  DatagramAcceptor datagrams_;
  RefereeDesk desk_;
};

class VentureSpeaker final : public ServerSpeaker {
 public:
  explicit VentureSpeaker(const SpeakerSetting& setting)
      : inputs_(setting.scenario.game->make_v1_inputs()),
        server_(server_config(setting.scenario), setting.admission, setting.world, *inputs_, setting.observer,
                Instant{}) {}

  GameServer& server() override { return server_; }
  Entrance& entrance() override { return server_; }

 private:
  std::unique_ptr<V1Inputs> inputs_;
  VentureServer server_;
};

}  // namespace

std::unique_ptr<ServerSpeaker> make_speaker(Dialect dialect, const SpeakerSetting& setting) {
  if (dialect == Dialect::venture) return std::make_unique<VentureSpeaker>(setting);
  return std::make_unique<NetrigSpeaker>(setting);
}

}  // namespace netrig::loadgen
