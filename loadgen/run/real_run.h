// A run under the real clock: the clients on the calling thread, the server in a thread of its own beside
// them, or elsewhere. Nothing of it repeats, so it has no digest.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "netrig/core/base/result.h"
#include "netrig/loadgen/run/both_sides.h"
#include "netrig/loadgen/run/client_names.h"
#include "netrig/loadgen/run/client_side.h"
#include "netrig/loadgen/run/link_side.h"
#include "netrig/loadgen/run/real_server.h"
#include "netrig/loadgen/run/run.h"
#include "netrig/loadgen/run/shared_truth.h"
#include "netrig/loadgen/run/sockets.h"
#include "netrig/loadgen/run/summarise_run.h"
#include "netrig/loadgen/run/tokens.h"

namespace netrig::loadgen {

struct RealSetting {
  RunMode mode;
  Sockets sockets{};                    // with a target: to there
  InputRecorder* inputs = nullptr;      // hears all that clients say; may be missing
  std::optional<TokenKey> token_key{};  // each client is issued a token for each session
  std::vector<ClientToken> tokens{};    // or those there are, one for each client
};

class RealRun {
 public:
  // Scenario and plan outlive it.
  RealRun(const Scenario& scenario, const Plan& plan, std::uint64_t seed, const RealSetting& setting);
  ~RealRun();

  // Makes server and clients. `watched`: progress comes with what both have recorded so far.
  Result<void, Failure> begin(bool watched);
  // Until the measured window is over, or a signal comes: then the answer is true.
  bool run_to_end(const RunControls& controls);
  // Ends the server; what was recorded is complete.
  void end(const RunControls& controls);

  RunFacts facts() const;
  std::uint32_t threads() const { return has_thread() ? 2 : 1; }

 private:
  bool has_own_server() const { return setting_.mode.target.empty(); }
  bool has_thread() const { return has_own_server() && setting_.sockets.url.has_value(); }
  Result<void, Failure> provide_sockets() const;
  Result<Address, Failure> begin_server();
  Result<void, Failure> begin_clients(const Address& server);
  transport::AsioScheduler& scheduler() { return has_thread() || !server_ ? own_ : server_->scheduler(); }
  void watch_window();
  void measure_from(Instant begin);
  metrics::RunState state() const;
  RunProgress progress(Instant now) const;
  void publish(const RunControls& controls, Instant now);

  const Scenario& scenario_;
  const Plan& plan_;
  std::uint64_t seed_;
  RealSetting setting_;

  RealServer::Zero zero_;
  transport::AsioScheduler own_;  // the clients'; unless they share the server's
  SystemEntropy entropy_;
  std::unique_ptr<TokenPurse> purse_;
  PlannedNames planned_names_;
  PortNames port_names_;
  SharedTruth truth_;
  metrics::Recorder recorder_;
  AppMessageCounts app_messages_;
  LinkTaps link_taps_;
  PlannedLinks links_;
  std::unique_ptr<RealServer> server_;
  std::unique_ptr<transport::Transport> own_transport_;
  std::unique_ptr<transport::SimulatedTransport> network_;
  std::unique_ptr<ClientSide> clients_;
  std::optional<AtInstant> begin_;

  Instant end_;
  std::optional<Instant> measuring_since_;
  bool is_over_ = false;
  std::optional<BothSides> both_;  // of a watched run
};

// The whole of it, unless it could not begin.
Result<RunResult, Failure> run_real(const Scenario& scenario, std::uint64_t seed, const RealSetting& setting,
                                    const RunControls& controls);

}  // namespace netrig::loadgen
