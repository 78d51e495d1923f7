// float16 and bfloat16: two bytes in memory, a float or a double in the register.
//
// They are read exactly. A double has so many more bits that it rounds to what the exact number
// rounds to. So does a float, if it lies farther from the middle between two results than its own
// error reaches; a register holds twice as many of them. The few elements that a float leaves
// undecided are computed again in a double.
#pragma once

#include <cstdint>

#include "arithmetic.hpp"

#if defined(__F16C__)
#include <immintrin.h>
#endif

namespace nonlin::NONLIN_INSTRUCTION_SET {

struct Half {
    std::uint16_t bits;
};

struct Brain {
    std::uint16_t bits;
};

// A half has 5 exponent bits with bias 15 and 10 of significand; a float 8 with bias 127 and 23.
// Moving the significand up by 13 and adding 112 to the exponent converts every normal number. A
// subnormal is a multiple m of 2^-24: 0.5 has that unit in its last place, so 0.5 + m 2^-24 is m
// written into its significand.
inline float widen(Half h) {
    const std::uint32_t sign = (h.bits & 0x8000u) << 16;
    const std::uint32_t magnitude = h.bits & 0x7fffu;
    const float subnormal = __builtin_bit_cast(float, 0x3f000000u | magnitude) - 0.5f;
    const std::uint32_t special = magnitude >= 0x7c00u ? 112u << 23 : 0u;
    const std::uint32_t normal = (magnitude << 13) + (112u << 23) + special;
    const std::uint32_t bits =
        magnitude < 0x0400u ? __builtin_bit_cast(std::uint32_t, subnormal) : normal;
    return __builtin_bit_cast(float, bits | sign);
}

// A bfloat16 is the upper half of a float.
inline float widen(Brain b) { return __builtin_bit_cast(float, std::uint32_t{b.bits} << 16); }

// `y`'s magnitude rounded, to nearest and to even, to a format with `significand` bits behind the
// point and normal numbers from 2^`smallest` to below 2^`largest`; 2^`largest` where it overflows.
//
// The unit in the last place is 2^(e - significand) for a number of exponent e, and never less than
// that of the smallest normal. Adding 1.5 * 2^52 units brings the sum's own last place to that
// unit, so the addition rounds as the format does; taking the addend away again is exact.
template <int significand, int smallest, int largest> inline float round_magnitude(double y) {
    constexpr std::int64_t one = std::int64_t{1} << 52;
    const std::int64_t bits = __builtin_bit_cast(std::int64_t, y) & 0x7fffffffffffffff;
    const double magnitude = __builtin_bit_cast(double, bits);
    constexpr double limit = __builtin_bit_cast(double, (1023 + largest) * one);
    const double bounded = magnitude < limit ? magnitude : limit;
    const std::int64_t exponent = __builtin_bit_cast(std::int64_t, bounded) & 0x7ff0000000000000;
    constexpr std::int64_t least = (1023 + smallest) * one;
    const std::int64_t raised = (exponent > least ? exponent : least) + (52 - significand) * one;
    const double addend = __builtin_bit_cast(double, raised | (one / 2));
    return static_cast<float>((bounded + addend) - addend);
}

inline std::uint32_t sign_of(double y) {
    return static_cast<std::uint32_t>(__builtin_bit_cast(std::uint64_t, y) >> 48) & 0x8000u;
}

// Of two NaN that are multiplied a processor keeps the sign of the first, and which is the first is
// the compiler's choice: in two bytes NaN is always the same.
inline void narrow(double y, Half& result) {
    const float rounded = round_magnitude<10, -14, 16>(y);
    const std::uint32_t normal = (__builtin_bit_cast(std::uint32_t, rounded) - (112u << 23)) >> 13;
    // As in widen, read the other way: the sum's significand is the multiple of 2^-24.
    const std::uint32_t subnormal = __builtin_bit_cast(std::uint32_t, rounded + 0.5f) & 0x07ffu;
    const std::uint32_t bits = (rounded < 0x1p-14f ? subnormal : normal) | sign_of(y);
    result.bits = static_cast<std::uint16_t>(y == y ? bits : 0x7e00u);
}

inline void narrow(double y, Brain& result) {
    const float rounded = round_magnitude<7, -126, 128>(y);
    const std::uint32_t bits = __builtin_bit_cast(std::uint32_t, rounded) >> 16 | sign_of(y);
    result.bits = static_cast<std::uint16_t>(y == y ? bits : 0x7fc0u);
}

// How far, in units of the last place, a float may be from the exact number and still decide. A
// value or a derivative is off by 1 at most, its product with a gradient by 2.5.
constexpr std::uint32_t margin = 4;

// How many bits a float has more, and where the middles between results begin to lie otherwise:
// below the normal numbers of the format, if a float has more of them.
template <class S> struct Shorter;

template <> struct Shorter<Half> {
    static constexpr std::uint32_t dropped = 13, least = (127 - 14) << 23;
};

template <> struct Shorter<Brain> {
    static constexpr std::uint32_t dropped = 16, least = 0;
};

// A number's distance from the middles is in the bits that are dropped. Not decided either is what
// is below `least`, except a zero, which stands for less than any of these formats holds, and what
// is not finite.
template <class S> struct Undecided {
    static constexpr std::uint32_t least = Shorter<S>::least, finite = (255u << 23) - least,
                                   unit = 1u << Shorter<S>::dropped, first = unit / 2 - margin;

    static bool holds(float y) {
        const std::uint32_t magnitude = __builtin_bit_cast(std::uint32_t, y) & 0x7fffffffu;
        const bool near = ((magnitude - first) & (unit - 1)) <= 2 * margin;
        return near | ((magnitude - least >= finite) & (magnitude != 0));
    }
#if defined(__AVX512F__)
    static __mmask16 holds(__m512 y) {
        const auto all = [](std::uint32_t x) { return _mm512_set1_epi32(static_cast<int>(x)); };
        const __m512i magnitude = _mm512_and_si512(_mm512_castps_si512(y), all(0x7fffffffu));
        const __m512i distance =
            _mm512_and_si512(_mm512_sub_epi32(magnitude, all(first)), all(unit - 1));
        const __mmask16 outside =
            _mm512_cmpge_epu32_mask(_mm512_sub_epi32(magnitude, all(least)), all(finite));
        return _mm512_cmple_epu32_mask(distance, all(2 * margin)) |
               _mm512_mask_cmpneq_epi32_mask(outside, magnitude, all(0));
    }
#endif
};

// Rounds to nearest and to even what is decided.
inline std::uint16_t narrow_decided(float y, Half) {
    const std::uint32_t bits = __builtin_bit_cast(std::uint32_t, y);
    const std::uint32_t magnitude = bits & 0x7fffffffu, limit = (127u + 16) << 23;
    const std::uint32_t bounded = magnitude < limit ? magnitude : limit;
    const std::uint32_t rounded = bounded - (112u << 23) + 0xfffu + (bounded >> 13 & 1);
    const std::uint32_t normal = magnitude == 0 ? 0 : rounded >> 13;
    return static_cast<std::uint16_t>(normal | (bits >> 16 & 0x8000u));
}

inline std::uint16_t narrow_decided(float y, Brain) {
    const std::uint32_t bits = __builtin_bit_cast(std::uint32_t, y);
    return static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}

// Arrays whose elements lie side by side. Every kernel calls these; they are not inlined into each.

template <class S, class T>
[[gnu::noinline]] void widen_all(const S* from, T* to, std::intptr_t count) {
    for (std::intptr_t i = 0; i < count; ++i) to[i] = widen(from[i]);
}

template <class S>
[[gnu::noinline]] void narrow_all(const double* from, S* to, std::intptr_t count) {
    for (std::intptr_t i = 0; i < count; ++i) narrow(from[i], to[i]);
}

template <class S>
[[gnu::noinline]] void narrow_all(const float* from, S* to, std::intptr_t count) {
    for (std::intptr_t i = 0; i < count; ++i) to[i].bits = narrow_decided(from[i], S{});
}

// A bit for each element, 8 to a byte; `count` is a multiple of 16.
template <class S>
[[gnu::noinline]] void find_undecided(const float* y, std::uint8_t* found, std::intptr_t count) {
#if defined(__AVX512F__)
    for (std::intptr_t i = 0; i < count; i += 16) {
        const __mmask16 bits = Undecided<S>::holds(_mm512_loadu_ps(y + i));
        __builtin_memcpy(found + i / 8, &bits, sizeof bits);
    }
#else
    // A loop for the bytes, which is vectorised, and one that packs them.
    constexpr std::intptr_t part = 64;
    for (std::intptr_t first = 0; first < count; first += part) {
        std::uint8_t bytes[part];
        const std::intptr_t size = smaller(count - first, part);
        for (std::intptr_t i = 0; i < size; ++i) bytes[i] = Undecided<S>::holds(y[first + i]);
        for (std::intptr_t i = 0; i < size; i += 8) {
            std::uint64_t word;
            __builtin_memcpy(&word, bytes + i, sizeof word);
            // The k-th byte's last bit goes to the k-th place of the uppermost byte.
            found[(first + i) / 8] = static_cast<std::uint8_t>(word * 0x0102040810204080u >> 56);
        }
    }
#endif
}

// Where the processor converts by itself, it does so 8 or 16 at a time.
#if defined(__F16C__)
[[gnu::noinline]] inline void widen_all(const Half* from, float* to, std::intptr_t count) {
    std::intptr_t i = 0;
#if defined(__AVX512F__)
    for (; i + 16 <= count; i += 16) {
        const auto* const halves = reinterpret_cast<const __m256i*>(from + i);
        _mm512_storeu_ps(to + i, _mm512_maskz_cvtph_ps(0xffff, _mm256_loadu_si256(halves)));
    }
#endif
    for (; i + 8 <= count; i += 8) {
        const auto* const halves = reinterpret_cast<const __m128i*>(from + i);
        _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128(halves)));
    }
    for (; i < count; ++i) to[i] = widen(from[i]);
}

[[gnu::noinline]] inline void narrow_all(const float* from, Half* to, std::intptr_t count) {
    constexpr int nearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
    std::intptr_t i = 0;
#if defined(__AVX512F__)
    for (; i + 16 <= count; i += 16) {
        auto* const halves = reinterpret_cast<__m256i*>(to + i);
        _mm256_storeu_si256(halves,
                            _mm512_maskz_cvtps_ph(0xffff, _mm512_loadu_ps(from + i), nearest));
    }
#endif
    for (; i + 8 <= count; i += 8) {
        auto* const halves = reinterpret_cast<__m128i*>(to + i);
        _mm_storeu_si128(halves, _mm256_cvtps_ph(_mm256_loadu_ps(from + i), nearest));
    }
    for (; i < count; ++i) to[i].bits = narrow_decided(from[i], Half{});
}
#endif

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
