#include "netrig/loadgen/scenario/link_trace.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "netrig/loadgen/io/input_file.h"
#include "netrig/loadgen/io/units.h"
#include "netrig/loadgen/scenario/scenario_decode_link.h"

namespace netrig::loadgen {
namespace {

enum class Column : std::uint8_t { time, delay, rate, loss };
constexpr std::array<std::string_view, 4> kColumnNames{"time", "delay", "rate", "loss"};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  while (true) {
    const std::size_t comma = line.find(',');
    cells.push_back(trimmed(line.substr(0, comma)));
    if (comma == std::string_view::npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

class TraceParser {
 public:
  explicit TraceParser(const std::string& file) : file_(file) {}

  Result<sim::LinkTrace, std::vector<std::string>> parse(std::string_view text) {
    for (line_ = 1; !text.empty() && errors_.size() < kTraceErrorsMax; ++line_) {
      const std::size_t end = text.find('\n');
      take_line(trimmed(text.substr(0, end)));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    finish();
    if (!errors_.empty()) return std::move(errors_);
    return std::move(trace_);
  }

 private:
  struct Header {
    Column column;
    std::string unit;  // appended to each value; "": values have their own
  };

  void error(const std::string& message) {
    errors_.push_back(file_ + ":" + std::to_string(line_) + ": " + message);
  }

  void take_line(std::string_view line) {
    if (line.empty() || line.starts_with('#')) return;
    if (headers_.empty()) return take_header(line);
    if (trace_.rows.size() >= sim::kTraceRowsMax) {
      if (trace_.rows.size() == sim::kTraceRowsMax && !too_long_)
        error("more than " + std::to_string(sim::kTraceRowsMax) + " rows");
      too_long_ = true;
      return;
    }
    take_row(line);
  }

  void take_header(std::string_view line) {
    for (const std::string_view cell : cells_of(line)) {
      const std::size_t cut = cell.find('_');
      const std::string_view name = cell.substr(0, cut);
      const auto found = std::ranges::find(kColumnNames, name);
      if (found == kColumnNames.end()) {
        error("there is no column \"" + std::string{name} +
              "\"; the first line names time, delay, rate, loss");
        break;
      }
      const auto column = static_cast<Column>(found - kColumnNames.begin());
      if (has(column)) error("column \"" + std::string{name} + "\" stands there twice");
      headers_.push_back({column, cut == std::string_view::npos ? "" : std::string{cell.substr(cut + 1)}});
    }
    trace_.has_delay = has(Column::delay);
    trace_.has_rate = has(Column::rate);
    trace_.has_loss = has(Column::loss);
    if (!errors_.empty()) return;
    if (!has(Column::time)) error("there is no column \"time\"");
    if (headers_.size() < 2) error("needs a delay, a rate or a loss beside the time");
  }

  bool has(Column column) const {
    return std::ranges::any_of(headers_, [&](const Header& header) { return header.column == column; });
  }

  void take_row(std::string_view line) {
    const std::vector<std::string_view> cells = cells_of(line);
    if (cells.size() != headers_.size())
      return error("has " + std::to_string(cells.size()) + " values; there are " +
                   std::to_string(headers_.size()) + " columns");
    sim::LinkTrace::Row row;
    bool all_read = true;
    for (std::size_t i = 0; i < cells.size(); ++i)
      all_read = take_cell(headers_[i], std::string{cells[i]} + headers_[i].unit, row) && all_read;
    if (!all_read) return;
    if (trace_.rows.empty() && row.at != Duration{0}) return error("time: the first row is at 0s");
    if (!trace_.rows.empty() && row.at <= trace_.rows.back().at)
      return error("time: rows must come one after the other");
    trace_.rows.push_back(row);
  }

  bool take_cell(const Header& header, const std::string& text, sim::LinkTrace::Row& row) {
    switch (header.column) {
      case Column::time:
        return take("time", parse_duration(text), row.at, Duration{0}, sim::kEventTimeMax, text_of_duration);
      case Column::delay:
        return take("delay", parse_duration(text), row.delay, Duration{0}, sim::kDelayMax, text_of_duration);
      case Column::rate:
        return take("rate", parse_bits_per_second(text), row.rate_bits_per_second,
                    std::int64_t{sim::kRateMin}, std::int64_t{sim::kRateMax}, text_of_bit_rate);
      case Column::loss: {
        const auto parsed = parse_percentage_ppm(text);
        if (!parsed) return error("loss: " + parsed.error()), false;
        row.loss_ppm = *parsed;
        return true;
      }
    }
    return false;
  }

  template <class T, class Into>
  bool take(const std::string& name, const Parsed<T>& parsed, Into& into, T min, T max, auto text_of) {
    if (!parsed) return error(name + ": " + parsed.error()), false;
    if (*parsed < min || *parsed > max)
      return error(name + ": must be between " + text_of(min) + " and " + text_of(max)), false;
    into = static_cast<Into>(*parsed);
    return true;
  }

  // The last row lasts as long as the one before it; a single one for ever.
  void finish() {
    if (!errors_.empty()) return;
    const auto& rows = trace_.rows;
    if (headers_.empty())
      return error("is empty; the first line names the columns, such as time,delay,rate,loss");
    if (rows.empty()) return error("has no rows");
    const Duration last = rows.size() < 2 ? Duration{1s} : rows.back().at - rows[rows.size() - 2].at;
    trace_.period = rows.back().at + last;
  }

  const std::string& file_;
  std::size_t line_ = 1;
  std::vector<Header> headers_;
  sim::LinkTrace trace_;
  bool too_long_ = false;
  std::vector<std::string> errors_;
};

using SharedTrace = std::shared_ptr<const sim::LinkTrace>;

// Files that several links name are parsed once.
class Traces {
 public:
  explicit Traces(NamedFiles& files) : files_(files) {}

  // Nothing when it cannot be used; the reasons go to `findings` the first time.
  SharedTrace load(const Node& name, const std::string& path, Findings& findings) {
    const auto opened = files_.open(name, path, kTraceBytesMax, findings);
    if (!opened) return nullptr;
    const auto [entry, is_new] = traces_.try_emplace(*opened);
    if (!is_new) return entry->second;
    const NamedFiles::File& file = files_.file(*opened);
    auto parsed = parse_link_trace(file.text, file.path);
    if (parsed) return entry->second = std::make_shared<const sim::LinkTrace>(*std::move(parsed));
    for (const std::string& message : parsed.error()) findings.error(name.place, path + ": " + message);
    return nullptr;
  }

 private:
  NamedFiles& files_;
  std::map<std::uint32_t, SharedTrace> traces_;
};

// A direction begins with the trace's first row, so that what it changes is there from the start.
void follow(const SharedTrace& trace, sim::LinkConditions& link) {
  auto schedule = link.schedule ? std::make_shared<sim::LinkSchedule>(*link.schedule)
                                : std::make_shared<sim::LinkSchedule>();
  schedule->trace = trace;
  link.schedule = std::move(schedule);
  if (!trace->has_rate) return;
  link.rate_bits_per_second = trace->rows.front().rate_bits_per_second;
  if (link.queue_bytes_max == 0) link.queue_bytes_max = kQueueBytesDefault;
}

// The value of the last key, or nullptr. A profile that is a file has that file's keys below its name.
const Node* value_at(const Node* at, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    const auto found = std::ranges::find(at->children, key, &Node::key);
    if (found == at->children.end()) return nullptr;
    at = &*found;
  }
  return at;
}

// Where the name of the trace stands: beside the profile before in it, in the direction before for both.
Place place_of_trace(const Node& link, std::string_view direction) {
  for (const Node* const map : {&link, value_at(&link, {"profile"})}) {
    if (map == nullptr) continue;
    if (const Node* const trace = value_at(map, {direction, "trace"})) return trace->place;
    if (const Node* const trace = value_at(map, {"trace"})) return trace->place;
  }
  return link.place;
}

void load_traces(CohortLink& link, const std::string& path, Traces& traces, const Node& node,
                 Findings& findings) {
  for (const auto& [direction, file, conditions] :
       {std::tuple{"up", &link.up_trace, &link.up}, {"down", &link.down_trace, &link.down}}) {
    if (file->empty()) continue;
    Node name;
    name.text = *file;
    name.place = place_of_trace(node, direction);
    const SharedTrace trace = traces.load(name, path, findings);
    if (trace) follow(trace, *conditions);
  }
}

}  // namespace

Result<sim::LinkTrace, std::vector<std::string>> parse_link_trace(std::string_view text,
                                                                  const std::string& file) {
  return TraceParser{file}.parse(text);
}

void load_link_traces(Scenario& scenario, NamedFiles& files, Node& root, Findings& findings) {
  Traces traces{files};
  for (std::size_t i = 0; i < scenario.cohorts.size(); ++i) {
    const Node* const link = root.child("clients")->children[i].child("link");
    if (link != nullptr)
      load_traces(scenario.cohorts[i].link, "clients[" + std::to_string(i) + "].link.trace", traces, *link,
                  findings);
  }
}

void load_traces_of(CohortLink& link, NamedFiles& files, const Node& node, Findings& findings) {
  Traces traces{files};
  load_traces(link, "link.trace", traces, node, findings);
}

}  // namespace netrig::loadgen
