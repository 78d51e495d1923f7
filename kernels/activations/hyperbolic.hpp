// Hyperbolic tangent and what is built from it.
#pragma once

#include "logistic.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// (e^x - e^-x) / (e^x + e^-x), values in (-1, 1); derivative 1 - tanh(x)^2.
struct tanh {
    // With E = e^2|x| - 1: tanh |x| = E / (E + 2), no cancellation anywhere. E and E + 2 each are a
    // sum of two terms; one Newton step on the quotient of the leading terms applies both corrections,
    // which leaves the last rounding and E's own error. Odd by construction. The rounding error of
    // E + 2 is exact while E < 2^25 (2^54), that is up to `exact`, where tanh already is 1 less half
    // a unit; from there on it stays, until 1 is nearer.
    template <class T> NONLIN_INLINE static T value(T x) {
        T const exact = sizeof(T) == 4 ? 8.66F : 18.71, nearer_1 = sizeof(T) == 4 ? 9.0109F : 19.0616;
        T const magnitude = absolute(x), y = at_most(exact, magnitude);
        exponential_minus_1<T> const e(y + y);
        T const sum = e.high + 2, sum_low = (e.high - (sum - 2)) + e.low;
        T const inverse = 1 / sum, quotient = e.high * inverse;
        T const left_over = remainder(-quotient, sum, e.high) + fma(-quotient, sum_low, e.low);
        T const result = fma(left_over, inverse, quotient);
        return copy_sign(magnitude > nearer_1 ? T(1) : result, x);
    }

    // 1 - tanh^2 = 1 / cosh^2 = 4 e^-2|x| / (1 + e^-2|x|)^2, without a difference that cancels.
    template <class T> NONLIN_INLINE static T derivative(T x) {
        T const y = absolute(x);
        return logistic_bell(y + y, T(4));
    }
};

} // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
