#include "netrig/core/base/random.h"

#include <bit>

#include "netrig/core/base/assert.h"

namespace netrig {
namespace {

std::uint64_t split_mix(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15u;
  std::uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
  return mixed ^ (mixed >> 31);
}

// FNV-1a: names are short and few, so speed does not matter and the constants are well known.
std::uint64_t name_hash(std::string_view name) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char letter : name) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001B3u;
  return hash;
}

}  // namespace

Random::Random(std::uint64_t seed) : seed_(seed) {
  for (std::uint64_t& word : state_) word = split_mix(seed);
}

Random Random::fork(std::string_view stream, std::uint64_t index) const {
  std::uint64_t state = seed_ ^ name_hash(stream);
  state = split_mix(state) ^ (index * 0xD1342543DE82EF95u);
  return Random{split_mix(state)};
}

std::uint64_t Random::bits() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Random::below(std::uint64_t bound) {
  NETRIG_ASSERT(bound > 0);
  // Draws in the last, incomplete multiple of `bound` are thrown away; one draw is nearly always enough.
  const std::uint64_t unusable = (0 - bound) % bound;
  std::uint64_t draw = bits();
  while (draw < unusable) draw = bits();
  return draw % bound;
}

std::int64_t Random::between(std::int64_t low, std::int64_t high) {
  NETRIG_ASSERT(low <= high);
  const std::uint64_t width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  const std::uint64_t offset = width == UINT64_MAX ? bits() : below(width + 1);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
}

bool Random::chance(std::uint32_t parts_per_million) {
  if (parts_per_million == 0) return false;
  return parts_per_million >= kPartsPerMillion || below(kPartsPerMillion) < parts_per_million;
}

}  // namespace netrig
