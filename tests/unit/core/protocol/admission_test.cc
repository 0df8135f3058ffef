#include "netrig/core/protocol/admission.h"

#include <boost/test/unit_test.hpp>

#include "netrig/core/base/frame.h"
#include "netrig/core/protocol/codec.h"
#include "netrig/core/protocol/limits.h"
#include "netrig/core/protocol/message_writer.h"

using namespace netrig;

namespace {

constexpr std::uint64_t kSchema = 0x5EED;
const Address kFrom{"10.0.0.1", 5000};

std::vector<std::uint8_t> packet_of(const Hello& hello) {
  std::vector<std::uint8_t> frame;
  PacketBreakdown breakdown;
  FrameWriter writer{frame, breakdown};
  writer.write(hello);
  writer.finish();
  return {frame.begin() + kFrameHeaderBytes, frame.end()};
}

// A server's books, written by hand.
struct Book final : SeatBook {
  explicit Book(const Seats& books) : all(books) {}
  Seats seats(const Address&) const override { return all; }
  std::optional<ResumeKey> resume_key(const ResumeClaim& claim) const override {
    return claim.client == ClientId{7} ? std::optional{ResumeKey{1, 2}} : std::nullopt;
  }

  Seats all;
};
const Book kEmptyServer{{0, 32, 0, false}};

Hello good_hello() {
  return {kProtocolVersionMin, kProtocolVersionMax, 0, 0, kSchema};
}

Decision decide(const Hello& hello, const Seats& seats = {0, 32, 0, false}, Features supported = 0) {
  const Admission admission{{.schema_digest = kSchema, .supported = supported}};
  return admission.on_first_message(kFrom, Book{seats}, packet_of(hello));
}

void refused(const Decision& decision, RefuseReason reason) {
  BOOST_TEST((decision.verdict == Decision::Verdict::reply));
  BOOST_TEST(text(decision.refuse.reason) == text(reason));
  BOOST_TEST(decision.refuse.version_max == kProtocolVersionMax);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(admission)

BOOST_AUTO_TEST_CASE(a_hello_that_fits_is_accepted_as_what_it_is) {
  const Decision decision = decide(good_hello());
  BOOST_TEST((decision.verdict == Decision::Verdict::accept));
  BOOST_TEST(decision.info.version == kProtocolVersionMax);
  BOOST_TEST((decision.info.address == kFrom));
}

BOOST_AUTO_TEST_CASE(the_highest_common_version_is_chosen) {
  Hello hello = good_hello();
  hello.version_max = 9;
  BOOST_TEST(decide(hello).info.version == kProtocolVersionMax);
  hello.version_min = 9;
  refused(decide(hello), RefuseReason::version);
  hello.version_min = 0;
  hello.version_max = 0;
  refused(decide(hello), RefuseReason::version);
}

BOOST_AUTO_TEST_CASE(features_offered_are_intersected_and_features_required_must_exist) {
  Hello hello = good_hello();
  hello.offered = 0b110;
  BOOST_TEST(decide(hello, {0, 32, 0, false}, 0b011).info.features == 0b010u);
  hello.required = 0b100;
  refused(decide(hello, {0, 32, 0, false}, 0b011), RefuseReason::features);
}

BOOST_AUTO_TEST_CASE(another_game_is_refused) {
  Hello hello = good_hello();
  hello.schema_digest += 1;
  refused(decide(hello), RefuseReason::schema);
}

BOOST_AUTO_TEST_CASE(seats_run_out_as_a_whole_and_per_address) {
  refused(decide(good_hello(), {32, 32, 0, false}), RefuseReason::server_full);
  refused(decide(good_hello(), {4, 32, 4, false}), RefuseReason::address_limit);  // an eighth of 32
  BOOST_TEST((decide(good_hello(), {4, 32, 3, false}).verdict == Decision::Verdict::accept));
  refused(decide(good_hello(), {0, 32, 0, true}), RefuseReason::stopping);
}

BOOST_AUTO_TEST_CASE(who_proves_to_be_a_player_needs_no_seat) {
  const Seats full{32, 32, 32, false};
  Hello hello = good_hello();
  hello.resume = {5, ClientId{7}, {1, 2}, 3};
  BOOST_TEST(decide(hello, full).info.resume->received == 3u);
  hello.resume.key = {1, 3};
  refused(decide(hello, full), RefuseReason::server_full);
  BOOST_TEST(!decide(hello).info.resume.has_value());  // a newcomer with a seat of its own
  hello.resume = {5, ClientId{8}, {1, 2}, 3};
  refused(decide(hello, full), RefuseReason::server_full);
  hello.resume = {5, ClientId{7}, {1, 2}, 3};
  refused(decide(hello, {0, 32, 0, true}), RefuseReason::stopping);
}

BOOST_AUTO_TEST_CASE(anything_but_one_hello_is_malformed) {
  const Admission admission{{.schema_digest = kSchema}};
  const std::vector<std::uint8_t> hello = packet_of(good_hello());
  for (std::size_t size = 0; size < hello.size(); ++size) {
    refused(admission.on_first_message(kFrom, kEmptyServer, Bytes{hello}.first(size)),
            RefuseReason::malformed);
  }
  std::vector<std::uint8_t> two = hello;
  two.insert(two.end(), hello.begin() + 1, hello.end());
  refused(admission.on_first_message(kFrom, kEmptyServer, two), RefuseReason::malformed);
  const std::vector<std::uint8_t> ping{0, 4, 4, 1, 0, 0, 0};
  refused(admission.on_first_message(kFrom, kEmptyServer, ping), RefuseReason::malformed);
}

BOOST_AUTO_TEST_SUITE_END()
