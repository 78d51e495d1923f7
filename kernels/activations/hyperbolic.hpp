// Hyperbolic tangent and what is built from it.
#pragma once

#include "logistic.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// Up to `exact`, e^2|x| + 1 is a number whose rounding error is one too; from `nearer_1` on, tanh
// |x| is nearer to 1 than to the number below.
template <class T> struct hyperbolic_domain;

template <> struct hyperbolic_domain<float> {
    static constexpr float exact = 8.66F, nearer_1 = 9.0109F;
};

template <> struct hyperbolic_domain<double> {
    static constexpr double exact = 18.71, nearer_1 = 19.0616;
};

#if NONLIN_HAS_FMA
// tanh in float, where speed counts most: a polynomial for each quarter of the octaves of 1 + |x|
// (tools/pieces.py: errors of 2^-26 at most, relative to the result). Where |x| ends, its tanh
// is 1.
//
// The constant term is exact, because a piece's point is one at which tanh is nearly a float; in
// the first piece it is |x| itself. The rest is at most 0.4 of the result, in the first piece 0.02;
// the roundings beneath it weigh 0.2 ULP, the polynomial's error 0.25, the last rounding 0.5.
struct float_tanh {
    static constexpr int entries = 16;

    // The first 8 pieces end here.
    template <int> NONLIN_INLINE static bool within(Floats x) { return all_below(magnitude(x), 3); }

    template <int entries> NONLIN_INLINE static Floats of(Floats x) {
        const Floats y = bounded(magnitude(x), all(10.9F)), half = fma(y, all(0.5F), all(0.5F));
        const Integers index = bits_of_all(half) >> (format<float>::fraction_bits - 2);
        const auto entry = [&](const Lookup& table) { return look_up<entries>(table, index); };
        const Floats z = y - entry(tanh_centre);
        Floats sum = entry(tanh_coefficient[6]);
        for (int k = 5; k >= 1; --k) sum = fma(sum, z, entry(tanh_coefficient[k]));
        const Floats constant = half < 0.625F ? y : entry(tanh_coefficient[0]);
        return with_sign_of(x, fma(sum, z, constant));
    }
};
#endif

// (e^x - e^-x) / (e^x + e^-x), values in (-1, 1); derivative 1 - tanh(x)^2.
struct tanh {
    // With E = e^2|x| - 1: tanh |x| = E / (E + 2), no cancellation anywhere. E and E + 2 each are a
    // sum of two terms; one Newton step on the quotient of the leading terms applies both
    // corrections, which leaves the last rounding and E's own error. Odd by construction. Beyond
    // `exact` (E < 2^25, 2^54) tanh is the number below 1 until 1 is nearer; what E is there, far
    // out no number, does not matter.
    struct value_stages {
        template <class T> NONLIN_INLINE static auto start(T x) {
            const T y = absolute(x);
            return exact_exp(y + y);
        }

        template <class E, class T> NONLIN_INLINE static T finish(E exponential, T x) {
            const auto e = minus_1(exponential);
            const T sum = e.high + 2, sum_low = (e.high - (sum - 2)) + e.low;
            const T inverse = 1 / sum, quotient = e.high * inverse;
            const T left_over = remainder(-quotient, sum, e.high) + fma(-quotient, sum_low, e.low);
            const T result = fma(left_over, inverse, quotient);
            using domain = hyperbolic_domain<T>;
            const T below_1 = 1 - (sizeof(T) == 4 ? T(0x1p-24) : T(0x1p-53));
            const T beyond = absolute(x) > domain::nearer_1 ? T(1) : below_1;
            return copy_sign(absolute(x) > domain::exact ? beyond : result, x);
        }
    };

    // 1 - tanh^2 = 1 / cosh^2 = 4 e^-2|x| / (1 + e^-2|x|)^2, without a difference that cancels.
    struct derivative_stages {
        template <class T> NONLIN_INLINE static auto start(T x) {
            const T y = absolute(x);
            return logistic_bell::start(y + y);
        }
        template <class E, class T> NONLIN_INLINE static T finish(E e, T) {
            return logistic_bell::finish(e, T(4));
        }
    };

#if NONLIN_HAS_FMA
    using float_value = float_tanh;
    using float_derivative = float_bell<true>;
#endif

    template <class T> NONLIN_INLINE static T value(T x) {
        return value_stages::finish(value_stages::start(x), x);
    }
    template <class T> NONLIN_INLINE static T derivative(T x) {
        return derivative_stages::finish(derivative_stages::start(x), x);
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
