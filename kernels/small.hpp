// float16 and bfloat16: two bytes in memory, a double in the register. They are read exactly and
// written with one rounding.
#pragma once

#include <cstdint>

#include "arithmetic.hpp"

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

inline void narrow(double y, Half& result) {
    const float rounded = round_magnitude<10, -14, 16>(y);
    const std::uint32_t normal = (__builtin_bit_cast(std::uint32_t, rounded) - (112u << 23)) >> 13;
    // As in widen, read the other way: the sum's significand is the multiple of 2^-24.
    const std::uint32_t subnormal = __builtin_bit_cast(std::uint32_t, rounded + 0.5f) & 0x07ffu;
    std::uint32_t bits = rounded < 0x1p-14f ? subnormal : normal;
    bits = y == y ? bits : 0x7e00u;
    result.bits = static_cast<std::uint16_t>(bits | sign_of(y));
}

inline void narrow(double y, Brain& result) {
    const float rounded = round_magnitude<7, -126, 128>(y);
    const std::uint32_t upper = __builtin_bit_cast(std::uint32_t, rounded) >> 16;
    const std::uint32_t bits = y == y ? upper : 0x7fc0u;
    result.bits = static_cast<std::uint16_t>(bits | sign_of(y));
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
