// xIELU (Huang, Schlag 2024).
#pragma once

#include "../arithmetic/fixed_point.hpp"
#include "exponential.hpp"
#include "gate.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// e^x - 1 - x for -1500 < x <= 0 as 2^n (1 + r + curve) - 1 - x, and what it is built from. The
// first terms of the Taylor series of `curve`, e^r - 1 - r, are carried: what is summed in V is
// below 2^-36 of the whole.
template <class Number, class V> struct falling {
    static constexpr double unit = 0x1p-512;
    V scaled, x;
    Number r, curve;

    NONLIN_INLINE explicit falling(V x) : x(x) {
        using ln2 = logarithm_of_2<double>;
        using number = carried<Number>;
        const V shifted = fma(x, ln2::inverse, shifter<double>(512));
        const V n = shifted - shifter<double>(512);
        scaled = power_of_two(shifted);
        r = number::sum(nfma(n, ln2::high, x), n * -ln2::low);
        const V rest = horner(rounded(r), 0x1.27e4fb7789f5cp-22, 0x1.ae64567f544e4p-26,
                              0x1.1eed8eff8d898p-29, 0x1.6124613a86d09p-33, 0x1.93974a8c07c9dp-37,
                              0x1.ae7f3e733b81fp-41, 0x1.ae7f3e733b81fp-45, 0x1.952c77030ad4ap-49,
                              0x1.6827863b97d97p-53, 0x1.2f49b46814157p-57, 0x1.e542ba4020225p-62);
        Number sum = number::from(V(0x1.71de3a556c734p-19), V(-0x1.c154f8ddc6c00p-73)) + r * rest;
        sum = number::from(V(0x1.a01a01a01a01ap-16), V(0x1.a01a01a01a01ap-76)) + r * sum;
        sum = number::from(V(0x1.a01a01a01a01ap-13), V(0x1.a01a01a01a01ap-73)) + r * sum;
        sum = number::from(V(0x1.6c16c16c16c17p-10), V(-0x1.f49f49f49f49fp-65)) + r * sum;
        sum = number::from(V(0x1.1111111111111p-7), V(0x1.1111111111111p-63)) + r * sum;
        sum = number::from(V(0x1.5555555555555p-5), V(0x1.5555555555555p-59)) + r * sum;
        sum = number::from(V(0x1.5555555555555p-3), V(0x1.5555555555555p-57)) + r * sum;
        sum = V(0.5) + r * sum;
        curve = r * r * sum;
    }
    // 2^512 e^x
    NONLIN_INLINE Number power() const { return (V(1) + (r + curve)) * scaled; }
    NONLIN_INLINE Number minus_1() const {
        const Number far = power() * V(unit) - V(1);
        return select(scaled == V(1 / unit), r + curve, far);
    }
    NONLIN_INLINE Number minus_line() const {
        return select(scaled == V(1 / unit), curve, minus_1() - x);
    }
};

namespace in_fixed_point {

using namespace fixed_point;

// The left side at x = -y <= 0: alpha (e^-t - 1 + y) - beta y, t = max(y, -eps). If t is y, below 1
// relative to y and its power of two.
inline double xielu_value(double x, double alpha, double beta, double eps) {
    const double lower = x < eps ? x : eps;
    const Parts a(alpha), b(beta), y(x), t(lower < -512 ? -512 : lower);
    const int up = 52 + a.e, e = y.e + 53;
    const Number factor(a, -up);
    if (e <= 0 && y.m == t.m && y.e == t.e) {
        const Number bend = Number(y, -e) * curvature(Number(y, 0)) * factor;
        const Number sum = bend.with(a.negative) - Number(b, -up - e).with(b.negative);
        return nonlin::NONLIN_INSTRUCTION_SET::rounded(fixed_point::rounded(sum, up + e) * One(-x))
            .part[0][0];
    }
    const Number bend = fixed_point::falling(Number(t, 0)) - Number(1) + Number(y, 0);
    const Number part = bend.with(bend.negative()) * factor;
    const Product line(beta, x);
    const Number sum =
        part.with(a.negative != bend.negative()) + Number(line, -up).with(line.negative);
    return nonlin::NONLIN_INSTRUCTION_SET::rounded(fixed_point::rounded(sum, up)).part[0][0];
}

// alpha (e^-y - 1) + beta
inline double xielu_slope(double x, double alpha, double beta, double) {
    const Parts a(alpha), b(beta), y(x);
    const int up = 52 + a.e, e = y.e + 53 <= 0 ? y.e + 53 : 0;
    const Number factor(a, -up);
    const Number fall = e < 0 ? Number(y, -e) * growth(Number(y, 0))
                              : Number(1) - fixed_point::falling(Number(y, 0));
    const Number sum = Number(b, -up - e).with(b.negative) - (fall * factor).with(a.negative);
    return nonlin::NONLIN_INSTRUCTION_SET::rounded(fixed_point::rounded(sum, up + e)).part[0][0];
}

}  // namespace in_fixed_point

