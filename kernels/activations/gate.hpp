// x times a smooth gate: the logistic function as a factor of other kernels.
#pragma once

#include "../arithmetic/exponential.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// sigmoid(-|y|) = t / (1 + t) and sigmoid(|y|) = 1 / (1 + t), t = e^-|y|.
//
// t is scaled up by 2^512, so that it and the smaller of the two are normal numbers where they
// matter, down to t = 2^-1529 before; whoever multiplies by that one takes the scale away last, and
// rounds into the subnormal range once.
template <class Number, class V> struct gate {
    static constexpr double vanishes = 1060, unit = 0x1p-512;
    V y;
    Number smaller, larger;

    // The argument is y + y_low.
    NONLIN_INLINE gate(V y, V y_low) : y(y) {
        const V magnitude = abs(y), bounded = min(magnitude, vanishes);
        const V low = select(y < 0, y_low, -y_low);
        const V kept = select(bounded == magnitude, low, V(0));
        const Number t = carried_exp<Number, 512>(-bounded, kept).whole();
        larger = V(1) / (V(1) + t * V(unit));
        smaller = t * larger;
    }

    // 2^512 sigmoid(y), and sigmoid(-y) without a scale.
    NONLIN_INLINE Number scaled() const { return select(y < 0, smaller, larger * V(1 / unit)); }
    NONLIN_INLINE Number of_opposite() const { return select(y < 0, larger, smaller * V(unit)); }
};

// x sigmoid(y), y = g.y. Where sigmoid is 1 to the last place, x itself, and where y is the product
// of 0 and infinity; where it vanishes, 0: that is where x < 2^510 does not make up for it. The
// sums of carried numbers lose the sign of a zero.
template <class Number, class V> NONLIN_INLINE V gated(V x, const gate<Number, V>& g) {
    const V finite = min(max(x, -0x1p510), 0x1p510);
    const V inside = rounded(g.scaled() * finite) * g.unit;
    const V left = select(g.y < -g.vanishes, V(0), inside);
    return select(g.y <= 40, copy_sign(left, x), x);
}

// The derivative of x s, s = sigmoid(y): s + x y' s (1 - s) = s (1 + x y' sigmoid(-y)), given x y'.
// Near the zero of the sum the caller takes a polynomial instead.
template <class Number, class V>
NONLIN_INLINE V gated_derivative(const gate<Number, V>& g, Number x_slope) {
    return rounded(g.scaled() * (V(1) + x_slope * g.of_opposite())) * g.unit;
}

// A formula that is written for any Number: `value` and `derivative` of doubles are carried in
// pairs, those of floats in double, and both round once, at the end, to 0.5 ULP and a little.
template <class Formula> struct carried_twice {
    // A register of floats is two of doubles.
    template <class T> static constexpr int registers = sizeof(T) == 4 ? 2 : 4;

    template <class V, class... P> NONLIN_INLINE static V value(V x, P... parameters) {
        if constexpr (is_float<V>) {
            using W = decltype(widen(x));
            return narrow(Formula::template value<W>(widen(x), widen(parameters)...));
        } else {
            return Formula::template value<double_double<V>>(x, parameters...);
        }
    }
    template <class V, class... P> NONLIN_INLINE static V derivative(V x, P... parameters) {
        if constexpr (is_float<V>) {
            using W = decltype(widen(x));
            return narrow(Formula::template derivative<W>(widen(x), widen(parameters)...));
        } else {
            return Formula::template derivative<double_double<V>>(x, parameters...);
        }
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
