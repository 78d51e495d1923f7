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
template <bool scales> struct squareplus_kernel {
    template <class T> struct parts {
        pair<T> s, h;
        T quarter, back;
    };

    template <class T> NONLIN_INLINE static parts<T> split(T x, T b, T scaled_b, T down, T up) {
        const T large = sizeof(T) == 4 ? T(0x1p60) : T(0x1p500);
        const T scaled = scales ? absolute(x) * down : absolute(x), inside = at_most(large, scaled);
        const T square = inside * inside;
        const pair<T> t = exact_sum(square, scales ? scaled_b : b);
        const T root = square_root(t.high);
        const T square_lost = remainder(inside, inside, -square) + t.low;
        const T left_over = remainder(-root, root, t.high) + square_lost;
        const T low = root > 0 ? left_over / (2 * root) : T(0);
        const bool near = scaled < large;
        const T magnitude = !scales || near ? scaled : absolute(x);
        const pair<T> s = near ? pair<T>{root, low} : pair<T>{magnitude, T(0)};
        const T half = T(0.5) * s.high, other_half = T(0.5) * magnitude, sum = half + other_half;
        const pair<T> h = {sum, (other_half - (sum - half)) + T(0.5) * s.low};
        return {s, h, T(0.25) * (scales && near ? scaled_b : b), scales && near ? up : T(1)};
    }

    // (a.high + a.low) / (b.high + b.low)
    template <class T> NONLIN_INLINE static pair<T> ratio(pair<T> a, pair<T> b) {
        const T first = a.high / b.high;
        const T left_over = remainder(-first, b.high, a.high) + (a.low - first * b.low);
        return {first, b.high < infinity<T>() ? left_over / b.high : T(0)};
    }

    template <class T> NONLIN_INLINE static T value(T x, T b, T scaled_b, T down, T up) {
        const parts<T> p = split(x, b, scaled_b, down, up);
        const pair<T> left = ratio(pair<T>{p.quarter, T(0)}, p.h);
        const T right = x < infinity<T>() ? (p.h.high + p.h.low) * p.back : x;
        return x < 0 ? (left.high + left.low) * p.back : right;
    }

    template <class T> NONLIN_INLINE static T derivative(T x, T b, T scaled_b, T down, T up) {
        const parts<T> p = split(x, b, scaled_b, down, up);
        const pair<T> d = ratio(ratio(pair<T>{p.quarter, T(0)}, p.h), p.s);
        const T rest = 1 - d.high, lost = (1 - rest) - d.high;
        const T left = scales && b == 0 ? T(0) : d.high + d.low;
        const bool is_left = scales ? x <= 0 : x < 0;
        return is_left ? left : rest + (lost - d.low);
    }
};

struct squareplus : squareplus_kernel<true> {
    using usual = squareplus_kernel<false>;
    static constexpr int derived = 4;

    // b, b / 4^k, 2^-k and 2^k.
    template <class T> NONLIN_INLINE static Numbers<T, derived> derive(T b) {
        constexpr bits_of<T> bias = format<T>::exponent_bias;
        const bits_of<T> half = ((to_bits(b) >> format<T>::fraction_bits) - bias) >> 1;
        const bits_of<T> k = (b > T(0x1p-20)) & (b < T(0x1p20)) ? 0 : half;
        const T down = from_bits<T>((bias - k) << format<T>::fraction_bits);
        const T known = b >= 0 ? b : not_a_number<T>();
        return {{known, known * down * down, b >= 0 ? down : known, 1 / down}};
    }
    template <class T> NONLIN_INLINE static bool is_usual(const Numbers<T, derived>& given) {
        return given.number[2] == 1;
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
