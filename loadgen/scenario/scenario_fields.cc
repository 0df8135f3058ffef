#include "netrig/loadgen/scenario/scenario_fields.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "netrig/core/base/random.h"

namespace netrig::loadgen {
namespace {

std::string quoted(std::string_view text) {
  return fmt::format("\"{}\"", text);
}

std::string listed(std::span<const std::string_view> words) {
  std::string list;
  for (const std::string_view word : words) list.append(list.empty() ? "" : ", ").append(word);
  return list;
}

std::string within(const std::string& path) {
  return path.empty() ? "" : fmt::format(" in {}", path);
}

// How a kind of single value is read, written and described.
template <class Parse, class Write>
struct Quantity {
  ValueShape::Type type;
  std::string_view wanted;
  Parse parse;
  Write write;
};
template <class Parse, class Write>
Quantity(ValueShape::Type, std::string_view, Parse, Write) -> Quantity<Parse, Write>;

Parsed<std::int64_t> parse_duration_ns(std::string_view text) {
  const Parsed<Duration> parsed = parse_duration(text);
  if (!parsed) return parsed.error();
  return parsed->count();
}

const Quantity kDuration{ValueShape::Type::duration, "a duration such as 200ms", parse_duration_ns,
                         [](std::int64_t ns) { return text_of_duration(Duration{ns}); }};
const Quantity kPercentage{ValueShape::Type::percentage, "a percentage such as 0.1%", parse_percentage_ppm,
                           text_of_percentage};
const Quantity kInteger{ValueShape::Type::integer, "a whole number", parse_integer,
                        [](std::uint64_t value) { return std::to_string(value); }};
const Quantity kFrequency{ValueShape::Type::frequency, "a single value", parse_frequency_hz,
                          [](std::uint32_t hz) { return std::to_string(hz) + "Hz"; }};
const Quantity kSize{ValueShape::Type::size, "a single value", parse_size_bytes,
                     [](std::uint64_t bytes) { return text_of_size(static_cast<std::int64_t>(bytes)); }};
const Quantity kDataRate{
    ValueShape::Type::data_rate, "a single value", parse_bits_per_second,
    [](std::uint64_t rate) { return text_of_bit_rate(static_cast<std::int64_t>(rate)); }};
const Quantity kThousandths{ValueShape::Type::number, "a number such as 2.5", parse_thousandths,
                            text_of_thousandths};
const Quantity kAngle{ValueShape::Type::angle, "an angle such as 90deg", parse_angle_mdeg,
                      [](std::int64_t mdeg) { return text_of_angle(mdeg); }};
const Quantity kLength{ValueShape::Type::length, "a single value", parse_length_mm, text_of_length};

// What both the readers of keys and the decoders of single values do: parse, check, report.
template <class T>
bool decode_quantity(const Node& node, const std::string& path, T& into, Bounds<T> bounds,
                     const auto& quantity, Findings& findings) {
  if (node.kind == Node::Kind::described) {
    node.shape->add(
        {.type = quantity.type, .min = quantity.write(bounds.min), .max = quantity.write(bounds.max)});
    return false;
  }
  if (!expect_scalar(node, path, quantity.wanted, findings)) return false;
  const auto parsed = quantity.parse(node.text);
  if (!parsed) {
    findings.error(node.place, path + ": " + parsed.error());
    return false;
  }
  // Parsed values are not negative, so the comparison is one of magnitudes.
  const auto value = *parsed;
  if (std::cmp_less(value, bounds.min) || std::cmp_greater(value, bounds.max)) {
    findings.error(node.place, path + ": must be between " + quantity.write(bounds.min) + " and " +
                                   quantity.write(bounds.max) + ", got " + node.text);
    return false;
  }
  into = static_cast<T>(value);
  return true;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// "- _ or ." for "-_.".
std::string listed_characters(std::string_view characters) {
  std::string list;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    const bool is_last = i + 1 == characters.size();
    list += i == 0 ? "" : is_last ? " or " : " ";
    list += characters[i];
  }
  return list;
}

// In a regular expression's brackets, where a dash stands last.
std::string name_pattern(std::size_t bytes_max, std::string_view others) {
  std::string last;
  std::string set;
  for (const char c : others) (c == '-' ? last : set) += c;
  return fmt::format("^[A-Za-z0-9{}{}]{{1,{}}}$", set, last, bytes_max);
}

}  // namespace

std::string_view kind_text(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::scalar:
      return "a single value";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map of keys";
    case Node::Kind::null:
    case Node::Kind::invalid:
    case Node::Kind::described:
      break;
  }
  return "nothing";
}

bool expect_scalar(const Node& node, const std::string& path, std::string_view wanted, Findings& findings) {
  if (node.kind == Node::Kind::scalar) return true;
  if (node.kind == Node::Kind::described) {
    node.shape->add({.type = ValueShape::Type::text});
  } else if (node.kind == Node::Kind::null) {
    findings.error(node.place, path + ": has no value");
  } else if (node.kind != Node::Kind::invalid) {
    findings.error(node.place,
                   path + ": expected " + std::string{wanted} + ", got " + std::string{kind_text(node.kind)});
  }
  return false;
}

