// SiLU, GELU and softplus in float, where speed counts most. All of them are functions with
// f(x) - f(-x) = x, and so follow from what they are left of 0, a tail; f'(x) + f'(-x) = 1.
#pragma once

#include "../elementary.hpp"
#include "pieces.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

#if NONLIN_HAS_FMA

// scale (high + low), |low| at most a third of |high|, with a scale of 2^(80 - n): all are normal
// numbers up to the last product, which takes the 2^80 away and alone rounds into the subnormal
// range.
constexpr int tail_scaled = 80;
constexpr float tail_unit = 0x1p-80F;

struct float_tail {
    Floats scale, high, low;
};

// y >= 0 as n ln 2 + r, for the function whose pieces these are: each has its polynomial in r, the
// last one is for n >= 31. r is rounded twice, by 2^-26 together.
template <int entries> struct octave {
    Floats shifted, r;
    Integers index;

    NONLIN_INLINE octave(Floats y, const LongLookup& correction) {
        using ln2 = logarithm_of_2<float>;
        shifted = fma(y, all(-ln2::inverse), all(shifter<float>(tail_scaled)));
        index = bits_of_all(shifted);
        if constexpr (entries == 32) index = is_last() ? bits_for(31) : index;
        const Floats minus_n = shifted - shifter<float>(tail_scaled);
        r = fma(minus_n, entry(correction), fma(minus_n, all(ln2::high), y));
    }

    NONLIN_INLINE static Integers bits_for(int n) {
        return Integers{} + (to_bits(shifter<float>(tail_scaled)) - n);
    }
    NONLIN_INLINE auto is_last() const { return bits_of_all(shifted) <= bits_for(31); }
    NONLIN_INLINE Floats scale() const {
        return floats_of(bits_of_all(shifted) << format<float>::fraction_bits);
    }
    NONLIN_INLINE Floats entry(const LongLookup& table) const {
        return look_up<entries>(table, index);
    }
};

// Whether so many of their pieces are enough.
template <int entries> NONLIN_INLINE bool within_octaves(Floats x) {
    return all_below(magnitude(x), entries == 8 ? 5.19F : 10.74F);
}

// Right of 0 x + tail, left of it the tail alone, rounded once.
NONLIN_INLINE Floats beside(float_tail tail, Floats x, float ends) {
    const Floats line = x > 0 ? x * (1 / tail_unit) : Floats{}, part = tail.scale * tail.high;
    const Floats larger = line > part ? line : part, less = line > part ? part : line;
    const Floats sum = larger + less, lost = less - (sum - larger);
    const Floats result = (sum + fma(tail.scale, tail.low, lost)) * tail_unit;
    return x > ends ? x : result;
}

// 1 - tail right of 0, the tail itself left of it. At most a half, it is rounded before: 0.25 ULP.
NONLIN_INLINE Floats complement(Floats scale, Floats tail, Floats x) {
    const Floats base = x > 0 ? all(1 / tail_unit) : Floats{}, sign = x > 0 ? -tail : tail;
    return fma(scale, sign, base) * tail_unit;
}

// ln(1 + e^x): ln(1 + e^-y), y = |x|, is a polynomial for each octave of e^-y (tools/pieces.py:
// errors of 2^-28 at most, relative to the result).
//
// The constant term is exact, because a piece's point is moved a little from n ln 2 by what is
// added to ln 2's low part. The rest is at most 0.42 of the sum: the roundings beneath it weigh 0.2
// ULP, its coefficient's 0.1. What the sum's own rounding loses is kept, so that the result rounds
// once, 0.5. `ends` is where x hides the rest.
struct float_softplus {
    static constexpr int entries = 32;
    static constexpr float vanishes = 106, ends = 20;

    template <int entries> NONLIN_INLINE static bool within(Floats x) {
        return within_octaves<entries>(x);
    }
    template <int entries> NONLIN_INLINE static Floats of(Floats x) {
        const octave<entries> y(bounded(magnitude(x), all(vanishes)), softplus_correction);
        Floats sum = y.entry(softplus_coefficient[6]);
        for (int k = 5; k >= 1; --k) sum = fma(sum, y.r, y.entry(softplus_coefficient[k]));
        const Floats constant = y.entry(softplus_coefficient[0]), high = fma(sum, y.r, constant);
        return beside({y.scale(), high, fma(sum, y.r, constant - high)}, x, ends);
    }
};

