// ReLU and its straight-line relatives.
#pragma once

#include "../arithmetic.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// max(x, 0), values in [0, inf); derivative 1 for x > 0, else 0. Both zeros give +0.
struct relu {
    template <class T> NONLIN_INLINE static T value(T x) { return x <= 0 ? T(0) : x; }

    template <class T> NONLIN_INLINE static T derivative(T x) {
        const T right_or_nan = x > 0 ? T(1) : x;
        return x <= 0 ? T(0) : right_or_nan;
    }
};

// x for x > 0, else negative_slope x; derivative 1 for x > 0, else negative_slope.
struct leaky_relu {
    template <class T> NONLIN_INLINE static T value(T x, T negative_slope) {
        // The limit at -inf for a slope of 0 is 0, their product NaN.
        const T side = negative_slope == 0 ? at_least(-format<T>::largest, x) : x;
        return x > 0 ? x : negative_slope * side;
    }

    template <class T> NONLIN_INLINE static T derivative(T x, T negative_slope) {
        const T right_or_nan = x > 0 ? T(1) : x;
        return x <= 0 ? negative_slope : right_or_nan;
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
