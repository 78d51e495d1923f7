// Sums and quotients whose rounding errors are carried along and rounded once, at the end.
#pragma once

#include "arithmetic.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

// high + low, exactly a sum or nearly a product; |low| is at most half a unit of high.
template <class T> struct pair {
    T high, low;
};

// a + b = high + low exactly (Knuth 1969), for finite a + b.
template <class T> NONLIN_INLINE pair<T> exact_sum(T a, T b) {
    const T sum = a + b, b_rounded = sum - a;
    return {sum, (a - (sum - b_rounded)) + (b - b_rounded)};
}

// a (b.high + b.low), up to the rounding of the small terms.
template <class T> NONLIN_INLINE pair<T> times(T a, pair<T> b) {
    const T product = a * b.high;
    return {product, remainder(a, b.high, -product) + a * b.low};
}

// (a.high + a.low) / divisor: what the rounded quotient leaves over is divided once more, so only
// the last addition rounds.
template <class T> NONLIN_INLINE T quotient(pair<T> a, T divisor) {
    const T first = a.high / divisor;
    return first + (remainder(-first, divisor, a.high) + a.low) / divisor;
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
