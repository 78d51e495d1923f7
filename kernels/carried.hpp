// Formulas written once for any Number: float64 carries them in pairs of doubles, float32 in
// double.
#pragma once

#include "compensated.hpp"
#include "elementary.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

// What a formula is carried in: a pair, or T alone.
template <class Number> struct carried;

template <> struct carried<double> {
    NONLIN_INLINE static double from(double high, double low) { return high + low; }
    NONLIN_INLINE static double sum(double a, double b) { return a + b; }
    NONLIN_INLINE static double product(double a, double b) { return a * b; }
};

template <> struct carried<pair<double>> {
    NONLIN_INLINE static pair<double> from(double high, double low) { return {high, low}; }
    NONLIN_INLINE static pair<double> sum(double a, double b) { return exact_sum(a, b); }
    NONLIN_INLINE static pair<double> product(double a, double b) {
        const double high = a * b;
        return {high, remainder(a, b, -high)};
    }
};

NONLIN_INLINE double rounded(double x) { return x; }
NONLIN_INLINE double rounded(pair<double> x) { return x.high + x.low; }

// (condition ? a : b), in a form that vectorises.
NONLIN_INLINE double either(bool condition, double a, double b) { return condition ? a : b; }
NONLIN_INLINE pair<double> either(bool condition, pair<double> a, pair<double> b) {
    return {condition ? a.high : b.high, condition ? a.low : b.low};
}

// A kernel whose formula is written for any Number: float64 carries it in pairs, float32 in double,
// and both round once, at the end, to 0.5 ULP and a little.
template <class Kernel> struct carried_twice {
    static constexpr int vectors = 2;

    template <class... P> NONLIN_INLINE static double value(double x, P... parameters) {
        return Kernel::template value<pair<double>>(x, parameters...);
    }
    template <class... P> NONLIN_INLINE static double derivative(double x, P... parameters) {
        return Kernel::template derivative<pair<double>>(x, parameters...);
    }
    template <class... P> NONLIN_INLINE static float value(float x, P... parameters) {
        return float(Kernel::template value<double>(double(x), double(parameters)...));
    }
    template <class... P> NONLIN_INLINE static float derivative(float x, P... parameters) {
        return float(Kernel::template derivative<double>(double(x), double(parameters)...));
    }
};

// e^x = scale (1 + q), scale = 2^(n + bias).
template <class Number> struct power {
    double scale;
    Number q;

    // scale (1 + q)
    NONLIN_INLINE Number whole() const { return scale + scale * q; }
    // e^x - 1, for a bias of 0.
    NONLIN_INLINE Number minus_1() const { return carried<Number>::sum(scale, -1.0) + scale * q; }
};

// The argument is x + x_low. In pairs, with P the polynomial of exponential_tail and r = r.high +
// r.low the reduced argument,
//     e^r - 1 = r + r^2 / 2 + r^2 (P(r) - 1/2)
// whose last term is at most 0.007, so its rounding errors are below 2^-60; the first two are
// summed exactly. With P's own error, q is within 2^-59.5.
template <int bias> NONLIN_INLINE power<double> exp_of(double x, double x_low, double) {
    const auto e = exact_exp<bias>(x, x_low);
    return {e.scale(), e.high};
}

template <int bias> NONLIN_INLINE power<pair<double>> exp_of(double x, double x_low, pair<double>) {
    using ln2 = logarithm_of_2<double>;
    const double shifted = fma(x, ln2::inverse, shifter<double>(bias));
    const double n = shifted - shifter<double>(bias);
    const pair<double> r = exact_sum(fma(n, -ln2::high, x), fma(n, -ln2::low, x_low));
    const double square = r.high * r.high, lost = remainder(r.high, r.high, -square);
    const pair<double> sum = ordered_sum(r.high, 0.5 * square);
    const double tail = square * exponential_rest(r.high, square);
    const double low = sum.low + fma(0.5, lost, fma(r.high, r.low, r.low)) + tail;
    return {power_of_two(shifted), ordered_sum(sum.high, low)};
}

template <class Number, int bias = 0> NONLIN_INLINE power<Number> exp_of(double x, double x_low) {
    return exp_of<bias>(x, x_low, Number());
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
