// What a processor has beyond the operators of GNU's vector types, for each kind of processor. The
// one place that asks which processor and which compiler it is.
//
// Every header is compiled once per instruction set into a namespace of its own, so that the linker
// never merges a function of one set with that of another. For the same reason nothing that the
// kernels call is a function of the standard library.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
// GCC 12 warns of what its own header leaves undefined on purpose.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#ifndef NONLIN_INSTRUCTION_SET
#define NONLIN_INSTRUCTION_SET baseline
#endif

#define NONLIN_INLINE [[gnu::always_inline]] inline

namespace nonlin::NONLIN_INSTRUCTION_SET {

using std::int16_t, std::int32_t, std::int64_t, std::intptr_t, std::uint16_t;

#if defined(__AVX512F__)
constexpr int register_bytes = 64;
constexpr bool has_fma = true;
#elif defined(__AVX2__) && defined(__FMA__)
constexpr int register_bytes = 32;
constexpr bool has_fma = true;
#else
constexpr int register_bytes = 16;
#if defined(__aarch64__)
constexpr bool has_fma = true;
#else
constexpr bool has_fma = false;
#endif
#endif

template <class T, int bytes = register_bytes> struct register_of_type {
    typedef T type __attribute__((vector_size(bytes)));
};
template <class T> using register_of = typename register_of_type<T>::type;
template <class T> using half_register_of = typename register_of_type<T, register_bytes / 2>::type;

// A table of 16 floats for polynomials in pieces: an index counts modulo the size. Where all
// indices are known to lie in the upper half, or in `near`, less has to be looked through:
// `entries` says how many.
struct alignas(64) Lookup {
    float entry[16];
};

struct LongLookup {
    Lookup near, far;
};

namespace native {

using Floats = register_of<float>;
using Doubles = register_of<double>;
using Indices32 = register_of<int32_t>;
using Indices64 = register_of<int64_t>;

template <class R> NONLIN_INLINE R load(const void* from) {
    R x;
    __builtin_memcpy(&x, from, sizeof x);
    return x;
}
template <class R> NONLIN_INLINE void store(void* to, R x) { __builtin_memcpy(to, &x, sizeof x); }

#if defined(__AVX512F__)

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
NONLIN_INLINE void stream(void* to, const void* from) {
    _mm512_stream_si512((__m512i*)to, _mm512_load_si512(from));
}

#elif defined(__AVX2__) && defined(__FMA__)

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
NONLIN_INLINE void stream(void* to, const void* from) {
    _mm256_stream_si256((__m256i*)to, _mm256_load_si256((const __m256i*)from));
}

#else

// min(x, bound), and x where that is NaN.
template <class R> NONLIN_INLINE R min(R bound, R x) { return x > bound ? bound : x; }
template <class R> NONLIN_INLINE R max(R bound, R x) { return x < bound ? bound : x; }

#if defined(__aarch64__)

constexpr int least_entries = 16;

NONLIN_INLINE Floats fma(Floats a, Floats b, Floats c) { return vfmaq_f32(c, a, b); }
NONLIN_INLINE Doubles fma(Doubles a, Doubles b, Doubles c) { return vfmaq_f64(c, a, b); }
NONLIN_INLINE Floats nfma(Floats a, Floats b, Floats c) { return vfmsq_f32(c, a, b); }
NONLIN_INLINE Doubles nfma(Doubles a, Doubles b, Doubles c) { return vfmsq_f64(c, a, b); }
NONLIN_INLINE Floats sqrt(Floats x) { return vsqrtq_f32(x); }
NONLIN_INLINE Doubles sqrt(Doubles x) { return vsqrtq_f64(x); }
NONLIN_INLINE unsigned lanes_of(Indices32 mask) {
    return static_cast<unsigned>(vaddvq_s32(int32x4_t(mask & Indices32{1, 2, 4, 8})));
}
NONLIN_INLINE bool any(Indices64 mask) { return vmaxvq_u32(uint32x4_t(mask)) != 0; }

NONLIN_INLINE Doubles widen_lower(Floats x) { return vcvt_f64_f32(vget_low_f32(x)); }
NONLIN_INLINE Doubles widen_upper(Floats x) { return vcvt_high_f64_f32(x); }
NONLIN_INLINE Floats narrow(Doubles lower, Doubles upper) {
    return vcvt_high_f32_f64(vcvt_f32_f64(lower), upper);
}

constexpr bool has_float16 = true;
NONLIN_INLINE Floats widen_float16(const uint16_t* from) {
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(from)));
}
NONLIN_INLINE void narrow_float16(uint16_t* to, Floats x) {
    vst1_u16(to, vreinterpret_u16_f16(vcvt_f16_f32(x)));
}

// An index of bytes that is out of range gives 0.
NONLIN_INLINE uint8x16x4_t bytes_of(const float* table) {
    return vld1q_u8_x4((const unsigned char*)table);
}
NONLIN_INLINE uint8x16_t bytes_at(Indices32 index, int size) {
    return uint8x16_t((index & (size - 1)) * 0x04040404 + 0x03020100);
}
template <int> NONLIN_INLINE Floats look_up(const Lookup& table, Indices32 index) {
    return Floats(vqtbl4q_u8(bytes_of(table.entry), bytes_at(index, 16)));
}
NONLIN_INLINE Floats look_up_32(const LongLookup& table, Indices32 index) {
    const auto bytes = bytes_at(index, 32);
    const auto lower = vqtbl4q_u8(bytes_of(table.near.entry), bytes);
    const auto upper = vqtbl4q_u8(bytes_of(table.far.entry), veorq_u8(bytes, vdupq_n_u8(64)));
    return Floats(vorrq_u8(lower, upper));
}

#else

constexpr int least_entries = 16;
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
#endif

#endif

#if defined(__x86_64__)
NONLIN_INLINE void stream(void* to, const void* from) {
    _mm_stream_si128((__m128i*)to, _mm_load_si128((const __m128i*)from));
}
#else
NONLIN_INLINE void stream(void* to, const void* from) {
    __builtin_memcpy(to, from, register_bytes);
}
#endif

#endif

NONLIN_INLINE bool any(Indices32 mask) { return lanes_of(mask) != 0; }

// Until this returns other threads need not see what was streamed.
NONLIN_INLINE void finish_streaming() {
#if defined(__x86_64__)
    _mm_sfence();
#endif
}

template <int entries> NONLIN_INLINE Floats look_up(const LongLookup& table, Indices32 index) {
    if constexpr (entries == 32) {
        return look_up_32(table, index);
    } else {
        return look_up<entries>(table.near, index);
    }
}

}  // namespace native
}  // namespace nonlin::NONLIN_INSTRUCTION_SET
