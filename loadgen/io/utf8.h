// Text that came from a file or an option, made safe to print: names of scenarios and cohorts may hold any
// bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace netrig::loadgen {

// Bytes that are not UTF-8 become U+FFFD, one each.
std::string valid_utf8(std::string_view text);

// The same on one line of a terminal: control characters, which could move the cursor, become U+FFFD too.
std::string printable(std::string_view text);

// Columns of valid UTF-8 on a terminal, one for each character. (East Asian double width is not looked up.)
std::size_t columns_of(std::string_view text);

// The front of `text`, at most `columns` wide; when something was cut off, `mark` stands at the end.
std::string cut_to(std::string_view text, std::size_t columns, std::string_view mark);

}  // namespace netrig::loadgen
