// Streams over TCP sockets, IPv4 and IPv6. README.md of this folder says what it does beyond the contract.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "netrig/core/base/time.h"
#include "netrig/transport/asio/asio_scheduler.h"
#include "netrig/transport/asio/stream_layer.h"
#include "netrig/transport/transport.h"

namespace netrig::transport {

struct TcpOptions {
  // Per connection. 1 MiB: ten seconds of 100 kB/s for a peer that does not read. Also the longest message,
  // because a longer one could never be taken.
  std::size_t queue_bytes_max = 1024 * 1024;
  std::size_t queue_parts_max = 65'536;  // queue_bytes_max in parts of 16 bytes: bounds what tiny ones take
  std::size_t connections_max = 16'384;  // alive at once; a caller beyond it is reset
  int accept_queue = 4096;               // connections that the kernel keeps for us; it caps this itself
  std::size_t handshakes_max = 1'024;    // accepted, but still agreeing on a layer; more are reset
  Duration connect_within = 21s;  // two round trips of 10 s and a lost packet; a layer's handshake included
  Duration close_within = 21s;    // from close() until the other side has closed too
  std::size_t unsent_bytes_max = 64 * 1024;  // in the kernel, per connection: what backlog_bytes cannot see
};

struct TcpStats {
  std::uint64_t accepted = 0;
  std::uint64_t shed_connections = 0;  // callers reset because connections_max were there
  std::uint64_t shed_descriptors = 0;  // callers reset because the process had no descriptor left
  std::uint64_t accept_pauses = 0;     // nothing could be accepted, not even to reset it; tried again later
  std::uint64_t connect_timeouts = 0;
  std::uint64_t shed_handshakes = 0;  // callers reset because handshakes_max were under way
  std::uint64_t handshakes_failed = 0;
  std::uint64_t handshake_timeouts = 0;  // of callers that connected and then said too little
  std::uint64_t closings_cut_short = 0;  // the other side had not closed, and its place was needed
  std::uint64_t close_timeouts = 0;      // the other side did not close in time, so it was reset
};

// All of it belongs to the scheduler's thread. Everything that was sent within one turn leaves in one
// gathered write per connection, after that turn.
class AsioTcpTransport final : public Transport {
 public:
  // `scheduler` outlives the transport.
  // Without `layers` bytes go as they are; tls.h and websocket.h make some.
  explicit AsioTcpTransport(AsioScheduler& scheduler, TcpOptions options = {},
                            std::shared_ptr<const StreamLayers> layers = nullptr);
  ~AsioTcpTransport() override;

  // Names are looked up at once, so this may block. "0.0.0.0" is every IPv4 interface, "::" every interface.
  Result<std::unique_ptr<Listener>, TransportError> listen(const Address& at,
                                                           ListenerHandler& handler) override;
  // Names are looked up in the background; their addresses are tried in turn. `from` is ignored.
  Result<std::unique_ptr<Connection>, TransportError> connect(const Address& from, const Address& to,
                                                              ConnectionHandler& handler) override;

  std::size_t connection_count()
      const override;  // those that end are among them until the other side has closed
  const TcpStats& stats() const;

 private:
  std::shared_ptr<class TcpCore> core_;
};

// Raises this process's limit of open descriptors as far as it may and answers with it: a thousand
// connections need a thousand.
std::size_t raise_descriptor_limit();

}  // namespace netrig::transport
