// A server's side under the real clock, on a scheduler of its own: in the thread that calls run(), or in one
// that start() makes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "netrig/core/base/result.h"
#include "netrig/loadgen/io/system_entropy.h"
#include "netrig/loadgen/run/at_instant.h"
#include "netrig/loadgen/run/server_side.h"
#include "netrig/loadgen/run/sockets.h"
#include "netrig/metrics/recorder/recorder.h"
#include "netrig/transport/asio/asio_scheduler.h"

namespace netrig::loadgen {

class RealServer {
 public:
  using Zero = transport::AsioScheduler::Zero;

  // Scenario, names and sent states outlive it. `sent_states` may be null. With a token key nobody comes in
  // without a token.
  RealServer(const Scenario& scenario, std::uint64_t seed, const metrics::RecorderConfig& recorder,
             ClientNames& names, SentStates* sent_states, const std::optional<TokenKey>& token_key,
             Zero zero);
  ~RealServer();

  // Opens the socket and begins to tick. The failure names what is wrong and where.
  Result<Address, Failure> listen(const Sockets& sockets);

  void start();  // a thread that runs it
  void stop();   // ends the thread
  void run_until(Instant bound) { scheduler_.run_until(bound); }

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
  SystemEntropy entropy_;
  metrics::Recorder recorder_;
  AppMessageCounts app_messages_;
  std::optional<TokenGate> tokens_;
  std::unique_ptr<transport::Transport> transport_;
  ServerSide side_;
  AtInstant begin_;
  AtInstant end_;
  std::thread thread_;
};

}  // namespace netrig::loadgen
