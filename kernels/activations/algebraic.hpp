// Smooth functions without an exponential: quotients and square roots.
#pragma once

#include "../arithmetic/double_double.hpp"
#include "../arithmetic/parameters.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// x / (1 + |x|), values in (-1, 1); derivative 1 / (1 + |x|)^2.
//
// 1 + |x| = d.high + d.low exactly. Its reciprocal is r + r e with r = 1 / d.high rounded and
// e = 1 - r d.high - r d.low, below one unit; what is dropped is e^2.
struct softsign {
    template <class V> NONLIN_INLINE static double_double<V> reciprocal(V magnitude) {
        const double_double<V> d = two_sum(V(1), magnitude);
        const V r = 1 / d.high;
        return {r, r * (left_over(r, d.high, V(1)) - r * d.low)};
    }
    // From 2^30 (2^60) on the quotient rounds to 1, so |x| stops there.
    template <class V> NONLIN_INLINE static V value(V x) {
        const V magnitude = min(abs(x), is_float<V> ? 0x1p30 : 0x1p60);
        return copy_sign(rounded(times(magnitude, reciprocal(magnitude))), x);
    }
    // Beyond 2^80 (2^540) the square is less than half of the smallest number. The reciprocal is
    // scaled up by the root of that, so that the last product alone rounds into the subnormal
    // range.
    template <class V> NONLIN_INLINE static V derivative(V x) {
        constexpr double vanishes = is_float<V> ? 0x1p80 : 0x1p540;
        constexpr double scale = is_float<V> ? 0x1p40 : 0x1p270;
        const double_double<V> r = reciprocal(min(abs(x), vanishes));
        const V high = r.high * scale, low = r.low * scale;
        return product_plus(high, high, 2 * high * low) * (1 / vanishes);
    }
};

// (x + sqrt(x^2 + b)) / 2, values in (0, inf) for b > 0; derivative (1 + x / sqrt(x^2 + b)) / 2.
// For b = 0 it is ReLU, for b < 0 NaN.
//
// With s = sqrt(x^2 + b) and h = (s + |x|) / 2, the value right of 0 is h. Left of 0 the sum x + s
// cancels, but (x + s) (s - x) = b gives b / (4 h); and (1 - |x| / s) / 2 = b / (4 h s).
// x^2 + b = t.high + t.low has both rounding errors, s = root + (t - root^2) / (2 root). From
// |x| = 2^60 (2^500) on, where x^2 would overflow and b is lost beside it, s is |x|.
//
// So that neither square overflows or underflows where it counts, x is divided by 2^k and b by 4^k,
// which brings b into [1, 4), and the value is multiplied by 2^k at last; where s is |x|, it is so
// without the scale. Usually b is near enough to 1 for a k of 0.
struct squareplus {
    // b, b / 4^k, 2^-k and 2^k.
    template <class V> NONLIN_INLINE static Numbers<V, 4> derive(V b) {
        using T = number_of<V>;
        using Integers = typename V::Integers;
        constexpr integer_of<T> bias = format<T>::exponent_bias;
        const Integers half = ((bits(b) >> format<T>::fraction_bits) - bias) >> 1;
        const Integers k = select((b > 0x1p-20) & (b < 0x1p20), Integers(0), half);
        const V down = V::from_bits((bias - k) << format<T>::fraction_bits);
        const V known = select(b >= 0, b, V(not_a_number<V>()));
        return {{known, known * down * down, select(b >= 0, down, known), 1 / down}};
    }

    template <class V> struct parts {
        double_double<V> s, h;
        V quarter, back;
    };

    template <class V> NONLIN_INLINE static parts<V> split(V x, V b, V scaled_b, V down, V up) {
        constexpr double large = is_float<V> ? 0x1p60 : 0x1p500;
        const V scaled = abs(x) * down, inside = min(scaled, large);
        const V square = inside * inside;
        const double_double<V> t = two_sum(square, scaled_b);
        const V root = sqrt(t.high);
        const V square_lost = product_error(inside, inside, square) + t.low;
        const V rest = left_over(root, root, t.high) + square_lost;
        const V low = select(root > 0, rest / (2 * root), V(0));
        const auto near = scaled < large;
        const V magnitude = select(near, scaled, abs(x));
        const double_double<V> s = {select(near, root, magnitude), select(near, low, V(0))};
        const V half = 0.5 * s.high, other_half = 0.5 * magnitude, sum = half + other_half;
        const double_double<V> h = {sum, (other_half - (sum - half)) + 0.5 * s.low};
        return {s, h, 0.25 * select(near, scaled_b, b), select(near, up, V(1))};
    }

    // (a.high + a.low) / (b.high + b.low)
    template <class V>
    NONLIN_INLINE static double_double<V> ratio(double_double<V> a, double_double<V> b) {
        const V first = a.high / b.high;
        const V rest = left_over(first, b.high, a.high) + (a.low - first * b.low);
        return {first, select(b.high < infinity<V>(), rest / b.high, V(0))};
    }

    template <class V> NONLIN_INLINE static V value(V x, V b, V scaled_b, V down, V up) {
        const parts<V> p = split(x, b, scaled_b, down, up);
        const double_double<V> left = ratio(double_double<V>{p.quarter, V(0)}, p.h);
        const V right = select(x < infinity<V>(), rounded(p.h) * p.back, x);
        return select(x < 0, rounded(left) * p.back, right);
    }

    template <class V> NONLIN_INLINE static V derivative(V x, V b, V scaled_b, V down, V up) {
        const parts<V> p = split(x, b, scaled_b, down, up);
        const double_double<V> d = ratio(ratio(double_double<V>{p.quarter, V(0)}, p.h), p.s);
        const V rest = 1 - d.high, lost = (1 - rest) - d.high;
        const V left = select(b == 0, V(0), rounded(d));
        return select(x <= 0, left, rest + (lost - d.low));
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