// alpha_p x^2 + beta x for x > 0, else alpha_n (e^min(x, eps) - 1 - x) + beta x; derivative 2
// alpha_p x + beta for x > 0, beta - alpha_n for eps < x <= 0, else alpha_n (e^x - 1) + beta.
//
// Left of 0 the terms cancel at a zero whose place depends on the parameters. Carried, the sum has
// an error of 2^-82 (float: 2^-50) of them; where 24 (20) bits cancel it is computed in fixed
// point.
struct xielu_formula {
    template <class Number> static constexpr double cancels = in_pairs<Number> ? 0x1p-24 : 0x1p-20;
    static constexpr double largest = format<double>::largest;

    template <class Number, class V>
    NONLIN_INLINE static V value(V x, V alpha_p, V alpha_n, V beta, V eps) {
        return select(x > 0, right<Number>(x, alpha_p, beta), left<Number>(x, alpha_n, beta, eps));
    }
    template <class Number, class V>
    NONLIN_INLINE static V derivative(V x, V alpha_p, V alpha_n, V beta, V eps) {
        return select(x > 0, right_slope<Number>(x, alpha_p, beta),
                      left_slope<Number>(x, alpha_n, beta, eps));
    }

 private:
    // (alpha x + beta) x, from 2^400 on alpha x^2, which is scaled down meanwhile.
    template <class Number, class V> NONLIN_INLINE static V right(V x, V alpha, V beta) {
        const V near = min(max(x, V(0)), 0x1p400), far = min(x, largest) * 0x1p-600;
        const Number factor = carried<Number>::product(alpha, near) + beta;
        const Number square = carried<Number>::product(alpha, far) * far;
        const V line = select(beta == 0, V(0), beta * x);
        const V large = select(alpha == 0, line, rounded(square) * 0x1p600 * 0x1p600);
        return select(x > 0x1p400, large, times_carried(near, factor));
    }
    template <class Number, class V> NONLIN_INLINE static V right_slope(V x, V alpha, V beta) {
        const Number sum = carried<Number>::product(2 * alpha, min(x, 0x1p800)) + beta;
        const V large = select(alpha == 0, beta, 2 * alpha * x);
        return select(x > 0x1p800, large, rounded(sum));
    }

    // x a, rounded once.
    template <class V> NONLIN_INLINE static V times_carried(V x, V a) { return x * a; }
    template <class V> NONLIN_INLINE static V times_carried(V x, double_double<V> a) {
        return product(x, a.high, a.low);
    }

    // From -2^120 on it is a line.
    template <class Number, class V> NONLIN_INLINE static V left(V given, V alpha, V beta, V eps) {
        const V x = max(min(given, V(0)), -0x1p120), below = min(x, eps);
        const falling<Number, V> e(max(below, -60));
        // e^t - 1 - x
        const Number apart = carried<Number>::sum(below, -x);
        const Number bend =
            select(below > -60, e.minus_line(), V(-1) - carried<Number>::from(below, V(0)));
        const Number line = carried<Number>::product(beta, x);
        const Number sum = (bend + apart) * alpha + line;
        const V found = rounded(sum);
        const auto unsure =
            (abs(found) < cancels<Number> * abs(rounded(line))) & (x > -512) & (x < 0);
        const V exactly = fixed_point::one_by_one(unsure, found, in_fixed_point::xielu_value, x,
                                                  alpha, beta, eps);
        const Number steepness = carried<Number>::sum(beta, -alpha);
        const V straight = select(x < -60, rounded(steepness * x - alpha), found);
        const V end = select(rounded(steepness) == 0, -alpha, times_carried(given, steepness));
        return select(given < -0x1p120, end, select(unsure, exactly, straight));
    }
    template <class Number, class V>
    NONLIN_INLINE static V left_slope(V given, V alpha, V beta, V eps) {
        const V x = max(min(given, V(0)), -820);
        const falling<Number, V> e(x);
        const Number steepness = carried<Number>::sum(beta, -alpha);
        const Number near = e.minus_1() * alpha + beta;
        const Number far = e.power() * V(e.unit) * alpha + steepness;
        const V sum = select(x > -0.25, rounded(near), rounded(far));
        const V found = select(alpha == beta, rounded(e.power() * alpha) * e.unit, sum);
        const auto unsure =
            (abs(found) < cancels<Number> * abs(beta)) & (alpha != beta) & (x > -60) & (x < 0);
        const V exactly = fixed_point::one_by_one(unsure, found, in_fixed_point::xielu_slope, x,
                                                  alpha, beta, eps);
        return select(given > eps, rounded(steepness), exactly);
    }
};
struct xielu : carried_twice<xielu_formula> {};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
