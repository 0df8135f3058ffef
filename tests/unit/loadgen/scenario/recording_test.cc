#include "netrig/loadgen/scenario/recording.h"

#include <boost/test/unit_test.hpp>
#include <string>

#include "netrig/loadgen/run/replay_player.h"

namespace netrig::loadgen {
namespace {

Input input(std::vector<std::uint8_t> bytes) {
  return Input{bytes};
}

Recording small() {
  Recording recording;
  recording.game = "arena";
  recording.scenario = "small";
  recording.file_digest = 0x0123456789abcdef;
  recording.seed = 7;
  for (const char* name : {"a-0", "a-1"}) {
    auto client = std::make_shared<RecordedClient>();
    client->name = name;
    client->input_rate_hz = 20;
    recording.clients.push_back(client);
  }
  recording.clients[0]->inputs = {{3, 2, Instant{150ms}, input({0x7f, 0, 0xa4})},
                                  {9, 1, Instant{450ms}, input({})}};
  recording.clients[1]->inputs = {{2, 1, Instant{101ms}, input({1})}};
  recording.clients[0]->messages = {{3, Instant{150ms}, false, 7, {0xab}},
                                    {3, Instant{150ms}, true, 65'535, {}},
                                    {4, Instant{200ms}, false, 7, {}}};
  return recording;
}

// The file, byte by byte.
const std::string kSmallText =
    R"({"netrig_inputs": 1, "game": "arena", "scenario": "small", "file_digest": "0123456789abcdef", "seed": 7, "clients": 2})"
    "\n"
    R"({"client": "a-0", "input_rate_hz": 20})"
    "\n"
    R"({"client": "a-1", "input_rate_hz": 20})"
    "\n"
    R"({"client": "a-1", "at_ns": 101000000, "number": 2, "times": 1, "input": "01"})"
    "\n"
    R"({"client": "a-0", "at_ns": 150000000, "number": 3, "times": 2, "input": "7f00a4"})"
    "\n"
    R"({"client": "a-0", "at_ns": 150000000, "number": 3, "channel": "reliable", "kind": 7, "message": "ab"})"
    "\n"
    R"({"client": "a-0", "at_ns": 150000000, "number": 3, "channel": "latest", "kind": 65535, "message": ""})"
    "\n"
    R"({"client": "a-0", "at_ns": 200000000, "number": 4, "channel": "reliable", "kind": 7, "message": ""})"
    "\n"
    R"({"client": "a-0", "at_ns": 450000000, "number": 9, "times": 1, "input": ""})"
    "\n"
    R"({"end": true, "inputs": 4, "messages": 3})"
    "\n";

// "LINE: message" of the one thing that is wrong; empty: nothing.
std::string problem_of(const std::string& text) {
  Findings findings;
  const auto recording = parse_recording(text, findings);
  BOOST_TEST((recording == nullptr) == findings.any_error());
  BOOST_TEST(findings.count() <= 1u);
  if (findings.count() == 0) return "";
  const Findings::Finding first = findings.sorted().front();
  return std::to_string(first.place.line) + ": " + first.message;
}

std::string replaced(const std::string& what, const std::string& with) {
  std::string text = kSmallText;
  return text.replace(text.find(what), what.size(), with);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(recording)

BOOST_AUTO_TEST_CASE(a_recording_is_written_in_order_of_time_and_read_back_as_it_was) {
  BOOST_TEST(recording_text(small()) == kSmallText);
  Findings findings;
  const auto read = parse_recording(kSmallText, findings);
  BOOST_TEST_REQUIRE(read != nullptr);
  BOOST_TEST(recording_text(*read) == kSmallText);
  BOOST_TEST(read->input_count() == 4u);
  BOOST_TEST(read->message_count() == 3u);
}

BOOST_AUTO_TEST_CASE(every_truncation_is_refused) {
  for (std::size_t size = 0; size + 1 < kSmallText.size(); ++size)
    BOOST_TEST(problem_of(kSmallText.substr(0, size)) != "", size);
  BOOST_TEST(problem_of(kSmallText.substr(0, kSmallText.size() - 1)) == "");  // only the last line break
  BOOST_TEST(problem_of(replaced("{\"end\": true, \"inputs\": 4, \"messages\": 3}\n", "")) ==
             "9: the recording was cut off: its last line is missing");
  BOOST_TEST(problem_of(kSmallText.substr(0, kSmallText.find("\"times\": 2"))) ==
             "5: the recording was cut off in the middle of this line");
}

BOOST_AUTO_TEST_CASE(a_file_of_something_else_is_told_from_a_recording) {
  for (const char* foreign : {"", "{}\n", "[1]\n", "netrig: 1\nname: x\n",
                              "\x7f"
                              "ELF",
                              "{\"schema\": \"netrig-result/1\"}\n"})
    BOOST_TEST(problem_of(foreign).starts_with("1: not a recording of inputs, which"), foreign);
  BOOST_TEST(problem_of(replaced("\"netrig_inputs\": 1", "\"netrig_inputs\": 2")) ==
             "1: a recording of version 2; this loadgen reads version 1");
}

BOOST_AUTO_TEST_CASE(contradictions_are_told_with_their_line) {
  BOOST_TEST(problem_of(replaced("\"inputs\": 4", "\"inputs\": 5")) ==
             "10: the recording says that it has 5 inputs, and has 4");
  BOOST_TEST(problem_of(replaced("\"messages\": 3", "\"messages\": 2")) ==
             "10: the recording says that it has 2 messages, and has 3");
  BOOST_TEST(problem_of(replaced("\"channel\": \"latest\"", "\"channel\": \"late\"")) ==
             "7: channel is neither reliable nor latest");
  BOOST_TEST(problem_of(replaced("65535", "65536")) == "7: kind is not a whole number from 0 to 65535");
  BOOST_TEST(problem_of(replaced("\"ab\"", "\"a\"")) ==
             "6: message is not hex digits of at most 32768 bytes");
  BOOST_TEST(problem_of(replaced("\"ab\"", '"' + std::string(65'538, '0') + '"')) ==
             "6: message is not hex digits of at most 32768 bytes");
  BOOST_TEST(problem_of(replaced("\"number\": 4, \"channel\"", "\"number\": 2, \"channel\"")) ==
             "8: number: 2 does not follow 3 of a-0");
  BOOST_TEST(problem_of(replaced("\"number\": 9", "\"number\": 4")) ==
             "9: number and times: 4 and 1 do not follow input 4 of a-0");
  BOOST_TEST(problem_of(replaced("\"times\": 2", "\"times\": 0")).starts_with("5: number and times"));
  BOOST_TEST(problem_of(replaced("7f00a4", "7f00a")) == "5: input is not hex digits of at most 48 bytes");
  BOOST_TEST(problem_of(replaced("7f00a4", std::string(98, '0'))) ==
             "5: input is not hex digits of at most 48 bytes");
  BOOST_TEST(problem_of(replaced("{\"client\": \"a-1\", \"at_ns\"", "{\"client\": \"b-1\", \"at_ns\"")) ==
             "4: client is none of those above");
  BOOST_TEST(
      problem_of(replaced("{\"client\": \"a-1\", \"input_rate", "{\"client\": \"a-0\", \"input_rate")) ==
      "3: client a-0 stands twice in the recording");
  BOOST_TEST(problem_of(replaced("\"at_ns\": 150000000", "\"at_ns\": -1")) ==
             "5: at_ns is not a whole number from 0 to 2^64 - 1");
  BOOST_TEST(problem_of(replaced("\"seed\": 7, ", "")) == "1: seed is missing");
  BOOST_TEST(problem_of(kSmallText + "{}\n") == "11: the recording ended on the line before");
  BOOST_TEST(problem_of(replaced("\"clients\": 2", "\"clients\": 99999999999")) != "");
}

BOOST_AUTO_TEST_CASE(a_player_says_each_input_at_its_number_and_is_silent_between) {
  ReplayPlayer player{small().clients[0]};
  std::string said;
  for (std::uint64_t number = 1; number <= 11; ++number) {
    player.on_input_time(number);
    const auto now = player.act(Snapshot{}, EntityId{1});
    said += !now ? '.' : now->bytes().empty() ? 'e' : 'i';
  }
  BOOST_TEST(said == "..ii....e..");
}

// Writes down what it is told.
class HeardMessages final : public ServerMessages {
 public:
  std::string heard;

 private:
  SendStatus send(const AppMessage& message) override { return note('r', message.kind, message.bytes); }
  SendStatus send_latest(std::uint16_t kind, Bytes bytes) override { return note('l', kind, bytes); }
  SendStatus note(char channel, std::uint16_t kind, Bytes bytes) {
    heard += channel + std::to_string(kind) + "/" + std::to_string(bytes.size()) + " ";
    return SendStatus::queue_full;  // which changes nothing: what was recorded had been accepted
  }
};

BOOST_AUTO_TEST_CASE(a_player_says_each_message_at_its_number_on_its_channel) {
  ReplayPlayer player{small().clients[0]};
  HeardMessages server;
  for (std::uint64_t number = 1; number <= 5; ++number) {
    player.on_input_time(number);
    player.talk(Snapshot{}, EntityId{1}, server);
    server.heard += ". ";
  }
  BOOST_TEST(server.heard == ". . r7/1 l65535/0 . r7/0 . . ");
  ReplayPlayer away{small().clients[0]};
  server.heard.clear();
  away.on_input_time(4);
  away.talk(Snapshot{}, EntityId{1}, server);
  BOOST_TEST(server.heard == "r7/0 ");
}

// Whoever was away while the recording spoke goes on where it is now.
BOOST_AUTO_TEST_CASE(a_player_who_was_away_does_not_catch_up) {
  ReplayPlayer player{small().clients[0]};
  player.on_input_time(4);
  BOOST_TEST(player.act(Snapshot{}, EntityId{1})->bytes().size() == 3u);
  player.on_input_time(9);
  BOOST_TEST(player.act(Snapshot{}, EntityId{1})->bytes().size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::loadgen
