// Straight lines in pieces, and nothing else: each result is exact or rounded once.
#pragma once

#include "../arithmetic.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// 1 inside, 0 outside, NaN for NaN.
template <class T> NONLIN_INLINE T indicator(bool inside, T x) {
    const T outside_or_nan = x != x ? x : T(0);
    return inside ? T(1) : outside_or_nan;
}

// x; derivative 1.
struct identity {
    template <class T> NONLIN_INLINE static T value(T x) { return x; }
    template <class T> NONLIN_INLINE static T derivative(T x) { return indicator(x == x, x); }
};

// min(max(x, 0), 6).
struct relu6 {
    template <class T> NONLIN_INLINE static T value(T x) {
        const T lower = x <= 0 ? T(0) : x;
        return lower > 6 ? T(6) : lower;
    }
    template <class T> NONLIN_INLINE static T derivative(T x) {
        return indicator((x > 0) & (x <= 6), x);
    }
};

// min(max(x, min_val), max_val).
struct hard_tanh {
    template <class T> NONLIN_INLINE static T value(T x, T min_val, T max_val) {
        const T lower = x < min_val ? min_val : x;
        return lower > max_val ? max_val : lower;
    }
    template <class T> NONLIN_INLINE static T derivative(T x, T min_val, T max_val) {
        return indicator((x > min_val) & (x <= max_val), x);
    }
};

// x for |x| > lambd, else 0.
struct hard_shrink {
    template <class T> NONLIN_INLINE static T value(T x, T lambd) {
        return (x >= -lambd) & (x <= lambd) ? T(0) : x;
    }
    template <class T> NONLIN_INLINE static T derivative(T x, T lambd) {
        return indicator((x <= -lambd) | (x > lambd), x);
    }
};

// x - bias for x > lambd, x + bias for x < -lambd, else 0.
struct soft_shrink {
    template <class T> NONLIN_INLINE static T value(T x, T lambd, T bias) {
        const T moved = x > lambd ? x - bias : x + bias;
        return (x >= -lambd) & (x <= lambd) ? T(0) : moved;
    }
    template <class T> NONLIN_INLINE static T derivative(T x, T lambd, T) {
        return hard_shrink::derivative(x, lambd);
    }
};

// x for x > threshold, else value.
struct threshold {
    template <class T> NONLIN_INLINE static T value(T x, T threshold, T value) {
        return x <= threshold ? value : x;
    }
    template <class T> NONLIN_INLINE static T derivative(T x, T threshold, T) {
        return indicator(x > threshold, x);
    }
};

// x for x > alpha, else 0.
struct thresholded_relu {
    template <class T> NONLIN_INLINE static T value(T x, T alpha) {
        return threshold::value(x, alpha, T(0));
    }
    template <class T> NONLIN_INLINE static T derivative(T x, T alpha) {
        return threshold::derivative(x, alpha, T(0));
    }
};

// min(max((x + 1) / 2, 0), 1): the derivative of sparse_plus.
struct sparse_sigmoid {
    template <class T> NONLIN_INLINE static T value(T x) {
        const T lower = x <= -1 ? T(0) : (x + 1) * T(0.5);
        return x >= 1 ? T(1) : lower;
    }
    template <class T> NONLIN_INLINE static T derivative(T x) {
        return indicator((x > -1) & (x <= 1), x) * T(0.5);
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
