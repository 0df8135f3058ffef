// A server and its players over datagrams, joined by hand: what is sent waits until the test delivers it,
// drops it, repeats it or changes it. No transport, no clock: time is DatagramLab::now.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "netrig/core/client/client.h"
#include "netrig/core/server/datagram_acceptor.h"
#include "netrig/tests/unit/core/session/session_testing.h"

namespace netrig::testing {

struct DatagramSeat {
  DatagramSeat(const ClientConfig& config, const Schema& schema, Address from)
      : client(config, schema, log), address(std::move(from)) {}

  ClientLog log;
  Client client;
  CollectingSink out;
  Address address;
  PeerId peer;  // as the server knows it; 0 before it is seated
};

class DatagramLab {
 public:
  explicit DatagramLab(bool encrypted = true, std::uint64_t seed = 8, ServerConfig config = {},
                       std::uint32_t rate_hz = kLabTickRateHz);

  DatagramSeat& add_seat();
  DatagramSeat& join();  // add_seat, connect, and ticks until it has its first state

  void up(DatagramSeat& seat);  // what the client has to say arrives, unless `lose` takes it
  void hear(DatagramSeat& seat, Bytes datagram);  // this arrives from its address
  void down();                                    // what the server has to say arrives everywhere
  void tick();
  void run(Duration time);
  bool run_until(const std::function<bool()>& done, Duration at_most);

  // Whether the next datagram, of either direction, is lost. Called once for each.
  std::function<bool(const Address& client, bool is_up, Bytes datagram)> lose;
  // Called for each that is delivered; may change it, repeat it or hold it back.
  std::function<void(DatagramSeat& seat, bool is_up, Buffer& datagram)> tap;

  Instant now;
  bool encrypted;
  std::uint32_t rate_hz;
  DuelWorld world{Random{7}};
  SeededEntropy entropy;
  SeededEntropy client_entropy{Random{77}};
  ServerLog log;
  CollectingSink out;
  Server server;
  DatagramAcceptor acceptor;
  std::vector<std::unique_ptr<DatagramSeat>> seats;

 private:
  void to_client(DatagramSeat& seat, Bytes datagram);
};

}  // namespace netrig::testing
