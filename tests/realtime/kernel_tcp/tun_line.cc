#include "netrig/tests/realtime/kernel_tcp/tun_line.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace netrig::testing {
namespace {

constexpr std::size_t kMtu = 1500;
constexpr std::size_t kSourceAt = 12;  // in an IPv4 header
constexpr std::size_t kDestinationAt = 16;
constexpr std::size_t kAddressBytes = 4;

[[noreturn]] void denied(const std::string& what) {
  throw std::system_error(errno, std::system_category(), what);
}

std::uint32_t big_endian(const std::uint8_t* bytes, int count) {
  std::uint32_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | bytes[i];
  return value;
}

int open_device() {
  const int device = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (device < 0) denied("/dev/net/tun");
  ifreq request{};
  std::strncpy(request.ifr_name, "netrig0", IFNAMSIZ - 1);
  request.ifr_flags =
      IFF_TUN | IFF_NO_PI;  // without offloads: what is read are segments as they would be sent
  if (::ioctl(device, TUNSETIFF, &request) != 0) denied("a TUN device");
  const std::string commands = std::string{"ip addr add "} + kHere +
                               "/24 dev netrig0 && ip link set netrig0 mtu 1500 txqueuelen 10000 up";
  if (std::system(commands.c_str()) != 0) denied(commands);  // NOLINT: a command of our own
  return device;
}

}  // namespace

TunLine::TunLine(Duration one_way, std::vector<std::size_t> lost)
    : one_way_(one_way),
      lost_(std::move(lost)),
      device_(open_device()),
      zero_(std::chrono::steady_clock::now()) {
  if (::pipe2(stop_, O_CLOEXEC) != 0) denied("a pipe");
  thread_ = std::thread{[this] { run(); }};
}

TunLine::~TunLine() {
  stop();
  for (const int descriptor : {device_, stop_[0], stop_[1]}) ::close(descriptor);
}

std::vector<SeenSegment> TunLine::stop() {
  if (thread_.joinable()) {
    static_cast<void>(::write(stop_[1], "x", 1));
    thread_.join();
  }
  return seen_;
}

void TunLine::run() {
  std::vector<Packet> under_way;  // by arrival: the delay is the same for all
  std::size_t sent = 0;
  std::array<pollfd, 2> waits{{{device_, POLLIN, 0}, {stop_[0], POLLIN, 0}}};
  while (waits[1].revents == 0) {
    timespec timeout{1, 0};
    const Instant before{std::chrono::steady_clock::now() - zero_};
    if (!under_way.empty()) {
      const Duration left = std::max<Duration>(under_way.front().arrives - before, 0ns);
      timeout = {static_cast<time_t>(left / 1s), static_cast<long>((left % Duration{1s}).count())};
    }
    ::ppoll(waits.data(), waits.size(), &timeout, nullptr);
    read_all(under_way, sent);
    const Instant now{std::chrono::steady_clock::now() - zero_};
    const auto later =
        std::ranges::find_if(under_way, [&](const Packet& each) { return each.arrives > now; });
    for (auto due = under_way.begin(); due != later; ++due)
      static_cast<void>(::write(device_, due->bytes.data(), due->bytes.size()));
    under_way.erase(under_way.begin(), later);
  }
}

void TunLine::read_all(std::vector<Packet>& under_way, std::size_t& sent) {
  std::vector<std::uint8_t> packet(kMtu);
  while (true) {
    packet.resize(kMtu);
    const ssize_t count = ::read(device_, packet.data(), packet.size());
    if (count <= 0) return;
    packet.resize(static_cast<std::size_t>(count));
    if (!see(packet, sent)) continue;
    std::swap_ranges(packet.begin() + kSourceAt, packet.begin() + kSourceAt + kAddressBytes,
                     packet.begin() + kDestinationAt);
    under_way.push_back({Instant{seen_.back().at + one_way_}, packet});
  }
}

// Whether it goes on: TCP that is not to be lost.
bool TunLine::see(const std::vector<std::uint8_t>& packet, std::size_t& sent) {
  const bool is_ipv4 = packet.size() >= 40 && packet[0] >> 4 == 4 && packet[9] == IPPROTO_TCP;
  if (!is_ipv4) return false;
  const std::size_t ip_bytes = (packet[0] & 0x0Fu) * std::size_t{4};
  const std::uint8_t* const tcp = packet.data() + ip_bytes;
  constexpr unsigned kFinSynRst = 0x07;
  SeenSegment segment{.at = std::chrono::steady_clock::now() - zero_,
                      .from_caller = big_endian(tcp + 2, 2) == kListenerPort,
                      .sequence = big_endian(tcp + 4, 4),
                      .header_bytes = ip_bytes + (tcp[12] >> 4) * std::size_t{4},
                      .is_setup = (tcp[13] & kFinSynRst) != 0};
  segment.payload_bytes = packet.size() - segment.header_bytes;
  if (segment.from_caller && segment.payload_bytes > 0)
    segment.lost = std::ranges::find(lost_, ++sent) != lost_.end();
  seen_.push_back(segment);
  return !segment.lost;
}

}  // namespace netrig::testing
