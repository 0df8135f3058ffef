#include "netrig/loadgen/report/report_sections.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "netrig/core/base/frame.h"
#include "netrig/loadgen/io/human.h"
#include "netrig/loadgen/io/utf8.h"

namespace netrig::loadgen {
namespace {

using enum Align;

// What the design report of the original promised as the bandwidth of one client; 1 KB is 1,000 B there.
constexpr std::string_view kOriginalClaim = "48 KB/s";
constexpr std::uint64_t kOriginalEntities = 32;
constexpr std::uint64_t kOriginalTickRate = 20;

double ratio(std::uint64_t part, double of) {
  return of > 0 ? static_cast<double>(part) / of : 0.0;
}

Cell head(std::string_view text) {
  return {std::string{text}, Paint::faint};
}

// A clause for each count that is not 0: "12 lost, 3 duplicated".
class Clauses {
 public:
  void add(std::uint64_t count, std::string_view what) {
    if (count > 0) say(fmt::format("{} {}", whole(count), what));
  }
  void say(std::string_view clause) { text_.append(text_.empty() ? "" : ", ").append(clause); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// ---- bandwidth

void add_layer(TextTable& table, std::string_view name, std::uint64_t bytes, std::uint64_t total,
               double client_seconds, Paint paint) {
  table.add({{std::string{name}, paint},
             {},
             {whole(bytes), paint},
             {whole(ratio(bytes, client_seconds)), paint},
             {percent(static_cast<double>(bytes), static_cast<double>(total)), paint}});
}

void add_direction(TextTable& table, std::string_view name, const DirectionResult& direction,
                   double client_seconds) {
  const LayerBytes& layers = direction.totals.by_layer;
  const std::uint64_t total = layers.total();
  table.add({{std::string{name}, Paint::strong},
             head("messages"),
             head("bytes"),
             head("B/s per client"),
             head("share")});
  for (const auto& [message, totals] : by_weight(direction.totals))
    table.add({{printable(message)},
               {whole(totals.count)},
               {whole(totals.bytes)},
               {whole(ratio(totals.bytes, client_seconds))},
               {percent(static_cast<double>(totals.bytes), static_cast<double>(total))}});
  add_layer(table, "= payload", layers.payload, total, client_seconds, Paint::none);
  add_layer(table, "+ protocol", layers.protocol, total, client_seconds, Paint::none);
  add_layer(table, "+ transport model", layers.transport_model, total, client_seconds, Paint::none);
  add_layer(table, "= total", total, total, client_seconds, Paint::strong);
}

void write_per_second(std::ostream& out, const BytesResult& bytes, const Style& style) {
  TextTable table{{left, right, right, right, right, right, right}};
  table.add({head("B/s per client"), head("mean"), head("min"), head("p50"), head("p95"), head("p99"),
             head("max")});
  for (const auto& [name, direction] : {std::pair{"down", &bytes.downstream}, {"up", &bytes.upstream}}) {
    const Summary& summary = direction->per_client_per_second;
    if (summary.count == 0) continue;
    table.add({{name},
               {whole(summary.mean)},
               {whole(summary.min)},
               {whole(summary.p50)},
               {whole(summary.p95)},
               {whole(summary.p99)},
               {whole(summary.max)}});
  }
  table.write(out, style);
}

void write_claim(std::ostream& out, const StateUpdateRate& rate, const Style& style) {
  const auto client_seconds = static_cast<double>(rate.client_seconds);
  const std::uint64_t framed = rate.bytes + rate.messages * kFrameHeaderBytes;
  // The claim is about as many entities a second as each client gets here, or it says nothing.
  const bool is_claimed = rate.messages == rate.client_seconds * kOriginalEntities * kOriginalTickRate;
  write_wrapped(
      out, {"  "},
      fmt::format("StateUpdate {} B/s per client ({} with v1 framing{})",
                  whole(ratio(rate.bytes, client_seconds)), whole(ratio(framed, client_seconds)),
                  is_claimed ? fmt::format("; the original report claimed {}", kOriginalClaim) : ""),
      style);
}

// ---- latency

const Summary* find(const Named<Summary>& summaries, std::string_view name) {
  const auto found = std::ranges::find(summaries, name, &std::pair<std::string, Summary>::first);
  return found == summaries.end() || found->second.count == 0 ? nullptr : &found->second;
}

Cell quantile_cell(const Named<Summary>& summaries, std::string_view name, double Summary::*quantile) {
  const Summary* summary = find(summaries, name);
  return {summary != nullptr ? table_seconds(summary->*quantile) : "-"};
}

// From where to where each counts. In the order of the report.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kLatencyNotes{{
    {"rtt", "from a ping to its pong"},
    {"rtt_jitter", "between one round trip and the next"},
    {"input_to_ack", "from the input's planned time, whenever it was sent, to the state that acks it"},
    {"state_age", "from a tick to its state's arrival"},
    {"connect", "from a client's planned join to its first state"},
    {"reconnect", "from a lost connection to the next state"},
    {"clock_offset_error", "between the server's clock as a client reckons it and as it is"},
}};

std::string_view note_of(std::string_view latency) {
  const auto found =
      std::ranges::find(kLatencyNotes, latency, &std::pair<std::string_view, std::string_view>::first);
  return found == kLatencyNotes.end() ? std::string_view{} : found->second;
}

void write_seconds_table(std::ostream& out, const Named<Summary>& summaries, const Style& style,
                         bool with_notes = false) {
  constexpr std::size_t kMeanColumn = 7;
  TextTable table{{left, right, right, right, right, right, right, right, left}};
  table.set_expendable(kMeanColumn);  // names are worth more
  table.add(
      {{}, head("count"), head("p50"), head("p90"), head("p95"), head("p99"), head("max"), head("mean")});
  for (const auto& [name, summary] : summaries) {
    std::vector<Cell> row{{printable(name)}, {whole(summary.count)}};
    for (const double value : {summary.p50, summary.p90, summary.p95, summary.p99, summary.max, summary.mean})
      row.push_back({summary.count > 0 ? table_seconds(value) : "-"});
    if (with_notes) row.push_back({std::string{note_of(name)}, Paint::faint});
    table.add(std::move(row));
  }
  table.write(out, style);
}

void write_latency_notes(std::ostream& out, const Named<Summary>& summaries, const Style& style) {
  std::size_t widest = 0;
  for (const auto& [name, summary] : summaries) widest = std::max(widest, columns_of(printable(name)));
  for (const auto& [name, note] : kLatencyNotes)
    if (find(summaries, name) != nullptr)
      write_wrapped(out, {fmt::format("  {:<{}}  ", name, widest), Paint::faint}, note, style);
}

// ---- network

// What became of packets that were not delivered, in the words of the report; "" for another cause.
std::string_view drop_text(std::string_view cause) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kTexts{
      {{"queue_full", "dropped by a full queue"},
       {"codel", "dropped by CoDel"},
       {"outage", "dropped in an outage"},
       {"partition", "dropped by a partition"},
       {"corrupted", "corrupted and dropped"},
       {"redundant", "arrived twice"}}};
  for (const auto& [name, text] : kTexts)
    if (name == cause) return text;
  return cause;
}

std::string network_clauses(const NetworkResult& network) {
  Clauses clauses;
  clauses.say(whole(network.sent) + " packets sent");
  clauses.say(whole(network.delivered) + " delivered");
  if (network.lost > 0)
    clauses.say(fmt::format("{} lost ({})", whole(network.lost),
                            percent(static_cast<double>(network.lost), static_cast<double>(network.sent))));
  for (const auto& [cause, count] : network.dropped) clauses.add(count, drop_text(cause));
  clauses.add(network.corrupted, "delivered corrupted");
  clauses.add(network.duplicated, "duplicated");
  clauses.add(network.reordered, "reordered");
  clauses.add(network.retransmitted, "retransmitted");
  clauses.add(network.abandoned, "under way when their connection ended");
  return clauses.text();
}

std::uint64_t packets(std::int64_t count) {
  return count < 0 ? 0 : static_cast<std::uint64_t>(count);
}

// A row for each cohort, when they differ in more than how much they sent.
void write_network_table(std::ostream& out, const RunResult& result, const Style& style) {
  const NetworkResult& all = result.network;
  if (result.cohorts.size() < 2 || all.lost + all.corrupted + all.reordered + all.dropped.size() == 0) return;
  std::vector<Cell> heads{{}, head("sent"), head("delivered"), head("lost"), head("loss")};
  for (const auto& [cause, count] : all.dropped) heads.push_back(head(cause));
  if (all.retransmitted > 0) heads.push_back(head("again"));
  std::vector<Align> columns(heads.size(), right);
  columns.front() = left;
  TextTable table{std::move(columns)};
  table.add(std::move(heads));
  for (const CohortResult& cohort : result.cohorts) {
    const NetworkResult& network = cohort.network;
    std::vector<Cell> row{{printable(cohort.name)},
                          {whole(network.sent)},
                          {whole(network.delivered)},
                          {whole(network.lost)},
                          {percent(static_cast<double>(network.lost), static_cast<double>(network.sent))}};
    for (const auto& [cause, ignored] : all.dropped) {
      const auto found =
          std::ranges::find(network.dropped, cause, &std::pair<std::string, std::uint64_t>::first);
      row.push_back({whole(found == network.dropped.end() ? 0 : found->second)});
    }
    if (all.retransmitted > 0) row.push_back({whole(network.retransmitted)});
    table.add(std::move(row));
  }
  table.write(out, style);
}

std::string stream_sentence(std::string_view streams) {
  if (streams == "ideal")
    return "The modelled stream is ideal: no window ever limits it, and a loss costs one retransmission.";
  return fmt::format("The modelled stream is TCP with {}: see STREAMS.", printable(streams));
}

// An input that nothing has acked has no latency yet: the quantiles are of the others, so they flatter.
void write_unacked(std::ostream& out, const RunResult& result, const Style& style) {
  const Summary* acks = find(result.latency_seconds, "input_to_ack");
  const std::uint64_t made = result.generator.lateness_seconds.count;
  const std::uint64_t worth_a_line = made - made / 50;  // those under way when the window ends are few
  if (acks == nullptr || acks->count >= worth_a_line) return;
  write_wrapped(
      out, {"  "},
      fmt::format("input_to_ack: {} of {} inputs were acked in the measured window; the others have "
                  "no sample, and were or will be slower.",
                  whole(acks->count), whole(made)),
      style);
}

}  // namespace

