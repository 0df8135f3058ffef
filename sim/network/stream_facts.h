// Keeps the account of what limited a sender. Owns no clock: told before and after each change.
#pragma once

#include <cstdint>

#include "netrig/core/base/time.h"
#include "netrig/sim/network/congestion_window.h"
#include "netrig/sim/network/stream.h"

namespace netrig::sim {

class StreamFactsKeeper {
 public:
  // The time since the last call belongs to `window` as it was, and to the limit as it was told.
  void pass_time(const CongestionWindow& window, Instant now);
  // After a change.
  void note_window(const CongestionWindow& window);
  void note_limit(StreamLimit limit, Instant now);
  void note_cut() { ramping_up_ = false; }  // the window was cut: the first slow start is over
  void note_first_byte(const CongestionWindow& window, Instant now);
  void note_sending(std::uint32_t wire_bytes, bool again, bool after_timeout);
  void note_timeout() { ++facts_.timeouts; }
  void note_window_cut() { ++facts_.window_cuts; }
  void note_ack(bool lost);

  StreamFacts at(const CongestionWindow& window, Instant now) const;
  void restart(const CongestionWindow& window, Instant now);

 private:
  StreamFacts facts_;
  StreamLimit limit_ = StreamLimit::application;
  bool begun_ = false;
  bool ramping_up_ = true;
  Instant began_;
  Instant counted_until_;
};

}  // namespace netrig::sim
