// The bell-shaped derivative of sigmoid and tanh.
#pragma once

#include "pieces.hpp"
#include "tables/bell.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// The largest |x| at which e^-|x| still matters (`vanishes`), where 1 + e^-x has long been 1
// (`saturates`), and the power of two that keeps e^-x and its reciprocal finite and normal in
// between.
template <class T> struct logistic_domain;

template <> struct logistic_domain<float> {
    static constexpr float vanishes = 106, saturates = 40, unit = 0x1p-64F;
    static constexpr int margin = 64;
};

template <> struct logistic_domain<double> {
    static constexpr double vanishes = 748, saturates = 40, unit = 0x1p-512;
    static constexpr int margin = 512;
};

// factor e^-y / (1 + e^-y)^2 for y >= 0: the derivative of sigmoid at +-y, a quarter of tanh's at
// +-y / 2.
//
// With t = e^-y as a sum of two terms, numerator t and denominator (1 + t)^2 each carry a
// correction, and one Newton step applies both to the quotient of the leading terms: what is left
// is the last rounding and t's own error. t is scaled up by 2^margin, so it and the quotient are
// normal numbers, and the last product alone rounds into the subnormal range.
struct bell {
    template <class V> NONLIN_INLINE static exponential<V> start(V y) {
        using domain = logistic_domain<number_of<V>>;
        return exp<domain::margin>(-min(y, domain::vanishes));
    }
    template <class V> NONLIN_INLINE static V finish(exponential<V> e, number_of<V> factor) {
        using domain = logistic_domain<number_of<V>>;
        const V scale = e.scale();
        const V part = scale * e.high, t = scale + part, t_low = (scale - t) + part;

        const V sum = fma(t, domain::unit, V(1));
        const V sum_low = fma(t_low, domain::unit, fma(t, domain::unit, 1 - sum));
        const V square = sum * sum;
        const V square_low = fma(sum + sum, sum_low, product_error(sum, sum, square));

        const V inverse = 1 / square, quotient = t * inverse;
        const V rest = left_over(quotient, square, t) + nfma(quotient, square_low, t_low);
        return fma(rest, inverse, quotient) * (factor * domain::unit);
    }
};

// The same in float: with y = n ln 2 + r, |r| <= ln 2 / 2, it is 2^-n times a polynomial in r, one
// for each n < 31; from there on (1 + e^-y)^2 is 1 to 2^-29 and the last one is e^-r
// (tools/tables.py: errors of 2^-25.7 at most, relative to the result).
//
// r is rounded twice, by 2^-26 together. A piece's constant term is exact, because its point is
// moved a little from n ln 2 by what is added to ln 2's low part. The rest is at most 0.42 of the
// result: the rounding of the polynomial beneath it weighs 0.2 ULP, its coefficient's 0.1. With the
// last rounding, 0.5, and the polynomial's error, 0.15, that is 0.95 ULP.
//
// The coefficients are scaled down by 2^80, so that 2^(80 - n) and what it multiplies are normal
// numbers, and the last product alone rounds into the subnormal range. With a steepness of 2 it is
// 4 times the same at y = 2 x, all of which is in r / 2.
constexpr Lookup times(float factor, Lookup table) {
    for (float& number : table.entry) number *= factor;
    return table;
}
constexpr LongLookup times(float factor, const LongLookup& table) {
    return {times(factor, table.near), times(factor, table.far)};
}

template <int steepness> struct bell_pieces {
    static constexpr float part = 1.0F / steepness;
    LongLookup correction = times(part, tables::bell_correction), coefficient[7];

    constexpr bell_pieces() {
        float factor = steepness * steepness;
        for (int k = 0; k <= 6; ++k, factor *= steepness)
            coefficient[k] = times(factor, tables::bell_coefficient[k]);
    }
};
template <int steepness> constexpr bell_pieces<steepness> bell_table{};

template <int steepness, class V> NONLIN_INLINE V bell_in_pieces(V x) {
    using ln2 = logarithm_of_2<float>;
    using Integers = typename V::Integers;
    constexpr int scaled = 80;
    constexpr float part = 1.0F / steepness, zero = shifter<float>(scaled);
    constexpr auto& table = bell_table<steepness>;
    return in_pieces<32>(
        abs(x), {part * 5.19F, part * 10.74F}, NONLIN_FORMULA {
            const V y = min(abs(x), part * 106);
            const V shifted = fma(y, -ln2::inverse / part, zero), minus_n = shifted - zero;
            Integers index = bits(shifted);
            const Integers last = shifter_bits<float>(scaled) - 31;
            if constexpr (entries == 32) index = select(index > last, index, last);
            const auto entry = [&](const LongLookup& one) __attribute__((always_inline)) {
                return V::template look_up<entries>(one, index);
            };
            const V r = fma(minus_n, entry(table.correction), fma(minus_n, part * ln2::high, y));
            V sum = entry(table.coefficient[6]);
            for (int k = 5; k >= 0; --k) sum = fma(sum, r, entry(table.coefficient[k]));
            return sum * power_of_two(shifted);
        });
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
