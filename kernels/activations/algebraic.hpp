// Smooth functions without an exponential: quotients and square roots.
#pragma once

#include "../compensated.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

NONLIN_INLINE float square_root(float x) { return __builtin_sqrtf(x); }
NONLIN_INLINE double square_root(double x) { return __builtin_sqrt(x); }

template <class T> constexpr T infinity() { return T(__builtin_huge_val()); }

// x / (1 + |x|), values in (-1, 1); derivative 1 / (1 + |x|)^2.
//
// 1 + |x| = d.high + d.low exactly. Its reciprocal is r + r e with r = 1 / d.high rounded and
// e = 1 - r d.high - r d.low, below one unit; what is dropped is e^2.
struct softsign {
    template <class T> NONLIN_INLINE static pair<T> reciprocal(T magnitude) {
        const pair<T> d = exact_sum(T(1), magnitude);
        const T r = 1 / d.high;
        return {r, r * (remainder(-r, d.high, T(1)) - r * d.low)};
    }
    // From 2^30 (2^60) on the quotient rounds to 1, so |x| stops there.
    template <class T> NONLIN_INLINE static T value(T x) {
        const T stops = sizeof(T) == 4 ? T(0x1p30) : T(0x1p60);
        const T magnitude = at_most(stops, absolute(x));
        const pair<T> r = reciprocal(magnitude);
        const pair<T> result = times(magnitude, r);
        return copy_sign(result.high + result.low, x);
    }
    // Beyond 2^80 (2^540) the square is less than half of the smallest number. The reciprocal is
    // scaled up by the root of that, so that the last product alone rounds into the subnormal
    // range.
    template <class T> NONLIN_INLINE static T derivative(T x) {
        const T vanishes = sizeof(T) == 4 ? T(0x1p80) : T(0x1p540);
        const T scale = sizeof(T) == 4 ? T(0x1p40) : T(0x1p270);
        const pair<T> r = reciprocal(at_most(vanishes, absolute(x)));
        const T high = r.high * scale, low = r.low * scale;
        return product_plus(high, high, 2 * high * low) * (1 / vanishes);
    }
};

// (x + sqrt(x^2 + b)) / 2, values in (0, inf) for b > 0; derivative (1 + x / sqrt(x^2 + b)) / 2.
//
// With s = sqrt(x^2 + b) and h = (s + |x|) / 2, the value right of 0 is h. Left of 0 the sum x + s
// cancels, but (x + s) (s - x) = b gives b / (4 h); and (1 - |x| / s) / 2 = b / (4 h s).
// x^2 + b = t.high + t.low has both rounding errors, s = root + (t - root^2) / (2 root). From
// |x| = 2^60 (2^500) on, where x^2 would overflow and b is lost beside it, s is |x|.
struct squareplus {
    template <class T> struct parts {
        pair<T> s, h;
    };

    template <class T> NONLIN_INLINE static parts<T> split(T x, T b) {
        const T large = sizeof(T) == 4 ? T(0x1p60) : T(0x1p500);
        const T magnitude = absolute(x), inside = at_most(large, magnitude);
        const T square = inside * inside;
        const pair<T> t = exact_sum(square, b);
        const T root = square_root(t.high);
        const T square_lost = remainder(inside, inside, -square) + t.low;
        const T left_over = remainder(-root, root, t.high) + square_lost;
        const T low = root > 0 ? left_over / (2 * root) : T(0);
        const pair<T> s = magnitude < large ? pair<T>{root, low} : pair<T>{magnitude, T(0)};
        const T half = T(0.5) * s.high, other_half = T(0.5) * magnitude, sum = half + other_half;
        return {s, {sum, (other_half - (sum - half)) + T(0.5) * s.low}};
    }

    // (a.high + a.low) / (b.high + b.low)
    template <class T> NONLIN_INLINE static pair<T> ratio(pair<T> a, pair<T> b) {
        const T first = a.high / b.high;
        const T left_over = remainder(-first, b.high, a.high) + (a.low - first * b.low);
        return {first, b.high < infinity<T>() ? left_over / b.high : T(0)};
    }

    template <class T> NONLIN_INLINE static T value(T x, T b) {
        const parts<T> p = split(x, b);
        const pair<T> left = ratio(pair<T>{T(0.25) * b, T(0)}, p.h);
        const T right = x < infinity<T>() ? p.h.high + p.h.low : x;
        return x < 0 ? left.high + left.low : right;
    }

    template <class T> NONLIN_INLINE static T derivative(T x, T b) {
        const parts<T> p = split(x, b);
        const pair<T> d = ratio(ratio(pair<T>{T(0.25) * b, T(0)}, p.h), p.s);
        const T rest = 1 - d.high, lost = (1 - rest) - d.high;
        return x < 0 ? d.high + d.low : rest + (lost - d.low);
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
