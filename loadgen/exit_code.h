// Every exit code of loadgen, in one place. Scripts depend on them; 99, 104 and 105 mean what they mean in
// k6.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace netrig::loadgen {

enum class ExitCode : std::uint8_t {
  pass = 0,
  internal_error = 1,
  usage = 2,
  fuzz_invariant = 91,
  output_unwritable = 92,
  worker_lost = 93,
  nondeterministic = 94,
  baseline_unusable = 95,
  regression = 96,
  sweep_cell_failed = 98,
  threshold_failed = 99,
  target_unreachable = 103,
  invalid_scenario = 104,
  interrupted = 105,
};

// What the run says about the system under test, whatever becomes of its output files.
enum class Verdict : std::uint8_t { passed, failed, regressed, interrupted, error };

// The one of two codes that a caller must hear of first. Commutative; `pass` is worst only with itself.
ExitCode worst(ExitCode a, ExitCode b);

Verdict verdict_of(ExitCode code);

// False when the run was cut short or never came to a measurement: its totals must not be compared or saved.
bool ran_to_the_end(ExitCode code);

std::optional<ExitCode> exit_code_from(std::uint64_t status);

std::string_view text(ExitCode code);    // "a threshold failed or had no data"
std::string_view text(Verdict verdict);  // as result files spell it: "passed"

constexpr int status(ExitCode code) {
  return static_cast<int>(code);
}

}  // namespace netrig::loadgen
