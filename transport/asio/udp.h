// Datagrams over UDP sockets, IPv4 and IPv6. README.md of this folder says what it does beyond the contract.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "netrig/transport/asio/asio_scheduler.h"
#include "netrig/transport/transport.h"

namespace netrig::transport {

struct UdpOptions {
  std::size_t datagram_bytes_max = 1200;      // 1280 IPv6 minimum - 40 IP - 8 UDP - 32 reserve
  std::size_t queue_bytes_max = 1024 * 1024;  // per connection: ten seconds of 100 kB/s
  std::size_t queue_messages_max = 8'192;     // per connection: queue_bytes_max in messages of 128 bytes
  std::size_t stranger_replies_max = 1'024;  // waiting to be sent, per listener; more are dropped and counted
  std::size_t connections_max = 16'384;      // alive at once; a stranger beyond it is dropped and counted
  int socket_buffer_bytes = 4 * 1024 * 1024;  // asked of the kernel for each listener, which caps it itself
};

struct UdpStats {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  std::uint64_t too_long = 0;           // arrived longer than datagram_bytes_max: dropped
  std::uint64_t send_errors = 0;        // the kernel took a message and would not send it: dropped
  std::uint64_t refusals_ignored = 0;   // "nobody listens" from an address that has already talked to us
  std::uint64_t strangers_dropped = 0;  // connections_max were there, or nobody listens any more
  std::uint64_t replies_dropped = 0;    // to strangers, beyond stranger_replies_max
};

// All of it belongs to the scheduler's thread. A listener is one socket for all its connections, a caller has
// one of its own. What was sent within one turn leaves in batches after it.
class AsioUdpTransport final : public Transport {
 public:
  // `scheduler` outlives the transport.
  explicit AsioUdpTransport(AsioScheduler& scheduler, UdpOptions options = {});
  ~AsioUdpTransport() override;

  // As AsioTcpTransport: names block in listen, not in connect. A name's next address is tried when this
  // machine has no way to the one before, or nobody listens there.
  Result<std::unique_ptr<Listener>, TransportError> listen(const Address& at,
                                                           ListenerHandler& handler) override;
  Result<std::unique_ptr<Connection>, TransportError> connect(const Address& from, const Address& to,
                                                              ConnectionHandler& handler) override;

  std::size_t connection_count() const override;
  const UdpStats& stats() const;

 private:
  std::shared_ptr<class UdpCore> core_;
};

}  // namespace netrig::transport