bool decode_duration(const Node& node, const std::string& path, Duration& into, Bounds<Duration> bounds,
                     Findings& findings) {
  std::int64_t ns = 0;
  const Bounds<std::int64_t> bounds_ns{bounds.min.count(), bounds.max.count()};
  if (!decode_quantity(node, path, ns, bounds_ns, kDuration, findings)) return false;
  into = Duration{ns};
  return true;
}

bool decode_percentage_ppm(const Node& node, const std::string& path, std::uint32_t& into,
                           Findings& findings) {
  return decode_quantity(node, path, into, Bounds<std::uint32_t>{0, kPartsPerMillion}, kPercentage, findings);
}

bool decode_text(const Node& node, const std::string& path, std::string& into, Findings& findings) {
  if (!expect_scalar(node, path, "text", findings)) return false;
  if (node.text.size() > kTextBytesMax) {
    findings.error(node.place, path + ": is longer than " + std::to_string(kTextBytesMax) + " bytes");
    return false;
  }
  into = node.text;
  return true;
}

MapReader::MapReader(const Node& node, std::string path, Findings& findings)
    : node_(node),
      path_(std::move(path)),
      findings_(findings),
      ok_(node.kind == Node::Kind::map || node.kind == Node::Kind::described) {
  if (is_described()) node.shape->map();
  if (ok_ || node.kind == Node::Kind::invalid) return;
  const std::string what = path_.empty() ? "a scenario" : path_;
  findings_.error(node.place, what + ": expected a map of keys, got " + std::string{kind_text(node.kind)});
}

std::string MapReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string{key} : path_ + "." + std::string{key};
}

const Node* MapReader::find(std::string_view key, std::string_view meaning) {
  if (std::ranges::find(known_, key) == known_.end()) known_.push_back(key);
  if (!ok_) return nullptr;
  if (is_described()) {
    KeyShape& described = node_.shape->map().key(key);
    if (!meaning.empty()) described.meaning = meaning;
    return &described.shape->node();
  }
  const auto found = std::ranges::find(node_.children, key, &Node::key);
  if (found == node_.children.end() || found->kind == Node::Kind::invalid) return nullptr;
  if (found->kind == Node::Kind::null) {
    findings_.error(found->key_place, path_of(key) + ": has no value");
    return nullptr;
  }
  return &*found;
}

bool MapReader::has(std::string_view key) const {
  return std::ranges::find(node_.children, key, &Node::key) != node_.children.end();
}

void MapReader::require(std::initializer_list<std::string_view> keys) {
  if (!ok_) return;
  for (const std::string_view key : keys) {
    if (is_described())
      node_.shape->map().key(key).required = true;
    else if (std::ranges::find(node_.children, key, &Node::key) == node_.children.end())
      findings_.error(node_.place, "missing key " + quoted(key) + within(path_));
  }
}

void MapReader::finish() {
  if (!ok_) return;
  for (const Node& child : node_.children) {
    if (std::ranges::find(known_, child.key) != known_.end()) continue;
    if (child.key == "<<") {
      findings_.error(child.key_place, "merge keys (\"<<\") are not supported; write the keys out");
      continue;
    }
    std::string hint = did_you_mean(child.key, known_);
    if (hint.empty()) hint = "; known keys: " + listed(known_);
    findings_.error(child.key_place, "unknown key " + quoted(child.key) + within(path_) + hint);
  }
}

template <class T>
bool MapReader::read_quantity(std::string_view key, Meaning meaning, T& into, Bounds<T> bounds,
                              const auto& quantity) {
  const Node* node = find(key, meaning);
  return node != nullptr && decode_quantity(*node, path_of(key), into, bounds, quantity, findings_);
}

bool MapReader::read_duration(std::string_view key, Duration& into, Bounds<Duration> bounds,
                              Meaning meaning) {
  const Node* node = find(key, meaning);
  return node != nullptr && decode_duration(*node, path_of(key), into, bounds, findings_);
}

bool MapReader::read_integer(std::string_view key, std::uint64_t& into, Bounds<std::uint64_t> bounds,
                             Meaning meaning) {
  const Node* node = find(key, meaning);
  if (node == nullptr) return false;
  if (node->kind == Node::Kind::scalar && node->quoted) {
    findings_.error(node->place, path_of(key) + ": is text in quotes; write the number without them");
    return false;
  }
  return decode_quantity(*node, path_of(key), into, bounds, kInteger, findings_);
}

bool MapReader::read_integer(std::string_view key, std::uint32_t& into, Bounds<std::uint32_t> bounds,
                             Meaning meaning) {
  std::uint64_t wide = into;
  if (!read_integer(key, wide, Bounds<std::uint64_t>{bounds.min, bounds.max}, meaning)) return false;
  into = static_cast<std::uint32_t>(wide);
  return true;
}

