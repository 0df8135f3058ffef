#include "netrig/loadgen/cli/token_arguments.h"

#include <iostream>

#include "netrig/loadgen/cli/arguments.h"
#include "netrig/loadgen/cli/option_checks.h"
#include "netrig/loadgen/io/system_entropy.h"
#include "netrig/loadgen/run/tokens.h"

namespace netrig::loadgen {

void TokenArguments::add_to(CLI::App& app, CompletionOffers& offers, ExitCode& code) {
  CLI::App* const command = app.add_subcommand("token", "Make a token key, or issue a connect token");
  const auto add_file = [&](const char* flag, std::string& into, const char* meaning) {
    offers[command->add_option(flag, into, meaning)->type_name("FILE")->check(refuse_empty)] = {
        CompletionValue::Kind::file};
  };
  add_file("--new-key", options_.new_key, "Write a new token key here, and do no more");
  add_file("--token-key", options_.token_key, "The key that issuer and servers share");
  add_file("--out", options_.out, "Write the token here, for one client");
  command->add_option("--expires", life_, "How long the token is good: 1h if not given, 24h at most")
      ->type_name("DURATION")
      ->check(refuse_empty);
  command
      ->add_option("--identity", options_.identity, "Who the player is, as the game has it: up to 256 bytes")
      ->type_name("TEXT");
  command->callback([this, &code] {
    refuse(clash_of(options_));
    options_.life = checked(parse_token_life(life_));
    options_.now_unix_s = unix_seconds_now();
    SystemEntropy entropy;
    code = token_command(options_, entropy, std::cout, std::cerr);
  });
}

}  // namespace netrig::loadgen
