// Any bytes into any decoder: an error or a value, and a value encodes to the bytes it came from.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <vector>

#include "netrig/core/base/frame.h"
#include "netrig/core/venture/animation.h"
#include "netrig/core/venture/components.h"
#include "netrig/core/venture/input_command.h"
#include "netrig/core/venture/state_update.h"
#include "netrig/tests/unit/core/venture/venture_testing.h"

namespace netrig::venture {
namespace {

using namespace testing;

// How many of the payloads decoded as each message: a loop that only ever meets errors tests nothing.
struct Decoded {
  std::size_t state_updates = 0;
  std::size_t input_commands = 0;
  std::size_t batches = 0;
};

// Unknown states and loop bytes above 1 decode to other values; nothing else may change.
Buffer normalised(Bytes batch) {
  Buffer bytes(batch.begin(), batch.end());
  for (std::size_t at = kAnimationBatchBytesMin; at < bytes.size(); at += kAnimationPacketBytes) {
    if (bytes[at + 8] > 9) bytes[at + 8] = 0;
    if (bytes[at + 19] > 1) bytes[at + 19] = 0;
  }
  return bytes;
}

// `payload` is exactly as large as its bytes, so that a sanitizer sees a read behind them.
void feed(const Buffer& payload, Decoded& decoded) {
  if (const auto view = decode_state_update(payload)) {
    BOOST_TEST(hex(encoded_again(*view)) == hex(payload));
    ++decoded.state_updates;
  }
  if (const auto command = decode_input_command(payload)) {
    BOOST_TEST(hex(payload_of(*command)) == hex(payload));
    ++decoded.input_commands;
  }
  if (const auto view = decode_animation_batch(payload)) {
    BOOST_TEST(hex(encoded_again(*view)) == hex(normalised(payload)));
    ++decoded.batches;
  }
  if (const auto stats = decode<Stats>(payload)) BOOST_TEST(hex(encode(*stats)) == hex(payload));
  BOOST_TEST(decode_animation(payload).has_value() == (payload.size() == kAnimationPacketBytes));
}

// Small counts and lengths, so that some of them are true.
Buffer small_numbers(Random& random) {
  Buffer bytes(20 + random.below(60));
  for (std::uint8_t& byte : bytes)
    if (random.chance(200'000)) byte = static_cast<std::uint8_t>(random.below(4));
  return bytes;
}

Buffer random_message(Random& random) {
  if (random.chance(500'000)) {
    const std::vector<OwnedComponent> components = random_components(random, 5);
    return payload_of(StateUpdate{random_header(random), views_of(components)});
  }
  const Buffer type = random_bytes(random, random.below(12));
  const Buffer data = random_bytes(random, random.below(20));
  return payload_of(InputCommand{.player = ClientId{random.bits()},
                                 .timestamp = random.bits(),
                                 .sequence = static_cast<std::uint32_t>(random.bits()),
                                 .type = text_of(type),
                                 .data = data});
}

void mutate(Buffer& bytes, Random& random) {
  const auto place = [&] { return bytes.begin() + static_cast<std::ptrdiff_t>(random.below(bytes.size())); };
  switch (random.below(4)) {
    case 0:
      *place() = static_cast<std::uint8_t>(random.bits());
      break;
    case 1:
      bytes.erase(place(), bytes.end());
      break;
    case 2:
      bytes.insert(place(), static_cast<std::uint8_t>(random.bits()));
      break;
    default:
      break;  // as it was
  }
}

BOOST_AUTO_TEST_SUITE(fuzz)

BOOST_AUTO_TEST_CASE(random_bytes_never_harm_a_decoder) {
  for_each_seed([](Random& random) {
    Decoded decoded;
    for (int round = 0; round < 20'000; ++round) feed(random_bytes(random, random.below(200)), decoded);
  });
}

BOOST_AUTO_TEST_CASE(sparse_bytes_that_decode_encode_to_the_same) {
  for_each_seed([](Random& random) {
    Decoded decoded;
    for (int round = 0; round < 40'000; ++round) feed(small_numbers(random), decoded);
    BOOST_TEST(decoded.state_updates > 0u);
    BOOST_TEST(decoded.input_commands > 0u);
    BOOST_TEST(decoded.batches > 0u);
  });
}

BOOST_AUTO_TEST_CASE(mutated_messages_that_decode_encode_to_the_same) {
  for_each_seed([](Random& random) {
    Decoded decoded;
    for (int round = 0; round < 20'000; ++round) {
      Buffer payload = random_message(random);
      mutate(payload, random);
      feed(payload, decoded);
    }
    BOOST_TEST(decoded.state_updates > 1'000u);
    BOOST_TEST(decoded.input_commands > 1'000u);
  });
}

BOOST_AUTO_TEST_CASE(framed_messages_survive_any_cut_of_the_stream) {
  for_each_seed([](Random& random) {
    for (int round = 0; round < 200; ++round) {
      std::vector<Buffer> sent;
      Buffer stream;
      for (int i = 0; i < 10; ++i) {
        const std::vector<OwnedComponent> owned = random_components(random, 4);
        const std::vector<Component> components = views_of(owned);
        const StateUpdate update{random_header(random), components};
        sent.push_back(payload_of(update));
        BOOST_REQUIRE(append_framed(update, stream).has_value());
      }
      FrameReader reader;
      std::vector<Buffer> received;
      for (Bytes rest = stream; !rest.empty();) {
        const std::size_t cut = std::min<std::size_t>(rest.size(), 1 + random.below(100));
        BOOST_REQUIRE(reader.read(rest.first(cut), [&](Bytes packet) {
          BOOST_TEST(decode_state_update(packet).has_value());
          received.emplace_back(packet.begin(), packet.end());
          return true;
        }));
        rest = rest.subspan(cut);
      }
      BOOST_TEST((received == sent));
    }
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::venture
