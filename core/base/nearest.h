// Did-you-mean: the known word closest to one that is not known. For messages to people, so never on a hot
// path.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace netrig {

// Longer words get no suggestion: the comparison is quadratic, and nobody slips in a name of that length.
constexpr std::size_t kNearestWordBytesMax = 128;

// The fewest insertions, deletions, replacements and swaps of two neighbours that turn `from` into `to`,
// where no part is edited twice (optimal string alignment). Counts bytes.
std::size_t edit_distance(std::string_view from, std::string_view to);

// The candidate with the fewest slips, at most one for every three bytes of `word` and at least one; failing
// that, the shortest one that `word` of three bytes or more begins. The first of several that are equally
// near. Valid as long as the candidates.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace netrig
