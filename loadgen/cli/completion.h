// `loadgen completion bash|zsh|fish`: what a shell may offer at each place, as a script for it. Knows no
// parser: it gets what the parser knows as plain lists.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "netrig/loadgen/scenario/shape.h"

namespace netrig::loadgen {

enum class Shell : std::uint8_t { bash, zsh, fish };

// What may stand where a value is wanted.
struct CompletionValue {
  enum class Kind : std::uint8_t {
    anything,   // nothing can be offered
    words,      // one of `words`; one that ends in "=" goes on with a file
    file,       // any file
    scenario,   // a *.yaml file
    overrides,  // PATH=VALUE of a scenario
  };
  Kind kind = Kind::anything;
  std::vector<std::string> words{};
};

struct CompletionFlag {
  std::string name;  // "--seed"
  std::string meaning;
  bool takes_value = false;
  CompletionValue value{};
};

struct CompletionCommand {
  std::string name;
  std::string meaning;
  std::vector<CompletionFlag> flags;
  CompletionValue positional{};  // all of them: a command's are alike
};

struct CompletionModel {
  std::string program;
  std::vector<CompletionFlag> flags;  // before any command
  std::vector<CompletionCommand> commands;
  std::vector<std::string> overrides;  // "server.tick_rate=", "phase=zero"
};

// Every path of a scenario with "=" behind it, and with each word that its value may be. The elements of a
// list are offered for the first.
std::vector<std::string> override_words(const Shape& scenario);

std::string completion_script(const CompletionModel& model, Shell shell);

}  // namespace netrig::loadgen
