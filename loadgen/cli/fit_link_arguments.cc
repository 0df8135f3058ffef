#include "netrig/loadgen/cli/fit_link_arguments.h"

#include <iostream>

#include "netrig/loadgen/cli/file_clash.h"
#include "netrig/loadgen/cli/option_checks.h"

namespace netrig::loadgen {

void FitLinkArguments::add_to(CLI::App& app, CompletionOffers& offers, ExitCode& code) {
  CLI::App* const command = app.add_subcommand("fit-link", "Turn a ping log or a CSV file into a link");
  CLI::Option* const file =
      command->add_option("FILE", options_.file, "What ping wrote, or a CSV of time, delay, rate, loss")
          ->required()
          ->check(refuse_empty);
  CLI::Option* const out =
      command
          ->add_option("--out", options_.out,
                       "Write the link here, for `link: {profile: FILE}`; to the terminal, if not given")
          ->type_name("FILE")
          ->check(refuse_empty);
  offers[file] = offers[out] = {CompletionValue::Kind::file};
  command->callback([this, &code] {
    refuse(clash_of_files({{"FILE", options_.file}}, {{"--out", options_.out}}));
    code = fit_link_command(options_, std::cout, std::cerr);
  });
}

}  // namespace netrig::loadgen
