// Softplus as PyTorch has it: beyond a threshold its asymptote takes its place.
#pragma once

#include "piecewise.hpp"
#include "softplus.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// x for beta x > threshold, else ln(1 + e^(beta x)) / beta; derivative 1 beyond the threshold, else
// sigmoid(beta x). With an infinite threshold it is softplus. For a beta of 0 NaN.
struct softplus_threshold {
    static constexpr int vectors = carried_twice<softplus_kernel>::vectors;
    static constexpr int derived = 3;

    // beta, its sign, and the place on the axis: sign x > threshold / |beta| rounded down if and
    // only if beta x > threshold, of which no digit is lost then.
    template <class T> NONLIN_INLINE static Numbers<T, derived> derive(T beta, T threshold) {
        const T known = beta == 0 ? not_a_number<T>() : beta;
        const T place = quotient_rounded_down<T>(threshold, absolute(known));
        return {{known, copy_sign(T(1), beta), place}};
    }

    template <class T> NONLIN_INLINE static T value(T x, T beta, T sign, T place) {
        const T smooth = carried_twice<softplus_kernel>::value(x, beta);
        return sign * x > place ? x : smooth;
    }

#if NONLIN_HAS_FMA
    // For a beta of 1.
    struct float_value {
        static constexpr int entries = float_softplus::entries;

        NONLIN_INLINE static bool suits(float, float beta, float, float) { return beta == 1; }
        template <int entries> NONLIN_INLINE static bool within(Floats x, Floats, Floats, Floats) {
            return float_softplus::within<entries>(x);
        }
        template <int entries>
        NONLIN_INLINE static Floats of(Floats x, Floats, Floats, Floats place) {
            return x > place ? x : float_softplus::of<entries>(x);
        }
    };
#endif

    struct derivative_stages {
        template <class T> NONLIN_INLINE static auto start(T x, T beta, T, T) {
            return softplus_derivative::start(x, beta);
        }
        template <class E, class T>
        NONLIN_INLINE static T finish(E e, T x, T beta, T sign, T place) {
            const T smooth = softplus_derivative::finish(e, x, beta);
            return sign * x > place ? T(1) : smooth;
        }
    };
    template <class T> NONLIN_INLINE static T derivative(T x, T beta, T sign, T place) {
        const auto e = derivative_stages::start(x, beta, sign, place);
        return derivative_stages::finish(e, x, beta, sign, place);
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
