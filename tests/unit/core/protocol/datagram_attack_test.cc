// Hostile peers against the datagram handshake: each is counted by cause and refused, and nobody else
// notices. The table of attacks is in docs/security.md.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>

#include "netrig/tests/support/allocation_counter.h"
#include "netrig/tests/support/seed.h"
#include "netrig/tests/unit/core/protocol/handshake_testing.h"

namespace netrig::testing {
namespace {

const Address kAlice{"10.0.0.1", 5000};
const Address kMallory{"10.6.6.6", 666};

BOOST_AUTO_TEST_SUITE(datagram_attack)

// --- amplification

BOOST_AUTO_TEST_CASE(no_answer_is_longer_than_what_it_answers) {
  Random random{test_seed()};
  AdmissionPolicy policy = door_policy();
  policy.allows_plaintext = true;
  Door door{policy};
  const ClientToken token = door.token();
  std::map<Address, std::int64_t> balance;  // bytes in minus bytes out
  std::vector<Buffer> seen;
  for (int i = 0; i < 20'000; ++i) {
    const Address from{"host-" + std::to_string(random.below(50)),
                       static_cast<std::uint16_t>(random.below(3))};
    Buffer bytes;
    if (random.below(3) == 0) {
      Hello hello = door_hello();
      hello.version_max = static_cast<std::uint16_t>(1 + random.below(3));
      hello.version_min = static_cast<std::uint16_t>(1 + random.below(hello.version_max));
      hello.schema_digest += random.below(2);
      Knocker knocker{door, from, random.below(2) == 0 ? &token : nullptr, random.below(2) == 0, hello};
      bytes = knocker.request();
      seen.push_back(bytes);
      door.hear(from, bytes);
      balance[from] +=
          static_cast<std::int64_t>(bytes.size()) - static_cast<std::int64_t>(door.answer.size());
      knocker.handshake.receive(door.answer, door.now);
      bytes = knocker.request();
      seen.push_back(bytes);
    } else if (random.below(2) == 0 && !seen.empty()) {
      bytes = seen[random.below(seen.size())];
      if (!bytes.empty() && random.below(2) == 0) flipped(bytes, random.below(8 * bytes.size()));
    } else {
      bytes.resize(random.below(1'500));
      for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.bits());
      if (!bytes.empty()) bytes[0] = static_cast<std::uint8_t>(random.below(20));
    }
    door.hear(from, bytes);
    if (door.answer.size() > bytes.size()) BOOST_FAIL("answered " << bytes.size() << " bytes with more");
    balance[from] += static_cast<std::int64_t>(bytes.size()) - static_cast<std::int64_t>(door.answer.size());
    door.now += Duration{static_cast<std::int64_t>(random.below(100'000'000))};
    while (const auto expired = door.admission->expire(door.now)) door.peers.erase(*expired);
  }
  for (const auto& [address, bytes] : balance) BOOST_TEST(bytes >= 0);
  BOOST_TEST(door.admission->count(AdmissionCause::accepted) > 100u);  // it was not refused as a whole
  BOOST_TEST(door.admission->count(AdmissionCause::refused) > 100u);
}

BOOST_AUTO_TEST_CASE(refusals_are_limited_per_host_and_in_all_with_fixed_memory) {
  Door door;
  Hello hello = door_hello();
  hello.version_min = hello.version_max = 9;
  const Buffer request = Knocker{door, kMallory, nullptr, true, hello}.request();
  std::array<std::uint8_t, kAnswerBytesMax> answer{};
  std::vector<Address> hosts;
  for (int i = 0; i < 1'000; ++i) hosts.push_back({"victim-" + std::to_string(i), 1});
  std::map<std::string, int> to_host;
  int in_all = 0;
  const std::size_t live = live_bytes();
  std::size_t grown = 0;
  for (int i = 0; i < 100'000; ++i) {
    const Address& from = hosts[static_cast<std::size_t>(i) % hosts.size()];
    const auto outcome =
        door.admission->receive(from, request, answer, Instant{} + i * 10us);  // in one second
    grown = std::max(grown, live_bytes() - std::min(live, live_bytes()));
    if (outcome.answer_bytes == 0) continue;
    ++in_all;
    ++to_host[from.host];
  }
  BOOST_TEST(in_all <= 100);
  BOOST_TEST(in_all >= 90);
  for (const auto& [host, count] : to_host) BOOST_TEST(count <= 1);
  BOOST_TEST(grown < 20'000u);  // of this test's own map
  BOOST_TEST(door.admission->unanswered() == 100'000u - static_cast<unsigned>(in_all));
  BOOST_TEST(door.admission->refused(RefuseReason::version) == 100'000u);
}

// --- floods

// A million requests from a million addresses, half of them with cookies made up, leave nothing behind.
BOOST_AUTO_TEST_CASE(a_million_spoofed_requests_allocate_nothing) {
  Door door;
  const Buffer ask = Knocker{door, kMallory}.request();
  Buffer answer_with_bad_cookie;
  {
    const auto decoded = decode_connect_request(ask);
    ConnectRequest request = *decoded;
    request.cookie.emplace().bytes.fill(0x5A);
    answer_with_bad_cookie = with_right_check(request);
  }
  std::array<std::uint8_t, kAnswerBytesMax> answer{};
  Address from{"10.0.0.0", 0};  // short enough to need no memory of its own
  from.host.reserve(15);
  const std::uint64_t before = allocations();
  const std::size_t live = live_bytes();
  for (std::uint32_t i = 0; i < 1'000'000; ++i) {
    from.port = static_cast<std::uint16_t>(i);
    from.host[7] = static_cast<char>('0' + i / 65'536 % 10);
    from.host[5] = static_cast<char>('0' + i / 655'360);
    door.admission->receive(from, i % 2 == 0 ? ask : answer_with_bad_cookie, answer, Instant{} + i * 1us);
  }
  BOOST_TEST(allocations() == before);
  BOOST_TEST(live_bytes() == live);
  BOOST_TEST(door.admission->count(AdmissionCause::no_cookie) == 500'000u);
  BOOST_TEST(door.admission->count(AdmissionCause::bad_cookie) == 500'000u);
  BOOST_TEST(door.admission->sessions() == 0u);

  door.now = Instant{} + 1s;
  Knocker alice{door, kAlice};
  BOOST_TEST((alice.come_in() == HandshakeState::accepted));
}

// The times in which 200 clients come in, at round trips of 0.1 to 10 s, one at a time, through a server that
// takes 5 us for each datagram it hears. `flood_per_s` spoofed requests a second come from 10 ms before each
// of theirs on: at half the server's capacity a queue is in balance long before.
std::vector<Duration> times_to_come_in(std::int64_t flood_per_s) {
  constexpr Duration kWork = 5us;
  Door door{door_policy(), 1'024};
  const Buffer spoofed = Knocker{door, kMallory}.request();
  std::array<std::uint8_t, kAnswerBytesMax> answer{};
  Instant busy_until;
  const auto flood_until = [&](Instant now) {
    const std::int64_t count = flood_per_s / 100;
    for (std::int64_t i = 0; i < count; ++i) {
      const Instant arrives = now - 10ms + i * 10ms / count;
      busy_until = std::max(busy_until, arrives) + kWork;
      door.admission->receive({"spoofed", static_cast<std::uint16_t>(i)}, spoofed, answer, arrives);
    }
  };
  std::vector<Duration> times;
  for (std::uint16_t i = 0; i < 200; ++i) {
    const Duration rtt = 100ms + i * 49ms;
    const Instant start = Instant{} + i * 25s;
    door.now = start;
    Knocker client{door, {"host-" + std::to_string(i), i}};
    Instant back = start;
    for (int knock = 0; knock < 2; ++knock) {
      const Instant arrives = back + rtt / 2;
      flood_until(arrives);
      busy_until = std::max(busy_until, arrives) + kWork;
      door.now = back;
      const Buffer request = client.request();
      door.now = busy_until;
      door.hear(client.address, request);
      back = busy_until + rtt / 2;
      client.handshake.receive(door.answer, back);
    }
    BOOST_REQUIRE((client.handshake.state() == HandshakeState::accepted));
    times.push_back(back - start);
  }
  std::ranges::sort(times);
  return times;
}

BOOST_AUTO_TEST_CASE(an_honest_client_comes_in_as_fast_beside_a_flood) {
  const std::vector<Duration> calm = times_to_come_in(0);
  const std::vector<Duration> flooded = times_to_come_in(100'000);
  const std::size_t p99 = calm.size() * 99 / 100;
  BOOST_TEST((flooded[p99] < 2 * calm[p99]));
  BOOST_TEST((flooded[p99] - calm[p99] < 1ms));
}

// --- cookies

BOOST_AUTO_TEST_CASE(a_cookie_is_useless_at_another_address_or_for_another_share) {
  Door door;
  Knocker alice{door, kAlice};
  alice.knock();
  const Buffer request = alice.request();
  BOOST_TEST((door.hear(kMallory, request) == AdmissionCause::bad_cookie));
  BOOST_TEST((door.hear({kAlice.host, 5001}, request) == AdmissionCause::bad_cookie));
  ConnectRequest other = *decode_connect_request(request);
  other.share.bytes[0] ^= 1;
  BOOST_TEST((door.hear(kAlice, with_right_check(other)) == AdmissionCause::bad_cookie));
  BOOST_TEST(door.peers.empty());
  BOOST_TEST((door.hear(kAlice, request) == AdmissionCause::accepted));
}

BOOST_AUTO_TEST_CASE(requests_recorded_before_a_restart_of_the_server_begin_nothing) {
  Door door;
  Knocker alice{door, kAlice};
  alice.knock();
  const Buffer recorded = alice.request();
  Door restarted = Door::started(2);
  BOOST_TEST((restarted.hear(kAlice, recorded) == AdmissionCause::bad_cookie));
  BOOST_TEST(restarted.peers.empty());
}

// --- slots

BOOST_AUTO_TEST_CASE(one_host_gets_an_eighth_of_the_seats_and_three_of_them_pending) {
  Door door;  // 32 seats
  const auto knock_from = [&](std::uint16_t port) {
    Knocker knocker{door, {"10.6.6.6", port}};
    knocker.come_in();
    door.now += 1s;  // its refusals may be told
    return knocker.handshake.state() == HandshakeState::accepted;
  };
  BOOST_TEST((knock_from(1) && knock_from(2) && knock_from(3)));
  BOOST_TEST(!knock_from(4));
  BOOST_TEST(door.admission->refused(RefuseReason::address_limit) == 1u);
  for (std::uint16_t port = 1; port <= 3; ++port) door.admission->confirm({"10.6.6.6", port});
  BOOST_TEST(knock_from(4));
  door.admission->confirm({"10.6.6.6", 4});
  BOOST_TEST(!knock_from(5));
  Knocker alice{door, kAlice};
  BOOST_TEST((alice.come_in() == HandshakeState::accepted));
}

BOOST_AUTO_TEST_CASE(seats_that_nobody_confirms_are_free_again) {
  Door door{door_policy(), 8};
  AdmissionPolicy policy = door_policy();
  policy.seats_per_address_max = 8;
  policy.pending_per_address_max = 8;
  door.admission.emplace(policy, derive_windows(door.horizon), door, &door.gate, door.entropy);
  for (std::uint16_t port = 1; port <= 8; ++port) Knocker{door, {"10.6.6.6", port}}.come_in();
  Knocker late{door, kAlice};
  BOOST_TEST((late.come_in() == HandshakeState::refused));
  BOOST_TEST(refusal_of(late) == "server_full");
  door.now += derive_windows(door.horizon).handshake_timeout;
  while (const auto expired = door.admission->expire(door.now)) door.peers.erase(*expired);
  BOOST_TEST(door.admission->unconfirmed() == 0u);
  Knocker alice{door, kAlice};
  BOOST_TEST((alice.come_in() == HandshakeState::accepted));
}

// --- replay, keys

BOOST_AUTO_TEST_CASE(replayed_requests_take_no_second_seat_and_end_no_session) {
  Door door;
  Knocker alice{door, kAlice};
  const Buffer first = alice.request();
  door.hear(kAlice, first);
  alice.handshake.receive(door.answer, door.now);
  const Buffer second = alice.request();
  door.hear(kAlice, second);
  alice.handshake.receive(door.answer, door.now);
  const SessionKeys keys = *door.peers.at(kAlice).keys;
  door.admission->confirm(kAlice);
  for (int i = 0; i < 100; ++i) {
    door.now += 100ms;
    BOOST_TEST((door.hear(kAlice, first) == AdmissionCause::no_cookie));
    BOOST_TEST((door.hear(kAlice, second) == AdmissionCause::repeated));
  }
  BOOST_TEST(door.peers.size() == 1u);
  BOOST_TEST(door.admission->unconfirmed() == 0u);
  BOOST_TEST((door.peers.at(kAlice).keys->send == keys.send));
}

BOOST_AUTO_TEST_CASE(no_two_sessions_share_a_key) {
  std::set<std::array<std::uint8_t, kKeyBytes>> keys;
  std::size_t sessions = 0;
  for (std::uint64_t start = 1; start <= 3; ++start) {
    Door door = Door::started(start);
    for (std::uint16_t i = 0; i < 30; ++i) {
      const Address from{"host-" + std::to_string(i % 10), 1};  // each comes in three times
      Knocker knocker{door, from};
      BOOST_REQUIRE((knocker.come_in() == HandshakeState::accepted));
      door.admission->confirm(from);
      keys.insert(door.peers.at(from).keys->send.bytes);
      keys.insert(door.peers.at(from).keys->receive.bytes);
      ++sessions;
    }
  }
  BOOST_TEST(keys.size() == 2 * sessions);
}

BOOST_AUTO_TEST_CASE(the_same_request_at_two_servers_makes_other_keys) {
  Door one;
  Door two = Door::started(2);
  Knocker alice{one, kAlice};
  alice.knock();
  const Buffer request = alice.request();
  one.hear(kAlice, request);
  ConnectRequest moved = *decode_connect_request(request);
  two.hear(kAlice, request);  // challenged: the cookie is the other's
  moved.cookie = decode_challenge_datagram(two.answer, moved.share)->cookie;
  BOOST_TEST((two.hear(kAlice, with_right_check(moved)) == AdmissionCause::accepted));
  BOOST_TEST(!(one.peers.at(kAlice).keys->send == two.peers.at(kAlice).keys->send));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::testing
