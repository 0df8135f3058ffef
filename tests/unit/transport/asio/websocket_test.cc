// WebSocket frames and upgrades as literal bytes, mostly those of RFC 6455 itself.
#include "netrig/transport/asio/websocket.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "netrig/tests/unit/transport/asio/layer_pair.h"
#include "netrig/transport/asio/websocket_frames.h"

namespace netrig::transport {
namespace {

using testing::bytes_of;
using testing::LayerPair;
using testing::text_of;

const Address kServer{"server.example.com", 80};

// RFC 6455 1.2, without what we do not read.
const std::string kRequest =
    "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: keep-alive, "
    "Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";

// A listener that has agreed to kRequest.
struct Agreed {
  Agreed() : layer(websocket_layers({.path = "/chat"})->for_listener()) {
    BOOST_REQUIRE((hear(kRequest) == LayerState::open));
    answer = text_of(wire);
    wire.clear();
  }
  LayerState hear(std::string_view bytes) { return layer->receive(bytes_of(bytes), plain, wire); }
  LayerState hear(const ByteBuffer& bytes) { return layer->receive(bytes, plain, wire); }

  std::unique_ptr<StreamLayer> layer;
  ByteBuffer plain;
  ByteBuffer wire;
  std::string answer;
};

ByteBuffer masked(FrameKind kind, std::string_view payload) {
  ByteBuffer wire;
  const FrameMask mask{0x37, 0xfa, 0x21, 0x3d};
  write_frame(kind, bytes_of(payload), &mask, wire);
  return wire;
}

BOOST_AUTO_TEST_SUITE(websocket)

BOOST_AUTO_TEST_CASE(frames_are_written_as_the_rfc_shows_them) {  // 5.7
  ByteBuffer wire;
  write_frame(FrameKind::ping, bytes_of("Hello"), nullptr, wire);
  BOOST_TEST(text_of(wire) == "\x89\x05\x48\x65\x6c\x6c\x6f");
  BOOST_TEST(text_of(masked(FrameKind::pong, "Hello")) == "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  wire.clear();
  write_frame(FrameKind::binary, ByteBuffer(256), nullptr, wire);
  BOOST_TEST((ByteBuffer{wire.begin(), wire.begin() + 4} == ByteBuffer{0x82, 0x7E, 0x01, 0x00}));
  wire.clear();
  write_frame(FrameKind::binary, ByteBuffer(65'536), nullptr, wire);
  BOOST_TEST((ByteBuffer{wire.begin(), wire.begin() + 10} == ByteBuffer{0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0}));
  BOOST_TEST(wire.size() == 65'546u);
}

BOOST_AUTO_TEST_CASE(the_upgrade_is_answered_as_the_rfc_shows_it) {  // 1.3
  const Agreed agreed;
  BOOST_TEST(agreed.answer.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
  BOOST_TEST(agreed.answer.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(bytes_pass_both_ways_in_pieces_of_any_size) {
  for (const std::size_t piece : {1u, 2u, 7u, 1'000'000u}) {
    LayerPair pair{*websocket_layers({.path = "/game"}), kServer, piece};
    BOOST_REQUIRE((pair.caller.state == LayerState::open && pair.listener.state == LayerState::open));
    std::string long_text(70'000, 'x');
    long_text.back() = 'y';
    for (const std::string& text :
         {std::string{"a"}, std::string(125, 'b'), std::string(126, 'c'), long_text}) {
      pair.caller.plain.clear();
      pair.listener.plain.clear();
      pair.say(pair.caller, text);
      pair.say(pair.listener, text);
      BOOST_TEST((text_of(pair.listener.plain) == text));
      BOOST_TEST((text_of(pair.caller.plain) == text));
    }
    pair.caller.layer->end(pair.caller.wire);
    pair.run();
    BOOST_TEST((pair.listener.state == LayerState::ended));
  }
}

BOOST_AUTO_TEST_CASE(what_comes_with_the_upgrade_is_not_lost) {
  const auto layer = websocket_layers({.path = "/chat"})->for_listener();
  ByteBuffer request{kRequest.begin(), kRequest.end()};
  const ByteBuffer frame = masked(FrameKind::binary, "early");
  request.insert(request.end(), frame.begin(), frame.end());
  ByteBuffer plain;
  ByteBuffer wire;
  BOOST_TEST((layer->receive(request, plain, wire) == LayerState::open));
  BOOST_TEST(text_of(plain) == "early");
}

BOOST_AUTO_TEST_CASE(messages_in_parts_are_one_stream_and_pings_between_them_are_answered) {
  Agreed agreed;
  ByteBuffer first = masked(FrameKind::binary, "par");
  first[0] &= 0x7F;  // more parts follow
  BOOST_TEST((agreed.hear(first) == LayerState::open));
  BOOST_TEST((agreed.hear(masked(FrameKind::ping, "?")) == LayerState::open));
  BOOST_TEST(text_of(agreed.wire) == "\x8a\x01?");
  BOOST_TEST((agreed.hear(masked(FrameKind::pong, "unasked")) == LayerState::open));
  BOOST_TEST((agreed.hear(masked(FrameKind::continuation, "ts")) == LayerState::open));
  BOOST_TEST(text_of(agreed.plain) == "parts");
}

BOOST_AUTO_TEST_CASE(a_goodbye_is_answered_once) {
  Agreed agreed;
  BOOST_TEST((agreed.hear(masked(FrameKind::close, "\x03\xe8")) == LayerState::ended));
  BOOST_TEST(text_of(agreed.wire) == "\x88\x02\x03\xe8");
}

BOOST_AUTO_TEST_CASE(broken_frames_end_the_connection_with_a_code) {
  struct Case {
    ByteBuffer frame;
    const char* code;
    const char* fault;
  };
  ByteBuffer unmasked;
  write_frame(FrameKind::binary, bytes_of("x"), nullptr, unmasked);
  ByteBuffer extension = masked(FrameKind::binary, "x");
  extension[0] |= 0x40;
  ByteBuffer long_ping = masked(FrameKind::ping, std::string(126, 'x'));
  const std::vector<Case> cases{
      {unmasked, "\x03\xea", "WebSocket: masked on the wrong side"},
      {extension, "\x03\xea", "WebSocket: an extension nobody agreed to"},
      {masked(FrameKind::text, "x"), "\x03\xeb", "WebSocket: text, not binary"},
      {masked(FrameKind::continuation, "x"), "\x03\xea", "WebSocket: parts of messages out of order"},
      {masked(static_cast<FrameKind>(3), "x"), "\x03\xea", "WebSocket: an unknown kind of frame"},
      {masked(static_cast<FrameKind>(11), "x"), "\x03\xea", "WebSocket: an unknown kind of frame"},
      {long_ping, "\x03\xea", "WebSocket: a control frame in parts or too long"},
  };
  for (const Case& broken : cases) {
    Agreed agreed;
    BOOST_TEST((agreed.hear(broken.frame) == LayerState::failed));
    BOOST_TEST(agreed.layer->fault() == broken.fault);
    BOOST_TEST(text_of(agreed.wire) == std::string{"\x88\x02"} + broken.code);
    BOOST_TEST(agreed.plain.empty());
  }
}

// 2^63 bytes are announced; what comes is passed on, and nothing is kept for the rest.
BOOST_AUTO_TEST_CASE(a_lying_length_costs_nothing) {
  Agreed agreed;
  ByteBuffer frame{0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 'x'};
  BOOST_TEST((agreed.hear(frame) == LayerState::open));
  BOOST_TEST(text_of(agreed.plain) == "x");
  BOOST_TEST(agreed.plain.capacity() < 1'000u);
}

BOOST_AUTO_TEST_CASE(whoever_is_no_websocket_is_told_so_in_http) {
  struct Case {
    std::string said;
    std::string answer;
  };
  std::string other_path = kRequest;
  other_path.replace(other_path.find("/chat"), 5, "/admin");
  std::string short_key = kRequest;
  short_key.erase(short_key.find("dGhl"), 4);
  const std::vector<Case> cases{
      {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 426 Upgrade Required\r\n"},
      {other_path, "HTTP/1.1 404 Not Found\r\n"},
      {short_key, "HTTP/1.1 400 Bad Request\r\n"},
      {"\x16\x03\x01\x02garbage\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
      {"GET /chat HTTP/1.1\r\nCookie: " + std::string(9'000, 'x'), "HTTP/1.1 400 Bad Request\r\n"},
  };
  for (const Case& wrong : cases) {
    const auto layer = websocket_layers({.path = "/chat"})->for_listener();
    ByteBuffer plain;
    ByteBuffer wire;
    BOOST_TEST((layer->receive(bytes_of(wrong.said), plain, wire) == LayerState::failed));
    BOOST_TEST(text_of(wire).starts_with(wrong.answer));
  }
}

BOOST_AUTO_TEST_CASE(a_caller_hears_what_it_met_instead) {
  struct Case {
    std::string answer;
    std::string fault;
  };
  const std::vector<Case> cases{
      {"HTTP/1.1 404 Not Found\r\n\r\n", "WebSocket: the other side answered 404 Not Found to /chat"},
      {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
       "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
       "WebSocket: the other side does not answer our key"},
      {"SSH-2.0-OpenSSH_9.2\r\n\r\n",
       "WebSocket: the answer is not HTTP: does the other side speak WebSocket?"},
  };
  for (const Case& wrong : cases) {
    const auto layer = websocket_layers({.path = "/chat"})->for_caller(kServer);
    ByteBuffer plain;
    ByteBuffer wire;
    layer->begin(wire);
    BOOST_TEST(text_of(wire).starts_with("GET /chat HTTP/1.1\r\nHost: server.example.com:80\r\n"));
    BOOST_TEST((layer->receive(bytes_of(wrong.answer), plain, wire) == LayerState::failed));
    BOOST_TEST(layer->fault() == wrong.fault);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace netrig::transport
