// Lines and parabolas between two breakpoints whose sums would cancel. At a breakpoint the
// derivative is the left one, so each piece holds its right end.
#pragma once

#include "../arithmetic/parameters.hpp"
#include "piecewise.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// `left` for x <= from, `right` for x > to, else `middle`, which is also where NaN goes.
template <class V> NONLIN_INLINE V piecewise(V x, V from, V to, V left, V middle, V right) {
    return select(x <= from, left, select(x > to, right, middle));
}

// min(max(x / width + offset, 0), 1), width > 0, values in [0, 1]; derivative 1 / width between the
// breakpoints -width offset and width (1 - offset). For another width NaN.
//
// x / width + offset = (x + width offset) / width cancels in the sum alone, which is exact there;
// the product is a sum of two terms, of which the second is 0 for the usual width of 6 and offset
// of 1/2. They are scaled by the power of two that brings the width into [1, 2), so that its
// reciprocal is finite and no low term underflows. The breakpoints are rounded down: a number is
// above the one if and only if it is above the other.
struct hard_sigmoid {
    // width unit, offset, unit, and the breakpoints.
    template <class V> NONLIN_INLINE static Numbers<V, 5> derive(V width, V offset) {
        using T = number_of<V>;
        using Integers = typename V::Integers;
        constexpr integer_of<T> largest = 2 * format<T>::exponent_bias - 1;
        const V positive = select(width > 0, width, V(not_a_number<V>()));
        const Integers exponent = bits(width) >> format<T>::fraction_bits;
        const Integers bounded = select(exponent < largest, exponent, Integers(largest));
        const V unit = V::from_bits((largest + 1 - bounded) << format<T>::fraction_bits);
        const auto wide = in_double(positive), part = in_double(offset);
        const auto start = wide * part, start_low = product_error(wide, part, start);
        const auto end = two_sum(wide, -start), small = two_sum(end.low, -start_low);
        const auto sum = two_sum(end.high, small.high);
        return {{positive * unit, offset, unit, rounded_down<V>(-start, -start_low),
                 rounded_down<V>(sum.high, sum.low + small.low)}};
    }
    template <class V> NONLIN_INLINE static V value(V x, V width, V offset, V unit, V from, V to) {
        const V start = width * offset, start_low = product_error(width, offset, start);
        double_double<V> sum = two_sum(x * unit, start);
        if (any(start_low != 0)) sum = fast_two_sum(sum.high, sum.low + start_low);
        return piecewise(x, from, to, V(0), quotient(sum, width), V(1));
    }
    template <class V> NONLIN_INLINE static V derivative(V x, V width, V, V unit, V from, V to) {
        return indicator((x > from) & (x <= to), x) * (unit / width);
    }
};

// x min(max(x + 3, 0), 6) / 6; derivative (2 x + 3) / 6 for -3 < x <= 3, 0 left and 1 right of it.
struct hard_swish {
    template <class V> NONLIN_INLINE static V value(V x) {
        const V parabola = quotient(times(x, two_sum(x, V(3))), V(6));
        // A zero's sign would be lost in a sum of two.
        return piecewise(x, V(-3), V(3), V(0), select(x == 0, x, parabola), x);
    }
    template <class V> NONLIN_INLINE static V derivative(V x) {
        const V line = quotient(two_sum(2 * x, V(3)), V(6));
        return piecewise(x, V(-3), V(3), V(0), line, V(1));
    }
};

// 0 for x <= -1, x for x > 1, (x + 1)^2 / 4 between; derivative (x + 1) / 2 between.
struct sparse_plus {
    template <class V> NONLIN_INLINE static V value(V x) {
        const double_double<V> sum = two_sum(x, V(1));
        const V square = sum.high * sum.high;
        const V lost = product_error(sum.high, sum.high, square) + 2 * sum.high * sum.low;
        return piecewise(x, V(-1), V(1), V(0), 0.25 * (square + lost), x);
    }
    template <class V> NONLIN_INLINE static V derivative(V x) {
        return piecewise(x, V(-1), V(1), V(0), 0.5 * (x + 1), V(1));
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
