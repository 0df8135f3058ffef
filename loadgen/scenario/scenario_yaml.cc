#include "netrig/loadgen/scenario/scenario_yaml.h"

#include <algorithm>
#include <exception>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace netrig::loadgen {
namespace {

// Thrown out of the parser when going on makes no sense; caught in parse_yaml.
struct Stop {};

// Whether the quoted text whose anchor, tag or opening quote stands at `at` ends before the file does.
bool is_closed(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == '&' || text[at] == '!'))
    at = text.find_first_not_of(" \t\r\n", text.find_first_of(" \t\r\n", at));
  if (at >= text.size() || (text[at] != '"' && text[at] != '\'')) return true;
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      const bool is_doubled = quote == '\'' && at + 1 < text.size() && text[at + 1] == quote;
      if (!is_doubled) return true;
      ++at;
    }
  }
  return false;
}

// Builds the tree from the parser's events. Aliases become copies, counted against the budget, so nothing
// refers to itself and walking the tree costs what the tree's size says.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, Findings& findings, std::uint32_t override_number)
      : text_(text), findings_(findings), override_number_(override_number) {}

  Node take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    stop(place(mark), "a second document begins here; a scenario is one document");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(make(Node::Kind::null, mark), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto anchored = anchors_.find(anchor);
    if (anchored == anchors_.end()) stop(place(mark), "this alias refers to the value it stands in");
    count(anchored->second, open_.size() + 1, place(mark));
    Node copy = anchored->second;
    copy.place = place(mark);
    add(std::move(copy), 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node = make(Node::Kind::scalar, mark);
    node.text = value;
    node.quoted = tag == "!";
    if (node.quoted) check_closed(mark);
    refuse_tag(tag, node.place);
    add(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_tag(tag, place(mark));
    open(make(Node::Kind::list, mark), anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_tag(tag, place(mark));
    open(make(Node::Kind::map, mark), anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  // A list or map whose end has not come yet. The rest is a map's: whether a key waits for its value.
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    bool key_refused = false;
    std::string key;
    Place key_place;
    std::map<std::string, std::uint32_t> key_lines;  // of the keys so far
  };

  Place place(const YAML::Mark& mark) const {
    const auto from_one = [](int from_zero) {
      return static_cast<std::uint32_t>(std::max(from_zero, 0)) + 1;
    };
    return {from_one(mark.line), from_one(mark.column), override_number_};
  }

  [[noreturn]] void stop(Place where, std::string message) {
    findings_.error(where, std::move(message));
    throw Stop{};
  }

  // The library takes the end of the file for the end of a quoted text of several lines.
  void check_closed(const YAML::Mark& mark) {
    if (!is_closed(text_, static_cast<std::size_t>(std::max(mark.pos, 0))))
      stop(place(mark), "this quote is never closed");
  }

  // "?" and "!" are the library's own, for what is plain and what is quoted.
  void refuse_tag(const std::string& tag, Place where) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    findings_.error(where, "a tag (" + tag + ") says nothing in a scenario; leave it out");
  }

  void count(std::size_t depth, Place where) {
    if (depth > kTreeDepthMax)
      stop(where, "nested too deeply: more than " + std::to_string(kTreeDepthMax) + " levels");
    if (++nodes_ > kTreeNodesMax)
      stop(where, "too many values: more than " + std::to_string(kTreeNodesMax) + ", aliases included");
  }

  void count(const Node& node, std::size_t depth, Place where) {
    count(depth, where);
    for (const Node& child : node.children) count(child, depth + 1, where);
  }

  Node make(Node::Kind kind, const YAML::Mark& mark) {
    Node node;
    node.kind = kind;
    node.place = place(mark);
    count(open_.size() + 1, node.place);
    return node;
  }

  void open(Node node, YAML::anchor_t anchor) {
    Open& opened = open_.emplace_back();
    opened.node = std::move(node);
    opened.anchor = anchor;
  }

  void close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    add(std::move(closed.node), closed.anchor);
  }

  void add(Node node, YAML::anchor_t anchor) {
    if (anchor != 0) {
      count(node, open_.size() + 1, node.place);  // the copy that aliases are made from
      anchors_[anchor] = node;
    }
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (Open& parent = open_.back(); parent.node.kind == Node::Kind::list) {
      parent.node.children.push_back(std::move(node));
    } else if (parent.has_key) {
      take_value(parent, std::move(node));
    } else {
      take_key(parent, node);
    }
  }

  void take_key(Open& parent, const Node& key) {
    parent.has_key = true;
    parent.key_refused = true;
    if (key.kind != Node::Kind::scalar) return findings_.error(key.place, "a key must be a plain word");
    const auto [known, is_new] = parent.key_lines.emplace(key.text, key.place.line);
    if (!is_new)
      return findings_.error(key.place, "duplicate key \"" + key.text + "\"; it stands on line " +
                                            std::to_string(known->second) + " already");
    parent.key_refused = false;
    parent.key = key.text;
    parent.key_place = key.place;
  }

  void take_value(Open& parent, Node value) {
    parent.has_key = false;
    if (parent.key_refused) return;
    value.key = std::move(parent.key);
    value.key_place = parent.key_place;
    parent.node.children.push_back(std::move(value));
  }

  std::string_view text_;
  Findings& findings_;
  std::uint32_t override_number_;
  Node root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t nodes_ = 0;
  std::size_t documents_ = 0;
};

Place place_of_error(const YAML::Mark& mark, std::uint32_t override_number) {
  if (mark.is_null()) return {1, 1, override_number};
  return {static_cast<std::uint32_t>(std::max(mark.line, 0)) + 1,
          static_cast<std::uint32_t>(std::max(mark.column, 0)) + 1, override_number};
}

std::string_view line_at(std::string_view text, Place place) {
  for (std::uint32_t line = 1; line < place.line; ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

// The library says something else for each place where a tab stands in an indentation, and takes a
// variable's brace within braces for the beginning of a map.
std::string explain(std::string_view text, Place place, const std::string& message) {
  const std::string_view line = line_at(text, place);
  const std::size_t first = line.find_first_not_of(' ');
  if (first != std::string_view::npos && line[first] == '\t')
    return "this line is indented with a tab; use spaces";
  const std::size_t variable = line.find("${");
  const bool in_braces = variable != std::string_view::npos &&
                         line.substr(0, variable).find_first_of("{[") != std::string_view::npos;
  if (in_braces) return message + "; within braces a variable needs quotes: \"${NAME:-40ms}\"";
  return message;
}

// Every document's events go to the builder, which refuses the second.
void run_parser(std::string_view text, TreeBuilder& builder) {
  std::istringstream stream{std::string{text}};
  YAML::Parser parser{stream};
  while (parser.HandleNextDocument(builder)) {
  }
}

}  // namespace

Node parse_yaml(std::string_view text, Findings& findings, std::uint32_t override_number) {
  TreeBuilder builder{text, findings, override_number};
  Node unreadable;
  unreadable.kind = Node::Kind::invalid;
  try {
    run_parser(text, builder);
    return builder.take_root();
  } catch (const Stop&) {
    return unreadable;  // reported where it was thrown
  } catch (const YAML::DeepRecursion& error) {
    findings.error(place_of_error(error.mark, override_number), "nested too deeply");
  } catch (const YAML::Exception& error) {
    const Place place = place_of_error(error.mark, override_number);
    findings.error(place, "not valid YAML: " + explain(text, place, error.msg));
  } catch (const std::exception& error) {
    findings.error({1, 1, override_number}, std::string{"not readable as YAML: "} + error.what());
  }
  return unreadable;
}

}  // namespace netrig::loadgen
