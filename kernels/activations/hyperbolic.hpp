// Hyperbolic tangent and what is built from it.
#pragma once

#include "logistic.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// (e^x - e^-x) / (e^x + e^-x), values in (-1, 1); derivative 1 - tanh(x)^2.
struct tanh {
    // With E = e^2|x| - 1: tanh |x| = E / (E + 2), no cancellation anywhere. E and E + 2 each are a
    // sum of two terms; one Newton step on the quotient of the leading terms applies both corrections,
    // which leaves the last rounding and E's own error. Odd by construction. From |x| = 10 (20) on the
    // quotient has long been 1, so there |x| stops.
    template <class T> NONLIN_INLINE static T value(T x) {
        T const saturates = sizeof(T) == 4 ? 10 : 20;
        T const y = at_most(saturates, absolute(x));
        exponential_minus_1<T> const e(y + y);
        T const sum = e.high + 2, sum_low = (e.high - (sum - 2)) + e.low;
        T const inverse = 1 / sum, quotient = e.high * inverse;
        T const left_over = fma(-quotient, sum_low, remainder(-quotient, sum, e.high) + e.low);
        return copy_sign(fma(left_over, inverse, quotient), x);
    }

    // 1 - tanh^2 = 1 / cosh^2 = 4 e^-2|x| / (1 + e^-2|x|)^2, without a difference that cancels.
    template <class T> NONLIN_INLINE static T derivative(T x) {
        T const y = absolute(x);
        return logistic_bell(y + y, T(4));
    }
};

} // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
