// The TCP model against the kernel's, segment for segment where the two must agree, within the bound that
// each test states where they need not: the same writes over the same round trip, the same segment lost.
//
// Runs in a network namespace (in_namespace.sh), whose TCP is set up as the model's: CUBIC, the buffers of
// TcpOptions, no memory of earlier connections.
#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include "netrig/sim/network/header_model.h"
#include "netrig/sim/network/loss_model.h"
#include "netrig/sim/network/tcp_stream.h"
#include "netrig/tests/realtime/kernel_tcp/tun_line.h"

namespace netrig::testing {
namespace {

using namespace sim;

constexpr std::size_t kSegment = kSegmentBytes;
constexpr int kAttempts = 3;  // what a busy machine does to a delay is not TCP's

struct Write {
  Duration at{};
  std::size_t bytes = 0;
};

struct Case {
  Duration rtt{};
  std::vector<Write> writes;
  std::size_t lost = 0;        // which segment sent does not arrive; 0: all do
  std::size_t segments = 0;    // with all of them sent once: for the model's search
  bool scales_windows = true;  // RFC 7323; without, a receiver's window is 64 KiB at most
  bool timestamps = false;
};

// What either TCP did. Times since the first segment with payload.
struct Trace {
  std::vector<Duration> sent_at;  // segments sent for the first time, in order
  std::vector<Duration> sent_again_at;
  std::size_t wire_bytes = 0;  // of all segments with payload
  std::size_t acks = 0;
  std::uint64_t window_after_cut = 0;  // in segments; 0: there was no cut
  Duration done{};                     // everything was read at the other side

  std::size_t sent_by(Duration at) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(sent_at, [&](Duration each) { return each <= at; }));
  }
};

std::size_t bytes_of(const Case& run) {
  std::size_t bytes = 0;
  for (const Write& write : run.writes) bytes += write.bytes;
  return bytes;
}

// --- the kernel

void set(const std::string& name, const std::string& value) {
  std::ofstream file{"/proc/sys/net/ipv4/" + name};
  file << value;
  file.flush();
  if (!file) throw std::system_error(errno, std::system_category(), name);
}

void require(bool succeeded, const char* what) {
  if (!succeeded) throw std::system_error(errno, std::system_category(), what);
}

sockaddr_in at(const char* host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, host, &address.sin_addr);
  return address;
}

