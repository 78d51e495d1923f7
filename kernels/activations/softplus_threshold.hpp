// Softplus as PyTorch has it: beyond a threshold its asymptote takes its place.
#pragma once

#include "piecewise.hpp"
#include "softplus.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// x for beta x > threshold, else ln(1 + e^(beta x)) / beta; derivative 1 beyond the threshold, else
// sigmoid(beta x). With an infinite threshold it is softplus.
struct softplus_threshold {
    template <class T> NONLIN_INLINE static T value(T x, T beta, T threshold) {
        const T smooth = softplus::value(x, beta);
        return beta * x > threshold ? x : smooth;
    }
    template <class T> NONLIN_INLINE static T derivative(T x, T beta, T threshold) {
        const T smooth = softplus::derivative(x, beta);
        return beta * x > threshold ? T(1) : smooth;
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