std::vector<std::pair<std::string, MessageTotals>> by_weight(const TrafficTotals& totals) {
  std::vector<std::pair<std::string, MessageTotals>> messages{totals.by_message.begin(),
                                                              totals.by_message.end()};
  std::ranges::stable_sort(messages, std::ranges::greater{},
                           [](const auto& each) { return each.second.bytes; });
  return messages;
}

void write_title(std::ostream& out, std::string_view title, std::string_view remark, const Style& style) {
  out << '\n';
  if (remark.empty())
    out << painted(title, Paint::strong, style) << '\n';
  else
    write_wrapped(out, {std::string{title} + "  ", Paint::strong}, remark, style);
}

void write_bandwidth(std::ostream& out, const RunResult& result, const Style& style) {
  const BytesResult& bytes = result.bytes;
  const auto total = [](const DirectionResult& direction) {
    return short_bytes(static_cast<double>(direction.totals.by_layer.total()));
  };
  write_title(out, "BANDWIDTH", total(bytes.downstream) + " down, " + total(bytes.upstream) + " up", style);
  TextTable table{{left, right, right, right, right}};
  add_direction(table, "downstream", bytes.downstream, bytes.client_seconds);
  table.add({});
  add_direction(table, "upstream", bytes.upstream, bytes.client_seconds);
  table.add({});
  table.write(out, style);
  write_per_second(out, bytes, style);
  if (bytes.state_updates) write_claim(out, *bytes.state_updates, style);
}

