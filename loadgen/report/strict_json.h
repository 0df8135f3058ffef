// Reads JSON that loadgen has written, and trusts none of it: the first fault is kept with its place.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/base/time.h"

namespace netrig::loadgen {

using Json = nlohmann::json;

// Parses, and refuses what the library lets pass: a key given twice and endless nesting.
class StrictParser {
 public:
  // Worth something only when there is no problem afterwards.
  Json parse(std::string_view text);
  const std::string& problem() const { return problem_; }

 private:
  bool check(int depth, Json::parse_event_t event, const Json& value);

  std::vector<std::set<std::string>> keys_;  // of the objects that are open
  std::string problem_;
};

struct JsonPlace {
  const Json* value;
  std::string path;  // "bytes.downstream.total"
};

// Reads what must be there. After the first fault, `problem()` stays and every answer is empty.
class JsonReader {
 public:
  const std::string& problem() const { return problem_; }
  void refuse(const JsonPlace& at, std::string_view why);

  JsonPlace member(const JsonPlace& in, std::string_view key);
  // Null when it is not there.
  JsonPlace optional_member(const JsonPlace& in, std::string_view key);

  // An empty object or array after a fault.
  const Json& object(const JsonPlace& at) { return checked(at, at.value->is_object(), "is not an object"); }
  const Json& array(const JsonPlace& at) { return checked(at, at.value->is_array(), "is not an array"); }
  std::string text(const JsonPlace& at);
  std::uint64_t whole(const JsonPlace& at);
  double number(const JsonPlace& at);  // finite
  Duration duration(const JsonPlace& at);

 private:
  static inline const Json kNothing{};  // null

  const Json& checked(const JsonPlace& at, bool is_right, std::string_view why);

  std::string problem_;
};

}  // namespace netrig::loadgen
