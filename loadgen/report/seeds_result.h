// One scenario run with several seeds, each a run of its own: what all of them say together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "netrig/loadgen/report/run_result.h"

namespace netrig::loadgen {

// A run that ended without a result.
struct LostRun {
  std::uint64_t seed = 0;
  std::string how;     // "killed by signal 6 (Aborted)"
  std::string replay;  // the command that repeats it
};

struct SeedsResult {
  RunResult described;  // what is known before the runs, of the first seed
  std::uint64_t first_seed = 0;
  std::uint64_t last_seed = 0;
  std::vector<RunResult> runs;         // those that finished, by seed; the parts that parse_result reads
  std::vector<std::string> documents;  // the whole of each, as result_json wrote it
  std::vector<LostRun> lost;
  std::optional<BaselineComparison> comparison{};  // of all runs together
  ExitCode exit_code = ExitCode::pass;             // the worst
  bool output_failed = false;                      // a file that was asked for could not be written
  double wall_seconds = 0;
  std::uint64_t jobs = 1;
  std::string replay;

  std::uint64_t planned() const { return last_seed - first_seed + 1; }
  Verdict verdict() const { return verdict_of(exit_code); }
  ExitCode process_code() const {
    return output_failed ? worst(exit_code, ExitCode::output_unwritable) : exit_code;
  }
};

struct Spread {
  double min = 0;
  double median = 0;  // of an even number: between the middle two
  double max = 0;

  friend bool operator==(const Spread&, const Spread&) = default;
};

// Nothing of no values.
std::optional<Spread> spread_of(std::vector<double> values);

// One threshold over all runs.
struct ThresholdSpread {
  std::string metric;
  std::string expression;
  ThresholdState state = ThresholdState::no_data;  // the worst: no data, then failed
  std::optional<Spread> values{};                  // of the runs that had one
  std::uint64_t failing = 0;                       // runs in which it does not hold
};

std::vector<ThresholdSpread> threshold_spreads(const std::vector<RunResult>& runs);

// The verdict of the runs alone, baseline and files aside.
ExitCode exit_code_of(const SeedsResult& result, bool interrupted);

}  // namespace netrig::loadgen
