#include "netrig/loadgen/cli/completion.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

#include "netrig/core/base/assert.h"

namespace netrig::loadgen {
namespace {

using Kind = CompletionValue::Kind;

void add_paths(const std::string& path, const Shape& shape, std::vector<std::string>& words);

void add_keys(const std::string& path, const MapShape& map, std::vector<std::string>& words) {
  for (const KeyShape& key : map.keys)
    add_paths(path.empty() ? key.name : path + "." + key.name, *key.shape, words);
  for (const MapShape::Variant& variant : map.variants)
    if (variant.shape->as_map() != nullptr) add_keys(path, *variant.shape->as_map(), words);
}

void add_paths(const std::string& path, const Shape& shape, std::vector<std::string>& words) {
  if (!shape.values().empty()) words.push_back(path + "=");
  for (const ValueShape& value : shape.values()) {
    for (const ValueShape::Choice& choice : value.choices) words.push_back(path + "=" + choice.name);
    if (value.type == ValueShape::Type::boolean) words.insert(words.end(), {path + "=true", path + "=false"});
  }
  if (shape.as_map() != nullptr) add_keys(path, *shape.as_map(), words);
  if (shape.as_list() != nullptr) add_paths(path + ".0", *shape.as_list()->element, words);
}

// In single quotes for any of the shells; meanings are ours and hold no control characters.
std::string quoted(std::string_view text, Shell shell) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'')
      result += shell == Shell::fish ? "\\'" : "'\\''";
    else if (c == '\\' && shell == Shell::fish)
      result += "\\\\";
    else
      result += c;
  }
  return result + "'";
}

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

// --- bash

// Those that end in "=" go on with a file.
std::string files_after(const std::vector<std::string>& words) {
  std::vector<std::string> open;
  for (const std::string& word : words)
    if (word.ends_with('=')) open.push_back(word);
  return open.empty() ? "" : "; offer_files_after " + quoted(joined(open), Shell::bash);
}