// -ln(1 + e^-x).
struct float_log_sigmoid {
    static constexpr int entries = float_softplus::entries;

    template <int entries> NONLIN_INLINE static bool within(Floats x) {
        return within_octaves<entries>(x);
    }
    template <int entries> NONLIN_INLINE static Floats of(Floats x) {
        return -float_softplus::of<entries>(-x);
    }
};

// A polynomial as a sum of two terms, given what its first two coefficients leave out; that is 0
// but in the piece that has a zero. There `constant` is 0.
struct float_sum {
    Floats high, low;

    // constant + z (slope + z rest)
    NONLIN_INLINE float_sum(Floats constant, Floats slope, Floats rest, Floats z, Floats left_out) {
        const Floats sum = fma(rest, z, slope), sum_low = fma(rest, z, slope - sum);
        const Floats part = sum * z, lost = fma(sum, z, -part);
        high = constant + part;
        low = (part - (high - constant)) + fma(sum_low, z, left_out + lost);
    }
};

// The derivative of x / (1 + e^-x): s (1 - y (1 - s)), s = e^-y / (1 + e^-y), is a polynomial for
// each octave of e^-y (tools/pieces.py: errors of 2^-26.6 at most, relative to the result). Where
// s is e^-y it is (1 - y) e^-y; y is larger than 2 there, and 1 - y exact.
//
// In the piece with the zero r is exact next to it, because the piece's point is a float, and the
// polynomial's first two coefficients have a low part.
struct float_silu_derivative {
    static constexpr int entries = 32;
    static constexpr float vanishes = 112;

    NONLIN_INLINE static bool suits(float, float beta) { return beta == 1; }
    template <int entries> NONLIN_INLINE static bool within(Floats x, Floats) {
        return within_octaves<entries>(x);
    }
    template <int entries> NONLIN_INLINE static Floats of(Floats x, Floats) {
        const Floats near = bounded(magnitude(x), all(vanishes));
        const octave<entries> y(near, silu_slope_correction);
        Floats rest = y.entry(silu_slope_coefficient[7]);
        for (int k = 6; k >= 2; --k) rest = fma(rest, y.r, y.entry(silu_slope_coefficient[k]));
        const Floats left_out = fma(y.r, y.entry(silu_slope_low[1]), y.entry(silu_slope_low[0]));
        const float_sum sum(y.entry(silu_slope_coefficient[0]), y.entry(silu_slope_coefficient[1]),
                            rest, y.r, left_out);
        Floats tail = sum.high + sum.low;
        if constexpr (entries == 32) {
            const Floats factor = y.is_last() ? 1 - near : all(1);
            tail = fma(factor, sum.high, factor * sum.low);
        }
        return complement(y.scale(), tail, x);
    }
};

// e^(-y^2 / 2) for y >= 0, and the quarter of octaves in which 1 + 13/16 y lies.
//
// -y^2 / 2 = r - n ln 2, where the square and r are sums of two terms, and so is e^r - 1.
struct float_normal {
    // Where y phi(y) vanishes.
    static constexpr float vanishes = 14.9F;
    Floats scale, power, power_low;
    Integers index;

    NONLIN_INLINE explicit float_normal(Floats y) {
        using ln2 = logarithm_of_2<float>;
        constexpr float zero = shifter<float>(tail_scaled);
        const Floats minus_half = y * -0.5F, square = minus_half * y;
        const Floats square_low = fma(minus_half, y, -square);
        const Floats shifted = fma(square, all(ln2::inverse), all(zero)), minus_n = shifted - zero;
        const Floats reduced = fma(minus_n, all(-ln2::high), square);
        const Floats correction = fma(minus_n, all(-ln2::low), square_low);
        const Floats r = reduced + correction;
        Floats rest = all(power_coefficient[6]);
        for (int k = 5; k >= 2; --k)
            rest = fma(rest, r, all(k % 2 == 0 ? power_coefficient[k] : -power_coefficient[k]));
        const Floats small = fma(rest, r * r, correction);
        power = reduced + small;
        power_low = small - (power - reduced);
        scale = floats_of(bits_of_all(shifted) << format<float>::fraction_bits);
        index =
            bits_of_all(fma(y, all(13.0F / 32), all(0.5F))) >> (format<float>::fraction_bits - 2);
    }

