// What the value of a key may be, collected by running the decoder itself over a tree that holds no values:
// the source of `loadgen schema`, which therefore says exactly what the decoder reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "netrig/loadgen/scenario/scenario_tree.h"

namespace netrig::loadgen {

class Shape;

// One way to write a single value.
struct ValueShape {
  enum class Type : std::uint8_t {
    text,
    integer,
    number,  // with decimals
    boolean,
    duration,
    size,
    data_rate,
    frequency,
    length,
    percentage,
    angle,
    choice,
  };
  struct Choice {
    std::string name;
    std::string meaning;  // may be empty
  };

  Type type = Type::text;
  std::string min{};  // as a file says it, inclusive; empty: no bound
  std::string max{};
  std::string pattern{};  // of a text, as a regular expression (ECMA-262); empty: any
  std::vector<Choice> choices{};
};

struct KeyShape {
  std::string name;
  std::string meaning;  // a sentence
  bool required = false;
  std::unique_ptr<Shape> shape;
};

struct MapShape {
  std::vector<KeyShape> keys;  // all there are, in the order in which they are read
  // Keys that depend on the value of the key `selector`: each variant's own.
  struct Variant {
    std::string selected;  // the first is what counts when the selector is missing
    std::unique_ptr<Shape> shape;
  };
  std::string selector;
  std::vector<Variant> variants;

  std::size_t keys_min = 0;  // of those that may be left out, so many are needed
  std::size_t keys_max = 0;  // 0: no bound

  KeyShape& key(std::string_view name);  // the key of this name, added if there is none
};

struct ListShape {
  std::unique_ptr<Shape> element;
  std::size_t elements_min = 0;
  std::size_t elements_max = 0;
};

// Every way to write a value: as one of `values`, as a map, as a list.
class Shape {
 public:
  Shape();
  Shape(const Shape&) = delete;  // its node points at it
  Shape& operator=(const Shape&) = delete;

  // What the decoder is given instead of a value.
  const Node& node() const { return node_; }

  void add(ValueShape value) { values_.push_back(std::move(value)); }
  MapShape& map();    // made when there is none yet
  ListShape& list();  // the same

  const std::vector<ValueShape>& values() const { return values_; }
  const MapShape* as_map() const { return map_.get(); }
  const ListShape* as_list() const { return list_.get(); }

 private:
  Node node_;
  std::vector<ValueShape> values_;
  std::unique_ptr<MapShape> map_;
  std::unique_ptr<ListShape> list_;
};

}  // namespace netrig::loadgen
