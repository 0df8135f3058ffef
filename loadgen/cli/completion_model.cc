#include "netrig/loadgen/cli/completion_model.h"

#include <utility>

namespace netrig::loadgen {
namespace {

CompletionValue offered(const CLI::Option* option, const CompletionOffers& offers) {
  const auto found = offers.find(option);
  return found == offers.end() ? CompletionValue{} : found->second;
}

std::vector<CompletionFlag> flags_of(const CLI::App& command, const CompletionOffers& offers) {
  std::vector<CompletionFlag> flags;
  for (const CLI::Option* const option : command.get_options())
    for (const std::string& name : option->get_lnames())
      flags.push_back({"--" + name, option->get_description(), option->get_items_expected_max() > 0,
                       offered(option, offers)});
  return flags;
}

}  // namespace

CompletionModel completion_model(const CLI::App& app, const CompletionOffers& offers,
                                 std::vector<std::string> overrides) {
  CompletionModel model;
  model.program = app.get_name();
  model.flags = flags_of(app, offers);
  for (const CLI::App* const command : app.get_subcommands({})) {
    CompletionCommand& added = model.commands.emplace_back();
    added.name = command->get_name();
    added.meaning = command->get_description();
    added.flags = flags_of(*command, offers);
    for (const CLI::Option* const option : command->get_options())
      if (option->get_lnames().empty()) added.positional = offered(option, offers);
  }
  model.overrides = std::move(overrides);
  return model;
}

}  // namespace netrig::loadgen
