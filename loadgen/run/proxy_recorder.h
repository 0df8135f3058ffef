// What a proxy's clients did, counted: in the metrics of the catalogue, and beside them what no metric says.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

#include "netrig/loadgen/report/run_result.h"
#include "netrig/metrics/recorder/recorder.h"
#include "netrig/transport/proxy/proxy.h"

namespace netrig::loadgen {

class ProxyRecorder final : public transport::ProxyObserver {
 public:
  // `problem` hears of a client that the server could not be reached for, and of one that was turned away.
  using Problem = std::function<void(std::string_view)>;

  ProxyRecorder(metrics::Recorder& recorder, Problem problem)
      : recorder_(recorder), problem_(std::move(problem)) {}

  std::uint64_t clients() const { return clients_; }  // now
  std::uint64_t came() const { return came_; }
  std::uint64_t given(sim::Direction direction) const { return way(direction).given_bytes; }
  const std::string& connection_problem() const { return connection_problem_; }  // the first; empty: none
  // Some came, none was taken by the server, and of one it is known why.
  bool reached_nobody() const { return came_ > 0 && reached_ == 0 && !connection_problem_.empty(); }
  void fill_in(ProxyResult& result) const;

  void on_client_came(std::uint32_t client, const Address& from, Instant now) override;
  void on_server_reached(std::uint32_t client, Instant now) override;
  void on_taken(std::uint32_t client, sim::Direction direction, std::size_t bytes, Instant now) override;
  void on_given(std::uint32_t client, sim::Direction direction, std::size_t bytes, Instant now) override;
  void on_due(std::uint32_t client, Duration late) override;
  void on_paused(std::uint32_t client, sim::Direction direction) override;
  void on_send_refused(std::uint32_t client, sim::Direction direction) override;
  void on_client_gone(std::uint32_t client, transport::ProxyEnd why, std::string_view detail,
                      Instant now) override;
  void on_turned_away(const Address& from) override;

 private:
  ProxyResult::Way& way(sim::Direction direction) { return direction == sim::Direction::up ? up_ : down_; }
  const ProxyResult::Way& way(sim::Direction direction) const {
    return direction == sim::Direction::up ? up_ : down_;
  }

  metrics::Recorder& recorder_;
  Problem problem_;
  std::uint64_t clients_ = 0;
  std::uint64_t came_ = 0;
  std::uint64_t most_ = 0;
  std::uint64_t reached_ = 0;
  std::uint64_t turned_away_ = 0;
  std::array<std::uint64_t, transport::kProxyEnds> ends_{};
  ProxyResult::Way up_;
  ProxyResult::Way down_;
  std::string connection_problem_;
};

}  // namespace netrig::loadgen
