#include "netrig/loadgen/commands/fit_link.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <vector>

#include "netrig/loadgen/fit/link_fit.h"
#include "netrig/loadgen/fit/ping_log.h"
#include "netrig/loadgen/fit/trace_fit.h"
#include "netrig/loadgen/io/human.h"
#include "netrig/loadgen/io/input_file.h"
#include "netrig/loadgen/io/output_file.h"
#include "netrig/loadgen/io/units.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/scenario/link_trace.h"

namespace netrig::loadgen {
namespace {

static_assert(kTraceBytesMax <= kPingLogBytesMax);

struct Fitted {
  std::string report;
  std::string link;
};
using Fitting = Result<Fitted, std::vector<std::string>>;

// ---- the link, as a scenario writes it

std::string delay_yaml(const sim::Delay& delay) {
  if (const auto* constant = std::get_if<sim::ConstantDelay>(&delay))
    return " " + text_of_duration(constant->delay);
  std::vector<std::string> points;
  for (const sim::DelayPoint& point : *std::get<sim::TableDelay>(delay).points)
    points.push_back(
        fmt::format("[{}, {}]", text_of_percentage(point.share_ppm), text_of_duration(point.delay)));
  std::string rows;
  constexpr std::size_t kPointsOfARow = 5;
  for (std::size_t i = 0; i < points.size(); ++i)
    rows += (i == 0 ? "" : i % kPointsOfARow == 0 ? ",\n          " : ", ") + points[i];
  return "\n      table:\n        [ " + rows + " ]";
}

std::string direction_yaml(const sim::LinkConditions& way, const std::string& loss) {
  std::string yaml = "    delay:" + delay_yaml(way.delay) + "\n";
  if (way.correlation_ppm > 0) yaml += "    correlation: " + text_of_percentage(way.correlation_ppm) + "\n";
  if (way.rate_bits_per_second > 0)
    yaml += "    rate: " + text_of_bit_rate(static_cast<std::int64_t>(way.rate_bits_per_second)) + "\n";
  return yaml + loss;
}

std::string loss_yaml(const LossFit& loss) {
  if (loss.mean_ppm == 0) return "";
  const std::string mean = text_of_percentage(loss.mean_ppm);
  if (loss.burst_length > Duration{0})
    return fmt::format("    loss: {{mean: {}, burst: {}}}\n", mean, text_of_duration(loss.burst_length));
  if (loss.burst_milli == 0) return "    loss: " + mean + "\n";
  return fmt::format("    loss: {{mean: {}, burst: {}}}\n", mean, text_of_thousandths(loss.burst_milli));
}

std::string link_yaml(const sim::LinkConditions& up, const sim::LinkConditions& down, const LossFit& loss) {
  const std::string lost = loss_yaml(loss);
  return "link:\n  up:\n" + direction_yaml(up, lost) + "  down:\n" + direction_yaml(down, lost);
}

// ---- what it was fitted from, as comments

std::string row(std::string_view name, std::string_view measured, std::string_view fitted) {
  return fmt::format("#   {:<26}{:>12}{:>12}\n", name, measured, fitted);
}

std::string row_of_times(std::string_view name, Duration measured, Duration fitted) {
  return row(name, table_seconds(seconds(measured)), table_seconds(seconds(fitted)));
}

std::string loss_text(double loss) {
  return fmt::format("{:.2f} %", loss * 100);
}

struct NamedShare {
  std::string_view name;
  std::uint32_t share_ppm;
};
constexpr std::array<NamedShare, 8> kQuantiles{{{"least", 0},
                                                {"p5", 50'000},
                                                {"p25", 250'000},
                                                {"p50", 500'000},
                                                {"p75", 750'000},
                                                {"p95", 950'000},
                                                {"p99", 990'000},
                                                {"most", 1'000'000}}};

std::string ping_table(const SeriesFacts& measured, const SeriesFacts& fitted) {
  std::string text = row("round trip", "measured", "this link");
  for (const NamedShare& each : kQuantiles)
    text += row_of_times(each.name, quantile(measured.answers, each.share_ppm),
                         quantile(fitted.answers, each.share_ppm));
  text += row_of_times("from one to the next, mean", measured.mean_difference, fitted.mean_difference);
  text += row("correlation of ranks", fmt::format("{:.3f}", measured.rank_correlation),
              fmt::format("{:.3f}", fitted.rank_correlation));
  text += row("lost", loss_text(measured.loss), loss_text(fitted.loss));
  if (measured.loss > 0)
    text += row("lost in a row, mean", fmt::format("{:.2f}", measured.mean_burst),
                fmt::format("{:.2f}", fitted.mean_burst));
  return text;
}

std::string loss_sentence(const LossFit& loss) {
  if (loss.is_rounded_to_single)
    return "# Losses come in bursts, but rarer than a link can count them: each packet is lost by itself.\n";
  if (loss.mean_ppm == 0) return "";
  constexpr std::string_view kHow = " on average (Gilbert, by maximum likelihood), half of them each way.\n";
  if (loss.burst_length > Duration{0})
    return fmt::format("# Losses come in bursts of {}{}", short_seconds(seconds(loss.burst_length)), kHow);
  if (loss.burst_milli > 0)
    return fmt::format("# Losses come in bursts of {} pings{}", text_of_thousandths(loss.burst_milli), kHow);
  return "# Losses come one by one, as far as so many pings can tell; half of them each way.\n";
}

std::string ping_report(const FitLinkOptions& options, const PingSeries& series, const LinkFit& fit) {
  const auto answered =
      std::ranges::count_if(series.round_trips, [](const auto& trip) { return trip.has_value(); });
  std::string text =
      fmt::format("# Fitted by `loadgen fit-link {}`: {} pings, {} answered", printable(options.file),
                  whole(std::uint64_t{fit.measured.sent}), whole(static_cast<std::uint64_t>(answered)));
  if (series.interval) text += ", one each " + short_seconds(seconds(*series.interval));
  if (series.duplicates > 0) text += fmt::format(", {} twice", whole(std::uint64_t{series.duplicates}));
  text += ".\n#\n" + ping_table(fit.measured, fit.simulated) + "#\n";
  text +=
      fmt::format("# Quantiles from 5 % to 95 % agree within {:.1f} %, the distributions within {:.1f} %.\n",
                  fit.worst_quantile * 100, fit.gap * 100);
  if (fit.too_late > 0)
    text += fmt::format("# Answers after more than 10 s count as lost: {}.\n",
                        whole(std::uint64_t{fit.too_late}));
  text += loss_sentence(fit.loss);
  text += "# Which way took its time a ping does not tell: what varies is on the way down.\n";
  if (fit.down.correlation_ppm > 0)
    text +=
        "# Correlation is from one ping to the next; packets that follow faster resemble each other more.\n";
  return text;
}

std::string trace_report(const FitLinkOptions& options, const sim::LinkTrace& trace, const TraceFit& fit) {
  std::string text =
      fmt::format("# Fitted by `loadgen fit-link {}`: {} rows over {}.\n#\n", printable(options.file),
                  whole(std::uint64_t{trace.rows.size()}), sim::duration_text(trace.period));
  const auto line = [&](std::string_view name, const std::string& value) {
    text += fmt::format("#   {:<26}{:>12}\n", name, value);
  };
  if (trace.has_delay) {
    line("delay each way, least", table_seconds(seconds(sim::delay_at(fit.each_way.delay, 0))));
    line("mean", table_seconds(seconds(fit.mean_delay)));
    line("most", table_seconds(seconds(sim::largest_delay(fit.each_way.delay))));
    line("correlation of rows", fmt::format("{:.3f}", fit.rank_correlation));
  }
  if (trace.has_rate) {
    line("rate each way, least", sim::rate_text(fit.rate_min));
    line("in the middle", sim::rate_text(fit.each_way.rate_bits_per_second));
    line("most", sim::rate_text(fit.rate_max));
  }
  if (trace.has_loss) line("loss each way, mean", loss_text(fit.mean_loss));
  text +=
      "#\n# What the trace is like in the long run; `link: {trace: FILE}` follows it row by row instead.\n";
  if (fit.each_way.correlation_ppm > 0) text += "# Correlation is of packets 50 ms apart.\n";
  return text;
}

// ---- the command

// A CSV file begins with the names of its columns, which no ping log does.
bool is_csv(std::string_view text) {
  while (text.starts_with('#') || text.starts_with('\n') || text.starts_with('\r')) {
    const std::size_t end = text.find('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  const std::string_view first = text.substr(0, text.find('\n'));
  return first.find(',') != std::string_view::npos && first.find('=') == std::string_view::npos;
}

Fitting fit_csv(const FitLinkOptions& options, const std::string& text) {
  if (text.size() > kTraceBytesMax)
    return std::vector{options.file + ": larger than " + std::to_string(kTraceBytesMax) + " bytes"};
  const auto trace = parse_link_trace(text, options.file);
  if (!trace) return trace.error();
  const TraceFit fit = fit_trace(*trace);
  const LossFit loss{.mean_ppm = fit.each_way.loss_ppm};
  return Fitted{trace_report(options, *trace, fit), link_yaml(fit.each_way, fit.each_way, loss)};
}

Fitting fit_pings(const FitLinkOptions& options, const std::string& text) {
  const auto series = parse_ping_log(text, options.file);
  if (!series) return std::vector{series.error()};
  const auto fit = fit_link(*series);
  if (!fit) return std::vector{options.file + ": " + fit.error()};
  return Fitted{ping_report(options, *series, *fit), link_yaml(fit->up, fit->down, fit->loss)};
}

}  // namespace

ExitCode fit_link_command(const FitLinkOptions& options, std::ostream& out, std::ostream& err) {
  const auto text = read_input(options.file, kPingLogBytesMax);
  if (!text) {
    err << printable(text.error().text) << '\n';
    return ExitCode::invalid_scenario;
  }
  const Fitting fitted = is_csv(*text) ? fit_csv(options, *text) : fit_pings(options, *text);
  if (!fitted) {
    for (const std::string& error : fitted.error()) err << printable(error) << '\n';
    return ExitCode::invalid_scenario;
  }
  out << fitted->report;
  if (options.out.empty()) {
    out << fitted->link;
    return ExitCode::pass;
  }
  const auto error = write_output(options.out, fitted->report + fitted->link);
  if (!error) return ExitCode::pass;
  err << "loadgen: cannot write " << printable(error->path) << ": " << error->reason << '\n';
  return ExitCode::output_unwritable;
}

}  // namespace netrig::loadgen
