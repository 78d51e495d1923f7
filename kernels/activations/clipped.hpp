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

// min(max(x / width + offset, 0), 1), width > 0, values in [0, 1]; derivative 1 / width between the
// breakpoints -width offset and width (1 - offset). For another width NaN.
//
// x / width + offset = (x + width offset) / width cancels in the sum alone, which is exact there;
// the product is a sum of two terms. They are scaled by the power of two that brings the width into
// [1, 2), so that its reciprocal is finite and no low term underflows. The breakpoints are rounded
// down: a number is above the one if and only if it is above the other.
template <bool exact_product> struct hard_sigmoid_kernel {
    template <class T> NONLIN_INLINE static T value(T x, T width, T offset, T unit, T from, T to) {
        const T start = width * offset;
        pair<T> sum = exact_sum(x * unit, start);
        if constexpr (!exact_product)
            sum = ordered_sum(sum.high, sum.low + remainder(width, offset, -start));
        return piecewise(x, from, to, T(0), quotient(sum, width), T(1));
    }
    template <class T> NONLIN_INLINE static T derivative(T x, T width, T, T unit, T from, T to) {
        return indicator((x > from) & (x <= to), x) * (unit / width);
    }
};

// Usual are a width of 6 and an offset of 1/2, whose product is exact.
struct hard_sigmoid : hard_sigmoid_kernel<false> {
    using usual = hard_sigmoid_kernel<true>;
    static constexpr int derived = 5;

    // width unit, offset, unit, and the breakpoints.
    template <class T> NONLIN_INLINE static Numbers<T, derived> derive(T width, T offset) {
        constexpr bits_of<T> largest = 2 * format<T>::exponent_bias - 1;
        const T positive = width > 0 ? width : not_a_number<T>();
        const bits_of<T> exponent = to_bits(width) >> format<T>::fraction_bits;
        const T unit =
            from_bits<T>((largest + 1 - smaller(exponent, largest)) << format<T>::fraction_bits);
        const double wide = positive, part = offset;
        const double start = wide * part, start_low = remainder(wide, part, -start);
        const pair<double> end = exact_sum(wide, -start), small = exact_sum(end.low, -start_low);
        const pair<double> sum = exact_sum(end.high, small.high);
        return {{positive * unit, offset, unit, rounded_down<T>(-start, -start_low),
                 rounded_down<T>(sum.high, sum.low + small.low)}};
    }
    template <class T> NONLIN_INLINE static bool is_usual(const Numbers<T, derived>& given) {
        const T width = given.number[0], offset = given.number[1];
        return remainder(width, offset, -(width * offset)) == 0;
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
