// Softplus as PyTorch has it: beyond a threshold its asymptote takes its place.
#pragma once

#include "piecewise.hpp"
#include "softplus.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// x for beta x > threshold, else ln(1 + e^(beta x)) / beta; derivative 1 beyond the threshold, else
// sigmoid(beta x). With an infinite threshold it is softplus.
struct softplus_threshold {
    static constexpr int vectors = carried_twice<softplus_kernel>::vectors;

    template <class T> NONLIN_INLINE static T value(T x, T beta, T threshold) {
        const T smooth = carried_twice<softplus_kernel>::value(x, beta);
        return beta * x > threshold ? x : smooth;
    }

#if NONLIN_HAS_FMA
    // For a beta of 1.
    struct float_value {
        static constexpr int entries = float_softplus::entries;

        NONLIN_INLINE static bool suits(float, float beta, float) { return beta == 1; }
        template <int entries> NONLIN_INLINE static bool within(Floats x, Floats, Floats) {
            return float_softplus::within<entries>(x);
        }
        template <int entries> NONLIN_INLINE static Floats of(Floats x, Floats, Floats threshold) {
            return x > threshold ? x : float_softplus::of<entries>(x);
        }
    };
#endif

    struct derivative_stages {
        template <class T> NONLIN_INLINE static auto start(T x, T beta, T) {
            return softplus_derivative::start(x, beta);
        }
        template <class E, class T> NONLIN_INLINE static T finish(E e, T x, T beta, T threshold) {
            const T smooth = softplus_derivative::finish(e, x, beta);
            return beta * x > threshold ? T(1) : smooth;
        }
    };
    template <class T> NONLIN_INLINE static T derivative(T x, T beta, T threshold) {
        const auto e = derivative_stages::start(x, beta, threshold);
        return derivative_stages::finish(e, x, beta, threshold);
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
