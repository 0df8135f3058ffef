// The options of `loadgen fit-link`, as typed.
#pragma once

#include <CLI/CLI.hpp>

#include "netrig/loadgen/cli/completion_model.h"
#include "netrig/loadgen/commands/fit_link.h"

namespace netrig::loadgen {

class FitLinkArguments {
 public:
  // Adds the command, which leaves what it ends with in `code`. All of them outlive the parsing.
  void add_to(CLI::App& app, CompletionOffers& offers, ExitCode& code);

 private:
  FitLinkOptions options_;
};

}  // namespace netrig::loadgen
