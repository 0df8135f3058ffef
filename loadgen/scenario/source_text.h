// A file that a person wrote, before anybody parses it.
#pragma once

#include <string_view>
#include <vector>

namespace netrig::loadgen {

std::string_view without_byte_order_mark(std::string_view text);

// Without their ends. Views `text`.
std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace netrig::loadgen
