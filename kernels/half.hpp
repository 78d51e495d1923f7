// float16 in memory, double in the register: read exactly, written with one rounding.
#pragma once

#include <cstdint>

#include "arithmetic.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

struct Half {
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

// The unit in the last place of a half with exponent e is 2^(e-10), and never less than 2^-24.
// Adding 1.5 * 2^52 units brings the sum's own last place to that unit, so the addition rounds,
// to nearest and to even, as a half does; taking the addend away again is exact.
inline Half narrow(double y) {
    const std::uint64_t bits = __builtin_bit_cast(std::uint64_t, y);
    const double magnitude = __builtin_bit_cast(double, bits & 0x7fffffffffffffffu);
    const std::int64_t exponent = static_cast<std::int64_t>(bits & 0x7ff0000000000000u);
    constexpr std::int64_t smallest = std::int64_t{1023 - 14} << 52;
    const std::int64_t raised =
        (exponent > smallest ? exponent : smallest) + (std::int64_t{42} << 52);
    const double addend = __builtin_bit_cast(double, raised | 0x0008000000000000);
    const double bounded = magnitude < 65536.0 ? magnitude : 65536.0;
    const float rounded = static_cast<float>((bounded + addend) - addend);
    const std::uint32_t normal = (__builtin_bit_cast(std::uint32_t, rounded) - (112u << 23)) >> 13;
    // As in widen, read the other way: the sum's significand is the multiple of 2^-24.
    const std::uint32_t subnormal = __builtin_bit_cast(std::uint32_t, rounded + 0.5f) & 0x07ffu;
    std::uint32_t result = rounded < 0x1p-14f ? subnormal : normal;
    result = magnitude == magnitude ? result : 0x7e00u;
    const std::uint32_t sign = static_cast<std::uint32_t>(bits >> 48) & 0x8000u;
    return Half{static_cast<std::uint16_t>(result | sign)};
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