void write_latency(std::ostream& out, const RunResult& result, const Style& style) {
  if (result.latency_seconds.empty()) return;
  constexpr std::size_t kNotesColumns = 150;  // where they fit beside the numbers
  write_title(out, "LATENCY", "", style);
  if (style.width >= kNotesColumns) {
    write_seconds_table(out, result.latency_seconds, style, true);
    return write_unacked(out, result, style);
  }
  write_seconds_table(out, result.latency_seconds, style);
  write_latency_notes(out, result.latency_seconds, style);
  write_unacked(out, result, style);
}

void write_ticks(std::ostream& out, const RunResult& result, const Style& style) {
  const TickResult& ticks = result.ticks;
  if (ticks.count == 0) return;
  write_title(out, "TICKS",
              fmt::format("{} ticks, {} overruns, {} states skipped, {} entities encoded", whole(ticks.count),
                          whole(ticks.overruns), whole(ticks.skipped), whole(ticks.entities_encoded)),
              style);
  if (ticks.lateness_seconds.max > 0) {
    const Summary& late = ticks.lateness_seconds;
    write_wrapped(out, {"  "},
                  fmt::format("They began late: p50 {}, p95 {}, p99 {}, at most {}; {} were skipped.",
                              short_seconds(late.p50), short_seconds(late.p95), short_seconds(late.p99),
                              short_seconds(late.max), whole(ticks.ticks_skipped)),
                  style);
  }
  Named<Summary> times{{"tick", result.host.tick_seconds}};
  times.insert(times.end(), result.host.tick_phase_seconds.begin(), result.host.tick_phase_seconds.end());
  write_seconds_table(out, times, style);
  out << painted("  Times of this machine: they differ from run to run and are in no digest.", Paint::faint,
                 style)
      << '\n';
}

