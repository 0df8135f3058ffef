// The reliable channel against one written in the most obvious way: a list of everything that was ever sent,
// and a map of everything that ever came.
#include <boost/test/unit_test.hpp>
#include <map>
#include <vector>

#include "netrig/core/base/random.h"
#include "netrig/core/protocol/reliable_receiver.h"
#include "netrig/core/protocol/reliable_sender.h"
#include "netrig/tests/support/seed.h"

namespace netrig::testing {
namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::size_t kMessageBytesMax = 600;
constexpr std::size_t kPartBytesMax = kMessageBytesMax - kPartHeadBytes;
const Windows kWindows = derive_windows({.rtt_max = 10s, .jitter_max = 1s, .tick_rate_hz = 20});

// A numbered message, or a part of one.
struct Item {
  Buffer bytes;
  bool is_part = false;
  bool is_last = true;
  bool acked = false;
  bool written = false;
  int in_flight = 0;  // packets
};

// Keeps everything.
struct NaiveSender {
  std::vector<Item> items;

  std::size_t first() const {
    std::size_t at = 0;
    while (at < items.size() && items[at].acked) ++at;
    return at;
  }
  std::size_t window() const {
    std::size_t used = 0;
    for (std::size_t at = first(); at < items.size(); ++at) used += window_bytes(items[at].bytes.size());
    return used;
  }
  std::uint32_t acked_messages() const {
    std::uint32_t count = 0;
    for (std::size_t at = 0; at < first(); ++at) count += items[at].is_last ? 1 : 0;
    return count;
  }
  static std::vector<Item> cut(const Buffer& body) {
    if (body.size() + kNumberedHeadBytes <= kMessageBytesMax) return {{.bytes = body}};
    Buffer stream{static_cast<std::uint8_t>(MessageType::app_reliable)};
    stream.insert(stream.end(), body.begin(), body.end());
    std::vector<Item> parts;
    for (std::size_t at = 0; at < stream.size(); at += kPartBytesMax) {
      const auto begin = stream.begin() + static_cast<std::ptrdiff_t>(at);
      const auto size = static_cast<std::ptrdiff_t>(std::min(kPartBytesMax, stream.size() - at));
      parts.push_back({.bytes = Buffer(begin, begin + size), .is_part = true, .is_last = false});
    }
    parts.back().is_last = true;
    return parts;
  }
  // A message in parts is taken as if each were as long as the longest.
  bool has_room(const std::vector<Item>& more) const {
    const std::size_t each =
        more[0].is_part ? window_bytes(kPartBytesMax) : window_bytes(more[0].bytes.size());
    return items.size() - first() + more.size() <= kWindows.numbered_in_flight_max &&
           window() + more.size() * each <= kReliableBytesMax;
  }
};

// Hands on what has come as far as nothing is missing.
struct NaiveReceiver {
  std::map<std::uint32_t, Item> came;
  std::uint32_t next = 0;
  Buffer parts;
  std::vector<Buffer> heard;

  void hear(std::uint32_t number, const Item& item) {
    came.emplace(number, item);
    for (auto due = came.find(next); due != came.end(); due = came.find(++next)) {
      if (!due->second.is_part) {
        heard.push_back(due->second.bytes);
        continue;
      }
      parts.insert(parts.end(), due->second.bytes.begin(), due->second.bytes.end());
      if (due->second.is_last) heard.emplace_back(parts.begin() + 1, parts.end());
      if (due->second.is_last) parts.clear();
    }
  }
  std::size_t held_bytes() const {
    std::size_t held = 0;
    for (auto item = came.lower_bound(next); item != came.end(); ++item)
      held += window_bytes(item->second.bytes.size());
    return held;
  }
};

class Comparison {
 public:
  explicit Comparison(std::uint64_t seed) : random_(Random{seed}.fork("reliable.oracle", 0)) {}

  void run(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      now_ += 50ms;
      // Bursts of sending, then a while in which all drains.
      if (round / 100 % 2 == 0)
        for (std::uint64_t more = random_.below(24); more > 0; --more) send();
      write();
      for (std::size_t left = on_the_way_.size(); left > 0; --left) resolve();
      BOOST_TEST_REQUIRE(sender_.unacked() == naive_.items.size() - naive_.first());
      BOOST_TEST_REQUIRE(sender_.window_bytes_used() == naive_.window());
      BOOST_TEST_REQUIRE(sender_.acked_messages() == naive_.acked_messages());
    }
    BOOST_TEST(refused_ > 0u);  // the window was full now and then
    BOOST_TEST(heard_.size() > 1'000u);
  }

