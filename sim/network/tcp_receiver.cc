#include "netrig/sim/network/tcp_receiver.h"

namespace netrig::sim {

bool TcpReceiver::take(std::uint64_t segment, Instant now) {
  if (segment < next_) return true;  // a copy
  if (segment > next_ || !held_.empty()) return hold(segment);
  ++next_;
  if (++unacknowledged_ >= kSegmentsPerAck) return true;
  if (!ack_at_) ack_at_ = now + kAckDelay;
  return false;
}

// Out of order, or into a gap.
bool TcpReceiver::hold(std::uint64_t segment) {
  while (held_.size() <= segment - next_) held_.push_back(0);
  held_[segment - next_] = 1;
  while (!held_.empty() && held_.front() != 0) {
    held_.pop_front();
    ++next_;
  }
  return true;
}

void TcpReceiver::on_acknowledged() {
  unacknowledged_ = 0;
  ack_at_.reset();
}

}  // namespace netrig::sim
