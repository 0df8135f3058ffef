#include "netrig/loadgen/scenario/shape.h"

#include <algorithm>

namespace netrig::loadgen {

KeyShape& MapShape::key(std::string_view name) {
  const auto found = std::ranges::find(keys, name, &KeyShape::name);
  if (found != keys.end()) return *found;
  KeyShape added;
  added.name = name;
  added.shape = std::make_unique<Shape>();
  return keys.emplace_back(std::move(added));
}

Shape::Shape() {
  node_.kind = Node::Kind::described;
  node_.shape = this;
}

MapShape& Shape::map() {
  if (!map_) map_ = std::make_unique<MapShape>();
  return *map_;
}

ListShape& Shape::list() {
  if (!list_) {
    list_ = std::make_unique<ListShape>();
    list_->element = std::make_unique<Shape>();
  }
  return *list_;
}

}  // namespace netrig::loadgen
