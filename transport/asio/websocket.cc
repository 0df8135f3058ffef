#include "netrig/transport/asio/websocket.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <optional>
#include <utility>

#include "netrig/core/base/assert.h"
#include "netrig/transport/asio/websocket_frames.h"

namespace netrig::transport {

namespace {

namespace http = boost::beast::http;

constexpr std::uint32_t kUpgradeBytesMax = 8 * 1024;  // of a request or its answer; browsers send cookies too
constexpr std::size_t kKeyBytes = 16;                 // RFC 6455 4.1
constexpr std::string_view kKeyMagic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 1.3

std::string base64(Bytes bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // EVP_EncodeBlock ends with a zero
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

// What a listener answers to the key, so that no cache and no other protocol is taken for one.
std::string answer_to(std::string_view key) {
  const std::string both = std::string{key} + std::string{kKeyMagic};
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  NETRIG_ASSERT(EVP_Digest(both.data(), both.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1);
  return base64(Bytes{digest}.first(size));
}

template <class Array>
Array random_bytes() {
  Array bytes{};
  NETRIG_ASSERT(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  return bytes;
}

void append(ByteBuffer& wire, std::string_view text) {
  wire.insert(wire.end(), text.begin(), text.end());
}

template <bool kIsRequest>
class Upgrade {
 public:
  Upgrade() {
    parser_.header_limit(kUpgradeBytesMax);
    parser_.skip(true);  // an answer to an upgrade has no body, whatever it says
  }
  // Takes bytes from the front of `bytes`. False when they are no HTTP.
  bool take(Bytes& bytes) {
    kept_.insert(kept_.end(), bytes.begin(), bytes.end());
    bytes = {};
    boost::system::error_code error;
    const std::size_t used = parser_.put(boost::asio::buffer(kept_), error);
    if (error && error != http::error::need_more) return false;
    kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(used));
    return kept_.size() <= kUpgradeBytesMax || is_done();
  }
  bool is_done() const { return parser_.is_header_done(); }
  const auto& message() const { return parser_.get(); }
  const ByteBuffer& rest() const { return kept_; }

 private:
  http::parser<kIsRequest, http::empty_body> parser_;
  ByteBuffer kept_;  // not yet parsed; once done: what came after the header
};

class WebSocket : public StreamLayer {
 public:
  explicit WebSocket(bool is_caller) : scanner_(!is_caller), is_caller_(is_caller) {}

  LayerState receive(Bytes bytes, ByteBuffer& plain, ByteBuffer& wire) override {
    if (state_ == LayerState::opening) {
      rest_.clear();
      state_ = agree(bytes, rest_, wire);
      bytes = rest_;
    }
    while (state_ == LayerState::open && !bytes.empty()) read_frames(bytes, plain, wire);
    return state_;
  }

  void send(Bytes plain, ByteBuffer& wire) override { write(FrameKind::binary, plain, wire); }
  void end(ByteBuffer& wire) override { say_goodbye(GoodbyeCode::normal, wire); }
  std::string fault() const override { return fault_; }
  const char* name() const override { return "WebSocket"; }

 protected:
  // Goes on with the upgrade. Once open, `rest` is what came behind it.
  virtual LayerState agree(Bytes bytes, ByteBuffer& rest, ByteBuffer& wire) = 0;

  LayerState fail(std::string why) {
    fault_ = "WebSocket: " + std::move(why);
    return LayerState::failed;
  }

 private:
  void read_frames(Bytes& bytes, ByteBuffer& plain, ByteBuffer& wire) {
    switch (scanner_.scan(bytes, plain)) {
      case FrameScanner::Outcome::nothing:
        return;
      case FrameScanner::Outcome::ping:
        return write(FrameKind::pong, scanner_.control_payload(), wire);
      case FrameScanner::Outcome::close:
        if (!said_goodbye_) say_goodbye(GoodbyeCode::normal, wire);
        state_ = LayerState::ended;
        return;
      case FrameScanner::Outcome::broken:
        say_goodbye(scanner_.fault_code(), wire);
        state_ = fail(scanner_.fault());
        return;
    }
  }

  void write(FrameKind kind, Bytes payload, ByteBuffer& wire) {
    if (!is_caller_) return write_frame(kind, payload, nullptr, wire);
    const auto mask = random_bytes<FrameMask>();
    write_frame(kind, payload, &mask, wire);
  }

  void say_goodbye(GoodbyeCode code, ByteBuffer& wire) {
    said_goodbye_ = true;
    const auto number = static_cast<std::uint16_t>(code);
    const std::array<std::uint8_t, 2> payload{static_cast<std::uint8_t>(number >> 8),
                                              static_cast<std::uint8_t>(number & 0xFF)};
    write(FrameKind::close, payload, wire);
  }

  FrameScanner scanner_;
  const bool is_caller_;
  LayerState state_ = LayerState::opening;
  bool said_goodbye_ = false;
  ByteBuffer rest_;
  std::string fault_;
};

class CallerSide final : public WebSocket {
 public:
  CallerSide(const Address& to, std::string path)
      : WebSocket(true),
        path_(std::move(path)),
        key_(base64(random_bytes<std::array<std::uint8_t, kKeyBytes>>())) {
    const bool needs_brackets = to.host.find(':') != std::string::npos && to.host.front() != '[';
    host_ = (needs_brackets ? "[" + to.host + "]" : to.host) + ":" + std::to_string(to.port);
  }

  void begin(ByteBuffer& wire) override {
    append(wire, "GET " + path_ + " HTTP/1.1\r\nHost: " + host_ +
                     "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key_ +
                     "\r\nSec-WebSocket-Version: 13\r\n\r\n");
  }

 private:
  LayerState agree(Bytes bytes, ByteBuffer& rest, ByteBuffer&) override {
    if (!upgrade_->take(bytes)) return fail("the answer is not HTTP: does the other side speak WebSocket?");
    if (!upgrade_->is_done()) return LayerState::opening;
    const auto& answer = upgrade_->message();
    if (answer.result() != http::status::switching_protocols)
      return fail("the other side answered " + std::to_string(answer.result_int()) + " " +
                  std::string{answer.reason()} + " to " + path_);
    if (answer[http::field::sec_websocket_accept] != answer_to(key_))
      return fail("the other side does not answer our key");
    if (!answer[http::field::sec_websocket_extensions].empty())
      return fail("the other side wants an extension nobody asked for");
    rest = upgrade_->rest();
    upgrade_.reset();
    return LayerState::open;
  }

  std::string path_;
  std::string key_;
  std::string host_;
  std::optional<Upgrade<false>> upgrade_{std::in_place};
};

class ListenerSide final : public WebSocket {
 public:
  explicit ListenerSide(std::string path) : WebSocket(false), path_(std::move(path)) {}

  void begin(ByteBuffer&) override {}

 private:
  LayerState agree(Bytes bytes, ByteBuffer& rest, ByteBuffer& wire) override {
    if (!upgrade_->take(bytes)) return refuse("400 Bad Request", "not an HTTP request", wire);
    if (!upgrade_->is_done()) return LayerState::opening;
    const auto& request = upgrade_->message();
    if (!boost::beast::websocket::is_upgrade(request))
      return refuse("426 Upgrade Required\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13",
                    "not an upgrade", wire);
    const std::string_view target{request.target().data(), request.target().size()};
    if (target.substr(0, target.find('?')) != path_) return refuse("404 Not Found", "another path", wire);
    if (request[http::field::sec_websocket_key].size() != 24)
      return refuse("400 Bad Request", "no key of 16 bytes", wire);
    const auto key = request[http::field::sec_websocket_key];
    append(wire,
           "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
               answer_to({key.data(), key.size()}) + "\r\n\r\n");
    rest = upgrade_->rest();
    upgrade_.reset();
    return LayerState::open;
  }

  LayerState refuse(const std::string& status, const char* why, ByteBuffer& wire) {
    append(wire, "HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    return fail(why);
  }

  std::string path_;
  std::optional<Upgrade<true>> upgrade_{std::in_place};
};

class WebSocketLayers final : public StreamLayers {
 public:
  explicit WebSocketLayers(WebSocketOptions options) : options_(std::move(options)) {}
  std::unique_ptr<StreamLayer> for_caller(const Address& to) const override {
    return std::make_unique<CallerSide>(to, options_.path);
  }
  std::unique_ptr<StreamLayer> for_listener() const override {
    return std::make_unique<ListenerSide>(options_.path);
  }

 private:
  WebSocketOptions options_;
};

}  // namespace

std::shared_ptr<const StreamLayers> websocket_layers(const WebSocketOptions& options) {
  return std::make_shared<WebSocketLayers>(options);
}

}  // namespace netrig::transport
