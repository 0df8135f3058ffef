#include "netrig/core/world/snapshot.h"

#include <algorithm>
#include <bit>
#include <type_traits>

#include "netrig/core/base/bytes.h"
#include "netrig/core/base/digest.h"

namespace netrig {
namespace {

// Words are digested as they lie in memory, without a copy, so machines agree only when they order bytes
// alike.
static_assert(std::endian::native == std::endian::little);

template <class Word>
std::uint64_t digest_of_words(std::span<const Word> words) {
  static_assert(std::has_unique_object_representations_v<Word>, "padding is never digested");
  return digest_of({reinterpret_cast<const std::uint8_t*>(words.data()), words.size_bytes()});
}

}  // namespace

bool operator==(const Snapshot& a, const Snapshot& b) {
  return a.tick_ == b.tick_ && a.columns_ == b.columns_ && std::ranges::equal(a.ids_, b.ids_) &&
         std::ranges::equal(a.values(), b.values());
}

std::size_t Snapshot::find(EntityId id) const {
  const auto found = std::lower_bound(ids_.begin(), ids_.end(), id);
  if (found == ids_.end() || *found != id) return size();
  return static_cast<std::size_t>(found - ids_.begin());
}

std::uint64_t Snapshot::digest() const {
  RunningDigest digest;
  digest.add(tick_.value);
  digest.add(digest_of_words(ids()));
  digest.add(digest_of_words(values()));
  return digest.value();
}

}  // namespace netrig
