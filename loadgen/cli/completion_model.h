// What a parser knows, as completion.h wants it.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "netrig/loadgen/cli/completion.h"

namespace netrig::loadgen {

// What may stand for an option's value; nothing can be offered for the others.
using CompletionOffers = std::map<const CLI::Option*, CompletionValue>;

CompletionModel completion_model(const CLI::App& app, const CompletionOffers& offers,
                                 std::vector<std::string> overrides);

}  // namespace netrig::loadgen
