#include "netrig/sim/network/stream_facts.h"

#include <algorithm>

namespace netrig::sim {
namespace {

// Whole milliseconds of the run: their differences add up without a remainder.
std::uint64_t ms_of(Instant instant) {
  return static_cast<std::uint64_t>(ns_since_start(instant) / 1'000'000);
}

}  // namespace

StreamFacts& StreamFacts::operator+=(const StreamFacts& other) {
  const bool has_window = observed > Duration{0};
  if (other.observed > Duration{0}) {
    window_bytes_min =
        has_window ? std::min(window_bytes_min, other.window_bytes_min) : other.window_bytes_min;
    window_bytes_max = std::max(window_bytes_max, other.window_bytes_max);
  }
  observed += other.observed;
  for (std::size_t limit = 0; limit < kStreamLimits; ++limit) limited[limit] += other.limited[limit];
  slow_start += other.slow_start;
  ramp_up = std::max(ramp_up, other.ramp_up);
  window_byte_ms += other.window_byte_ms;
  segments += other.segments;
  fast_retransmissions += other.fast_retransmissions;
  timeout_retransmissions += other.timeout_retransmissions;
  retransmitted_wire_bytes += other.retransmitted_wire_bytes;
  timeouts += other.timeouts;
  window_cuts += other.window_cuts;
  acks += other.acks;
  acks_lost += other.acks_lost;
  return *this;
}

void StreamFactsKeeper::pass_time(const CongestionWindow& window, Instant now) {
  if (!begun_) return;
  const Duration passed = now - counted_until_;
  facts_.observed += passed;
  facts_.limited[static_cast<std::size_t>(limit_)] += passed;
  if (window.in_slow_start()) facts_.slow_start += passed;
  facts_.window_byte_ms += window.bytes() * (ms_of(now) - ms_of(counted_until_));
  if (ramping_up_ && limit_ == StreamLimit::congestion_window) facts_.ramp_up = now - began_;
  counted_until_ = now;
}

void StreamFactsKeeper::note_window(const CongestionWindow& window) {
  facts_.window_bytes_min = std::min(facts_.window_bytes_min, window.bytes());
  facts_.window_bytes_max = std::max(facts_.window_bytes_max, window.bytes());
}

void StreamFactsKeeper::note_limit(StreamLimit limit, Instant now) {
  limit_ = limit;
  if (ramping_up_ && limit == StreamLimit::congestion_window) facts_.ramp_up = now - began_;
}

void StreamFactsKeeper::note_first_byte(const CongestionWindow& window, Instant now) {
  if (begun_) return;
  begun_ = true;
  began_ = counted_until_ = now;
  facts_.window_bytes_min = facts_.window_bytes_max = window.bytes();
}

void StreamFactsKeeper::note_sending(std::uint32_t wire_bytes, bool again, bool after_timeout) {
  if (!again) {
    ++facts_.segments;
    return;
  }
  ++(after_timeout ? facts_.timeout_retransmissions : facts_.fast_retransmissions);
  facts_.retransmitted_wire_bytes += wire_bytes;
}

void StreamFactsKeeper::note_ack(bool lost) {
  ++facts_.acks;
  if (lost) ++facts_.acks_lost;
}

StreamFacts StreamFactsKeeper::at(const CongestionWindow& window, Instant now) const {
  StreamFactsKeeper until_now = *this;
  until_now.pass_time(window, std::max(now, counted_until_));
  return until_now.facts_;
}

void StreamFactsKeeper::restart(const CongestionWindow& window, Instant now) {
  pass_time(window, std::max(now, counted_until_));
  const Duration ramp_up = facts_.ramp_up;
  facts_ = {};
  facts_.ramp_up = ramp_up;
  facts_.window_bytes_min = facts_.window_bytes_max = window.bytes();
}

}  // namespace netrig::sim
