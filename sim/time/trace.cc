#include "netrig/sim/time/trace.h"

#include <algorithm>

#include "netrig/core/base/assert.h"

namespace netrig::sim {

std::string_view text(EventKind kind) {
  switch (kind) {
    case EventKind::open:
      return "open";
    case EventKind::close:
      return "close";
    case EventKind::send:
      return "send";
    case EventKind::deliver:
      return "deliver";
    case EventKind::drop:
      return "drop";
    case EventKind::duplicate:
      return "duplicate";
    case EventKind::retransmit:
      return "retransmit";
    case EventKind::input:
      return "input";
    case EventKind::tick:
      return "tick";
    case EventKind::world:
      return "world";
    case EventKind::corrupt:
      return "corrupt";
  }
  return "unknown";
}

std::string describe(const TraceEvent& event) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::int64_t at = ns_since_start(event.at);
  const std::string fraction = std::to_string(kSecond + at % kSecond).substr(1);
  std::string line = std::to_string(at / kSecond) + "." + fraction + " s ";
  line.append(text(event.kind)).append(" owner ").append(std::to_string(event.owner));
  line.append(" subject ").append(std::to_string(event.subject));
  return line.append(" detail ").append(digest_text(event.detail));
}

Trace::Trace(TraceWindow capture) : capture_(capture) {
  NETRIG_ASSERT(capture.first <= capture.end);
  checkpoints_.reserve(kCheckpointsMax);
}

void Trace::add_checkpoint(Instant at) {
  checkpoints_.push_back({events_, at, digest_.value()});
  if (checkpoints_.size() < kCheckpointsMax) return;
  for (std::size_t i = 0; i < kCheckpointsMax / 2; ++i) checkpoints_[i] = checkpoints_[2 * i + 1];
  checkpoints_.resize(kCheckpointsMax / 2);
  interval_ *= 2;
}

std::optional<Divergence> compare(const Trace& a, const Trace& b) {
  if (a.events() == b.events() && a.digest() == b.digest()) return std::nullopt;
  const std::uint64_t shared = std::min(a.events(), b.events());
  // When one goes on where the other ends, the first event that only one has is the difference at the latest.
  Divergence found{{0, a.events() == b.events() ? shared : shared + 1}, Instant{}};
  const std::uint64_t step = std::max(a.interval(), b.interval());  // a power of two: both have these
  for (std::uint64_t count = step; count <= shared; count += step) {
    const Checkpoint& in_a = a.checkpoints()[count / a.interval() - 1];
    const Checkpoint& in_b = b.checkpoints()[count / b.interval() - 1];
    if (in_a != in_b) {
      found.window.end = count;
      break;
    }
    found.window.first = count;
    found.after = in_a.at;
  }
  return found;
}

std::optional<std::size_t> first_difference(std::span<const TraceEvent> a, std::span<const TraceEvent> b) {
  const std::size_t shared = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < shared; ++i)
    if (a[i] != b[i]) return i;
  if (a.size() == b.size()) return std::nullopt;
  return shared;
}

}  // namespace netrig::sim
