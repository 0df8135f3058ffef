#include "netrig/sim/network/header_model.h"

#include <boost/test/unit_test.hpp>

using namespace netrig::sim;

BOOST_AUTO_TEST_SUITE(header_model)

BOOST_AUTO_TEST_CASE(a_datagram_costs_28_bytes) {
  for (const std::size_t payload : {0u, 1u, 1'200u})
    BOOST_TEST(overhead_bytes(TransportKind::udp, Direction::up, payload) == 28u);
  BOOST_TEST(packets(TransportKind::udp, Direction::down, 1'200) == 1u);
}

BOOST_AUTO_TEST_CASE(tcp_costs_40_bytes_a_segment_of_1460) {
  const auto tcp = [](std::size_t payload) {
    return overhead_bytes(TransportKind::tcp, Direction::down, payload);
  };
  BOOST_TEST(tcp(1) == 40u);
  BOOST_TEST(tcp(1'460) == 40u);
  BOOST_TEST(tcp(1'461) == 80u);
  BOOST_TEST(tcp(3'680) == 120u);
  BOOST_TEST(tcp(65'536) == 45u * 40);
}

BOOST_AUTO_TEST_CASE(tls_costs_22_bytes_a_record_of_16_kib) {
  const auto framing = [](std::size_t payload) {
    return framing_bytes(TransportKind::tls, Direction::down, payload);
  };
  BOOST_TEST(framing(1) == 22u);
  BOOST_TEST(framing(16'384) == 22u);
  BOOST_TEST(framing(16'385) == 44u);
  BOOST_TEST(overhead_bytes(TransportKind::tls, Direction::down, 100) == 62u);
  BOOST_TEST(overhead_bytes(TransportKind::tls, Direction::down, 1'438) == 62u);   // record fills the segment
  BOOST_TEST(overhead_bytes(TransportKind::tls, Direction::down, 1'439) == 102u);  // and now spills over
}

BOOST_AUTO_TEST_CASE(websocket_headers_are_2_4_or_10_bytes_and_4_of_mask_upstream) {
  const auto framing = [](Direction direction, std::size_t payload) {
    return framing_bytes(TransportKind::ws, direction, payload);
  };
  BOOST_TEST(framing(Direction::down, 125) == 2u);
  BOOST_TEST(framing(Direction::down, 126) == 4u);
  BOOST_TEST(framing(Direction::down, 65'535) == 4u);
  BOOST_TEST(framing(Direction::down, 65'536) == 10u);
  BOOST_TEST(framing(Direction::up, 125) == 6u);
  BOOST_TEST(framing(Direction::up, 126) == 8u);
  BOOST_TEST(framing(Direction::up, 65'536) == 14u);
  BOOST_TEST(overhead_bytes(TransportKind::ws, Direction::up, 100) == 46u);
}

BOOST_AUTO_TEST_CASE(wss_is_a_websocket_message_in_tls_records) {
  BOOST_TEST(framing_bytes(TransportKind::wss, Direction::up, 100) == 28u);
  BOOST_TEST(framing_bytes(TransportKind::wss, Direction::down, 16'380) == 26u);
  BOOST_TEST(framing_bytes(TransportKind::wss, Direction::down, 16'381) ==
             48u);  // its header begins a record
  BOOST_TEST(overhead_bytes(TransportKind::wss, Direction::down, 3'680) == 26u + 3 * 40);
}

BOOST_AUTO_TEST_CASE(memory_costs_nothing) {
  BOOST_TEST(overhead_bytes(TransportKind::memory, Direction::up, 5'000) == 0u);
  BOOST_TEST(packets(TransportKind::memory, Direction::up, 5'000) == 4u);
}

BOOST_AUTO_TEST_CASE(connecting_costs_the_round_trips_of_its_layers) {
  BOOST_TEST(connect_round_trips(TransportKind::memory) == 0);
  BOOST_TEST(connect_round_trips(TransportKind::udp) == 0);
  BOOST_TEST(connect_round_trips(TransportKind::tcp) == 1);
  BOOST_TEST(connect_round_trips(TransportKind::tls) == 2);
  BOOST_TEST(connect_round_trips(TransportKind::ws) == 2);
  BOOST_TEST(connect_round_trips(TransportKind::wss) == 3);
}

BOOST_AUTO_TEST_CASE(only_udp_delivers_datagrams) {
  for (const TransportKind kind :
       {TransportKind::memory, TransportKind::tcp, TransportKind::tls, TransportKind::ws, TransportKind::wss})
    BOOST_CHECK(delivery(kind) == netrig::Delivery::reliable_ordered);
  BOOST_CHECK(delivery(TransportKind::udp) == netrig::Delivery::datagram);
}

BOOST_AUTO_TEST_CASE(kinds_have_the_names_of_the_command_line) {
  BOOST_TEST(text(TransportKind::memory) == "memory");
  BOOST_TEST(text(TransportKind::tcp) == "tcp");
  BOOST_TEST(text(TransportKind::tls) == "tls");
  BOOST_TEST(text(TransportKind::ws) == "ws");
  BOOST_TEST(text(TransportKind::wss) == "wss");
  BOOST_TEST(text(TransportKind::udp) == "udp");
}

BOOST_AUTO_TEST_SUITE_END()
