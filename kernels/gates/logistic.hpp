// The logistic function as the gate of a value, alone and times its argument: GLU (Dauphin et al.
// 2017) and SwiGLU (Shazeer 2020).
#pragma once

#include "../activations/roots.hpp"
#include "scaled.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::gates {

// sigmoid(y + y_low) and sigmoid(-y - y_low), of t = e^-|y|: t / (1 + t) and 1 / (1 + t).
template <class Number, class V> struct sigmoids {
    using Factor = scaled<Number, V>;
    V y;
    Factor smaller, larger;

    NONLIN_INLINE explicit sigmoids(V y) : y(y) {
        of_power(Factor::exp(-min(abs(y), Factor::farthest)).whole);
    }
    NONLIN_INLINE sigmoids(V y, V y_low) : y(y) {
        const V magnitude = abs(y), bounded = min(magnitude, Factor::farthest);
        const V low = select(y < 0, y_low, -y_low);
        of_power(Factor::exp(-bounded, select(bounded == magnitude, low, V(0))).whole);
    }
    // At -infinity 0, from above.
    NONLIN_INLINE Factor value() const {
        return select(y < 0, smaller, larger).with(y == -infinity<V>(), V(0));
    }
    NONLIN_INLINE Factor slope() const { return (smaller * larger).with(is_infinite(y), V(0)); }
    // x sigmoid(y), where x and y are infinite together, or beta is 0.
    NONLIN_INLINE Factor gated(V x) const {
        const V limit = select(y < 0, copy_sign(V(0), x), x);
        return (select(y < 0, smaller, larger) * Factor::of(x)).with(is_infinite(x), limit);
    }
    // The derivative of x sigmoid(y) is s (1 + x y' sigmoid(-y)), given x y'. Where sigmoid(-y)
    // vanishes, x y' no longer counts.
    NONLIN_INLINE Factor gated_slope(Number x_slope) const {
        const Number opposite = select(y < 0, larger, smaller).beside_one();
        const Number sum = V(1) + x_slope * opposite;
        const Factor found = select(y < 0, smaller, larger) * factor<Number, V>(sum);
        return found.with(y == -infinity<V>(), V(-0.0));
    }

 private:
    NONLIN_INLINE void of_power(Factor t) {
        larger = factor<Number, V>(V(1) / (V(1) + t.beside_one()));
        smaller = t * larger;
    }
};

// `far`, or around the derivative's zero, where its sum cancels, the polynomial (roots.hpp).
template <class Number, class Root, class V>
NONLIN_INLINE scaled<Number, V> with_root(V y, V y_low, scaled<Number, V> far) {
    if constexpr (in_pairs<Number>) {
        const auto near = abs(y - Root::high) < Root::width;
        if (!any(near)) return far;
        const Number root = activations::carried_near_root<Root>(y, y_low);
        return select(near, scaled<Number, V>::number(root), far);
    } else {
        return {activations::with_root<Number, Root>(y, y_low, far.m)};
    }
}

template <class Number, class V> struct sigmoid {
    sigmoids<Number, V> s;

    NONLIN_INLINE explicit sigmoid(V x) : s(x) {}
    NONLIN_INLINE auto value() const { return s.value(); }
    NONLIN_INLINE auto slope() const { return s.slope(); }
};

// x sigmoid(beta x)
template <class Number, class V> struct silu {
    using Factor = scaled<Number, V>;
    V x, beta, y, y_low;
    sigmoids<Number, V> s;

    // The product of two floats is a double.
    NONLIN_INLINE silu(V x, V beta)
        requires(!in_pairs<Number>)
        : x(x), beta(beta), y(beta * x), y_low(0), s(y) {}
    NONLIN_INLINE silu(V x, V beta)
        requires(in_pairs<Number>)
        : x(x), beta(beta), y(beta * x), y_low(lost(x, beta, y)), s(y, y_low) {}
    NONLIN_INLINE auto value() const { return s.gated(x); }
    NONLIN_INLINE auto slope() const {
        const V near = min(max(y, -Factor::farthest), Factor::hidden);
        Number x_slope;
        if constexpr (in_pairs<Number>) {
            x_slope = {near, select(near == y, y_low, V(0))};
        } else {
            x_slope = near;
        }
        const Factor far = s.gated_slope(x_slope);
        const Factor found = with_root<Number, activations::silu_root>(y, y_low, far);
        if (!any(beta == 0)) return found;
        // Of a beta of 0 it is 1/2, at infinity too.
        const auto is_half = (x == x) & (beta == 0);
        return select(is_half, factor<Number, V>(carried<Number>::from(V(0.5), V(0))), found);
    }

 private:
    NONLIN_INLINE static V lost(V x, V beta, V y) {
        return select(is_infinite(y), V(0), product_error(beta, x, y));
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::gates