void write_network(std::ostream& out, const RunResult& result, const Style& style) {
  if (result.network.sent == 0) return;
  write_title(out, "NETWORK", network_clauses(result.network), style);
  const NetworkResult& network = result.network;
  if (network.in_flight_before != 0 || network.in_flight_after != 0)
    write_wrapped(
        out, {"  "},
        fmt::format("Under way: {} when the window began, {} when it ended.",
                    whole(packets(network.in_flight_before)), whole(packets(network.in_flight_after))),
        style);
  write_network_table(out, result, style);
  if (result.description.streams == "ideal" || result.streams)
    write_wrapped(out, {"  "}, stream_sentence(result.description.streams), style);
}

void write_errors(std::ostream& out, const RunResult& result, const Style& style) {
  if (result.errors.empty()) return;
  write_title(out, "ERRORS", "", style);
  TextTable table{{left, right}};
  for (const auto& [cause, count] : result.errors) table.add({{printable(cause)}, {whole(count)}});
  table.write(out, style);
}

void write_app_messages(std::ostream& out, const RunResult& result, const Style& style) {
  if (result.app_messages.empty()) return;
  write_title(out, "MESSAGES OF THE GAME", "sent and received in the measured window", style);
  TextTable table{{left, left, right, right, right}};
  table.add({{}, {}, head("sent"), head("received"), head("bytes sent")});
  for (const AppMessageResult& each : result.app_messages)
    table.add({{each.name},
               {each.direction == "downstream" ? "down" : "up"},
               {whole(each.sent)},
               {whole(each.received)},
               {whole(each.sent_bytes)}});
  table.write(out, style);
}

void write_cohorts(std::ostream& out, const RunResult& result, const Style& style) {
  if (result.proxy) return;  // all that it says stands above already
  if (result.cohorts.empty()) return;
  write_title(out, "COHORTS", "", style);
  TextTable table{{left, right, right, right, right, right, right}};
  table.add({{},
             head("clients"),
             head("down B/s"),
             head("up B/s"),
             head("rtt p50"),
             head("ack p95"),
             head("age p95")});
  for (const CohortResult& cohort : result.cohorts)
    table.add({{printable(cohort.name)},
               {whole(cohort.clients)},
               {whole(cohort.downstream_per_client_per_second.mean)},
               {whole(cohort.upstream_per_client_per_second.mean)},
               quantile_cell(cohort.latency_seconds, "rtt", &Summary::p50),
               quantile_cell(cohort.latency_seconds, "input_to_ack", &Summary::p95),
               quantile_cell(cohort.latency_seconds, "state_age", &Summary::p95)});
  table.write(out, style);
}

void write_sessions(std::ostream& out, const RunResult& result, const Style& style) {
  if (result.proxy) return;  // which knows no sessions
  const auto comes_and_goes = [](const CohortResult& cohort) {
    return cohort.leaves + cohort.reconnects > 0;
  };
  if (std::ranges::none_of(result.cohorts, comes_and_goes)) return;
  write_title(out, "SESSIONS", "quantiles from the loss of a connection to the next state", style);
  TextTable table{{left, right, right, right, right, right, right, right, right, right}};
  table.add({{},
             head("joins"),
             head("leaves"),
             head("lost"),
             head("tries"),
             head("back"),
             head("resumed"),
             head("p50"),
             head("p95"),
             head("max")});
  for (const CohortResult& cohort : result.cohorts)
    table.add({{printable(cohort.name)},
               {whole(cohort.joins)},
               {whole(cohort.leaves)},
               {whole(cohort.connections_lost)},
               {whole(cohort.reconnect_attempts)},
               {whole(cohort.reconnects)},
               {whole(cohort.resumes)},
               quantile_cell(cohort.latency_seconds, "reconnect", &Summary::p50),
               quantile_cell(cohort.latency_seconds, "reconnect", &Summary::p95),
               quantile_cell(cohort.latency_seconds, "reconnect", &Summary::max)});
  table.write(out, style);
}

void write_generator(std::ostream& out, const RunResult& result, const Style& style) {
  if (result.proxy) return;  // which says itself how late it was
  const GeneratorResult& generator = result.generator;
  Clauses clauses;
  if (generator.lateness_seconds.count > 0)
    clauses.say(fmt::format("inputs sent p99 {}, at most {} late",
                            short_seconds(generator.lateness_seconds.p99),
                            short_seconds(generator.lateness_seconds.max)));
  clauses.say(whole(generator.late_ticks) + " late ticks");
  clauses.say(whole(generator.send_queue_full) + " sends refused by a full queue");
  write_title(out, "GENERATOR", clauses.text(), style);
}

}  // namespace netrig::loadgen
