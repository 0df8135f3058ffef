#include "netrig/loadgen/run/proxy_links.h"

#include "netrig/loadgen/scenario/plan.h"

namespace netrig::loadgen {
namespace {

constexpr std::uint32_t kSpreadBits = 16;  // 65,536 places along a range

// The bits of `number` behind the binary point, in the other order.
std::uint64_t mirrored(std::uint64_t number) {
  std::uint64_t mirror = 0;
  for (std::uint32_t bit = 0; bit < kSpreadBits; ++bit) mirror = mirror << 1 | (number >> bit & 1);
  return mirror;
}

}  // namespace

Duration spread_rtt(const RttRange& range, std::uint64_t number) {
  if (number == 0) return range.from;
  if (number == 1) return range.to;
  const auto share = static_cast<std::int64_t>(mirrored(number - 1));
  return range.from + (range.to - range.from) * share / (std::int64_t{1} << kSpreadBits);
}

transport::LinkSetup ProxyLinks::link_of(std::uint32_t place, std::uint64_t number) {
  transport::LinkSetup setup{.client = place,
                             .kind = kind_,
                             .up = link_.up,
                             .down = link_.down,
                             .congestion = congestion_,
                             .random = random_.fork("link", number)};
  const Random times = random_.fork("times", number);
  draw_times(setup.up, times);
  draw_times(setup.down, times);
  if (link_.rtt) {
    const Duration rtt = spread_rtt(*link_.rtt, number);
    setup.up.delay = sim::ConstantDelay{rtt / 2};
    setup.down.delay = sim::ConstantDelay{rtt - rtt / 2};
  }
  if (link_.household) share_household(number, setup);
  return setup;
}

// A line is there as long as somebody is at home.
void ProxyLinks::share_household(std::uint64_t number, transport::LinkSetup& into) {
  const auto add = [&](const std::optional<sim::QueueConditions>& conditions, sim::Direction direction,
                       sim::SharedQueues& queues) {
    if (!conditions) return;
    std::weak_ptr<sim::Bottleneck>& known = households_[{number / link_.household->size, direction}];
    std::shared_ptr<sim::Bottleneck> queue = known.lock();
    if (!queue) known = queue = std::make_shared<sim::Bottleneck>(*conditions);
    queues.push_back(std::move(queue));
  };
  std::erase_if(households_, [](const auto& each) { return each.second.expired(); });
  add(link_.household->up, sim::Direction::up, into.up_queues);
  add(link_.household->down, sim::Direction::down, into.down_queues);
}

}  // namespace netrig::loadgen
