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
// tanh in float, where speed counts most: in two pieces, each with few roundings.
//
// Up to `bend`, x + x^3 P(x^2) (P: tools/coefficients.py, to 2^-28 of the result). The cubic term
// is at most 0.25 of the sum; its three roundings and P's weigh 0.4 ULP there, the sum's own 0.5.
//
// From there on 1 - 2 / (e^2|x| + 1). The quotient is at most 0.26, so its errors count a quarter:
// the rounding of the sum, of the quotient and of e^2|x| - 1 = 2^n (1 + q) - 1, q of degree 6 to
// 2^-26, together 0.45 ULP; the difference rounds once more, 0.5. n is subtracted from |x| in units
// of ln 2 / 2 rounded to a float, whose error of n 2^-30 is nothing against a quotient of 2^(1-n).
// At `ends` the result has long been 1.
struct float_tanh {
    static constexpr float bend = 0.97F, ends = 20;

    NONLIN_INLINE static float denominator(float x) {
        const float y = from_bits<float>(smaller(to_bits(absolute(x)), to_bits(ends)));
        const float shifted = fma(y, 2 * logarithm_of_2<float>::inverse, shifter<float>(0));
        const float r = fma(shifted - shifter<float>(0), -0x1.62e430p-2F, y);
        const float q = r * horner(r, 0x1p+1F, 0x1p+1F, 0x1.555404p+0F, 0x1.55541ep-1F,
                                   0x1.126fc8p-2F, 0x1.6ddf80p-4F);
        const float scale = power_of_two(shifted);
        return fma(scale, q, scale + 1);
    }

    // Which number the first piece gives far out, and the second for NaN, does not matter.
    NONLIN_INLINE static float result(float denominator, float x) {
        const float squared = x * x;
        const float tail =
            horner(squared, -0x1.555544p-2F, 0x1.110d44p-3F, -0x1.b98a56p-5F, 0x1.611516p-6F,
                   -0x1.07e090p-7F, 0x1.391ed2p-9F, -0x1.952cacp-12F);
        const float near = fma(x * squared, tail, x);
        const float far = 1 - 2 / denominator;
        // The sign of 0, too, is that of x.
        return copy_sign(absolute(x) >= bend ? far : near, x);
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

#if NONLIN_HAS_FMA
        template <class T> static constexpr int vectors = sizeof(T) == 4 ? 1 : 2;

        NONLIN_INLINE static float start(float x) { return float_tanh::denominator(x); }
        NONLIN_INLINE static float finish(float denominator, float x) {
            return float_tanh::result(denominator, x);
        }
#endif
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

    template <class T> NONLIN_INLINE static T value(T x) {
        return value_stages::finish(value_stages::start(x), x);
    }
    template <class T> NONLIN_INLINE static T derivative(T x) {
        return derivative_stages::finish(derivative_stages::start(x), x);
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
