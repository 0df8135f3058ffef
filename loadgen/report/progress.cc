#include "netrig/loadgen/report/progress.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "netrig/loadgen/io/human.h"
#include "netrig/loadgen/io/utf8.h"

namespace netrig::loadgen {
namespace {

constexpr std::size_t kBarColumnsMin = 8;  // a shorter bar says nothing
constexpr std::size_t kBarColumnsMax = 30;

double share_done(const Progress& progress) {
  if (progress.runs_planned > 0) return std::clamp(progress.share, 0.0, 1.0);
  if (progress.total <= Duration::zero()) return 0;
  return std::clamp(seconds(progress.simulated) / seconds(progress.total), 0.0, 1.0);
}

// Never 100 before the end.
std::string percent_done(const Progress& progress) {
  return fmt::format("{:.0f} %", std::floor(100 * share_done(progress)));
}

std::string speed(const Progress& progress) {
  if (progress.wall <= Duration::zero()) return "-";
  return short_speedup(seconds(progress.simulated) / seconds(progress.wall));
}

std::string time_left(const Progress& progress) {
  const double done = share_done(progress);
  return done > 0 ? short_seconds(seconds(progress.wall) * (1 - done) / done) : "-";
}

std::string runs_done(const Progress& progress) {
  return fmt::format("{} of {} runs", whole(progress.runs), whole(progress.runs_planned));
}

std::string time_done(const Progress& progress) {
  return fmt::format("{} of {}", short_seconds(seconds(progress.simulated)),
                     short_seconds(seconds(progress.total)));
}

std::string clients(const Progress& progress) {
  return fmt::format("{} of {} clients", whole(progress.clients), whole(progress.clients_planned));
}

std::string bar(double share, std::size_t columns) {
  const std::size_t inside = columns - 2;
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(inside));
  std::string line(inside, ' ');
  std::fill_n(line.begin(), filled, '=');
  if (filled < inside) line[filled] = '>';
  return '[' + line + ']';
}

}  // namespace

std::string progress_bar(const Progress& progress, std::size_t columns) {
  const bool several = progress.runs_planned > 0;
  const std::string left = several ? runs_done(progress) : time_done(progress);
  const std::string right = several
                                ? fmt::format("{:>5}  ETA {}", percent_done(progress), time_left(progress))
                                : fmt::format("{:>5}  {}  ETA {}  {}", percent_done(progress),
                                              speed(progress), time_left(progress), clients(progress));
  const std::size_t used = left.size() + right.size() + 2;
  const std::size_t room = columns > used ? std::min(columns - used, kBarColumnsMax) : 0;
  const std::string middle = room < kBarColumnsMin ? " " : ' ' + bar(share_done(progress), room) + ' ';
  return cut_to(left + middle + right, columns, "");
}

std::string progress_sentence(const Progress& progress) {
  if (progress.runs_planned > 0)
    return fmt::format("{}, {}, ETA {}", percent_done(progress), runs_done(progress), time_left(progress));
  return fmt::format("{}, simulated {}, {}, ETA {}, {}", percent_done(progress), time_done(progress),
                     speed(progress), time_left(progress), clients(progress));
}

void ProgressLine::update(const Progress& progress) {
  if (mode_ == Mode::quiet || progress.wall < next_) return;
  const bool is_first_instant = mode_ == Mode::plain && next_ == Duration::zero();
  next_ = progress.wall + (mode_ == Mode::plain ? kPlainInterval : kRepaintInterval);
  if (is_first_instant) return;  // a run of a second needs no line in a log
  if (mode_ == Mode::plain) {
    out_ << progress_sentence(progress) << '\n' << std::flush;
    return;
  }
  const std::string line =
      progress_bar(progress, style_.width - 1);  // the last column makes some terminals wrap
  const std::size_t leftover = columns_shown_ - std::min(columns_shown_, line.size());
  out_ << '\r' << line << std::string(leftover, ' ') << std::flush;
  columns_shown_ = line.size();
}

void ProgressLine::clear() {
  if (columns_shown_ == 0) return;
  out_ << '\r' << std::string(columns_shown_, ' ') << '\r' << std::flush;
  columns_shown_ = 0;
  next_ = Duration::zero();
}

}  // namespace netrig::loadgen
