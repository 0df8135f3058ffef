// `loadgen fit-link FILE [--out FILE]`: a ping log, or a CSV of delay, rate and loss, to a link file: what a
// scenario takes as `link: {profile: FILE}`.
#pragma once

#include <ostream>
#include <string>

#include "netrig/loadgen/exit_code.h"

namespace netrig::loadgen {

struct FitLinkOptions {
  std::string file;
  std::string out;  // "": the link goes to standard output
};

// What was fitted and how well goes to `out` and, as comments, before the link. invalid_scenario for a file
// that cannot be used, output_unwritable for a link that cannot be written.
ExitCode fit_link_command(const FitLinkOptions& options, std::ostream& out, std::ostream& err);

}  // namespace netrig::loadgen
