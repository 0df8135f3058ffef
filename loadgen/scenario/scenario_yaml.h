// YAML text to a tree with places. The only part of loadgen that knows the YAML library.
// Source: yaml-cpp 0.7, https://github.com/jbeder/yaml-cpp.
#pragma once

#include <string_view>

#include "netrig/loadgen/scenario/scenario_tree.h"

namespace netrig::loadgen {

// The one document in `text`, which is UTF-8 without control characters. What YAML lets pass and a scenario
// does not - duplicate and non-scalar keys, a second document, bombs of aliases, deep nesting - is reported;
// when the rest cannot be trusted, the tree is an
// invalid node. An empty document is a null node. Never throws.
// `override_number` is given to every place; with one, line and column mean nothing.
Node parse_yaml(std::string_view text, Findings& findings, std::uint32_t override_number = 0);

}  // namespace netrig::loadgen
