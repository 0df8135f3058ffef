// The options of `loadgen proxy`, as typed.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "netrig/loadgen/cli/completion_model.h"
#include "netrig/loadgen/commands/proxy.h"

namespace netrig::loadgen {

class ProxyArguments {
 public:
  // Adds the command, which leaves what it ends with in `code`. Both outlive the parsing.
  void add_to(CLI::App& app, CompletionOffers& offers, const std::string& program, ExitCode& code);

 private:
  void add_limits(CLI::App& command);
  void add_outputs(CLI::App& command, CompletionOffers& offers);
  // What is wrong with them is thrown, as the parser's own errors are.
  ProxyCommand command(const std::string& program) const;
  void read_limits(transport::ProxyOptions& limits) const;
  std::vector<std::string> replay() const;

  std::string listen_;
  std::string to_;
  std::string link_;
  std::vector<std::string> set_;
  std::string congestion_;
  std::string seed_;
  std::string duration_;
  std::string clients_;
  std::string buffer_;
  std::string idle_;
  std::string prometheus_;
  std::string prometheus_hold_;
  std::vector<std::string> out_;
  std::string log_;
  bool quiet_ = false;
};

}  // namespace netrig::loadgen
