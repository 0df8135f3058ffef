// Decodes the tree against a table of fields: every key asked for is ticked off, every other key is an error,
// and every error is collected with its place. Given a described node instead of a map, the same calls tell
// what they would read: see shape.h.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/core/base/time.h"
#include "netrig/loadgen/io/units.h"
#include "netrig/loadgen/scenario/scenario_tree.h"
#include "netrig/loadgen/scenario/shape.h"

namespace netrig::loadgen {

template <class T>
struct Bounds {
  T min;
  T max;  // inclusive
};

constexpr std::size_t kTextBytesMax = 4096;

// One map of the tree. Each read leaves `into` as it was - the default - when the key is missing or its value
// is wrong, and answers whether it has written it. `meaning`: a sentence for editors. Views the node and the
// findings, which outlive it.
class MapReader {
 public:
  // `path` names the map in messages: "server", "clients[0].link"; empty at the top.
  MapReader(const Node& node, std::string path, Findings& findings);

  // False when it is not a map, which was reported: nothing in it can be read then.
  bool ok() const { return ok_; }
  bool is_described() const { return node_.kind == Node::Kind::described; }

  void require(std::initializer_list<std::string_view> keys);
  // Reports the keys that nobody asked for. Call last.
  void finish();

  // The value of a key that may be missing; null and broken values count as missing, and were reported.
  const Node* find(std::string_view key, std::string_view meaning = {});

  // Whether the key stands there at all, whatever its value.
  bool has(std::string_view key) const;

  using Meaning = std::string_view;
  bool read_duration(std::string_view key, Duration& into, Bounds<Duration> bounds, Meaning meaning = {});
  bool read_integer(std::string_view key, std::uint64_t& into, Bounds<std::uint64_t> bounds,
                    Meaning meaning = {});
  bool read_integer(std::string_view key, std::uint32_t& into, Bounds<std::uint32_t> bounds,
                    Meaning meaning = {});
  bool read_frequency_hz(std::string_view key, std::uint32_t& into, Bounds<std::uint32_t> bounds,
                         Meaning meaning = {});
  bool read_percentage_ppm(std::string_view key, std::uint32_t& into, Meaning meaning = {});
  bool read_size_bytes(std::string_view key, std::uint64_t& into, Bounds<std::uint64_t> bounds,
                       Meaning meaning = {});
  bool read_bits_per_second(std::string_view key, std::uint64_t& into, Bounds<std::uint64_t> bounds,
                            Meaning meaning = {});
  // A number with at most three decimals and no unit.
  bool read_thousandths(std::string_view key, std::uint32_t& into, Bounds<std::uint32_t> bounds,
                        Meaning meaning = {});
  // The bounds are of the number before the slash.
  bool read_event_rate(std::string_view key, EventRate& into, Bounds<std::uint32_t> bounds,
                       Meaning meaning = {});
  bool read_length_mm(std::string_view key, std::int32_t& into, Bounds<std::int32_t> bounds,
                      Meaning meaning = {});
  // In thousandths of a degree.
  bool read_angle_mdeg(std::string_view key, std::uint32_t& into, Bounds<std::uint32_t> bounds,
                       Meaning meaning = {});
  bool read_bool(std::string_view key, bool& into, Meaning meaning = {});
  bool read_text(std::string_view key, std::string& into, Meaning meaning = {});
  // A text of 1 to `bytes_max` letters, digits and characters of `others`, which are not letters or digits.
  bool read_name(std::string_view key, std::string& into, std::size_t bytes_max, std::string_view others,
                 Meaning meaning = {});

  // One of a few words, from a table of {name, value}.
  template <class Table, class E>
  bool read_choice(std::string_view key, E& into, const Table& table, Meaning meaning = {}) {
    const Node* node = find(key, meaning);
    if (node == nullptr) return false;
    if (node->kind == Node::Kind::described) {
      ValueShape value{.type = ValueShape::Type::choice};
      for (const auto& choice : table) value.choices.push_back({std::string{choice.name}, {}});
      return node->shape->add(std::move(value)), false;
    }
    std::vector<std::string_view> names;
    for (const auto& choice : table) {
      if (node->kind == Node::Kind::scalar && node->text == choice.name) return into = choice.value, true;
      names.push_back(choice.name);
    }
    report_choice(*node, path_of(key), names);
    return false;
  }

  // Problems that the reads above cannot see: of a key's value, or of the map as a whole.
  void error(std::string_view key, std::string_view problem);
  void error(std::string_view problem);

  std::string path_of(std::string_view key) const;
  // For keys that are not a fixed list; only while is_described().
  MapShape& described() { return node_.shape->map(); }
  Place place() const { return node_.place; }
  Findings& findings() { return findings_; }

 private:
  template <class T>
  bool read_quantity(std::string_view key, Meaning meaning, T& into, Bounds<T> bounds, const auto& quantity);
  void report_choice(const Node& node, const std::string& path, std::span<const std::string_view> names);

  const Node& node_;
  std::string path_;
  Findings& findings_;
  bool ok_ = false;
  std::vector<std::string_view> known_;  // literals: every key that was asked for
};

// "a list", "a single value": for messages.
std::string_view kind_text(Node::Kind kind);

// Whether `node` is a single value; reports it when not. `wanted`: "a duration".
bool expect_scalar(const Node& node, const std::string& path, std::string_view wanted, Findings& findings);

// A single value with a unit, checked against bounds and reported under `path`.
bool decode_duration(const Node& node, const std::string& path, Duration& into, Bounds<Duration> bounds,
                     Findings& findings);
bool decode_percentage_ppm(const Node& node, const std::string& path, std::uint32_t& into,
                           Findings& findings);
bool decode_text(const Node& node, const std::string& path, std::string& into, Findings& findings);

}  // namespace netrig::loadgen
