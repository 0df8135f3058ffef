// What is wrong with an option's value, as a sentence.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/base/result.h"
#include "netrig/loadgen/io/units.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/scenario/diagnostic.h"

namespace netrig::loadgen {

// An empty value is nearly always a variable that was not set: a gate must not be switched off by it.
inline std::string refuse_empty(const std::string& value) {
  return value.empty() ? "must not be empty" : "";
}

template <class T>
std::string problem_of(const Parsed<T>& parsed) {
  return parsed ? "" : parsed.error();
}

// What is wrong, if anything, as the parser's own errors are: the process ends with 2.
inline void refuse(const std::string& clash) {
  if (!clash.empty()) throw CLI::ValidationError(clash);
}

// The value, or what the parser throws to end with exit 2.
template <class T>
T checked(Result<T, std::string> result) {
  if (!result) throw CLI::ValidationError(result.error());
  return *std::move(result);
}

// Of whatever has metrics; parse_scrapes() reads them.
inline void add_scrape_options(CLI::App& command, std::string& address, std::string& hold) {
  command.add_option("--prometheus", address, "Be scraped here: 127.0.0.1:9464, [::1]:9464")
      ->type_name("HOST:PORT")
      ->check(refuse_empty);
  command.add_option("--prometheus-hold", hold, "Go on listening for so long after the end: 15s")
      ->type_name("D")
      ->check(refuse_empty);
}

template <class Named>
std::vector<std::string> words_of(const Named& names) {
  std::vector<std::string> words;
  for (const auto& named : names) words.emplace_back(named.name);
  return words;
}

// Refuses all but `words`, with the nearest.
inline auto one_of(std::string what, std::vector<std::string> words) {
  return [=](const std::string& value) -> std::string {
    if (std::ranges::count(words, value) > 0) return {};
    std::string list;
    for (const std::string& word : words) list.append(list.empty() ? "" : ", ").append(word);
    const std::vector<std::string_view> known{words.begin(), words.end()};
    return "no " + what + " is called \"" + printable(value) + "\"" + did_you_mean(value, known) +
           "; there is " + list;
  };
}

}  // namespace netrig::loadgen
