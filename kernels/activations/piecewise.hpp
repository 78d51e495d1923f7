// Straight lines in pieces, and nothing else: each result is exact or rounded once. At a breakpoint
// the derivative is the left one.
#pragma once

#include "../arithmetic/double_double.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// 1 inside, 0 outside, NaN for NaN.
template <class V> NONLIN_INLINE V indicator(typename V::Integers inside, V x) {
    return select(inside, V(1), select(x != x, x, V(0)));
}

// x; derivative 1.
struct identity {
    template <class V> NONLIN_INLINE static V value(V x) { return x; }
    template <class V> NONLIN_INLINE static V derivative(V x) { return indicator(x == x, x); }
};

// max(x, 0), values in [0, inf); derivative 1 for x > 0, else 0. Both zeros give +0.
struct relu {
    template <class V> NONLIN_INLINE static V value(V x) { return select(x <= 0, V(0), x); }
    template <class V> NONLIN_INLINE static V derivative(V x) {
        return select(x <= 0, V(0), select(x > 0, V(1), x));
    }
};

// x for x > 0, else negative_slope x; derivative 1 for x > 0, else negative_slope.
struct leaky_relu {
    // The limit at -inf for a slope of 0 is 0, their product NaN.
    template <class V> NONLIN_INLINE static V value(V x, V negative_slope) {
        const V lowest = -format<number_of<V>>::largest;
        const V side = select(negative_slope == 0, max(x, lowest), x);
        return select(x > 0, x, negative_slope * side);
    }
    template <class V> NONLIN_INLINE static V derivative(V x, V negative_slope) {
        return select(x <= 0, negative_slope, select(x > 0, V(1), x));
    }
};

// min(max(x, 0), 6).
struct relu6 {
    template <class V> NONLIN_INLINE static V value(V x) {
        const V lower = select(x <= 0, V(0), x);
        return select(lower > 6, V(6), lower);
    }
    template <class V> NONLIN_INLINE static V derivative(V x) {
        return indicator((x > 0) & (x <= 6), x);
    }
};

// min(max(x, min_val), max_val).
struct hard_tanh {
    template <class V> NONLIN_INLINE static V value(V x, V min_val, V max_val) {
        const V lower = select(x < min_val, min_val, x);
        return select(lower > max_val, max_val, lower);
    }
    template <class V> NONLIN_INLINE static V derivative(V x, V min_val, V max_val) {
        return indicator((x > min_val) & (x <= max_val), x);
    }
};

// x for |x| > lambd, else 0.
struct hard_shrink {
    template <class V> NONLIN_INLINE static V value(V x, V lambd) {
        return select((x >= -lambd) & (x <= lambd), V(0), x);
    }
    template <class V> NONLIN_INLINE static V derivative(V x, V lambd) {
        return indicator((x <= -lambd) | (x > lambd), x);
    }
};

// x - bias for x > lambd, x + bias for x < -lambd, else 0.
struct soft_shrink {
    template <class V> NONLIN_INLINE static V value(V x, V lambd, V bias) {
        const V moved = select(x > lambd, x - bias, x + bias);
        return select((x >= -lambd) & (x <= lambd), V(0), moved);
    }
    template <class V> NONLIN_INLINE static V derivative(V x, V lambd, V) {
        return hard_shrink::derivative(x, lambd);
    }
};

// x for x > threshold, else value.
struct threshold {
    template <class V> NONLIN_INLINE static V value(V x, V threshold, V value) {
        return select(x <= threshold, value, x);
    }
    template <class V> NONLIN_INLINE static V derivative(V x, V threshold, V) {
        return indicator(x > threshold, x);
    }
};

// x for x > alpha, else 0.
struct thresholded_relu {
    template <class V> NONLIN_INLINE static V value(V x, V alpha) {
        return threshold::value(x, alpha, V(0));
    }
    template <class V> NONLIN_INLINE static V derivative(V x, V alpha) {
        return threshold::derivative(x, alpha, V(0));
    }
};

// 1 for x > 0, else 0; derivative 0.
struct step {
    template <class V> NONLIN_INLINE static V value(V x) { return indicator(x > 0, x); }
    template <class V> NONLIN_INLINE static V derivative(V x) { return select(x == x, V(0), x); }
};

// min(max((x + 1) / 2, 0), 1): the derivative of sparse_plus.
struct sparse_sigmoid {
    template <class V> NONLIN_INLINE static V value(V x) {
        const V lower = select(x <= -1, V(0), (x + 1) * V(0.5));
        return select(x >= 1, V(1), lower);
    }
    template <class V> NONLIN_INLINE static V derivative(V x) {
        return indicator((x > -1) & (x <= 1), x) * V(0.5);
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
