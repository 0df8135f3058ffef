#include "netrig/loadgen/scenario/recording.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <utility>

#include "netrig/core/base/digest.h"
#include "netrig/loadgen/io/json_writer.h"
#include "netrig/loadgen/report/strict_json.h"
#include "netrig/loadgen/scenario/source_text.h"

namespace netrig::loadgen {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

std::string hex(Bytes bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kHexDigits[byte >> 4];
    text += kHexDigits[byte & 15];
  }
  return text;
}

std::optional<std::vector<std::uint8_t>> bytes_of(std::string_view text, std::size_t bytes_max) {
  if (text.size() % 2 != 0 || text.size() / 2 > bytes_max) return std::nullopt;
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::size_t high = kHexDigits.find(text[i]);
    const std::size_t low = kHexDigits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return bytes;
}

std::string_view channel_name(bool is_latest) {
  return is_latest ? "latest" : "reliable";
}

template <class Fill>
void write_line(std::string& out, Fill&& fill) {
  JsonWriter json;
  json.begin_object(JsonWriter::Layout::one_line);
  fill(json);
  json.end_object();
  out += json.finish();
}

// One line after the other, each an object, until the one that says that it is the last.
class Parser {
 public:
  Parser(std::string_view text, Findings& findings) : lines_(lines_of(text)), findings_(findings) {
    if (lines_.back().empty()) lines_.pop_back();
  }

  std::shared_ptr<const Recording> parse() {
    if (!read_header()) return nullptr;
    for (std::uint64_t left = clients_; left > 0; --left)
      if (!read_client()) return nullptr;
    while (true) {
      const std::optional<Json> line = next();
      if (!line) return nullptr;
      if (line->contains("end")) return read_end(*line) ? recording_ : nullptr;
      if (!(line->contains("message") ? read_message(*line) : read_input(*line))) return nullptr;
    }
  }

 private:
  std::nullptr_t error(std::string message) {
    const auto line = static_cast<std::uint32_t>(std::max<std::size_t>(1, at_));
    findings_.error({.line = line, .column = 1}, std::move(message));
    return nullptr;
  }

  // The next line as an object. Nothing: there is none, or it is none, which was reported.
  std::optional<Json> next() {
    if (at_ == lines_.size())
      return error("the recording was cut off: its last line is missing"), std::nullopt;
    const std::string_view line = lines_[at_++];
    StrictParser parser;
    Json parsed = parser.parse(line);
    if (parser.problem().empty() && parsed.is_object()) return parsed;
    const bool is_last = at_ == lines_.size() && at_ > 1;
    error(is_last ? "the recording was cut off in the middle of this line"
                  : "not a line of a recording: " +
                        (parser.problem().empty() ? "expected an object" : parser.problem()));
    return std::nullopt;
  }

  bool read_header() {
    constexpr std::string_view kForeign =
        "not a recording of inputs, which `loadgen run SCENARIO --out inputs=FILE` writes";
    StrictParser parser;
    const Json line = lines_.empty() ? Json{} : parser.parse(lines_[0]);
    at_ = 1;
    if (!parser.problem().empty() || !line.is_object() || !line.contains("netrig_inputs"))
      return error(std::string{kForeign}), false;
    JsonReader reader;
    const JsonPlace root{&line, ""};
    const std::uint64_t version = reader.whole(reader.member(root, "netrig_inputs"));
    if (reader.problem().empty() && version != kRecordingVersion)
      return error(fmt::format("a recording of version {}; this loadgen reads version {}", version,
                               kRecordingVersion)),
             false;
    recording_->game = reader.text(reader.member(root, "game"));
    recording_->scenario = reader.text(reader.member(root, "scenario"));
    recording_->seed = reader.whole(reader.member(root, "seed"));
    const std::string digest = reader.text(reader.member(root, "file_digest"));
    const auto read =
        std::from_chars(digest.data(), digest.data() + digest.size(), recording_->file_digest, 16);
    clients_ = reader.whole(reader.member(root, "clients"));
    if (reader.problem().empty() && (read.ec != std::errc{} || digest.size() != 16))
      return error("file_digest is not 16 hex digits"), false;
    return is_read(reader);
  }

  bool is_read(const JsonReader& reader) {
    return reader.problem().empty() || (error(reader.problem()), false);
  }

