// A bounded queue between two threads. When it is full, the oldest entry of the same key goes, or the oldest
// of all where that key has none; either is counted. So a flood pushes out its own words before those of
// others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

namespace netrig::transport {

template <class T, class Key = int>
class Mailbox {
 public:
  explicit Mailbox(std::size_t size_max) : size_max_(size_max) {}

  void put(T value, Key key = {}) {
    const std::lock_guard lock{mutex_};
    if (size_max_ == 0) {
      ++dropped_;
      return;
    }
    if (entries_.size() >= size_max_) drop_one(key);
    by_key_.emplace(key, next_);
    entries_.emplace(next_++, Entry{key, std::move(value)});
  }
  // Everything that waits, the oldest first.
  std::vector<T> take() {
    const std::lock_guard lock{mutex_};
    std::vector<T> taken;
    taken.reserve(entries_.size());
    for (auto& [order, entry] : entries_) taken.push_back(std::move(entry.value));
    entries_.clear();
    by_key_.clear();
    return taken;
  }
  // What waits has nobody to go to any more.
  void drop_all() {
    const std::lock_guard lock{mutex_};
    dropped_ += entries_.size();
    entries_.clear();
    by_key_.clear();
  }
  // Of what could not even be put.
  void count_dropped(std::uint64_t count = 1) {
    const std::lock_guard lock{mutex_};
    dropped_ += count;
  }
  std::uint64_t dropped() const {
    const std::lock_guard lock{mutex_};
    return dropped_;
  }

 private:
  struct Entry {
    Key key;
    T value;
  };

  void drop_one(const Key& key) {
    const auto same = by_key_.lower_bound({key, 0});
    const bool has_same = same != by_key_.end() && same->first == key;
    const auto oldest = has_same ? entries_.find(same->second) : entries_.begin();
    by_key_.erase({oldest->second.key, oldest->first});
    entries_.erase(oldest);
    ++dropped_;
  }

  const std::size_t size_max_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, Entry> entries_;          // by the order in which they came
  std::set<std::pair<Key, std::uint64_t>> by_key_;  // the same, for who is to lose one
  std::uint64_t next_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace netrig::transport
