// Registers of 64 bytes.
#pragma once

#include "registers.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::native {

constexpr int least_entries = 16;

NONLIN_INLINE Floats fma(Floats a, Floats b, Floats c) { return _mm512_fmadd_ps(a, b, c); }
NONLIN_INLINE Doubles fma(Doubles a, Doubles b, Doubles c) { return _mm512_fmadd_pd(a, b, c); }
NONLIN_INLINE Floats nfma(Floats a, Floats b, Floats c) { return _mm512_fnmadd_ps(a, b, c); }
NONLIN_INLINE Doubles nfma(Doubles a, Doubles b, Doubles c) { return _mm512_fnmadd_pd(a, b, c); }
// With a first operand that is not chosen where the second is NaN.
NONLIN_INLINE Floats min(Floats a, Floats b) { return _mm512_maskz_min_ps(0xffff, a, b); }
NONLIN_INLINE Doubles min(Doubles a, Doubles b) { return _mm512_maskz_min_pd(0xff, a, b); }
NONLIN_INLINE Floats max(Floats a, Floats b) { return _mm512_maskz_max_ps(0xffff, a, b); }
NONLIN_INLINE Doubles max(Doubles a, Doubles b) { return _mm512_maskz_max_pd(0xff, a, b); }
NONLIN_INLINE Floats sqrt(Floats x) { return _mm512_maskz_sqrt_ps(0xffff, x); }
NONLIN_INLINE Doubles sqrt(Doubles x) { return _mm512_maskz_sqrt_pd(0xff, x); }
// A bit for each lane in which a condition holds.
NONLIN_INLINE unsigned lanes_of(Indices32 mask) { return _mm512_movepi32_mask(__m512i(mask)); }
NONLIN_INLINE bool any(Indices64 mask) { return _mm512_movepi64_mask(__m512i(mask)) != 0; }

template <int> NONLIN_INLINE Floats look_up(const Lookup& table, Indices32 index) {
    return _mm512_maskz_permutexvar_ps(0xffff, __m512i(index), _mm512_load_ps(table.entry));
}
NONLIN_INLINE Floats look_up_32(const LongLookup& table, Indices32 index) {
    return _mm512_permutex2var_ps(_mm512_load_ps(table.near.entry), __m512i(index),
                                  _mm512_load_ps(table.far.entry));
}

NONLIN_INLINE Doubles widen_lower(Floats x) {
    return _mm512_maskz_cvtps_pd(0xff, _mm512_castps512_ps256(x));
}
NONLIN_INLINE Doubles widen_upper(Floats x) {
    return _mm512_maskz_cvtps_pd(0xff, _mm512_maskz_extractf32x8_ps(0xff, x, 1));
}
NONLIN_INLINE Floats narrow(Doubles lower, Doubles upper) {
    return _mm512_maskz_insertf32x8(0xffff,
                                    _mm512_zextps256_ps512(_mm512_maskz_cvtpd_ps(0xff, lower)),
                                    _mm512_maskz_cvtpd_ps(0xff, upper), 1);
}

constexpr bool has_float16 = true;
NONLIN_INLINE Floats widen_float16(const uint16_t* from) {
    return _mm512_maskz_cvtph_ps(0xffff, _mm256_loadu_si256((const __m256i*)from));
}
// Of a number that float16 holds, or to be rounded to the nearest.
NONLIN_INLINE void narrow_float16(uint16_t* to, Floats x) {
    constexpr int nearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
    _mm256_storeu_si256((__m256i*)to, _mm512_maskz_cvtps_ph(0xffff, x, nearest));
}
// Numbers of two bytes as numbers of four, and back, the lower two.
constexpr bool has_widening = true;
NONLIN_INLINE Indices32 widen_16(const uint16_t* from) {
    return Indices32(_mm512_maskz_cvtepu16_epi32(0xffff, _mm256_loadu_si256((const __m256i*)from)));
}
NONLIN_INLINE void narrow_16(uint16_t* to, Indices32 x) {
    _mm256_storeu_si256((__m256i*)to, _mm512_maskz_cvtepi32_epi16(0xffff, __m512i(x)));
}
NONLIN_INLINE void stream(void* to, const void* from) {
    _mm512_stream_si512((__m512i*)to, _mm512_load_si512(from));
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::native
