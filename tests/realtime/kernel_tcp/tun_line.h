// A line between two sockets of this machine that really delays: a TUN device whose packets come back to it
// after a while, their addresses exchanged. So the kernel's TCP talks to itself over a round trip, and every
// segment is seen on its way. (There need not be a netem in the kernel, and a veth pair has no delay.)
//
// A socket at kHere that connects to kThere reaches the listener at kHere, which sees it come from kThere.
// Exchanging the addresses leaves both checksums as they are.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "netrig/core/base/time.h"

namespace netrig::testing {

inline constexpr const char* kHere = "10.8.0.1";
inline constexpr const char* kThere = "10.8.0.2";
inline constexpr std::uint16_t kListenerPort = 7777;

struct SeenSegment {
  Duration at{};  // when it left its socket, since the line began
  bool from_caller = false;
  std::uint32_t sequence = 0;
  std::size_t header_bytes = 0;  // of IP and TCP
  std::size_t payload_bytes = 0;
  bool is_setup = false;  // SYN, FIN or RST
  bool lost = false;
};

class TunLine {
 public:
  // Half of the round trip each way. `lost`: which of the caller's segments with payload do not arrive,
  // counted from 1 in the order of sending. Throws std::system_error where the kernel denies it.
  TunLine(Duration one_way, std::vector<std::size_t> lost);
  ~TunLine();

  // Nothing passes any more. What did, in the order in which it left.
  std::vector<SeenSegment> stop();

 private:
  struct Packet {
    Instant arrives;
    std::vector<std::uint8_t> bytes;
  };

  void run();
  void read_all(std::vector<Packet>& under_way, std::size_t& sent);
  bool see(const std::vector<std::uint8_t>& packet, std::size_t& sent);

  Duration one_way_;
  std::vector<std::size_t> lost_;
  int device_;
  int stop_[2];  // a pipe
  std::chrono::steady_clock::time_point zero_;
  std::vector<SeenSegment> seen_;
  std::thread thread_;
};

}  // namespace netrig::testing
