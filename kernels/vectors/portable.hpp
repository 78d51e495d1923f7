// Registers of 16 bytes, without a fused product and sum.
#pragma once

#include "registers.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::native {

// min(x, bound), and x where that is NaN.
template <class R> NONLIN_INLINE R min(R bound, R x) { return x > bound ? bound : x; }
template <class R> NONLIN_INLINE R max(R bound, R x) { return x < bound ? bound : x; }

constexpr int least_entries = 16;
constexpr bool has_widening = false;
Indices32 widen_16(const uint16_t* from);
void narrow_16(uint16_t* to, Indices32 x);
constexpr bool has_float16 = false;
Floats widen_float16(const uint16_t* from);
void narrow_float16(uint16_t* to, Floats x);

// Two roundings instead of one. The kernels use it only where that costs no accuracy that counts.
template <class R> NONLIN_INLINE R fma(R a, R b, R c) { return a * b + c; }
template <class R> NONLIN_INLINE R nfma(R a, R b, R c) { return c - a * b; }

template <int> NONLIN_INLINE Floats look_up(const Lookup& table, Indices32 index) {
    const auto entry = [&](int lane) { return table.entry[index[lane] & 15]; };
    return Floats{entry(0), entry(1), entry(2), entry(3)};
}
NONLIN_INLINE Floats look_up_32(const LongLookup& table, Indices32 index) {
    return (index & 16) != 0 ? look_up<16>(table.far, index) : look_up<16>(table.near, index);
}

#if defined(__x86_64__)

NONLIN_INLINE Floats sqrt(Floats x) { return _mm_sqrt_ps(x); }
NONLIN_INLINE Doubles sqrt(Doubles x) { return _mm_sqrt_pd(x); }
NONLIN_INLINE Doubles widen_lower(Floats x) { return _mm_cvtps_pd(x); }
NONLIN_INLINE Doubles widen_upper(Floats x) { return _mm_cvtps_pd(_mm_movehl_ps(x, x)); }
NONLIN_INLINE Floats narrow(Doubles lower, Doubles upper) {
    return _mm_movelh_ps(_mm_cvtpd_ps(lower), _mm_cvtpd_ps(upper));
}
NONLIN_INLINE unsigned lanes_of(Indices32 mask) {
    return static_cast<unsigned>(_mm_movemask_ps(__m128(mask)));
}
NONLIN_INLINE bool any(Indices64 mask) { return _mm_movemask_pd(__m128d(mask)) != 0; }
NONLIN_INLINE void stream(void* to, const void* from) {
    _mm_stream_si128((__m128i*)to, _mm_load_si128((const __m128i*)from));
}

#else

NONLIN_INLINE Floats sqrt(Floats x) {
    for (int i = 0; i < 4; ++i) x[i] = __builtin_sqrtf(x[i]);
    return x;
}
NONLIN_INLINE Doubles sqrt(Doubles x) {
    return Doubles{__builtin_sqrt(x[0]), __builtin_sqrt(x[1])};
}
NONLIN_INLINE Doubles widen_lower(Floats x) { return Doubles{x[0], x[1]}; }
NONLIN_INLINE Doubles widen_upper(Floats x) { return Doubles{x[2], x[3]}; }
NONLIN_INLINE Floats narrow(Doubles lower, Doubles upper) {
    return Floats{float(lower[0]), float(lower[1]), float(upper[0]), float(upper[1])};
}
NONLIN_INLINE unsigned lanes_of(Indices32 mask) {
    return (mask[0] & 1) | (mask[1] & 2) | (mask[2] & 4) | (mask[3] & 8);
}
NONLIN_INLINE bool any(Indices64 mask) { return (mask[0] | mask[1]) != 0; }
NONLIN_INLINE void stream(void* to, const void* from) {
    __builtin_memcpy(to, from, register_bytes);
}

#endif

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::native
