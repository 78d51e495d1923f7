// The square root of softplus (DeepSeek-V4's router).
#pragma once

#include "softplus.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

template <class V> NONLIN_INLINE V root(V x) { return sqrt(x); }
template <class V> NONLIN_INLINE double_double<V> root(double_double<V> x) {
    const V first = sqrt(x.high), rest = left_over(first, first, x.high) + x.low;
    return fast_two_sum(first, rest / (first + first));
}

// sqrt(ln(1 + e^x)), values in (0, inf); derivative sigmoid(x) / (2 sqrt(ln(1 + e^x))).
//
// With h = e^(-|x| / 2), t = h^2 and s = t / (2 + t): ln(1 + t) = t ratio, ratio = (2 + s^2 Q(s^2))
// / (2 + t), where Q's term is at most 1/27 of the sum. Left of 0 the root is h sqrt(ratio), right
// of it sqrt(x + t ratio). h is scaled up by 2^512, and the last product alone rounds into the
// subnormal range; from `vanishes` on it is 0.
struct sqrt_softplus_formula {
    template <class Number, class V> struct parts {
        static constexpr double vanishes = 1500, unit = 0x1p-512;
        Number h, t, ratio;

        NONLIN_INLINE explicit parts(V magnitude) {
            h = carried_exp<Number, 512>(-0.5 * min(magnitude, vanishes), V(0)).whole();
            const Number unscaled = h * V(unit);
            t = unscaled * unscaled;
            const V s = rounded(t / (t + V(2))), z = s * s;
            ratio = carried<Number>::sum(V(2), z * atanh_tail(z)) / (t + V(2));
        }
        NONLIN_INLINE Number right(V magnitude) const {
            return root(carried<Number>::from(magnitude, V(0)) + t * ratio);
        }
    };

    template <class Number, class V> NONLIN_INLINE static V value(V x) {
        const V magnitude = min(abs(x), format<double>::largest);
        const parts<Number, V> p(magnitude);
        const V left = rounded(p.h * root(p.ratio)) * p.unit;
        const V right = select(x == infinity<V>(), x, rounded(p.right(magnitude)));
        return select(x < 0, left, right);
    }
    template <class Number, class V> NONLIN_INLINE static V derivative(V x) {
        const V magnitude = min(abs(x), format<double>::largest);
        const parts<Number, V> p(magnitude);
        const Number twice = (p.t + V(1)) * V(2);
        const V left = rounded(p.h / (twice * root(p.ratio))) * p.unit;
        const V right = rounded(V(1) / (twice * p.right(magnitude)));
        return select(x < 0, left, select(x == infinity<V>(), V(0), right));
    }
};
struct sqrt_softplus : carried_twice<sqrt_softplus_formula> {};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
