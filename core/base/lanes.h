// 128 bits, worked on as two 64-bit words or as two IEEE doubles: what a decoder that runs for every entity,
// client and tick is made of. With SSE2, which every x86-64 has, one instruction each; elsewhere the same
// bits in portable C++.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "netrig/core/base/bytes.h"

#if defined(__SSE2__) || defined(_M_X64)
#define NETRIG_SSE2
#include <emmintrin.h>
#endif

namespace netrig {
namespace portable {

class Lanes {
 public:
  Lanes() = default;
  Lanes(std::uint64_t low, std::uint64_t high) : low_(low), high_(high) {}
  static Lanes of(double value) {
    return {std::bit_cast<std::uint64_t>(value), std::bit_cast<std::uint64_t>(value)};
  }
  // Sixteen bytes of anything; two doubles of this machine's.
  static Lanes load(const std::uint8_t* from) {
    return {load_little_endian<std::uint64_t>(from), load_little_endian<std::uint64_t>(from + 8)};
  }

  friend Lanes operator&(Lanes a, Lanes b) { return {a.low_ & b.low_, a.high_ & b.high_}; }
  friend Lanes operator|(Lanes a, Lanes b) { return {a.low_ | b.low_, a.high_ | b.high_}; }
  friend Lanes operator^(Lanes a, Lanes b) { return {a.low_ ^ b.low_, a.high_ ^ b.high_}; }
  bool is_zero() const { return (low_ | high_) == 0; }

  // As doubles.
  friend Lanes plus(Lanes a, Lanes b) {
    return each(a, b, [](double x, double y) { return x + y; });
  }
  friend Lanes minus(Lanes a, Lanes b) {
    return each(a, b, [](double x, double y) { return x - y; });
  }
  friend Lanes times(Lanes a, Lanes b) {
    return each(a, b, [](double x, double y) { return x * y; });
  }
  friend Lanes over(Lanes a, Lanes b) {
    return each(a, b, [](double x, double y) { return x / y; });
  }
  // All bits of a lane where a >= b does not hold, as with NaN; none where it does.
  friend Lanes is_not_at_least(Lanes a, Lanes b) {
    return {!(as_double(a.low_) >= as_double(b.low_)) ? ~std::uint64_t{0} : 0,
            !(as_double(a.high_) >= as_double(b.high_)) ? ~std::uint64_t{0} : 0};
  }

  void store(std::uint8_t* to) const {  // sixteen bytes, as load() takes them
    store_little_endian(to, low_);
    store_little_endian(to + 8, high_);
  }
  // The low 32 bits of each lane, side by side.
  void store_low_halves(std::int32_t* to) const {
    to[0] = static_cast<std::int32_t>(static_cast<std::uint32_t>(low_));
    to[1] = static_cast<std::int32_t>(static_cast<std::uint32_t>(high_));
  }

 private:
  static double as_double(std::uint64_t bits) { return std::bit_cast<double>(bits); }
  template <class Operation>
  static Lanes each(Lanes a, Lanes b, Operation operation) {
    return {std::bit_cast<std::uint64_t>(operation(as_double(a.low_), as_double(b.low_))),
            std::bit_cast<std::uint64_t>(operation(as_double(a.high_), as_double(b.high_)))};
  }

  std::uint64_t low_ = 0;
  std::uint64_t high_ = 0;
};

}  // namespace portable

#ifdef NETRIG_SSE2
namespace sse2 {

class Lanes {
 public:
  Lanes() : bits_(_mm_setzero_si128()) {}
  Lanes(std::uint64_t low, std::uint64_t high)
      : bits_(_mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low))) {}
  static Lanes of(double value) { return Lanes{_mm_set1_pd(value)}; }
  static Lanes load(const std::uint8_t* from) {
    return Lanes{_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))};
  }

  friend Lanes operator&(Lanes a, Lanes b) { return Lanes{_mm_and_si128(a.bits_, b.bits_)}; }
  friend Lanes operator|(Lanes a, Lanes b) { return Lanes{_mm_or_si128(a.bits_, b.bits_)}; }
  friend Lanes operator^(Lanes a, Lanes b) { return Lanes{_mm_xor_si128(a.bits_, b.bits_)}; }
  bool is_zero() const { return _mm_movemask_epi8(_mm_cmpeq_epi8(bits_, _mm_setzero_si128())) == 0xFFFF; }

  friend Lanes plus(Lanes a, Lanes b) { return Lanes{_mm_add_pd(a.doubles(), b.doubles())}; }
  friend Lanes minus(Lanes a, Lanes b) { return Lanes{_mm_sub_pd(a.doubles(), b.doubles())}; }
  friend Lanes times(Lanes a, Lanes b) { return Lanes{_mm_mul_pd(a.doubles(), b.doubles())}; }
  friend Lanes over(Lanes a, Lanes b) { return Lanes{_mm_div_pd(a.doubles(), b.doubles())}; }
  friend Lanes is_not_at_least(Lanes a, Lanes b) { return Lanes{_mm_cmpnge_pd(a.doubles(), b.doubles())}; }

  void store(std::uint8_t* to) const { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bits_); }
  void store_low_halves(std::int32_t* to) const {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_shuffle_epi32(bits_, _MM_SHUFFLE(3, 3, 2, 0)));
  }

 private:
  explicit Lanes(__m128i bits) : bits_(bits) {}
  explicit Lanes(__m128d doubles) : bits_(_mm_castpd_si128(doubles)) {}
  __m128d doubles() const { return _mm_castsi128_pd(bits_); }

  __m128i bits_;
};

}  // namespace sse2
using sse2::Lanes;
#else
using portable::Lanes;
#endif

}  // namespace netrig