void option(int socket, int name, int value) {
  require(::setsockopt(socket, IPPROTO_TCP, name, &value, sizeof value) == 0, "setsockopt");
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) { require(value >= 0, "socket"); }
  ~Descriptor() { ::close(value_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  operator int() const { return value_; }

 private:
  int value_;
};

tcp_info info_of(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  require(::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0, "TCP_INFO");
  return info;
}

// Looks for the cut of the window until everything has been read.
void watch(int caller, const std::function<bool()>& is_done, Trace& trace) {
  while (!is_done()) {
    const tcp_info info = info_of(caller);
    const bool is_cut = info.tcpi_ca_state == TCP_CA_Recovery && trace.window_after_cut == 0;
    if (is_cut) trace.window_after_cut = info.tcpi_snd_ssthresh;
    std::this_thread::sleep_for(1ms);
  }
}

void note(const std::vector<SeenSegment>& seen, Trace& trace) {
  std::vector<std::uint32_t> known;
  Duration begin{};
  for (const SeenSegment& segment : seen) {
    if (!segment.from_caller && !segment.is_setup && segment.payload_bytes == 0) ++trace.acks;
    if (!segment.from_caller || segment.payload_bytes == 0) continue;
    if (known.empty()) begin = segment.at;
    trace.wire_bytes += segment.header_bytes + segment.payload_bytes;
    const bool again = std::ranges::find(known, segment.sequence) != known.end();
    (again ? trace.sent_again_at : trace.sent_at).push_back(segment.at - begin);
    known.push_back(segment.sequence);
  }
  trace.done -= begin;
}

Trace kernel(const Case& run) {
  set("tcp_timestamps", run.timestamps ? "1" : "0");
  set("tcp_window_scaling", run.scales_windows ? "1" : "0");
  std::vector<std::size_t> lost;
  if (run.lost > 0) lost.push_back(run.lost);
  const auto began = std::chrono::steady_clock::now();
  TunLine line{run.rtt / 2, lost};

  const Descriptor listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const sockaddr_in here = at(kHere, kListenerPort);
  const int yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  require(::bind(listener, reinterpret_cast<const sockaddr*>(&here), sizeof here) == 0, "bind");
  require(::listen(listener, 1) == 0, "listen");

  const Descriptor caller{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  require(::setsockopt(caller, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5) == 0, "CUBIC");
  option(caller, TCP_NODELAY, 1);
  const sockaddr_in there = at(kThere, kListenerPort);
  require(::connect(caller, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0, "connect");
  const Descriptor accepted{::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)};

  Trace trace;
  std::atomic<bool> is_done = false;
  std::thread reader{[&] {
    std::vector<char> buffer(256 * 1024);
    std::size_t left = bytes_of(run);
    while (left > 0) {
      const ssize_t count = ::read(accepted, buffer.data(), buffer.size());
      if (count <= 0) break;
      left -= static_cast<std::size_t>(count);
    }
    trace.done = std::chrono::steady_clock::now() - began;
    is_done = true;
  }};
  std::thread writer{[&] {
    const auto first = std::chrono::steady_clock::now();
    for (const Write& write : run.writes) {
      std::this_thread::sleep_until(first + write.at);
      const std::vector<char> bytes(write.bytes, 'x');
      if (::send(caller, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
        break;
    }
  }};
  watch(
      caller, [&] { return is_done.load(); }, trace);
  writer.join();
  reader.join();
  note(line.stop(), trace);
  return trace;
}

// --- the model

OutgoingMessage write_of(std::size_t bytes) {
  auto payload = std::make_shared<Payload>();
  payload->bytes.assign(bytes, 'x');
  return {nullptr, PayloadPool::seal(std::move(payload))};
}

// Of the links that lose one segment in a hundred, the first that loses the wanted one and no other.
std::uint64_t seed_that_loses(std::size_t wanted, std::size_t segments, std::uint32_t loss_ppm) {
  for (std::uint64_t seed = 0;; ++seed) {
    LossModel loss{loss_ppm, Random{seed}.fork("loss", 0)};
    std::size_t number = 1;
    while (number <= segments && loss.draw() == (number == wanted)) ++number;
    if (number > segments) return seed;
  }
}

struct ModelSink final : StreamSink {
  void on_delivered(std::span<const Chunk> chunks, Instant, Instant now) override {
    for (const Chunk& chunk : chunks) bytes += chunk.bytes.size();
    last = now - Instant{};
  }
  void on_retransmitted(std::size_t, Instant now) override { sent_again_at.push_back(now - Instant{}); }
  std::size_t bytes = 0;
  Duration last{};
  std::vector<Duration> sent_again_at;
};

Trace model(const Case& run) {
  constexpr std::uint32_t kLossPpm = 10'000;
  LinkConditions link{.delay = ConstantDelay{run.rtt / 2}};
  const LinkConditions reverse = link;
  Random random{1};
  if (run.lost > 0) {
    link.loss_ppm = kLossPpm;
    random = Random{seed_that_loses(run.lost, run.segments + 1, kLossPpm)};
  }
  TcpOptions options;
  if (!run.scales_windows) options.receive_window_bytes = 65'535;
  TcpStream stream{
      link, reverse, {.congestion = Congestion::cubic, .retransmit_after = run.rtt, .tcp = options}, random};
  Trace trace;
  ModelSink sink;
  std::size_t next = 0;
  while (next < run.writes.size() || !stream.empty()) {
    const Instant due = stream.next_deadline().value_or(Instant::max());
    Instant now = due;
    if (next < run.writes.size() && Instant{run.writes[next].at} <= due) {
      now = Instant{run.writes[next].at};
      BOOST_REQUIRE(stream.enqueue(write_of(run.writes[next++].bytes), now) == SendStatus::accepted);
    } else {
      stream.advance(now, sink);
    }
    const StreamFacts facts = *stream.facts(now);
    trace.sent_at.resize(facts.segments, now - Instant{});
    trace.acks = facts.acks;
    const bool is_cut = facts.window_cuts > 0 && trace.window_after_cut == 0;
    if (is_cut) trace.window_after_cut = stream.sender().window().bytes() / kSegment;
  }
  trace.sent_again_at = sink.sent_again_at;
  trace.done = sink.last;
  const std::size_t segments = trace.sent_at.size() + trace.sent_again_at.size();
  trace.wire_bytes = bytes_of(run) + packet_header_bytes(TransportKind::tcp) * segments;
  return trace;
}

// --- both

using Problems = std::vector<std::string>;

std::string text(const char* what, double kernel, double model) {
  char line[200];
  std::snprintf(line, sizeof line, "%s: kernel %.4g, model %.4g", what, kernel, model);
  return line;
}

void expect(Problems& problems, bool holds, const char* what, double kernel, double model) {
  if (!holds) problems.push_back(text(what, kernel, model));
}

double as_double(std::size_t value) {
  return static_cast<double>(value);
}

// Runs `run` in the kernel until it does as the model does, but a few times at most.
void compare(const Case& run, const std::function<Problems(const Trace&, const Trace&)>& differences) {
  const Trace wanted = model(run);
  Problems problems;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    problems = differences(kernel(run), wanted);
    if (problems.empty()) return;
    for (const std::string& problem : problems) BOOST_TEST_MESSAGE(problem);
  }
  for (const std::string& problem : problems) BOOST_TEST_ERROR(problem);
}

// What the kernel denies is said, and the whole program is skipped.
struct Setup {
  Setup() {
    try {
      set("tcp_no_metrics_save", "1");
      set("tcp_rmem", "4096 4194304 8388608");
      set("tcp_wmem", "4096 4194304 4194304");
      TunLine line{1ms, {}};
    } catch (const std::system_error& error) {
      std::fprintf(stderr, "SKIPPED: this kernel denies what the comparison needs: %s\n", error.what());
      std::_Exit(77);  // ctest counts it as skipped
    }
  }
};

}  // namespace

BOOST_TEST_GLOBAL_FIXTURE(Setup);

BOOST_AUTO_TEST_SUITE(kernel_tcp)

// Bound: none. Flights of 10, 20, 40, 80 and 160 segments, each half a round trip after it left.
BOOST_AUTO_TEST_CASE(slow_start_begins_with_ten_segments_and_doubles_each_round_trip) {
  const Case run{.rtt = 200ms, .writes = {{0ms, 310 * kSegment}}};
  compare(run, [&](const Trace& kernel, const Trace& model) {
    Problems problems;
    for (int trip = 0; trip < 5; ++trip) {
      const Duration at = run.rtt * trip + run.rtt / 2;
      expect(problems, kernel.sent_by(at) == model.sent_by(at), "segments sent",
             as_double(kernel.sent_by(at)), as_double(model.sent_by(at)));
    }
    expect(problems, kernel.sent_again_at.empty(), "sent again", as_double(kernel.sent_again_at.size()), 0);
    const double late = seconds(kernel.done - model.done);
    expect(problems, late > -0.01 && late < seconds(run.rtt) / 2, "done", seconds(kernel.done),
           seconds(model.done));
    return problems;
  });
}

// Bound: none without timestamps, which are 40 B a segment; with them it is 52 B, and segments have 1,448 B.
// The model has none.
BOOST_AUTO_TEST_CASE(a_state_each_tick_has_the_segments_and_the_wire_bytes_of_the_model) {
  Case run{.rtt = 20ms, .writes = {}};
  for (int tick = 0; tick < 20; ++tick) run.writes.push_back({50ms * tick, 3'680});
  compare(run, [&](const Trace& kernel, const Trace& model) {
    Problems problems;
    expect(problems, kernel.sent_at.size() == model.sent_at.size(), "segments",
           as_double(kernel.sent_at.size()), as_double(model.sent_at.size()));
    expect(problems, kernel.wire_bytes == model.wire_bytes, "wire bytes", as_double(kernel.wire_bytes),
           as_double(model.wire_bytes));
    // Of three segments the kernel acknowledges each where the reader is fast, the model two.
    expect(problems, kernel.acks + 1 >= model.acks && kernel.acks <= kernel.sent_at.size() + 2,
           "acknowledgements", as_double(kernel.acks), as_double(model.acks));
    return problems;
  });
  run.timestamps = true;
  compare(run, [&](const Trace& kernel, const Trace& model) {
    Problems problems;
    const std::size_t expected = model.wire_bytes + 12 * kernel.sent_at.size();
    expect(problems, kernel.wire_bytes == expected, "wire bytes with timestamps",
           as_double(kernel.wire_bytes), as_double(expected));
    return problems;
  });
}

// Bounds: a fifth of a round trip for when, a tenth for the window that is left, a round trip for the end:
// the kernel reduces proportionally (RFC 6937), the model at once.
BOOST_AUTO_TEST_CASE(one_loss_is_repaired_after_a_round_trip_and_cuts_the_window_to_seven_tenths) {
  const Case run{.rtt = 100ms, .writes = {{0ms, 300 * kSegment}}, .lost = 25, .segments = 300};
  compare(run, [&](const Trace& kernel, const Trace& model) {
    Problems problems;
    expect(problems, kernel.sent_again_at.size() == 1 && model.sent_again_at.size() == 1, "sent again",
           as_double(kernel.sent_again_at.size()), as_double(model.sent_again_at.size()));
    if (!problems.empty()) return problems;
    const double apart = seconds(kernel.sent_again_at[0] - model.sent_again_at[0]);
    expect(problems, std::abs(apart) < 0.2 * seconds(run.rtt), "sent again at",
           seconds(kernel.sent_again_at[0]), seconds(model.sent_again_at[0]));
    const auto kept = static_cast<double>(kernel.window_after_cut);
    const auto kept_by_model = static_cast<double>(model.window_after_cut);
    expect(problems, std::abs(kept - kept_by_model) <= 0.1 * kept_by_model, "window after the cut", kept,
           kept_by_model);
    expect(problems, std::abs(seconds(kernel.done - model.done)) < seconds(run.rtt), "done",
           seconds(kernel.done), seconds(model.done));
    return problems;
  });
}

// A window of 64 KiB lets 44 segments go each round trip. Bound: one more of each, because the kernel fills
// the window's rest with a short one, which costs a round trip at the end.
BOOST_AUTO_TEST_CASE(a_receive_window_lets_as_much_go_each_round_trip) {
  const Case run{.rtt = 100ms, .writes = {{0ms, 400 * kSegment}}, .scales_windows = false};
  compare(run, [&](const Trace& kernel, const Trace& model) {
    Problems problems;
    for (int trip = 3; trip < 8; ++trip) {
      const Duration at = run.rtt * trip + run.rtt / 2;
      const std::size_t more = kernel.sent_by(at) - model.sent_by(at);
      expect(problems, more <= static_cast<std::size_t>(trip), "segments sent", as_double(kernel.sent_by(at)),
             as_double(model.sent_by(at)));
    }
    expect(problems, std::abs(seconds(kernel.done - model.done)) < 1.2 * seconds(run.rtt), "done",
           seconds(kernel.done), seconds(model.done));
    return problems;
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace netrig::testing
