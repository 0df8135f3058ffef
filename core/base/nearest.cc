#include "netrig/core/base/nearest.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace netrig {
namespace {

constexpr std::size_t kPrefixBytesMin = 3;

bool better(std::size_t distance, const std::optional<std::size_t>& best) {
  return !best || distance < *best;
}

}  // namespace

std::size_t edit_distance(std::string_view from, std::string_view to) {
  // Rows of the usual table: distances from the first i bytes of `from` to every beginning of `to`.
  std::vector<std::size_t> before_last(to.size() + 1);
  std::vector<std::size_t> last(to.size() + 1);
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const bool same = from[i - 1] == to[j - 1];
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[to.size()];
}

std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.size() > kNearestWordBytesMax) return std::nullopt;
  const std::size_t slips_max = std::max<std::size_t>(1, word.size() / 3);
  std::optional<std::string_view> closest, begun;
  std::optional<std::size_t> fewest_slips, fewest_missing;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kNearestWordBytesMax) continue;
    const std::size_t slips = edit_distance(word, candidate);
    if (slips <= slips_max && slips < candidate.size() && better(slips, fewest_slips)) {
      closest = candidate;
      fewest_slips = slips;
    }
    const bool begins = word.size() >= kPrefixBytesMin && candidate.starts_with(word);
    if (begins && better(candidate.size(), fewest_missing)) {
      begun = candidate;
      fewest_missing = candidate.size();
    }
  }
  return closest ? closest : begun;
}

}  // namespace netrig