  bool read_client() {
    const std::optional<Json> line = next();
    if (!line) return false;
    JsonReader reader;
    const JsonPlace root{&*line, ""};
    auto client = std::make_shared<RecordedClient>();
    client->name = reader.text(reader.member(root, "client"));
    client->input_rate_hz = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(reader.whole(reader.member(root, "input_rate_hz")), UINT32_MAX));
    if (!is_read(reader)) return false;
    if (!by_name_.emplace(client->name, client.get()).second)
      return error("client " + client->name + " stands twice in the recording"), false;
    recording_->clients.push_back(std::move(client));
    return true;
  }

  static Instant read_planned(JsonReader& reader, const JsonPlace& line) {
    return Instant{Duration{static_cast<std::int64_t>(
        std::min<std::uint64_t>(reader.whole(reader.member(line, "at_ns")), INT64_MAX))}};
  }

  bool read_input(const Json& line) {
    JsonReader reader;
    const JsonPlace root{&line, ""};
    const auto client = by_name_.find(reader.text(reader.member(root, "client")));
    RecordedInput input;
    input.first = reader.whole(reader.member(root, "number"));
    input.times = reader.whole(reader.member(root, "times"));
    input.planned = read_planned(reader, root);
    const std::string text = reader.text(reader.member(root, "input"));
    if (!is_read(reader)) return false;
    if (client == by_name_.end()) return error("client is none of those above"), false;
    const auto bytes = bytes_of(text, kInputBytesMax);
    if (!bytes)
      return error(fmt::format("input is not hex digits of at most {} bytes", kInputBytesMax)), false;
    input.input = Input{*bytes};
    std::vector<RecordedInput>& inputs = client->second->inputs;
    const std::uint64_t next_free = inputs.empty() ? 1 : inputs.back().first + inputs.back().times;
    if (input.times == 0 || input.times > kTimesMax || input.first < next_free || input.first > kTimesMax)
      return error(fmt::format("number and times: {} and {} do not follow input {} of {}", input.first,
                               input.times, next_free - 1, client->first)),
             false;
    inputs.push_back(input);
    return true;
  }

  bool read_message(const Json& line) {
    JsonReader reader;
    const JsonPlace root{&line, ""};
    const auto client = by_name_.find(reader.text(reader.member(root, "client")));
    const std::uint64_t number = reader.whole(reader.member(root, "number"));
    const Instant planned = read_planned(reader, root);
    const std::string channel = reader.text(reader.member(root, "channel"));
    const std::uint64_t kind = reader.whole(reader.member(root, "kind"));
    const std::string text = reader.text(reader.member(root, "message"));
    if (!is_read(reader)) return false;
    if (client == by_name_.end()) return error("client is none of those above"), false;
    const bool is_latest = channel == channel_name(true);
    if (!is_latest && channel != channel_name(false))
      return error("channel is neither reliable nor latest"), false;
    if (kind > UINT16_MAX) return error("kind is not a whole number from 0 to 65535"), false;
    auto bytes = bytes_of(text, kAppMessageBytesMax);
    if (!bytes)
      return error(fmt::format("message is not hex digits of at most {} bytes", kAppMessageBytesMax)), false;
    std::vector<RecordedMessage>& messages = client->second->messages;
    const std::uint64_t least = messages.empty() ? 1 : messages.back().number;
    if (number < least || number > kTimesMax)
      return error(fmt::format("number: {} does not follow {} of {}", number, least, client->first)), false;
    messages.push_back({number, planned, is_latest, static_cast<std::uint16_t>(kind), *std::move(bytes)});
    return true;
  }

  bool is_whole(std::string_view what, std::uint64_t said, std::uint64_t has) {
    return said == has ||
           (error(fmt::format("the recording says that it has {} {}, and has {}", said, what, has)), false);
  }

  bool read_end(const Json& line) {
    JsonReader reader;
    const std::uint64_t inputs = reader.whole(reader.member({&line, ""}, "inputs"));
    const std::uint64_t messages = reader.whole(reader.member({&line, ""}, "messages"));
    if (!is_read(reader) || !is_whole("inputs", inputs, recording_->input_count()) ||
        !is_whole("messages", messages, recording_->message_count()))
      return false;
    if (at_ == lines_.size()) return true;
    ++at_;
    return error("the recording ended on the line before"), false;
  }

  static constexpr std::uint64_t kTimesMax = std::uint64_t{1} << 40;  // 24 h at 240 Hz are 2^25

  std::vector<std::string_view> lines_;
  Findings& findings_;
  std::size_t at_ = 0;  // lines read: the number of the newest, from 1
  std::uint64_t clients_ = 0;
  std::shared_ptr<Recording> recording_ = std::make_shared<Recording>();
  std::map<std::string, RecordedClient*, std::less<>> by_name_;
};

// One thing that a client said.
struct Said {
  const RecordedClient* client;
  const RecordedInput* input;  // or
  const RecordedMessage* message;

  Instant planned() const { return input != nullptr ? input->planned : message->planned; }
};

void write_said(std::string& out, const Said& said) {
  write_line(out, [&](JsonWriter& json) {
    json.member("client", said.client->name);
    json.member("at_ns", ns_since_start(said.planned()));
    if (said.input != nullptr) {
      json.member("number", said.input->first);
      json.member("times", said.input->times);
      json.member("input", hex(said.input->input.bytes()));
    } else {
      json.member("number", said.message->number);
      json.member("channel", channel_name(said.message->is_latest));
      json.member("kind", said.message->kind);
      json.member("message", hex(said.message->bytes));
    }
  });
}

}  // namespace

std::uint64_t Recording::input_count() const {
  std::uint64_t count = 0;
  for (const auto& client : clients)
    for (const RecordedInput& input : client->inputs) count += input.times;
  return count;
}

std::uint64_t Recording::message_count() const {
  std::uint64_t count = 0;
  for (const auto& client : clients) count += client->messages.size();
  return count;
}

std::string recording_text(const Recording& recording) {
  std::string out;
  write_line(out, [&](JsonWriter& json) {
    json.member("netrig_inputs", kRecordingVersion);
    json.member("game", recording.game);
    json.member("scenario", recording.scenario);
    json.member("file_digest", digest_text(recording.file_digest));
    json.member("seed", recording.seed);
    json.member("clients", recording.clients.size());
  });
  std::vector<Said> all;
  for (const auto& client : recording.clients) {
    write_line(out, [&](JsonWriter& json) {
      json.member("client", client->name);
      json.member("input_rate_hz", client->input_rate_hz);
    });
    for (const RecordedInput& input : client->inputs) all.push_back({client.get(), &input, nullptr});
    for (const RecordedMessage& message : client->messages) all.push_back({client.get(), nullptr, &message});
  }
  std::ranges::stable_sort(all, {}, &Said::planned);
  for (const Said& said : all) write_said(out, said);
  write_line(out, [&](JsonWriter& json) {
    json.member("end", true);
    json.member("inputs", recording.input_count());
    json.member("messages", recording.message_count());
  });
  return out;
}

std::shared_ptr<const Recording> parse_recording(std::string_view text, Findings& findings) {
  return Parser{text, findings}.parse();
}

}  // namespace netrig::loadgen
