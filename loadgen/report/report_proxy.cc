#include "netrig/loadgen/report/report_proxy.h"

#include <algorithm>
#include <fmt/format.h>

#include "netrig/loadgen/io/human.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/report/report_sections.h"

namespace netrig::loadgen {
namespace {

void add_way(TextTable& table, std::string_view name, const ProxyResult::Way& way) {
  table.add({{std::string{name}}, {whole(way.taken_bytes)}, {whole(way.given_bytes)}, {whole(way.pauses)}});
}

std::string ends_text(const ProxyResult& proxy) {
  std::string text;
  for (const auto& [cause, count] : proxy.ends)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", whole(count), cause);
  return text;
}

bool is_same(const ProxyFacts& a, const ProxyFacts& b) {
  return a.clients == b.clients && a.clients_came == b.clients_came && a.up_bytes == b.up_bytes &&
         a.down_bytes == b.down_bytes && a.dropped == b.dropped;
}

}  // namespace

void write_proxy(std::ostream& out, const RunResult& result, const Style& style) {
  if (!result.proxy) return;
  const ProxyResult& proxy = *result.proxy;
  std::string clients = fmt::format("{} client{}, at most {} at once", whole(proxy.clients),
                                    proxy.clients == 1 ? "" : "s", whole(proxy.clients_most));
  if (proxy.turned_away > 0) clients += fmt::format("; {} turned away", whole(proxy.turned_away));
  write_title(out, "PROXY", clients, style);
  TextTable table{{Align::left, Align::right, Align::right, Align::right}};
  table.add({{}, {"bytes taken", Paint::faint}, {"bytes given", Paint::faint}, {"pauses", Paint::faint}});
  add_way(table, "up", proxy.up);
  add_way(table, "down", proxy.down);
  table.write(out, style);
  const std::string ends = ends_text(proxy);
  if (!ends.empty()) write_wrapped(out, {"  "}, "Clients ended: " + ends + ".", style);
  if (proxy.link_changes + proxy.link_changes_refused > 0)
    write_wrapped(out, {"  "},
                  fmt::format("The link was changed {} times; {} files were wrong.", proxy.link_changes,
                              proxy.link_changes_refused),
                  style);
  const Summary& late = result.generator.lateness_seconds;
  if (late.count > 0)
    write_wrapped(out, {"  "},
                  fmt::format("Passed on later than the link has it: p50 {}, p95 {}, p99 {}, at most {}.",
                              short_seconds(late.p50), short_seconds(late.p95), short_seconds(late.p99),
                              short_seconds(late.max)),
                  style);
}

std::string proxy_sentence(const ProxyFacts& facts, double up_bytes_per_second,
                           double down_bytes_per_second) {
  std::string text =
      fmt::format("{}  {} of {} clients here, {}/s up, {}/s down", short_seconds(seconds(facts.running)),
                  whole(facts.clients), whole(facts.clients_came), short_bytes(up_bytes_per_second),
                  short_bytes(down_bytes_per_second));
  if (facts.dropped > 0) text += fmt::format(", {} packets dropped", whole(facts.dropped));
  if (facts.late_seconds_p99 > 0) text += fmt::format(", p99 {} late", short_seconds(facts.late_seconds_p99));
  return text;
}

void ProxyLine::update(const ProxyFacts& facts) {
  if (mode_ == ProgressLine::Mode::quiet) return;
  if (const Duration passed = facts.running - before_.running; passed >= kRateInterval) {
    up_bytes_per_second_ = static_cast<double>(facts.up_bytes - before_.up_bytes) / seconds(passed);
    down_bytes_per_second_ = static_cast<double>(facts.down_bytes - before_.down_bytes) / seconds(passed);
    before_ = facts;
  }
  if (facts.running < next_) return;
  const bool plain = mode_ == ProgressLine::Mode::plain;
  const bool is_first = next_ == Duration::zero();
  next_ = facts.running + (plain ? ProgressLine::kPlainInterval : ProgressLine::kRepaintInterval);
  if (plain && (is_first || is_same(facts, shown_))) return;
  shown_ = facts;
  const std::string text = proxy_sentence(facts, up_bytes_per_second_, down_bytes_per_second_);
  if (plain) {
    out_ << text << '\n' << std::flush;
    return;
  }
  const std::string line = cut_to(text, style_.width - 1, "");
  out_ << '\r' << line << std::string(columns_shown_ - std::min(columns_shown_, line.size()), ' ')
       << std::flush;
  columns_shown_ = line.size();
}

void ProxyLine::clear() {
  if (columns_shown_ == 0) return;
  out_ << '\r' << std::string(columns_shown_, ' ') << '\r' << std::flush;
  columns_shown_ = 0;
  next_ = Duration::zero();
}

}  // namespace netrig::loadgen
