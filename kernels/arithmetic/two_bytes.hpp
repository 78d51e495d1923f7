// The two formats of 16 bits, float16 and bfloat16: two bytes in memory, a float or a double in the
// register.
//
// They are read exactly. A double has so many more bits that it rounds to what the exact number
// rounds to. So does a float, if it lies farther from the middle between two results than its own
// error reaches; a register holds twice as many of them.
#pragma once

#include "../vectors/vector.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

using Floats = Vector<float, 1>;
using Doubles = Vector<double, 2>;
using Integers = Floats::Integers;

NONLIN_INLINE Integers load_16(const uint16_t* from) {
    // GCC 12 converts the halves apart.
    if constexpr (native::has_widening) return {native::widen_16(from)};
    half_register_of<uint16_t> bits;
    __builtin_memcpy(&bits, from, sizeof bits);
    return {__builtin_convertvector(bits, register_of<int32_t>)};
}
NONLIN_INLINE void store_16(uint16_t* to, Integers x) {
    if constexpr (native::has_widening) return native::narrow_16(to, x.part[0]);
    const auto bits = __builtin_convertvector(x.part[0], half_register_of<uint16_t>);
    __builtin_memcpy(to, &bits, sizeof bits);
}

// The two formats: how many bits of a float's significand each drops, its smallest and largest
// exponent, and its NaN. Of two NaN that are multiplied a processor keeps the sign of the first,
// and which is the first is the compiler's choice: in two bytes NaN is always the same.
//
// A float16 has 5 exponent bits with bias 15 and 10 of significand; a float 8 with bias 127 and 23.
// Moving the significand up by 13 and adding 112 to the exponent converts every normal number. A
// subnormal is a multiple m of 2^-24: 0.5 has that unit in its last place, so 0.5 + m 2^-24 is m
// written into its significand.
struct Float16 {
    uint16_t pattern;
    static constexpr int dropped = 13, smallest = -14, largest = 16, nan = 0x7e00;
    static constexpr uint16_t one = 0x3c00;

    NONLIN_INLINE static Floats widen(const uint16_t* from) {
        if constexpr (native::has_float16) {
            return {native::widen_float16(from)};
        } else {
            const Integers all = load_16(from), magnitude = all & 0x7fff;
            const Floats subnormal = Floats::from_bits(magnitude | 0x3f000000) - 0.5F;
            const Integers special = select(magnitude >= 0x7c00, Integers(112 << 23), Integers(0));
            const Integers normal = (magnitude << 13) + (112 << 23) + special;
            const Integers found = select(magnitude < 0x0400, bits(subnormal), normal);
            return Floats::from_bits(found | ((all & 0x8000) << 16));
        }
    }
    // Rounded to nearest and to even.
    NONLIN_INLINE static void narrow(uint16_t* to, Floats y) {
        if constexpr (native::has_float16) {
            native::narrow_float16(to, select(y == y, y, Floats::from_bits(0x7fc00000)).part[0]);
        } else {
            const Integers sign = (bits(y) >> 16) & 0x8000;
            const Floats size = min(abs(y), 0x1p16F);
            const Integers magnitude = bits(size);
            const Integers normal =
                (magnitude - (112 << 23) + 0xfff + ((magnitude >> 13) & 1)) >> 13;
            const Integers subnormal = bits(size + 0.5F) & 0x07ff;
            const Integers found = select(size < 0x1p-14F, subnormal, normal) | sign;
            store_16(to, select(y == y, found, Integers(nan)));
        }
    }
};

// A bfloat16 is the upper half of a float.
struct BFloat16 {
    uint16_t pattern;
    static constexpr int dropped = 16, smallest = -126, largest = 128, nan = 0x7fc0;
    static constexpr uint16_t one = 0x3f80;

    NONLIN_INLINE static Floats widen(const uint16_t* from) {
        return Floats::from_bits(load_16(from) << 16);
    }
    NONLIN_INLINE static void narrow(uint16_t* to, Floats y) {
        const Integers all = bits(y), rounded = (all + 0x7fff + ((all >> 16) & 1)) >> 16;
        store_16(to, select(y == y, rounded, Integers(nan)));
    }
};

// Writes floats, each off by less than `margin` + 1 units in its last place, as they round to 16
// bits, and says where they do so for certain: not where the dropped bits say that a float is the
// middle between two results or next to it. What is subnormal in the format, but not in float, has
// the smallest normal number added for that, whose last place is theirs. NaN, too, is left to
// others.
template <class S, int margin, class V, int... n>
NONLIN_INLINE typename V::Integers narrow_most(uint16_t* to, V y, Indices<n...>) {
    constexpr int unit = 1 << S::dropped, up = unit / 2 + margin;
    V placed = y;
    if constexpr (S::smallest > -126) {
        constexpr float least = __builtin_bit_cast(float, (127 + S::smallest) << 23);
        const V magnitude = abs(y);
        placed = select(magnitude < least, magnitude + least, y);
    }
    const typename V::Integers raised = bits(placed) + up;
    if constexpr (S::dropped == 16) {
        // Where it is decided this is as far from the middle as half a unit would be.
        (store_16(to + n * V::lanes, (raised >> 16).at(n)), ...);
    } else if constexpr (native::has_float16) {
        (native::narrow_float16(to + n * V::lanes, y.part[n]), ...);
    } else {
        (S::narrow(to + n * V::lanes, y.at(n)), ...);
    }
    return ((raised & (unit - 1)) > 2 * margin) & (y == y);
}

// Lists the elements of a mask, the first of which is the i-th, behind those that are found
// already.
template <class Mask>
[[gnu::noinline]] intptr_t lanes_listed(Mask where, intptr_t i, uint16_t* index, intptr_t found) {
    for (const auto& part : where.part) {
        for (unsigned lanes = native::lanes_of(part); lanes != 0; lanes &= lanes - 1)
            index[found++] = static_cast<uint16_t>(i + __builtin_ctz(lanes));
        i += Floats::size;
    }
    return found;
}

// A double rounded, to nearest and to even, to what S holds.
//
// The unit in the last place is 2^(e - significand) for a number of exponent e, and never less than
// that of the smallest normal. Adding 1.5 * 2^52 units brings the sum's own last place to that
// unit, so the addition rounds as the format does; taking the addend away again is exact.
template <class S> NONLIN_INLINE Floats rounded_to(Doubles y) {
    using Bits = Doubles::Integers;
    constexpr int64_t one = int64_t{1} << 52;
    constexpr int significand = 23 - S::dropped;
    constexpr double limit = __builtin_bit_cast(double, (1023 + S::largest) * one);
    const Doubles bounded = min(abs(y), limit);
    const Bits exponent = bits(bounded) & 0x7ff0000000000000;
    const Bits least = (1023 + S::smallest) * one;
    const Bits raised = select(exponent > least, exponent, least) + (52 - significand) * one;
    const Doubles addend = Doubles::from_bits(raised | (one / 2));
    const Doubles found = (bounded + addend) - addend;
    // The limit stands for infinity.
    const Doubles size = select(found >= limit, Doubles(__builtin_huge_val()), found);
    return narrow(copy_sign(select(y == y, size, y), y));
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
