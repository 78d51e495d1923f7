// Parabolas right of 0.
#pragma once

#include "piecewise.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// max(x, 0)^2, values in [0, inf); derivative 2 max(x, 0). The square is rounded once, its
// derivative is exact.
struct relu_squared {
    template <class V> NONLIN_INLINE static V value(V x) {
        const V positive = relu::value(x);
        return positive * positive;
    }
    template <class V> NONLIN_INLINE static V derivative(V x) { return 2 * relu::value(x); }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
