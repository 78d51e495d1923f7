// Lines and parabolas between two breakpoints whose sums would cancel. At a breakpoint the
// derivative is the left one, so each piece holds its right end.
#pragma once

#include "../compensated.hpp"
#include "../elementary.hpp"
#include "piecewise.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// `left` for x <= from, `right` for x > to, else `middle`, which is also where NaN goes.
template <class T> NONLIN_INLINE T piecewise(T x, T from, T to, T left, T middle, T right) {
    const T inner = x > to ? right : middle;
    return x <= from ? left : inner;
}

// min(max(x / width + offset, 0), 1), values in [0, 1]; derivative 1 / width between the
// breakpoints -width offset and width (1 - offset).
//
// x / width + offset = (x + width offset) / width cancels in the sum alone, which is exact there.
// For the usual width 6 and offset 1/2 the product is exact too.
struct hard_sigmoid {
    // It is scaled up where the reciprocal of the width would be infinite.
    template <class T> NONLIN_INLINE static T value(T x, T width, T offset) {
        constexpr auto bias = format<T>::exponent_bias;
        const bool narrow = width < power_of_two(shifter<T>(2 - bias));
        const T scale = narrow ? power_of_two(shifter<T>(bias / 2)) : T(1);
        const T start = width * offset, end = width * (1 - offset);
        const pair<T> sum = exact_sum(x, start);
        const T line = quotient(pair<T>{sum.high * scale, sum.low * scale}, width * scale);
        return piecewise(x, -start, end, T(0), line, T(1));
    }
    template <class T> NONLIN_INLINE static T derivative(T x, T width, T offset) {
        const T start = width * offset, end = width * (1 - offset);
        return indicator((x > -start) & (x <= end), x) / width;
    }
};

// x min(max(x + 3, 0), 6) / 6; derivative (2 x + 3) / 6 for -3 < x <= 3, 0 left and 1 right of it.
struct hard_swish {
    template <class T> NONLIN_INLINE static T value(T x) {
        const T parabola = quotient(times(x, exact_sum(x, T(3))), T(6));
        return piecewise(x, T(-3), T(3), T(0), parabola, x);
    }
    template <class T> NONLIN_INLINE static T derivative(T x) {
        const T line = quotient(exact_sum(2 * x, T(3)), T(6));
        return piecewise(x, T(-3), T(3), T(0), line, T(1));
    }
};

// 0 for x <= -1, x for x > 1, (x + 1)^2 / 4 between; derivative (x + 1) / 2 between.
struct sparse_plus {
    template <class T> NONLIN_INLINE static T value(T x) {
        const pair<T> sum = exact_sum(x, T(1));
        const T square = sum.high * sum.high;
        const T lost = remainder(sum.high, sum.high, -square) + 2 * sum.high * sum.low;
        return piecewise(x, T(-1), T(1), T(0), T(0.25) * (square + lost), x);
    }
    template <class T> NONLIN_INLINE static T derivative(T x) {
        return piecewise(x, T(-1), T(1), T(0), T(0.5) * (x + 1), T(1));
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
