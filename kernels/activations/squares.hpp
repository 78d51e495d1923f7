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

// s max(x, 0)^2 + b; derivative 2 s max(x, 0).
//
// The product of three numbers has three times their digits, and where b cancels it all of them may
// count: it is a sum of four numbers without an error, which is added to b in four times the
// digits. A float has room for all of that in two doubles. An x so small or large that its square
// underflows or overflows is scaled meanwhile; b then counts only if s is 0 or beside an underflow.
struct star_relu {
    template <class T> static constexpr int registers = 2;

    template <class V> NONLIN_INLINE static V value(V x, V s, V b) {
        const V positive = min(relu::value(x), format<number_of<V>>::largest);
        if constexpr (is_float<V>) {
            return narrow(in_two(widen(positive), widen(s), widen(b)));
        } else {
            return in_four(positive, s, b);
        }
    }
    template <class V> NONLIN_INLINE static V derivative(V x, V s, V) {
        const V positive = relu::value(x), finite = min(positive, format<number_of<V>>::largest);
        return 2 * s * select(s == 0, finite, positive);
    }

 private:
    template <class W> NONLIN_INLINE static W in_two(W x, W s, W b) {
        const W square = x * x, product = s * square, lost = product_error(s, square, product);
        const auto sum = two_sum(product, b);
        return sum.high + (sum.low + lost);
    }
    template <class V> NONLIN_INLINE static V in_four(V x, V s, V b) {
        const V larger = select(x > 0x1p400, V(0x1p-600), V(1));
        const V up = select(x < 0x1p-300, V(0x1p300), larger), y = x * up;
        const V square = y * y, lost = product_error(y, y, square);
        const V first = s * square, second = s * lost;
        V term[] = {b * up * up, first, product_error(s, square, first), second,
                    product_error(s, lost, second)};
        return select((s == 0) & (x == x), b, sum_of<4>(term) * (1 / up) * (1 / up));
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
