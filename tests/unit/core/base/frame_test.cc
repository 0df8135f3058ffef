#include "netrig/core/base/frame.h"

#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "netrig/core/base/random.h"

using namespace netrig;

namespace {

using Packet = std::vector<std::uint8_t>;

void append_frame(const Packet& packet, std::vector<std::uint8_t>& pipe) {
  ByteWriter writer{pipe};
  writer.u32(static_cast<std::uint32_t>(packet.size()));
  writer.bytes(packet);
}

// Feeds a pipe in chunks of the given sizes, over and over, and returns what came out.
std::vector<Packet> packets_of(Bytes pipe, const std::vector<std::size_t>& chunk_sizes) {
  FrameReader reader;
  std::vector<Packet> packets;
  std::size_t turn = 0;
  while (!pipe.empty()) {
    const std::size_t size = std::min(chunk_sizes[turn++ % chunk_sizes.size()], pipe.size());
    BOOST_TEST(reader.read(pipe.first(size), [&](Bytes packet) {
      packets.emplace_back(packet.begin(), packet.end());
      return true;
    }));
    pipe = pipe.subspan(size);
  }
  BOOST_TEST(reader.partial_bytes() == 0u);
  return packets;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(frame)

BOOST_AUTO_TEST_CASE(packets_come_out_whole_however_the_pipe_is_cut) {
  const char* const extra_seed = std::getenv("NETRIG_SEED");
  Random random{extra_seed != nullptr ? std::strtoull(extra_seed, nullptr, 10) : 1};
  std::vector<Packet> sent;
  std::vector<std::uint8_t> pipe;
  for (int i = 0; i < 50; ++i) {
    Packet packet(random.below(300));
    for (std::uint8_t& byte : packet) byte = static_cast<std::uint8_t>(random.bits());
    append_frame(packet, pipe);
    sent.push_back(packet);
  }
  BOOST_TEST((packets_of(pipe, {pipe.size()}) == sent));
  BOOST_TEST((packets_of(pipe, {1}) == sent));
  BOOST_TEST((packets_of(pipe, {3}) == sent));
  BOOST_TEST((packets_of(pipe, {1, 200, 5, 7, 1460}) == sent));
}

BOOST_AUTO_TEST_CASE(a_frame_longer_than_allowed_stops_the_stream_at_its_header) {
  FrameReader reader{100};
  std::vector<std::uint8_t> pipe;
  append_frame(Packet(100), pipe);
  ByteWriter{pipe}.u32(101);
  int packets = 0;
  const auto count = [&](Bytes) { return ++packets, true; };
  BOOST_TEST(!reader.read(pipe, count));
  BOOST_TEST(packets == 1);
  BOOST_TEST(!reader.read(Packet(4), count));  // nothing is heard any more, not even an empty frame
  BOOST_TEST(packets == 1);
}

BOOST_AUTO_TEST_CASE(a_claim_of_4_gib_takes_no_memory) {
  FrameReader reader;
  const Packet claim{0xFF, 0xFF, 0xFF};
  BOOST_TEST(reader.read(claim, [](Bytes) { return true; }));
  BOOST_TEST(!reader.read(Packet{0xFF, 1, 2, 3}, [](Bytes) { return true; }));
  BOOST_TEST(reader.partial_bytes() <= 4u);
}

BOOST_AUTO_TEST_CASE(reading_stops_when_the_listener_has_heard_enough) {
  FrameReader reader;
  std::vector<std::uint8_t> pipe;
  append_frame({1}, pipe);
  append_frame({2}, pipe);
  int packets = 0;
  BOOST_TEST(reader.read(pipe, [&](Bytes) { return ++packets, false; }));
  BOOST_TEST(packets == 1);
}

BOOST_AUTO_TEST_SUITE_END()
