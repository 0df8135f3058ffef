#include "netrig/loadgen/exit_code.h"

#include <algorithm>
#include <array>

#include "netrig/core/base/assert.h"

namespace netrig::loadgen {
namespace {

struct ExitCodeFacts {
  ExitCode code;
  Verdict verdict;
  std::string_view text;
};

// In order of precedence, the worst first.
constexpr std::array kFacts{
    ExitCodeFacts{ExitCode::internal_error, Verdict::error, "internal error"},
    ExitCodeFacts{ExitCode::usage, Verdict::error, "wrong usage"},
    ExitCodeFacts{ExitCode::invalid_scenario, Verdict::error, "the scenario is invalid"},
    ExitCodeFacts{ExitCode::interrupted, Verdict::interrupted, "interrupted; the result is partial"},
    ExitCodeFacts{ExitCode::worker_lost, Verdict::error, "a worker was lost, and its run with it"},
    ExitCodeFacts{ExitCode::target_unreachable, Verdict::error,
                  "the target was unreachable, or no client had a session at the end"},
    ExitCodeFacts{ExitCode::nondeterministic, Verdict::failed, "two runs of one seed differ"},
    ExitCodeFacts{ExitCode::output_unwritable, Verdict::error, "an output could not be written"},
    ExitCodeFacts{ExitCode::baseline_unusable, Verdict::error, "the baseline is missing or not comparable"},
    ExitCodeFacts{ExitCode::threshold_failed, Verdict::failed, "a threshold failed or had no data"},
    ExitCodeFacts{ExitCode::regression, Verdict::regressed, "more bytes than the baseline"},
    ExitCodeFacts{ExitCode::sweep_cell_failed, Verdict::failed, "a sweep cell failed"},
    ExitCodeFacts{ExitCode::fuzz_invariant, Verdict::failed, "a fuzz invariant was violated"},
    ExitCodeFacts{ExitCode::pass, Verdict::passed, "passed"},
};

const ExitCodeFacts& facts(ExitCode code) {
  const auto found = std::ranges::find(kFacts, code, &ExitCodeFacts::code);
  NETRIG_ASSERT(found != kFacts.end());
  return *found;
}

}  // namespace

ExitCode worst(ExitCode a, ExitCode b) {
  return &facts(a) < &facts(b) ? a : b;
}

Verdict verdict_of(ExitCode code) {
  return facts(code).verdict;
}

bool ran_to_the_end(ExitCode code) {
  if (code == ExitCode::output_unwritable || code == ExitCode::baseline_unusable) return true;
  return verdict_of(code) != Verdict::error && verdict_of(code) != Verdict::interrupted;
}

std::optional<ExitCode> exit_code_from(std::uint64_t status) {
  for (const ExitCodeFacts& each : kFacts)
    if (static_cast<std::uint64_t>(each.code) == status) return each.code;
  return std::nullopt;
}

std::string_view text(ExitCode code) {
  return facts(code).text;
}

std::string_view text(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "passed";
    case Verdict::failed:
      return "failed";
    case Verdict::regressed:
      return "regressed";
    case Verdict::interrupted:
      return "interrupted";
    case Verdict::error:
      return "error";
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

}  // namespace netrig::loadgen