bool MapReader::read_frequency_hz(std::string_view key, std::uint32_t& into, Bounds<std::uint32_t> bounds,
                                  Meaning meaning) {
  return read_quantity(key, meaning, into, bounds, kFrequency);
}

bool MapReader::read_percentage_ppm(std::string_view key, std::uint32_t& into, Meaning meaning) {
  const Node* node = find(key, meaning);
  return node != nullptr && decode_percentage_ppm(*node, path_of(key), into, findings_);
}

bool MapReader::read_size_bytes(std::string_view key, std::uint64_t& into, Bounds<std::uint64_t> bounds,
                                Meaning meaning) {
  return read_quantity(key, meaning, into, bounds, kSize);
}

bool MapReader::read_bits_per_second(std::string_view key, std::uint64_t& into, Bounds<std::uint64_t> bounds,
                                     Meaning meaning) {
  return read_quantity(key, meaning, into, bounds, kDataRate);
}

bool MapReader::read_thousandths(std::string_view key, std::uint32_t& into, Bounds<std::uint32_t> bounds,
                                 Meaning meaning) {
  return read_quantity(key, meaning, into, bounds, kThousandths);
}

bool MapReader::read_event_rate(std::string_view key, EventRate& into, Bounds<std::uint32_t> bounds,
                                Meaning meaning) {
  const Node* node = find(key, meaning);
  if (node == nullptr) return false;
  if (node->kind == Node::Kind::described) {
    node->shape->add({.type = ValueShape::Type::text, .pattern = "^[1-9][0-9]*/(s|min|h)$"});
    return false;
  }
  if (!expect_scalar(*node, path_of(key), "a rate such as 5/s", findings_)) return false;
  const auto parsed = parse_event_rate(node->text);
  if (!parsed) return findings_.error(node->place, path_of(key) + ": " + parsed.error()), false;
  if (parsed->count < bounds.min || parsed->count > bounds.max) {
    findings_.error(node->place, path_of(key) + ": must be between " + std::to_string(bounds.min) + " and " +
                                     std::to_string(bounds.max) + " in a unit of time, got " + node->text);
    return false;
  }
  into = *parsed;
  return true;
}

bool MapReader::read_length_mm(std::string_view key, std::int32_t& into, Bounds<std::int32_t> bounds,
                               Meaning meaning) {
  return read_quantity(key, meaning, into, bounds, kLength);
}

bool MapReader::read_angle_mdeg(std::string_view key, std::uint32_t& into, Bounds<std::uint32_t> bounds,
                                Meaning meaning) {
  return read_quantity(key, meaning, into, bounds, kAngle);
}

bool MapReader::read_bool(std::string_view key, bool& into, Meaning meaning) {
  const Node* node = find(key, meaning);
  if (node == nullptr) return false;
  if (node->kind == Node::Kind::described)
    return node->shape->add({.type = ValueShape::Type::boolean}), false;
  if (!expect_scalar(*node, path_of(key), "true or false", findings_)) return false;
  if (node->text != "true" && node->text != "false") {
    findings_.error(node->place, path_of(key) + ": expected true or false, got " + quoted(node->text));
    return false;
  }
  into = node->text == "true";
  return true;
}

bool MapReader::read_text(std::string_view key, std::string& into, Meaning meaning) {
  const Node* node = find(key, meaning);
  return node != nullptr && decode_text(*node, path_of(key), into, findings_);
}

bool MapReader::read_name(std::string_view key, std::string& into, std::size_t bytes_max,
                          std::string_view others, Meaning meaning) {
  const Node* node = find(key, meaning);
  if (node == nullptr) return false;
  if (node->kind == Node::Kind::described) {
    node->shape->add({.type = ValueShape::Type::text, .pattern = name_pattern(bytes_max, others)});
    return false;
  }
  if (!decode_text(*node, path_of(key), into, findings_)) return false;
  const auto is_allowed = [&](char c) {
    return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
  };
  if (!into.empty() && into.size() <= bytes_max && std::ranges::all_of(into, is_allowed)) return true;
  error(key, fmt::format("must be 1 to {} letters, digits, {}, got {}", bytes_max, listed_characters(others),
                         quoted(into)));
  return false;
}

void MapReader::error(std::string_view key, std::string_view problem) {
  const auto found = std::ranges::find(node_.children, key, &Node::key);
  const Place at = found == node_.children.end() ? node_.place : found->place;
  findings_.error(at, path_of(key) + ": " + std::string{problem});
}

void MapReader::error(std::string_view problem) {
  findings_.error(node_.place, (path_.empty() ? "" : path_ + ": ") + std::string{problem});
}

void MapReader::report_choice(const Node& node, const std::string& path,
                              std::span<const std::string_view> names) {
  const std::string wanted = (names.size() > 1 ? "one of " : "") + listed(names);
  if (!expect_scalar(node, path, wanted, findings_)) return;
  findings_.error(node.place, path + ": expected " + wanted + ", got " + quoted(node.text) +
                                  did_you_mean(node.text, names));
}

}  // namespace netrig::loadgen
