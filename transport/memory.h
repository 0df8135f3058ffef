// Connections inside one process and one scheduler: no socket, no copy, no delay, nothing lost. What `send`
// took is delivered in a later scheduler turn of the same instant. The simulated network stands on top of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "netrig/core/base/scheduler.h"
#include "netrig/transport/transport.h"

namespace netrig::transport {

// Messages that wait for the next turn, per connection and direction: the default queue_bytes_max in messages
// of 16 bytes. Bounds what shorter and empty ones take.
constexpr std::size_t kMemoryQueueMessagesMax = 65'536;

struct MemoryOptions {
  Delivery delivery = Delivery::reliable_ordered;
  // Per connection and direction. 1 MiB: ten seconds of 100 kB/s arriving at once. Also the longest message
  // of a stream, because a longer one could never be taken.
  std::size_t queue_bytes_max = 1024 * 1024;
  std::size_t datagram_bytes_max = 1200;  // 1280 IPv6 minimum - 40 IP - 8 UDP - 32 reserve
  std::size_t connections_max = 16'384;   // alive at once; one more is out_of_connections
  std::uint32_t task_owner = 0;           // lane 0 of this network-class owner is this transport's alone
};

// Handlers of one turn are called in the order in which their connections were made. A datagram listener
// hears of a connection with its first message, and of its end never: datagrams carry no close.
class MemoryTransport final : public Transport {
 public:
  // `scheduler` outlives the transport.
  explicit MemoryTransport(Scheduler& scheduler, MemoryOptions options = {});
  ~MemoryTransport() override;

  Result<std::unique_ptr<Listener>, TransportError> listen(const Address& at,
                                                           ListenerHandler& handler) override;
  Result<std::unique_ptr<Connection>, TransportError> connect(const Address& from, const Address& to,
                                                              ConnectionHandler& handler) override;

  // Connections of which at least one side still exists, or whose last messages are still under way.
  std::size_t connection_count() const override { return pairs_.size(); }

 private:
  class Door;    // the Listener
  class Handle;  // the Connection: one side, as its owner holds it
  struct Side;
  struct Pair;  // both sides; lives until both handles are gone

  class Turn final : public Task {
   public:
    Turn(MemoryTransport& transport, TaskOrder order) : Task(order), transport_(transport) {}
    void run(Instant) override { transport_.run_turn(); }

   private:
    MemoryTransport& transport_;
  };

  void mark(Pair& pair);  // has something to do in the next turn
  void run_turn();
  void step(Pair& pair);
  void meet(Pair& pair);
  bool accept(Pair& pair);
  void refuse(Pair& pair);
  void deliver(Pair& pair, Side& to);
  void deliver_stream(Side& to);
  void deliver_datagrams(Pair& pair, Side& to);
  bool meet_stranger(Pair& pair);
  void add_chunks(OutgoingMessage& message);
  void end_half(Pair& pair, Side& ending, Side& other);
  void finish_close(Side& closing, Side& other);
  bool is_stream() const { return options_.delivery == Delivery::reliable_ordered; }

  Scheduler& scheduler_;
  MemoryOptions options_;
  Turn turn_;
  bool turn_scheduled_ = false;
  std::uint64_t next_number_ = 0;
  std::map<Address, ListenerHandler*> listeners_;
  std::map<std::uint64_t, std::unique_ptr<Pair>> pairs_;  // by number, which is the order of connecting
  std::vector<Pair*> ready_;                              // marked since the last turn
  std::vector<Pair*> running_;                            // of the turn that runs
  std::vector<OutgoingMessage> taken_;                    // scratch of deliver()
  std::vector<Chunk> chunks_;                             // scratch of deliver()
};

}  // namespace netrig::transport
