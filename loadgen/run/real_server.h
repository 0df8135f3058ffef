// A server's side under the real clock, on a scheduler of its own: in the thread that calls run(), or in one
// that start() makes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <thread>

#include "netrig/core/base/result.h"
#include "netrig/loadgen/io/system_entropy.h"
#include "netrig/loadgen/run/at_instant.h"
#include "netrig/loadgen/run/pulse.h"
#include "netrig/loadgen/run/server_log.h"
#include "netrig/loadgen/run/server_side.h"
#include "netrig/loadgen/run/sockets.h"
#include "netrig/metrics/published.h"
#include "netrig/metrics/recorder/recorder.h"
#include "netrig/transport/asio/asio_scheduler.h"

namespace netrig::loadgen {

class RealServer {
 public:
  using Zero = transport::AsioScheduler::Zero;

  // Scenario, names and sent states outlive it. `sent_states` may be null. With a token key nobody comes in
  // without a token. `records_alone`: no client of this process records sessions and round trips.
  RealServer(const Scenario& scenario, std::uint64_t seed, const metrics::RecorderConfig& recorder,
             ClientNames& names, SentStates* sent_states, const std::optional<TokenKey>& token_key,
             Dialect dialect, Zero zero, bool records_alone = false);
  ~RealServer();

  // Opens the socket and begins to tick. The failure names what is wrong and where.
  Result<Address, Failure> listen(const Sockets& sockets);

  // Tells `out`, which outlives it, what happens to players. Before it listens.
  ServerLog& log_to(std::ostream& out);
  std::size_t players_here() const;

  void start();  // a thread that runs it
  void stop();   // ends the thread
  void run_until(Instant bound) { scheduler_.run_until(bound); }

  // Before start(): from now on, ten times a second, another thread may read here what is recorded.
  metrics::Published& watch();
  void publish();  // once more, when nothing runs any more

  // Any thread: what the recorder counts begins and ends then.
  void measure_from(Instant begin);
  void measure_until(Instant end);
  // Nothing runs any more: ends a measurement whose end was never reached.
  void finish(Instant end);

  transport::AsioScheduler& scheduler() { return scheduler_; }
  transport::Transport& transport() { return *transport_; }  // once it listens
  ServerSide& side() { return side_; }
  const metrics::Recorder& recorder() const { return recorder_; }
  const AppMessageCounts& app_messages() const { return app_messages_; }

 private:
  void begin_measuring(Instant at);
  void end_measuring(Instant at);

  transport::AsioScheduler scheduler_;
  std::optional<ServerLog> log_;  // outlives the side that tells it
  SystemEntropy entropy_;
  metrics::Recorder recorder_;
  AppMessageCounts app_messages_;
  std::optional<TokenGate> tokens_;
  std::unique_ptr<transport::Transport> transport_;
  ServerSide side_;
  AtInstant begin_;
  AtInstant end_;
  std::optional<metrics::Published> published_;
  std::optional<Pulse> publishing_;
  std::thread thread_;
};

}  // namespace netrig::loadgen
