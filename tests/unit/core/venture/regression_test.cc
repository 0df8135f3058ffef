// The defects of the original that belong to the codec, each as it was reproduced there.
#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "netrig/core/base/frame.h"
#include "netrig/core/venture/components.h"
#include "netrig/core/venture/input_command.h"
#include "netrig/core/venture/state_update.h"
#include "netrig/tests/support/allocation_counter.h"
#include "netrig/tests/unit/core/venture/venture_testing.h"

namespace netrig::venture {
namespace {

using namespace testing;

Buffer real_update() {
  const auto position = encode(Position{1, 2});
  const auto velocity = encode(Velocity{3, 4});
  const auto health = encode(Health{80, 100});
  const std::array<Component, 3> components{
      {{Position::kType, position}, {Velocity::kType, velocity}, {Health::kType, health}}};
  return payload_of(StateUpdate{{.timestamp = 1, .entity = EntityId{2}, .sequence = 3}, components});
}

BOOST_AUTO_TEST_SUITE(defects_of_the_original)

BOOST_AUTO_TEST_CASE(a_command_split_over_two_segments_is_delivered_whole) {
  // A 40-byte command cut after 28 was delivered with zeros for data, and the stream then lost step.
  // No test opened a socket, and one read() per frame happens to suffice on an idle loopback.
  const Buffer data{1, 2, 3, 4, 5, 6};
  const InputCommand command{
      .player = ClientId{1}, .timestamp = 2, .sequence = 3, .type = kInputMove, .data = data};
  Buffer stream;
  for (int i = 0; i < 3; ++i) BOOST_REQUIRE(append_framed(command, stream).has_value());
  BOOST_REQUIRE_EQUAL(stream.size(), 3u * 40u);

  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    FrameReader reader;
    std::size_t delivered = 0;
    const auto on_packet = [&](Bytes packet) {
      const auto decoded = decode_input_command(packet);
      BOOST_REQUIRE(decoded.has_value());
      BOOST_TEST(hex(decoded->data) == "010203040506");
      ++delivered;
      return true;
    };
    BOOST_TEST(reader.read(Bytes{stream}.first(cut), on_packet));    // the first segment
    BOOST_TEST(reader.read(Bytes{stream}.subspan(cut), on_packet));  // the second
    BOOST_TEST(delivered == 3u, "cut after " << cut);
  }
}

BOOST_AUTO_TEST_CASE(a_lying_data_length_is_refused_without_an_allocation) {
  // A 28-byte command that claims 512 MiB of data was accepted, and 512 MiB were allocated.
  // Its tests of malformed input were all shorter than the fixed part, so no length was ever a lie.
  Buffer payload = payload_of(InputCommand{.type = "jo", .data = {}});
  BOOST_REQUIRE_EQUAL(payload.size(), 28u);
  store_little_endian(payload.data() + 24, std::uint32_t{512} << 20);

  const std::uint64_t before = netrig::testing::allocations();
  const auto decoded = decode_input_command(payload);
  const std::uint64_t allocated = netrig::testing::allocations() - before;
  BOOST_REQUIRE(decoded.has_error());
  BOOST_TEST(decoded.error() == DecodeError::truncated);
  BOOST_TEST(allocated == 0u);
}

BOOST_AUTO_TEST_CASE(a_lying_component_count_is_refused_without_an_allocation) {
  // A 23-byte update that claims 65,535 components allocated 2.6 MB before it failed.
  // The count was believed because nothing related it to the bytes that remain.
  Buffer payload(23);
  store_little_endian(payload.data() + 21, std::uint16_t{65'535});

  const std::uint64_t before = netrig::testing::allocations();
  const auto decoded = decode_state_update(payload);
  const std::uint64_t allocated = netrig::testing::allocations() - before;
  BOOST_REQUIRE(decoded.has_error());
  BOOST_TEST(decoded.error() == DecodeError::truncated);
  BOOST_TEST(allocated == 0u);
}

BOOST_AUTO_TEST_CASE(no_prefix_of_an_update_decodes) {
  // 15 of the 111 prefixes of this update decoded without an error, missing bytes becoming zeros.
  // Its tests truncated only inside the header, where the length is checked as a whole.
  const Buffer payload = real_update();
  BOOST_REQUIRE_EQUAL(payload.size(), 111u);
  for (std::size_t size = 0; size < payload.size(); ++size) {
    const Buffer prefix(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(size));
    const auto decoded = decode_state_update(prefix);
    BOOST_REQUIRE_MESSAGE(decoded.has_error(), size << " bytes decode");
    BOOST_TEST(decoded.error() == DecodeError::truncated);
  }
}

BOOST_AUTO_TEST_CASE(bytes_behind_an_update_are_refused) {
  // Trailing bytes were ignored, so two messages run together looked like one.
  // Its round trips compare fields, never how much of the input was used.
  Buffer payload = real_update();
  const Buffer second = real_update();
  payload.insert(payload.end(), second.begin(), second.end());
  const auto decoded = decode_state_update(payload);
  BOOST_REQUIRE(decoded.has_error());
  BOOST_TEST(decoded.error() == DecodeError::trailing_bytes);
}

BOOST_AUTO_TEST_CASE(a_count_that_does_not_fit_is_refused_instead_of_wrapped) {
  // 65,537 components were encoded as 1, silently; a type longer than 65,535 bytes wrapped likewise.
  // Encoding had no error but "nil input", and no test came near the width of the count.
  const std::vector<Component> components(65'537);
  Buffer out;
  const auto refused = append(StateUpdate{.header = {}, .components = components}, out);
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST(refused.error() == EncodeError::too_many_components);
  BOOST_TEST(out.empty());
}

BOOST_AUTO_TEST_CASE(an_update_over_4096_bytes_is_delivered_and_the_stream_goes_on) {
  // An update of 5,033 bytes ended the client's receive loop for good, while it still said connected.
  // Only the receiver had the limit; no test sent an update through a connection, let alone a large one.
  const Buffer large(5'000, 7);
  const std::array<Component, 1> components{{{"blob", large}}};
  Buffer stream;
  const auto frame = append_framed(StateUpdate{.header = {.sequence = 1}, .components = components}, stream);
  BOOST_REQUIRE_EQUAL(frame->size(), 4u + 5'033u);
  BOOST_REQUIRE(append_framed(StateUpdate{.header = {.sequence = 2}, .components = {}}, stream).has_value());

  FrameReader reader;
  std::vector<std::size_t> data_bytes;
  for (Bytes rest = stream; !rest.empty();) {
    const Bytes segment = rest.first(std::min<std::size_t>(rest.size(), 1460));
    rest = rest.subspan(segment.size());
    BOOST_TEST(reader.read(segment, [&](Bytes packet) {
      const auto view = decode_state_update(packet);
      BOOST_REQUIRE(view.has_value());
      data_bytes.push_back(view->components.empty() ? 0 : (*view->components.begin()).data.size());
      return true;
    }));
  }
  BOOST_TEST(data_bytes == (std::vector<std::size_t>{5'000, 0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::venture
