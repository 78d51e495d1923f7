// SiLU, GELU and softplus in float: all of them are functions with f(x) - f(-x) = x, and so follow
// from what they are left of 0, a tail; f'(x) + f'(-x) = 1. A tail is a polynomial in each octave
// of an exponential.
#pragma once

#include "pieces.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// scale (high + low), with a scale of 2^(80 - n): all are normal numbers up to the last product,
// which takes the 2^80 away and alone rounds into the subnormal range.
constexpr int tail_scaled = 80;
constexpr float tail_unit = 0x1p-80F;

template <class V> struct scaled_tail {
    V scale, high, low;
};

// y >= 0 as n ln 2 + r, for the function whose pieces these are: each has its polynomial in r, the
// last one is for n >= 31. r is rounded once, by 2^-26.
template <int entries, class V> struct octave {
    using Integers = typename V::Integers;
    V shifted, minus_n, reduced, r;
    Integers index;

    NONLIN_INLINE octave(V y, const LongLookup& correction) : octave(y) {
        r = fma(minus_n, entry(correction), reduced);
    }
    // For y + y_low.
    NONLIN_INLINE octave(V y, V y_low, const LongLookup& correction) : octave(y) {
        r = reduced + fma(minus_n, entry(correction), y_low);
    }

    // What is missing in r then.
    NONLIN_INLINE V lost(V y_low, const LongLookup& correction) const {
        return fma(minus_n, entry(correction), y_low) - (r - reduced);
    }

    // A polynomial whose constant term is exact, because a piece's point is moved a little from
    // n ln 2 by what is added to ln 2's low part. The rest is at most 0.42 of the sum: the
    // roundings beneath it weigh 0.2 ULP, its coefficient's 0.1. What the sum's own rounding loses
    // is kept.
    NONLIN_INLINE scaled_tail<V> sum(const LongLookup (&coefficient)[7]) const {
        V rest = entry(coefficient[6]);
        for (int k = 5; k >= 1; --k) rest = fma(rest, r, entry(coefficient[k]));
        const V constant = entry(coefficient[0]), high = fma(rest, r, constant);
        return {scale(), high, fma(rest, r, constant - high)};
    }

    NONLIN_INLINE Integers is_last() const { return bits(shifted) <= last_bits(); }
    NONLIN_INLINE V scale() const { return power_of_two(shifted); }
    NONLIN_INLINE V entry(const LongLookup& table) const {
        return V::template look_up<entries>(table, index);
    }

 private:
    NONLIN_INLINE static Integers last_bits() {
        return Integers(shifter_bits<float>(tail_scaled) - 31);
    }
    NONLIN_INLINE explicit octave(V y) {
        using ln2 = logarithm_of_2<float>;
        shifted = fma(y, -ln2::inverse, shifter<float>(tail_scaled));
        index = bits(shifted);
        if constexpr (entries == 32) index = select(is_last(), last_bits(), index);
        minus_n = shifted - shifter<float>(tail_scaled);
        reduced = fma(minus_n, ln2::high, y);
    }
};

// Up to where 8 and 16 of their pieces are enough.
constexpr float octave_limits[2] = {5.19F, 10.74F};

// Right of 0 x + tail, left of it the tail alone, rounded once. From `ends` on x hides it.
template <class V> NONLIN_INLINE V beside(scaled_tail<V> tail, V x, float ends) {
    const V line = select(x > 0, x * (1 / tail_unit), V(0)), part = tail.scale * tail.high;
    const auto is_right = line > part;
    const V larger = select(is_right, line, part), less = select(is_right, part, line);
    const V sum = larger + less, lost = less - (sum - larger);
    const V result = (sum + fma(tail.scale, tail.low, lost)) * tail_unit;
    return select(x > ends, x, result);
}

// x - y tail, y = |x|, right of 0, -y tail left of it, rounded once. Right of 0 y tail is at most
// half of x, so of the difference nothing is lost that is not kept.
template <class V> NONLIN_INLINE V gated_by(scaled_tail<V> tail, V x, V y, float ends) {
    const V factor = y * tail.scale, line = select(x > 0, x * (1 / tail_unit), V(0));
    const V main = nfma(factor, tail.high, line);
    const V lost = nfma(factor, tail.high, line - main);
    const V result = (main + nfma(factor, tail.low, lost)) * tail_unit;
    return select(x > ends, x, with_sign(result, x));
}

// 1 - tail right of 0, the tail itself left of it. At most a half, it is rounded before: 0.25 ULP.
template <class V> NONLIN_INLINE V complement(V scale, V tail, V x) {
    const auto right = x > 0;
    const V base = select(right, V(1 / tail_unit), V(0));
    return fma(scale, select(right, -tail, tail), base) * tail_unit;
}

// A polynomial as a sum of two terms, given what its first two coefficients leave out. Around a
// zero `constant` is 0. `steepness` is about its derivative.
template <class V> struct polynomial_sum {
    V high, low, steepness;

    // constant + z (slope + z rest)
    NONLIN_INLINE polynomial_sum(V constant, V slope, V rest, V z, V left_out) {
        const V sum = fma(rest, z, slope), sum_low = fma(rest, z, slope - sum);
        const V part = sum * z, lost = fma(sum, z, -part);
        high = constant + part;
        low = (part - (high - constant)) + fma(sum_low, z, left_out + lost);
        steepness = fma(rest, z, sum);
    }
};

// s (1 - g (1 - s)), s = e^-w / (1 + e^-w), g a function of w: the derivative of x sigmoid(w) left
// of 0, if g is x w'(x). It is a polynomial for each octave of e^-w, and where s is e^-w, (1 - g)
// e^-w (tools/tables.py: errors of 2^-26.6 at most, relative to the result).
//
// In the piece with the zero r is exact next to it, because the piece's point is a float, and the
// polynomial's first two coefficients have a low part.
template <int entries, class V>
NONLIN_INLINE polynomial_sum<V> gate_slope(const octave<entries, V>& w,
                                           const LongLookup (&coefficient)[8],
                                           const LongLookup (&low)[2]) {
    V rest = w.entry(coefficient[7]);
    for (int k = 6; k >= 2; --k) rest = fma(rest, w.r, w.entry(coefficient[k]));
    const V left_out = fma(w.r, w.entry(low[1]), w.entry(low[0]));
    return {w.entry(coefficient[0]), w.entry(coefficient[1]), rest, w.r, left_out};
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
