// A virtual client's session with its server, whichever dialect it speaks: the endpoint, and what is recorded
// of it. Times called local are on the client's own clock.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "netrig/core/base/payload.h"
#include "netrig/core/client/client.h"
#include "netrig/core/protocol/messages.h"
#include "netrig/core/world/input.h"
#include "netrig/core/world/snapshot.h"

namespace netrig::loadgen {

// The virtual client, as its session sees it.
class SessionOwner {
 public:
  virtual Instant run_now() const = 0;
  virtual Instant local_now() const = 0;
  // A state has come. The first of a session counts as having joined.
  virtual void on_state_seen() = 0;
  // The session is over. False: trying again would end the same way.
  virtual void may_come_back(bool may) = 0;
  // What happens to the connection now is planned and no error, or is counted already.
  virtual bool is_accounted_for() const = 0;
  virtual std::size_t queued_bytes() const = 0;  // sent, and not yet handed to the network
  virtual void hear(const AppMessage& message) = 0;

 protected:
  ~SessionOwner() = default;
};

class ClientSession {
 public:
  virtual ~ClientSession() = default;

  // The connection is open: begins, or goes on.
  virtual void open(Instant local) = 0;
  virtual void leave(Instant local) = 0;  // says goodbye where that is possible, and closes
  virtual void on_connection_lost(Instant local) = 0;

  virtual void receive(Bytes bytes, Instant local) = 0;
  virtual void advance(Instant local) = 0;
  virtual std::optional<Instant> next_deadline() const = 0;  // local
  virtual bool has_due(Instant local) const = 0;             // something waits for the next flush
  virtual bool answers() const { return false; }             // and cannot wait for it
  virtual void flush(PacketSink& sink) = 0;

  virtual ClientState state() const = 0;
  virtual const Snapshot& view() const = 0;
  virtual EntityId own() const { return {}; }  // as whom it plays, where anybody tells it
  virtual bool sends_inputs() const = 0;
  virtual bool watches() const = 0;  // in a session in which it sends nothing of its own accord

  virtual void on_input_time() {}  // each of them, whether it sends inputs or not
  // `planned`: when it was due, in run time.
  virtual void push_input(const Input& input, Instant planned, Instant local) = 0;
  virtual SendStatus send(const AppMessage&) { return SendStatus::closed; }
  virtual SendStatus send_latest(std::uint16_t /*kind*/, Bytes) { return SendStatus::closed; }

  bool connected() const { return state() == ClientState::connected; }
  bool is_idle() const { return state() == ClientState::idle; }
};

}  // namespace netrig::loadgen
