#include "netrig/transport/memory.h"

#include <boost/test/unit_test.hpp>
#include <set>

#include "netrig/sim/time/virtual_scheduler.h"
#include "netrig/tests/contract/parties.h"

namespace netrig::transport::testing {
namespace {

struct Room {
  explicit Room(MemoryOptions options = {}) : transport(scheduler, options) {
    host.listener = *transport.listen(server, host);
  }
  void connect(Party& party) { party.connection = *transport.connect({"caller", 1}, server, party); }
  void run() {
    while (scheduler.run_next()) {
    }
  }

  Address server{"server", 7777};
  sim::VirtualScheduler scheduler;
  MemoryTransport transport;
  Host host;
};

BOOST_AUTO_TEST_SUITE(memory)

BOOST_AUTO_TEST_CASE(everything_happens_in_the_instant_in_which_it_was_asked_for) {
  Room room;
  Party caller;
  room.scheduler.run_until(instant_from_ns(5'000));
  room.connect(caller);
  caller.when_open = [](Party& self) { self.send("hello"); };
  room.run();
  BOOST_TEST(room.host.guest().messages.size() == 1u);
  BOOST_TEST(ns_since_start(room.scheduler.now()) == 5'000);
}

BOOST_AUTO_TEST_CASE(one_event_delivers_what_was_sent_to_everybody) {
  Room room;
  std::vector<std::unique_ptr<Party>> callers;
  for (int i = 0; i < 32; ++i) room.connect(*callers.emplace_back(std::make_unique<Party>()));
  room.run();
  const std::uint64_t events_before = room.scheduler.events();
  for (auto& guest : room.host.guests)
    for (int i = 0; i < 10; ++i) guest->send("state");
  room.run();
  BOOST_TEST(room.scheduler.events() - events_before == 1u);
  for (auto& caller : callers) BOOST_TEST(caller->bytes.size() == 50u);
}

BOOST_AUTO_TEST_CASE(a_turn_serves_connections_in_the_order_in_which_they_were_made) {
  Room room;
  std::vector<std::unique_ptr<Party>> callers;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < 5; ++i) {
    Party& caller = *callers.emplace_back(std::make_unique<Party>());
    caller.when_received = [i, &order](Party&) { order.push_back(i); };
    room.connect(caller);
  }
  room.run();
  for (const std::size_t sender : {3u, 0u, 4u, 1u, 2u}) room.host.guests[sender]->send("state");
  room.run();
  BOOST_TEST((order == std::vector<std::size_t>{0, 1, 2, 3, 4}));
}

BOOST_AUTO_TEST_CASE(what_a_handler_sends_waits_for_the_next_turn) {
  Room room;
  Party caller;
  room.connect(caller);
  room.run();
  Party& guest = room.host.guest();
  caller.when_received = [&](Party&) {
    const std::size_t before = guest.messages.size();
    caller.send("answer");
    BOOST_TEST(caller.connection->backlog_bytes() == 6u);
    BOOST_TEST(guest.messages.size() == before);
  };
  guest.send("question");
  room.run();
  BOOST_TEST(guest.messages.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_bound_of_the_queue_is_the_bound_of_the_message) {
  Room room{{.queue_bytes_max = 100}};
  Party caller;
  room.connect(caller);
  room.run();
  BOOST_TEST(caller.connection->message_bytes_max() == 100u);
  BOOST_TEST((caller.send(message(Text(60, 1))) == SendStatus::accepted));
  BOOST_TEST((caller.send(message(Text(41, 1))) == SendStatus::queue_full));
  BOOST_TEST((caller.send(message(Text(40, 1))) == SendStatus::accepted));
  BOOST_TEST((caller.send(message(Text(101, 1))) == SendStatus::too_large));
  BOOST_TEST(caller.connection->backlog_bytes() == 100u);
  BOOST_TEST((room.host.guest().send(message(Text(100, 1))) == SendStatus::accepted));  // a queue of its own
  room.run();
  BOOST_TEST(room.host.guest().bytes.size() == 100u);
}

BOOST_AUTO_TEST_CASE(empty_messages_fill_the_queue_too) {
  Room room{{.delivery = Delivery::datagram}};
  Party caller;
  room.connect(caller);
  room.run();
  std::size_t taken = 0;
  while (caller.send("") == SendStatus::accepted) ++taken;
  BOOST_TEST(taken == kMemoryQueueMessagesMax);
}

BOOST_AUTO_TEST_CASE(connections_have_a_bound_and_make_room_when_they_go) {
  Room room{{.connections_max = 2}};
  Party first, second, third;
  room.connect(first);
  room.connect(second);
  room.run();
  BOOST_TEST((room.transport.connect({"caller", 1}, room.server, third).error() ==
              TransportError::out_of_connections));
  first.destroy();
  room.host.guests[0]->destroy();
  room.run();
  BOOST_TEST(room.transport.connection_count() == 1u);
  room.connect(third);
  room.run();
  BOOST_TEST(third.is_open());
}

BOOST_AUTO_TEST_CASE(addresses_are_told_to_both_sides) {
  Room room;
  Party caller;
  room.connect(caller);
  room.run();
  BOOST_TEST((caller.connection->remote() == room.server));
  BOOST_TEST((room.host.guest().connection->remote() == Address{"caller", 1}));
}

BOOST_AUTO_TEST_CASE(every_reason_and_error_has_a_text_of_its_own) {
  std::set<std::string_view> texts;
  for (const auto reason : {CloseReason::local, CloseReason::remote, CloseReason::refused,
                            CloseReason::unreachable, CloseReason::overflow})
    texts.insert(text(reason));
  for (const auto error : {TransportError::address_in_use, TransportError::address_invalid,
                           TransportError::not_supported, TransportError::out_of_connections})
    texts.insert(text(error));
  BOOST_TEST(texts.size() == 9u);
  BOOST_TEST(!texts.contains("unknown"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport::testing