 private:
  void send() {
    const std::uint64_t size = random_.chance(100'000) ? random_.below(20'000) : 2 + random_.below(500);
    Buffer body(size);
    for (std::uint8_t& byte : body) byte = static_cast<std::uint8_t>(random_.bits());
    std::vector<Item> items = NaiveSender::cut(body);
    const bool has_room = naive_.has_room(items);
    const SendStatus status = sender_.send(MessageType::app_reliable, body);
    BOOST_TEST_REQUIRE((status == (has_room ? SendStatus::accepted : SendStatus::queue_full)));
    refused_ += has_room ? 0 : 1;
    if (has_room) naive_.items.insert(naive_.items.end(), items.begin(), items.end());
  }

  // All that is due is what must be: nothing that is acked, everything that was lost, new ones in order.
  void write() {
    while (const auto due = sender_.next_due(now_)) {
      Item& item = naive_.items.at(due->number);
      Buffer bytes(due->size);
      sender_.copy_body(*due, bytes.data());
      BOOST_TEST_REQUIRE((bytes == item.bytes));
      BOOST_TEST_REQUIRE((due->type == MessageType::part) == item.is_part);
      BOOST_TEST_REQUIRE((!item.is_part || ((due->head & kPartIsLast) != 0) == item.is_last));
      BOOST_TEST_REQUIRE(!item.acked);
      if (!item.written) BOOST_TEST_REQUIRE((due->number == 0 || naive_.items[due->number - 1].written));
      sender_.on_written(*due, smoothed_, now_);
      item.written = true;
      ++item.in_flight;
      on_the_way_.push_back(due->number);
    }
    bool all_written = true;
    bool none_forgotten = true;
    for (const Item& item : naive_.items) {
      all_written = all_written && item.written;
      none_forgotten = none_forgotten && (item.acked || item.in_flight > 0);
    }
    BOOST_TEST_REQUIRE(all_written);
    BOOST_TEST_REQUIRE(
        (none_forgotten || sender_.next_copy_at()));  // or its next copy keeps apart from the last
  }

  // One packet that is on the way, any of them: lost, or come, once or twice, acked or its ack lost.
  void resolve() {
    if (random_.chance(300'000)) return;  // it takes longer
    const std::size_t at = random_.below(on_the_way_.size());
    const std::uint32_t number = on_the_way_[at];
    on_the_way_.erase(on_the_way_.begin() + static_cast<std::ptrdiff_t>(at));
    Item& item = naive_.items[number];
    --item.in_flight;
    const std::uint64_t fate = random_.below(10);
    if (fate >= 2)
      for (int copy = fate == 9 ? 2 : 1; copy > 0; --copy) hear(number, item);
    if (fate >= 3) {
      sender_.on_acked(number);
      item.acked = true;
    } else {
      sender_.on_lost(number, smoothed_, now_);
    }
  }

  void hear(std::uint32_t number, const Item& item) {
    const auto id = static_cast<std::uint16_t>(number);
    const bool is_new = !naive_receiver_.came.contains(number);
    receiver_.begin();
    const auto outcome = item.is_part ? receiver_.receive_part(id, item.is_last, item.bytes)
                                      : receiver_.receive_numbered(id, MessageType::app_reliable, item.bytes);
    using Outcome = ReliableReceiver::Outcome;
    BOOST_TEST_REQUIRE((outcome == (is_new ? Outcome::taken : Outcome::duplicate)));
    std::vector<RawMessage> messages;
    receiver_.take(messages);
    for (const RawMessage& message : messages) heard_.emplace_back(message.body.begin(), message.body.end());
    naive_receiver_.hear(number, item);
    BOOST_TEST_REQUIRE(heard_.size() == naive_receiver_.heard.size());
    if (!heard_.empty()) BOOST_TEST_REQUIRE((heard_.back() == naive_receiver_.heard.back()));
    BOOST_TEST_REQUIRE(receiver_.held_bytes() == naive_receiver_.held_bytes());
  }

  Random random_;
  Instant now_;
  Duration smoothed_ = 5s;  // copies and all
  ReliableSender sender_{kWindows, kMessageBytesMax};
  ReliableReceiver receiver_{Sender::client};
  NaiveSender naive_;
  NaiveReceiver naive_receiver_;
  std::vector<std::uint32_t> on_the_way_;
  std::vector<Buffer> heard_;
  std::uint64_t refused_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(reliable_oracle)

BOOST_AUTO_TEST_CASE(it_agrees_with_a_list_of_all_that_was_sent_and_a_map_of_all_that_came) {
  Comparison{test_seed()}.run(600);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
