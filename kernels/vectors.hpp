// Vectors of floats, for the kernels that look numbers up.
//
// What a polynomial gains by having a set of coefficients for each piece of the axis a loop over
// scalars loses again: the compiler fetches each from memory by itself. A table of 16 numbers fits
// into a register or two, and one instruction takes from it what every element needs.
//
// GCC's and Clang's vector types have the operators of the numbers they hold; what is below is what
// those leave out, for each kind of processor.
#pragma once

#include "arithmetic.hpp"

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace nonlin::NONLIN_INSTRUCTION_SET {

// A number for each index, which counts modulo the size. Where all indices are known to lie in the
// upper half, or in `near`, less has to be looked through: `entries` says how many.
struct alignas(64) Lookup {
    float entry[16];
};

struct LongLookup {
    Lookup near, far;
};

constexpr Lookup times(float factor, Lookup table) {
    for (float& number : table.entry) number *= factor;
    return table;
}
constexpr LongLookup times(float factor, const LongLookup& table) {
    return {times(factor, table.near), times(factor, table.far)};
}

#if defined(__AVX512F__)
constexpr int vector_size = 16, least_entries = 16;
#elif defined(__AVX2__)
constexpr int vector_size = 8, least_entries = 8;
#elif defined(__aarch64__)
constexpr int vector_size = 4, least_entries = 16;
#else
constexpr int vector_size = 1, least_entries = 16;
#endif

#if defined(__AVX2__) || defined(__aarch64__)
using Floats = float __attribute__((vector_size(4 * vector_size)));
using Integers = __INT32_TYPE__ __attribute__((vector_size(4 * vector_size)));
#else
using Floats = float;
using Integers = __INT32_TYPE__;
#endif

// So many of them a loop takes at a time: their chains need nothing of each other, and the compiler
// interleaves them.
constexpr int floats_at_once = 2;

NONLIN_INLINE Integers bits_of_all(Floats x) { return __builtin_bit_cast(Integers, x); }
NONLIN_INLINE Floats floats_of(Integers bits) { return __builtin_bit_cast(Floats, bits); }

NONLIN_INLINE Floats load(const float* from) {
    Floats x;
    __builtin_memcpy(&x, from, sizeof x);
    return x;
}
NONLIN_INLINE void store(float* to, Floats x) { __builtin_memcpy(to, &x, sizeof x); }

// Past the caches (stream.hpp), a vector that does not lie across two lines.
NONLIN_INLINE void store_past_caches(float* to, Floats x) {
#if defined(__AVX512F__)
    _mm512_stream_ps(to, x);
#elif defined(__AVX2__)
    _mm256_stream_ps(to, x);
#else
    store(to, x);
#endif
}

NONLIN_INLINE Floats all(float x) { return Floats{} + x; }

constexpr __INT32_TYPE__ sign_bit = -0x7fffffff - 1;
NONLIN_INLINE Floats magnitude(Floats x) { return floats_of(bits_of_all(x) & ~sign_bit); }
// `x`, which is not negative, with the sign of another number.
NONLIN_INLINE Floats with_sign_of(Floats sign, Floats x) {
    return floats_of(bits_of_all(x) | (bits_of_all(sign) & sign_bit));
}

// min(x, bound); NaN stays NaN.
NONLIN_INLINE Floats bounded(Floats x, Floats bound) {
#if defined(__AVX512F__)
    return _mm512_maskz_min_ps(0xffff, bound, x);
#elif defined(__AVX2__)
    return _mm256_min_ps(bound, x);
#else
    return x > bound ? bound : x;
#endif
}

#if defined(__AVX512F__)

NONLIN_INLINE Floats fma(Floats a, Floats b, Floats c) { return _mm512_fmadd_ps(a, b, c); }
NONLIN_INLINE bool all_below(Floats x, float bound) {
    return _mm512_cmp_ps_mask(x, all(bound), _CMP_NLT_UQ) == 0;
}
template <int> NONLIN_INLINE Floats look_up(const Lookup& table, Integers index) {
    return _mm512_maskz_permutexvar_ps(0xffff, __m512i(index), _mm512_load_ps(table.entry));
}
NONLIN_INLINE Floats look_up_32(const LongLookup& table, Integers index) {
    return _mm512_permutex2var_ps(_mm512_load_ps(table.near.entry), __m512i(index),
                                  _mm512_load_ps(table.far.entry));
}

#elif defined(__AVX2__)

NONLIN_INLINE Floats fma(Floats a, Floats b, Floats c) { return _mm256_fmadd_ps(a, b, c); }
NONLIN_INLINE bool all_below(Floats x, float bound) {
    return _mm256_movemask_ps(_mm256_cmp_ps(x, all(bound), _CMP_NLT_UQ)) == 0;
}
NONLIN_INLINE Floats look_up_8(const float* table, Integers index) {
    return _mm256_permutevar8x32_ps(_mm256_load_ps(table), __m256i(index));
}
template <int entries> NONLIN_INLINE Floats look_up(const Lookup& table, Integers index) {
    const Floats upper = look_up_8(table.entry + 8, index);
    if constexpr (entries == 8) return upper;
    const Floats lower = look_up_8(table.entry, index);
    return _mm256_blendv_ps(lower, upper, floats_of(index << 28));
}
NONLIN_INLINE Floats look_up_32(const LongLookup& table, Integers index) {
    return _mm256_blendv_ps(look_up<16>(table.near, index), look_up<16>(table.far, index),
                            floats_of(index << 27));
}

#elif defined(__aarch64__)

NONLIN_INLINE Floats fma(Floats a, Floats b, Floats c) { return vfmaq_f32(c, a, b); }
NONLIN_INLINE bool all_below(Floats x, float bound) {
    return vminvq_u32(vcltq_f32(x, all(bound))) != 0;
}
// An index of bytes that is out of range gives 0.
NONLIN_INLINE uint8x16x4_t bytes_of(const float* table) {
    return vld1q_u8_x4(reinterpret_cast<const unsigned char*>(table));
}
NONLIN_INLINE Integers bytes_at(Integers index, int size) {
    return (index & (size - 1)) * 0x04040404 + 0x03020100;
}
template <int> NONLIN_INLINE Floats look_up(const Lookup& table, Integers index) {
    const auto bytes = __builtin_bit_cast(uint8x16_t, bytes_at(index, 16));
    return __builtin_bit_cast(Floats, vqtbl4q_u8(bytes_of(table.entry), bytes));
}
NONLIN_INLINE Floats look_up_32(const LongLookup& table, Integers index) {
    const auto bytes = __builtin_bit_cast(uint8x16_t, bytes_at(index, 32));
    const auto lower = vqtbl4q_u8(bytes_of(table.near.entry), bytes);
    const auto upper = vqtbl4q_u8(bytes_of(table.far.entry), veorq_u8(bytes, vdupq_n_u8(64)));
    return __builtin_bit_cast(Floats, vorrq_u8(lower, upper));
}

#else

NONLIN_INLINE bool all_below(Floats x, float bound) { return x < bound; }
template <int> NONLIN_INLINE Floats look_up(const Lookup& table, Integers index) {
    return table.entry[index & 15];
}
NONLIN_INLINE Floats look_up_32(const LongLookup& table, Integers index) {
    return look_up<16>((index & 16) != 0 ? table.far : table.near, index);
}

#endif

template <int entries> NONLIN_INLINE Floats look_up(const LongLookup& table, Integers index) {
    if constexpr (entries == 32) return look_up_32(table, index);
    return look_up<entries>(table.near, index);
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
