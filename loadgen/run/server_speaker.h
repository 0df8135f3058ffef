// A server as a run has it, whichever dialect it speaks: the endpoint, who lets connections in, and what the
// dialect has besides.
#pragma once

#include <memory>

#include "netrig/core/base/entropy.h"
#include "netrig/core/server/datagram_acceptor.h"
#include "netrig/core/server/entrance.h"
#include "netrig/core/server/game_server.h"
#include "netrig/core/world/world.h"
#include "netrig/loadgen/run/app_messages.h"
#include "netrig/loadgen/run/dialect.h"
#include "netrig/loadgen/scenario/scenario.h"

namespace netrig::loadgen {

class ServerSpeaker {
 public:
  virtual ~ServerSpeaker() = default;
  virtual GameServer& server() = 0;
  virtual Entrance& entrance() = 0;
  virtual DatagramAcceptor* datagrams() { return nullptr; }  // null: the dialect has none
  virtual RefereeDesk* desk() { return nullptr; }            // null: it carries no messages of a game
};

// All of them outlive the speaker.
struct SpeakerSetting {
  const Scenario& scenario;
  World& world;
  Entropy& entropy;
  ServerObserver& observer;
  AdmissionPolicy admission;
  TokenGate* tokens = nullptr;
  AppMessageCounts& app_messages;
  const bool& measuring;
};

std::unique_ptr<ServerSpeaker> make_speaker(Dialect dialect, const SpeakerSetting& setting);

}  // namespace netrig::loadgen
