#include "netrig/loadgen/fit/ping_log.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <map>

#include "netrig/loadgen/io/units.h"

namespace netrig::loadgen {
namespace {

constexpr std::int64_t kWrap = 65'536;  // icmp_seq is 16 bits

bool has(std::string_view line, std::string_view words) {
  return line.find(words) != std::string_view::npos;
}

// The digits behind the first of `keys` that the line has, or nothing.
std::optional<std::int64_t> number_after(std::string_view line,
                                         std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    const std::size_t at = line.find(key);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = line.substr(at + key.size());
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error == std::errc{} && end != rest.data()) return value;
  }
  return std::nullopt;
}

// What stands behind "time=", such as "12.3 ms"; nothing when the line has no time.
std::optional<Parsed<Duration>> time_of(std::string_view line) {
  if (has(line, "time<1ms")) return Parsed<Duration>{Duration{500us}};  // Windows: anywhere between
  constexpr std::string_view kKey = "time=";
  const std::size_t at = line.find(kKey);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = line.substr(at + kKey.size());
  const std::size_t digits = std::min(rest.find_first_not_of("0123456789."), rest.size());
  std::string_view unit = rest.substr(digits);
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  unit = unit.substr(0, unit.find_first_of(" \t("));
  return parse_duration(std::string{rest.substr(0, digits)} + std::string{unit});
}

// "[1700000000.123456] ": when -D was given.
std::optional<Duration> clock_of(std::string_view line) {
  const std::size_t end = line.find(']');
  if (!line.starts_with('[') || end == std::string_view::npos) return std::nullopt;
  const auto parsed = parse_duration(std::string{line.substr(1, end - 1)} + "s");
  return parsed ? std::optional{*parsed} : std::nullopt;
}

class PingParser {
 public:
  explicit PingParser(const std::string& file) : file_(file) {}

  Result<PingSeries, std::string> parse(std::string_view text) {
    for (line_ = 1; !text.empty() && error_.empty(); ++line_) {
      const std::size_t end = text.find('\n');
      std::string_view line = text.substr(0, end);
      is_cut_off_ = end == std::string_view::npos;
      text.remove_prefix(is_cut_off_ ? text.size() : end + 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      take(line);
    }
    if (error_.empty()) finish();
    if (!error_.empty()) return error_;
    return std::move(series_);
  }

 private:
  void fail(const std::string& message) { error_ = file_ + ":" + std::to_string(line_) + ": " + message; }

  void take(std::string_view line) {
    if (line.starts_with("PING ") || line.starts_with("Pinging ")) return begin();
    if (has(line, " packets transmitted")) return end(line);
    const bool is_windows =
        line.starts_with("Reply from ") || line == "Request timed out." || line == "General failure.";
    const auto number =
        is_windows ? std::optional{newest_ + 1} : number_after(line, {"icmp_seq=", "icmp_seq ", " seq="});
    if (!number) {
      if (has(line, "time=") && !is_cut_off_) fail("a round trip without a sequence number");
      return;
    }
    if (!is_windows && (*number < 0 || *number >= kWrap))
      return fail("a sequence number is between 0 and 65535");
    take_ping(line, is_windows ? *number : unwrapped(*number));
  }

  void take_ping(std::string_view line, std::int64_t sequence) {
    const auto time = time_of(line);
    const bool is_answer = has(line, " bytes from ") || has(line, ": bytes=");
    if (is_answer && is_cut_off_ && !(time && *time)) return;  // ping was stopped while it wrote
    if (is_answer && !time)
      return fail("an answer without a time; ping tells it from 16 bytes of payload on (-s 16)");
    if (time && !*time) return fail("time=: " + time->error());
    if (any_) {
      oldest_ = std::min(oldest_, sequence);
      newest_ = std::max(newest_, sequence);
    } else {
      oldest_ = newest_ = sequence;
    }
    any_ = true;
    if (static_cast<std::size_t>(newest_ - oldest_) >= kPingsMax)
      return fail("more than " + std::to_string(kPingsMax) + " pings");
    if (const auto at = clock_of(line)) clocks_.emplace(sequence, *at);
    // Without a time it says that there is no answer, or not yet.
    if (time && !answers_.emplace(sequence, **time).second) ++series_.duplicates;
  }

  void begin() {
    if (any_) return fail("another ping begins here; fit each by itself");
    has_begin_ = true;
  }

  // "100 packets transmitted, 97 received"
  void end(std::string_view line) {
    if (const auto transmitted = number_after(line, {""})) transmitted_ = *transmitted;
  }

  // Of the numbers that a wrapped one may be, the nearest to the newest.
  std::int64_t unwrapped(std::int64_t wrapped) const {
    if (!any_) return wrapped;
    const std::int64_t ahead = ((wrapped - newest_) % kWrap + kWrap) % kWrap;
    return newest_ + (ahead > kWrap / 2 ? ahead - kWrap : ahead);
  }

  void finish() {
    line_ = 1;
    if (answers_.empty())
      return fail(
          "no answers to a ping; expected lines such as \"64 bytes from 192.0.2.1: icmp_seq=1 ttl=57 "
          "time=12.3 ms\", or a CSV file that begins with the names of its columns");
    // ping counts from 1, others from 0: what is missing at the front was lost, unless the log begins later.
    const std::int64_t first = has_begin_ ? std::min<std::int64_t>(oldest_, 1) : oldest_;
    std::int64_t last = newest_;
    if (has_begin_ && transmitted_ <= static_cast<std::int64_t>(kPingsMax))
      last = std::max(last, first + transmitted_ - 1);
    series_.round_trips.resize(static_cast<std::size_t>(last - first + 1));
    for (const auto& [sequence, trip] : answers_)
      series_.round_trips[static_cast<std::size_t>(sequence - first)] = trip;
    if (clocks_.size() >= 2 && clocks_.rbegin()->second > clocks_.begin()->second)
      series_.interval = (clocks_.rbegin()->second - clocks_.begin()->second) /
                         (clocks_.rbegin()->first - clocks_.begin()->first);
  }

  const std::string& file_;
  std::size_t line_ = 1;
  bool is_cut_off_ = false;  // the line has no end
  std::string error_;
  bool has_begin_ = false;
  bool any_ = false;
  std::int64_t oldest_ = 0;
  std::int64_t newest_ = 0;
  std::int64_t transmitted_ = 0;
  std::map<std::int64_t, Duration> answers_;
  std::map<std::int64_t, Duration> clocks_;
  PingSeries series_;
};

}  // namespace

Result<PingSeries, std::string> parse_ping_log(std::string_view text, const std::string& file) {
  return PingParser{file}.parse(text);
}

}  // namespace netrig::loadgen
