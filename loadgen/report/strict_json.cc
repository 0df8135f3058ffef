#include "netrig/loadgen/report/strict_json.h"

#include <cmath>
#include <fmt/format.h>

#include "netrig/loadgen/io/utf8.h"

namespace netrig::loadgen {
namespace {

constexpr int kDepthMax = 32;                  // a result has 7 levels
constexpr double kSecondsMax = 9'000'000'000;  // what a Duration holds: 2^63 ns

}  // namespace

Json StrictParser::parse(std::string_view text) {
  try {
    return Json::parse(text, [this](int depth, Json::parse_event_t event, const Json& value) {
      return check(depth, event, value);
    });
  } catch (const Json::exception& error) {
    // "[json.exception...] parse error at line 3, column 5: ..."
    const std::string_view what = error.what();
    problem_ = "not JSON: " + printable(what.substr(what.find("] ") + 2));
    return {};
  }
}

bool StrictParser::check(int depth, Json::parse_event_t event, const Json& value) {
  if (depth > kDepthMax && problem_.empty())
    problem_ = fmt::format("nested deeper than {} levels", kDepthMax);
  if (event == Json::parse_event_t::object_start) keys_.emplace_back();
  if (event == Json::parse_event_t::object_end) keys_.pop_back();
  if (event == Json::parse_event_t::key && !keys_.back().insert(value.get<std::string>()).second &&
      problem_.empty())
    problem_ = fmt::format("the key \"{}\" stands twice in one object", printable(value.get<std::string>()));
  return problem_.empty();  // false: keep no more of it
}

void JsonReader::refuse(const JsonPlace& at, std::string_view why) {
  if (problem_.empty()) problem_ = at.path.empty() ? std::string{why} : fmt::format("{} {}", at.path, why);
}

JsonPlace JsonReader::optional_member(const JsonPlace& in, std::string_view key) {
  JsonPlace place{&kNothing, (in.path.empty() ? "" : in.path + ".") + printable(key)};
  if (!in.value->is_object()) {
    refuse(in, "is not an object");
  } else if (const auto found = in.value->find(key); found != in.value->end()) {
    place.value = &*found;
  }
  return place;
}

JsonPlace JsonReader::member(const JsonPlace& in, std::string_view key) {
  JsonPlace place = optional_member(in, key);
  if (in.value->is_object() && !in.value->contains(key)) refuse(place, "is missing");
  return place;
}

std::string JsonReader::text(const JsonPlace& at) {
  return checked(at, at.value->is_string(), "is not a string").is_string() ? at.value->get<std::string>()
                                                                           : "";
}

std::uint64_t JsonReader::whole(const JsonPlace& at) {
  constexpr std::string_view kWhy = "is not a whole number from 0 to 2^64 - 1";
  return checked(at, at.value->is_number_unsigned(), kWhy).is_null() ? 0 : at.value->get<std::uint64_t>();
}

double JsonReader::number(const JsonPlace& at) {
  const bool is_right = at.value->is_number() && std::isfinite(at.value->get<double>());
  return checked(at, is_right, "is not a number").is_null() ? 0 : at.value->get<double>();
}

Duration JsonReader::duration(const JsonPlace& at) {
  const double value = at.value->is_number() ? at.value->get<double>() : -1;
  if (value < 0 || value > kSecondsMax) return refuse(at, "is not a number of seconds"), Duration{};
  return Duration{std::llround(value * 1e9)};
}

const Json& JsonReader::checked(const JsonPlace& at, bool is_right, std::string_view why) {
  if (!is_right) refuse(at, why);
  return is_right ? *at.value : kNothing;
}

}  // namespace netrig::loadgen
