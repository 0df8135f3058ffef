// The options of `loadgen token`, as typed.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "netrig/loadgen/cli/completion_model.h"
#include "netrig/loadgen/commands/token.h"

namespace netrig::loadgen {

class TokenArguments {
 public:
  // Adds the command, which leaves what it ends with in `code`. All of them outlive the parsing.
  void add_to(CLI::App& app, CompletionOffers& offers, ExitCode& code);

 private:
  TokenOptions options_;
  std::string life_;
};

}  // namespace netrig::loadgen
