// The format: https://github.com/testmoapp/junitxml, which describes what CI systems agree on.
#include "netrig/loadgen/report/report_junit.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>
#include <vector>

#include "netrig/core/base/assert.h"
#include "netrig/core/base/digest.h"
#include "netrig/loadgen/io/human.h"
#include "netrig/loadgen/io/utf8.h"
#include "netrig/loadgen/report/baseline.h"
#include "netrig/loadgen/report/report_sections.h"
#include "netrig/loadgen/report/threshold.h"

namespace netrig::loadgen {
namespace {

// One line, safe as an attribute's value and as text: XML 1.0 has no way to write a control character.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&apos;";
        break;
      default:
        result += c;
    }
  }
  // U+FFFE and U+FFFF are no characters of XML either.
  for (const std::string_view forbidden : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"})
    for (std::size_t at = result.find(forbidden); at != std::string::npos; at = result.find(forbidden))
      result.replace(at, forbidden.size(), "\xEF\xBF\xBD");
  return result;
}

struct Case {
  enum class State : std::uint8_t { passed, failed, broken, skipped };

  std::string group;  // what a CI system sorts by
  std::string name;
  State state = State::passed;
  std::string message{};
  std::string details{};
};

struct Suite {
  std::string name;
  double seconds = 0;
  std::vector<std::pair<std::string, std::string>> properties{};
  std::vector<Case> cases{};
  std::string output{};  // shown beside the suite

  std::size_t count(Case::State state) const {
    return static_cast<std::size_t>(std::ranges::count(cases, state, &Case::state));
  }
};

Case threshold_case(const ThresholdResult& threshold, const std::string& group) {
  Case result{.group = group + ".thresholds", .name = threshold.metric + " " + threshold.expression};
  switch (threshold.state) {
    case ThresholdState::passed:
      break;
    case ThresholdState::failed:
      result.state = Case::State::failed;
      result.message =
          fmt::format("{} was {}, not {}", threshold.metric,
                      in_base_unit(threshold.value.value_or(0), unit_of(threshold)), threshold.expression);
      break;
    case ThresholdState::no_data:
      result.state = Case::State::failed;
      result.message = threshold.metric + " had no data";
      break;
    case ThresholdState::not_applicable:
      result.state = Case::State::skipped;
      result.message = threshold.reason;
      break;
  }
  return result;
}

Case end_case(ExitCode code, const std::string& group) {
  Case result{.group = group + ".run", .name = "comes to its end with clients in session"};
  if (ran_to_the_end(code)) return result;
  result.state = Case::State::broken;
  result.message = text(code);
  return result;
}

Case baseline_case(const BaselineComparison& comparison, const std::string& group) {
  Case result{.group = group + ".baseline", .name = "no more bytes than " + comparison.baseline};
  if (exit_code_of(comparison.state) == ExitCode::pass) return result;
  result.state = comparison.state == ComparisonState::unusable ? Case::State::broken : Case::State::failed;
  result.message = comparison_clause(comparison);
  for (const ByteChange& change : comparison.changes)
    result.details += fmt::format("{} {}: {} B, now {} B\n", change.direction, change.name,
                                  whole(change.before.bytes), whole(change.after.bytes));
  return result;
}

Suite suite_of(const RunResult& run, const std::string& name) {
  Suite suite{.name = name, .seconds = run.host.wall_seconds};
  const RunIdentity& scenario = run.scenario;
  suite.properties = {{"seed", fmt::format("{}", run.seed)},
                      {"version", run.version},
                      {"file_digest", scenario.file_digest},
                      {"clock", scenario.clock},
                      {"transport", scenario.transport},
                      {"dialect", scenario.dialect},
                      {"replication", scenario.replication},
                      {"clients", fmt::format("{}", scenario.clients)},
                      {"duration_seconds", fmt::format("{}", seconds(scenario.duration))},
                      {"exit_code", fmt::format("{}", status(run.exit_code))}};
  if (run.digest) suite.properties.emplace_back("digest", digest_text(*run.digest));
  suite.cases.push_back(end_case(run.exit_code, name));
  for (const ThresholdResult& threshold : run.thresholds)
    suite.cases.push_back(threshold_case(threshold, name));
  if (run.comparison) suite.cases.push_back(baseline_case(*run.comparison, name));
  suite.output = run.replay;
  return suite;
}

void write_case(std::string& xml, const Case& each) {
  xml += fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"0\"", escaped(each.group),
                     escaped(each.name));
  std::string_view element;
  switch (each.state) {
    case Case::State::passed:
      xml += "/>\n";
      return;
    case Case::State::failed:
      element = "failure";
      break;
    case Case::State::broken:
      element = "error";
      break;
    case Case::State::skipped:
      element = "skipped";
      break;
  }
  xml += fmt::format(">\n      <{} message=\"{}\"", element, escaped(each.message));
  if (each.details.empty()) {
    xml += "/>\n";
  } else {
    xml += ">";
    for (std::string_view rest = each.details; !rest.empty();) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(line.size() + 1);
      xml += escaped(line) + "\n";
    }
    xml += fmt::format("</{}>\n", element);
  }
  xml += "    </testcase>\n";
}

void write_suite(std::string& xml, const Suite& suite) {
  xml += fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\">\n",
      escaped(suite.name), suite.cases.size(), suite.count(Case::State::failed),
      suite.count(Case::State::broken), suite.count(Case::State::skipped), suite.seconds);
  if (!suite.properties.empty()) {
    xml += "    <properties>\n";
    for (const auto& [name, value] : suite.properties)
      xml += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", escaped(name), escaped(value));
    xml += "    </properties>\n";
  }
  for (const Case& each : suite.cases) write_case(xml, each);
  if (!suite.output.empty())
    xml += fmt::format("    <system-out>{}</system-out>\n", escaped("repeat with: " + suite.output));
  xml += "  </testsuite>\n";
}

std::string document(const std::vector<Suite>& suites) {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  double time = 0;
  std::string inside;
  for (const Suite& suite : suites) {
    tests += suite.cases.size();
    failures += suite.count(Case::State::failed);
    errors += suite.count(Case::State::broken);
    time += suite.seconds;
    write_suite(inside, suite);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"netrig\" tests=\"{}\" failures=\"{}\" errors=\"{}\" "
      "time=\"{:.3f}\">\n{}</testsuites>\n",
      tests, failures, errors, time, inside);
}

}  // namespace

std::string result_junit(const RunResult& result) {
  return document({suite_of(result, result.scenario.name)});
}

std::string result_junit(const SeedsResult& result) {
  const std::string& name = result.described.scenario.name;
  std::vector<Suite> suites;
  for (const RunResult& run : result.runs)
    suites.push_back(suite_of(run, fmt::format("{}.seed-{}", name, run.seed)));
  Suite all{.name = name + ".all-seeds", .seconds = 0};
  Case finished{.group = all.name + ".run", .name = fmt::format("all {} runs finish", result.planned())};
  if (result.runs.size() < result.planned()) {
    finished.state = Case::State::broken;
    finished.message = fmt::format("{} of {} runs finished", result.runs.size(), result.planned());
    for (const LostRun& lost : result.lost)
      finished.details +=
          fmt::format("seed {}: {}; repeat with: {}\n", lost.seed, printable(lost.how), lost.replay);
  }
  all.cases.push_back(std::move(finished));
  if (result.comparison) all.cases.push_back(baseline_case(*result.comparison, all.name));
  all.output = result.replay;
  suites.push_back(std::move(all));
  return document(suites);
}

}  // namespace netrig::loadgen