    // The first 8 pieces end here.
    NONLIN_INLINE static bool within(Floats x) { return all_below(magnitude(x), 3.69F); }

    // Times high + low.
    NONLIN_INLINE float_tail times(Floats high, Floats low) const {
        const Floats part = power * high, lost = fma(power, high, -part);
        const Floats sum = high + part, sum_low = part - (sum - high);
        const Floats rest = fma(power, low, low) + fma(power_low, high, lost);
        return {scale, sum, sum_low + rest};
    }
};

// x Phi(x): Phi(-y) is e^(-y^2 / 2) times a polynomial in each quarter (tools/pieces.py: errors of
// 2^-27.2 at most, relative to the result), whose constant term is exact because its point is one
// at which the function is nearly a float. The rest of it is at most a fifth: the roundings in it
// weigh 0.2 ULP.
struct float_gelu {
    static constexpr int entries = 16;
    // From here on x hides the rest.
    static constexpr float ends = 6.5F;

    template <int> NONLIN_INLINE static bool within(Floats x) { return float_normal::within(x); }

    template <int entries> NONLIN_INLINE static Floats of(Floats x) {
        const Floats y = bounded(magnitude(x), all(float_normal::vanishes));
        const float_normal normal(y);
        const auto entry = [&](const Lookup& table) {
            return look_up<entries>(table, normal.index);
        };
        const Floats z = y - entry(normal_tail_centre);
        Floats sum = entry(normal_tail_coefficient[6]);
        for (int k = 5; k >= 1; --k) sum = fma(sum, z, entry(normal_tail_coefficient[k]));
        const Floats constant = entry(normal_tail_coefficient[0]), high = fma(sum, z, constant);
        return gated_by(normal.times(high, fma(sum, z, constant - high)), x, y);
    }

    // x - y tail right of 0, -y tail left of it, rounded once. Right of 0 y tail is at most half of
    // x, so of the difference nothing is lost that is not kept.
    NONLIN_INLINE static Floats gated_by(float_tail tail, Floats x, Floats y) {
        const Floats factor = y * tail.scale, line = x > 0 ? x * (1 / tail_unit) : Floats{};
        const Floats main = fma(-factor, tail.high, line);
        const Floats lost = fma(-factor, tail.high, line - main);
        const Floats result = (main + fma(-factor, tail.low, lost)) * tail_unit;
        return x > ends ? x : with_sign_of(x, result);
    }
};

// Phi(x) + x phi(x): Phi(-y) - y phi(y) in the same way, errors of 2^-28.4 at most.
struct float_gelu_derivative {
    static constexpr int entries = 16;

    template <int> NONLIN_INLINE static bool within(Floats x) { return float_normal::within(x); }

    template <int entries> NONLIN_INLINE static Floats of(Floats x) {
        const Floats y = bounded(magnitude(x), all(float_normal::vanishes));
        const float_normal normal(y);
        const auto entry = [&](const Lookup& table) {
            return look_up<entries>(table, normal.index);
        };
        const Floats z = y - entry(gelu_slope_centre);
        Floats rest = entry(gelu_slope_coefficient[6]);
        for (int k = 5; k >= 2; --k) rest = fma(rest, z, entry(gelu_slope_coefficient[k]));
        const Floats left_out = fma(z, entry(gelu_slope_low[1]), entry(gelu_slope_low[0]));
        const float_sum sum(entry(gelu_slope_coefficient[0]), entry(gelu_slope_coefficient[1]),
                            rest, z, left_out);
        const float_tail tail = normal.times(sum.high, sum.low);
        return complement(tail.scale, tail.high + tail.low, x);
    }
};

#endif

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
