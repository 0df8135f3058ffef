#include "netrig/core/base/payload.h"

#include <algorithm>

#include "netrig/core/base/digest.h"

namespace netrig {

namespace {
// A payload that a slow peer holds is stepped over; after this many in a row the pool grows instead of
// searching.
constexpr std::size_t kProbesMax = 64;
}  // namespace

std::shared_ptr<Payload> PayloadPool::acquire() {
  const std::size_t probes = std::min(kProbesMax, ring_.size());
  for (std::size_t probe = 0; probe < probes; ++probe) {
    std::shared_ptr<Payload>& candidate = ring_[next_];
    next_ = (next_ + 1) % ring_.size();
    if (candidate.use_count() != 1) continue;
    largest_ = std::max(largest_, candidate->bytes.size());
    candidate->bytes.clear();
    candidate->bytes.reserve(largest_);
    return candidate;
  }
  const auto grown =
      ring_.insert(ring_.begin() + static_cast<std::ptrdiff_t>(next_), std::make_shared<Payload>());
  (*grown)->bytes.reserve(largest_);
  next_ = (next_ + 1) % ring_.size();
  return *grown;
}

PayloadRef PayloadPool::seal(std::shared_ptr<Payload> payload) {
  payload->digest = digest_of(payload->bytes);
  return payload;
}

}  // namespace netrig
