// Registers of 32 bytes.
#pragma once

#include "registers.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::native {

constexpr int least_entries = 8;

NONLIN_INLINE Floats fma(Floats a, Floats b, Floats c) { return _mm256_fmadd_ps(a, b, c); }
NONLIN_INLINE Doubles fma(Doubles a, Doubles b, Doubles c) { return _mm256_fmadd_pd(a, b, c); }
NONLIN_INLINE Floats nfma(Floats a, Floats b, Floats c) { return _mm256_fnmadd_ps(a, b, c); }
NONLIN_INLINE Doubles nfma(Doubles a, Doubles b, Doubles c) { return _mm256_fnmadd_pd(a, b, c); }
NONLIN_INLINE Floats min(Floats a, Floats b) { return _mm256_min_ps(a, b); }
NONLIN_INLINE Doubles min(Doubles a, Doubles b) { return _mm256_min_pd(a, b); }
NONLIN_INLINE Floats max(Floats a, Floats b) { return _mm256_max_ps(a, b); }
NONLIN_INLINE Doubles max(Doubles a, Doubles b) { return _mm256_max_pd(a, b); }
NONLIN_INLINE Floats sqrt(Floats x) { return _mm256_sqrt_ps(x); }
NONLIN_INLINE Doubles sqrt(Doubles x) { return _mm256_sqrt_pd(x); }
NONLIN_INLINE unsigned lanes_of(Indices32 mask) {
    return static_cast<unsigned>(_mm256_movemask_ps(__m256(mask)));
}
NONLIN_INLINE bool any(Indices64 mask) { return _mm256_movemask_pd(__m256d(mask)) != 0; }

NONLIN_INLINE Floats look_up_8(const float* table, Indices32 index) {
    return _mm256_permutevar8x32_ps(_mm256_load_ps(table), __m256i(index));
}
template <int entries> NONLIN_INLINE Floats look_up(const Lookup& table, Indices32 index) {
    const Floats upper = look_up_8(table.entry + 8, index);
    if constexpr (entries == 8) return upper;
    const Floats lower = look_up_8(table.entry, index);
    return _mm256_blendv_ps(lower, upper, __m256(index << 28));
}
NONLIN_INLINE Floats look_up_32(const LongLookup& table, Indices32 index) {
    return _mm256_blendv_ps(look_up<16>(table.near, index), look_up<16>(table.far, index),
                            __m256(index << 27));
}

NONLIN_INLINE Doubles widen_lower(Floats x) { return _mm256_cvtps_pd(_mm256_castps256_ps128(x)); }
NONLIN_INLINE Doubles widen_upper(Floats x) { return _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1)); }
NONLIN_INLINE Floats narrow(Doubles lower, Doubles upper) {
    return _mm256_set_m128(_mm256_cvtpd_ps(upper), _mm256_cvtpd_ps(lower));
}

constexpr bool has_float16 = true;
NONLIN_INLINE Floats widen_float16(const uint16_t* from) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i*)from));
}
NONLIN_INLINE void narrow_float16(uint16_t* to, Floats x) {
    constexpr int nearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
    _mm_storeu_si128((__m128i*)to, _mm256_cvtps_ph(x, nearest));
}
constexpr bool has_widening = true;
NONLIN_INLINE Indices32 widen_16(const uint16_t* from) {
    return Indices32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i*)from)));
}
NONLIN_INLINE void narrow_16(uint16_t* to, Indices32 x) {
    const __m256i lower = __m256i(x & 0xffff);
    _mm_storeu_si128((__m128i*)to, _mm_packus_epi32(_mm256_castsi256_si128(lower),
                                                    _mm256_extracti128_si256(lower, 1)));
}
NONLIN_INLINE void stream(void* to, const void* from) {
    _mm256_stream_si256((__m256i*)to, _mm256_load_si256((const __m256i*)from));
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::native