std::string bash_offer(const CompletionValue& value) {
  switch (value.kind) {
    case Kind::anything:
      return ":";
    case Kind::words:
      return "offer_words " + quoted(joined(value.words), Shell::bash) + files_after(value.words);
    case Kind::file:
      return "offer_files";
    case Kind::scenario:
      return "offer_scenarios";
    case Kind::overrides:
      return "offer_words \"$overrides\"";
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

std::string flag_names(const std::vector<CompletionFlag>& flags) {
  std::string names;
  for (const CompletionFlag& flag : flags) names.append(names.empty() ? "" : " ").append(flag.name);
  return names;
}

// The word under the cursor is taken from the line, because bash splits words at "=" too.
constexpr std::string_view kBashHelpers = R"(
_{name}_complete() {{
  local overrides={overrides}
  local line=${{COMP_LINE:0:COMP_POINT}} words=() cur prev command='' kept=''
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  cur=${{words[${{#words[@]}} - 1]}}
  prev=${{words[${{#words[@]}} - 2]}}
  ((${{#words[@]}} > 2)) && command=${{words[1]}}
  if [[ $cur == --*=* ]]; then # --flag=value
    prev=${{cur%%=*}}
    kept=$prev=
    cur=${{cur#*=}}
  fi
  COMPREPLY=()
  offer_words() {{
    local word
    for word in $1; do [[ $word == "$cur"* ]] && COMPREPLY+=("$word"); done
  }}
  offer_files_after() {{
    local word
    for word in $1; do
      [[ $cur == "$word"* ]] && mapfile -t COMPREPLY < <(compgen -P "$word" -f -- "${{cur#"$word"}}")
    done
  }}
  offer_files() {{ mapfile -t COMPREPLY < <(compgen -f -- "$cur"); }}
  offer_scenarios() {{
    mapfile -t COMPREPLY < <(
      compgen -d -S / -- "$cur"
      compgen -f -X '!*.y?(a)ml' -- "$cur"
    )
  }}
)";

std::string bash_script(const CompletionModel& model) {
  std::string name = model.program;
  std::ranges::replace_if(
      name,
      [](char c) { return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')); },
      '_');
  std::string commands;
  for (const CompletionCommand& command : model.commands)
    commands.append(commands.empty() ? "" : " ").append(command.name);
  std::string script = fmt::format(
      "# Completion of {0} for bash. In ~/.bashrc: eval \"$({0} completion bash)\"\nshopt -s extglob",
      model.program);
  script += fmt::format(fmt::runtime(kBashHelpers), fmt::arg("name", name),
                        fmt::arg("overrides", quoted(joined(model.overrides), Shell::bash)));
  script += "  case \"$command $prev\" in\n";
  for (const CompletionCommand& command : model.commands) {
    for (const CompletionFlag& flag : command.flags)
      if (flag.takes_value)
        script += fmt::format("    '{} {}') {} ;;\n", command.name, flag.name, bash_offer(flag.value));
  }
  script += "    *)\n      case \"$command $cur\" in\n";
  script += fmt::format("        ' -'*) offer_words {} ;;\n", quoted(flag_names(model.flags), Shell::bash));
  script += fmt::format("        ' '*) offer_words {} ;;\n", quoted(commands, Shell::bash));
  for (const CompletionCommand& command : model.commands) {
    script += fmt::format("        '{} -'*) offer_words {} ;;\n", command.name,
                          quoted(flag_names(command.flags), Shell::bash));
    script += fmt::format("        '{} '*) {} ;;\n", command.name, bash_offer(command.positional));
  }
  script += R"(      esac
      ;;
  esac
  unset -f offer_words offer_files offer_files_after offer_scenarios
  if [[ $COMP_WORDBREAKS == *=* ]]; then # what bash takes for the word begins after the last "="
    [[ $cur == *=* ]] && COMPREPLY=("${COMPREPLY[@]#"${cur%"${cur##*=}"}"}")
  else
    COMPREPLY=("${COMPREPLY[@]/#/$kept}")
  fi
  [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=/] ]] && compopt -o nospace 2>/dev/null
  return 0
}
)";
  return script + fmt::format("complete -F _{}_complete {}\n", name, model.program);
}

// --- zsh

std::string zsh_offer(const CompletionValue& value) {
  switch (value.kind) {
    case Kind::anything:
      return "";
    case Kind::words:
      return fmt::format("compadd -S '' -- {}", joined(value.words));
    case Kind::file:
      return "_files";
    case Kind::scenario:
      return "_files -g '*.(yaml|yml)'";
    case Kind::overrides:
      return "compadd -S '' -- $overrides";
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

// name[meaning]:value:offer, as _arguments takes it.
std::string zsh_flag(const CompletionFlag& flag) {
  std::string meaning;
  for (const char c : flag.meaning) {
    if (c == '[' || c == ']' || c == ':') meaning += '\\';
    meaning += c;
  }
  std::string text = flag.takes_value ? fmt::format("*{}=[{}]:value:", flag.name, meaning)
                                      : fmt::format("{}[{}]", flag.name, meaning);
  if (!flag.takes_value) return quoted(text, Shell::zsh);
  const std::string offer = zsh_offer(flag.value);
  if (flag.value.kind == Kind::words)
    text += fmt::format("({})", joined(flag.value.words));
  else if (!offer.empty())
    text += flag.value.kind == Kind::overrides ? "{" + offer + "}" : offer;
  else
    text += " ";
  return quoted(text, Shell::zsh);
}

std::string zsh_script(const CompletionModel& model) {
  std::string script = fmt::format(
      "#compdef {0}\n# Completion of {0} for zsh. In ~/.zshrc, after compinit: eval \"$({0} completion "
      "zsh)\"\n"
      "_{0}() {{\n  local -a overrides=({1})\n  local -a commands=(\n",
      model.program, joined(model.overrides));
  for (const CompletionCommand& command : model.commands)
    script += fmt::format("    {}\n", quoted(command.name + ":" + command.meaning, Shell::zsh));
  script += "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    _arguments";
  for (const CompletionFlag& flag : model.flags) script += " " + zsh_flag(flag);
  script +=
      "\n    return\n  fi\n  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n";
  for (const CompletionCommand& command : model.commands) {
    script += fmt::format("    {})\n      _arguments", command.name);
    for (const CompletionFlag& flag : command.flags) script += " \\\n        " + zsh_flag(flag);
    const std::string offer = command.positional.kind == Kind::words
                                  ? fmt::format("({})", joined(command.positional.words))
                                  : zsh_offer(command.positional);
    if (!offer.empty()) script += " \\\n        " + quoted("*: :" + offer, Shell::zsh);
    script += "\n      ;;\n";
  }
  return script + fmt::format("  esac\n}}\ncompdef _{0} {0}\n", model.program);
}

// --- fish

std::string fish_offer(const CompletionValue& value, const CompletionModel& model) {
  switch (value.kind) {
    case Kind::anything:
      return "";
    case Kind::words:
      return " -a " + quoted(joined(value.words), Shell::fish);
    case Kind::file:
      return " -F";
    case Kind::scenario:
      return " -a '(set -l word (commandline -ct); for file in $word*.yaml $word*.yml $word*/; echo $file; "
             "end)'";
    case Kind::overrides:
      return " -a " + quoted(joined(model.overrides), Shell::fish);
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

std::string fish_flag(const CompletionFlag& flag, const std::string& prefix, const CompletionModel& model) {
  std::string line = prefix + " -l " + flag.name.substr(2) + " -d " + quoted(flag.meaning, Shell::fish);
  if (flag.takes_value) line += " -x" + fish_offer(flag.value, model);
  if (flag.value.kind == Kind::file) line.replace(line.find(" -x"), 3, " -r");
  return line + "\n";
}

std::string fish_script(const CompletionModel& model) {
  std::string commands;
  for (const CompletionCommand& command : model.commands)
    commands.append(commands.empty() ? "" : " ").append(command.name);
  const std::string complete = "complete -c " + model.program;
  std::string script = fmt::format(
      "# Completion of {0} for fish. Once: {0} completion fish > ~/.config/fish/completions/{0}.fish\n{1} "
      "-f\n",
      model.program, complete);
  const std::string first = fmt::format("{} -n 'not __fish_seen_subcommand_from {}'", complete, commands);
  for (const CompletionFlag& flag : model.flags) script += fish_flag(flag, first, model);
  for (const CompletionCommand& command : model.commands)
    script += fmt::format("{} -a {} -d {}\n", first, command.name, quoted(command.meaning, Shell::fish));
  for (const CompletionCommand& command : model.commands) {
    const std::string after = fmt::format("{} -n '__fish_seen_subcommand_from {}'", complete, command.name);
    for (const CompletionFlag& flag : command.flags) script += fish_flag(flag, after, model);
    const std::string offer = fish_offer(command.positional, model);
    if (!offer.empty()) script += after + offer + "\n";
  }
  return script;
}

}  // namespace

std::vector<std::string> override_words(const Shape& scenario) {
  std::vector<std::string> words;
  add_paths("", scenario, words);
  return words;
}

std::string completion_script(const CompletionModel& model, Shell shell) {
  switch (shell) {
    case Shell::bash:
      return bash_script(model);
    case Shell::zsh:
      return zsh_script(model);
    case Shell::fish:
      return fish_script(model);
  }
  NETRIG_ASSERT(false);  // not an enumerator
}

}  // namespace netrig::loadgen
