// c tanh(x / c), as the value of a gate and, times sigmoid(x), as the gate itself: SiTU-GLU (Kimi
// K3's technical report, 2026).
#pragma once

#include "logistic.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::gates {

// With t = e^-2|z|, z = x / c: tanh |z| = (1 - t) / (1 + t), where 1 - t comes without a difference
// that cancels, and tanh' = 4 t / (1 + t)^2.
template <class Number, class V> struct soft_cap {
    using Factor = scaled<Number, V>;
    V x, cap, magnitude;
    Factor t;
    Number tanh, inverse;

    NONLIN_INLINE soft_cap(V x, V cap) : x(x), cap(cap) {
        const Number z = quotient(x, cap);
        const V high = first(z);
        magnitude = abs(high);
        const V bounded = min(magnitude, Factor::farthest / 2);
        const V low = select(high < 0, second(z), -second(z));
        const V y_low = select(bounded == magnitude, low + low, V(0)), y = -bounded - bounded;
        const auto e = Factor::exp(y, y_low);
        t = e.whole;
        inverse = V(1) / (V(1) + t.beside_one());
        tanh = e.minus_1 * inverse;
    }
    NONLIN_INLINE Factor value() const {
        const V sign = -copy_sign(V(1), x) * copy_sign(V(1), cap);
        const Factor found = factor<Number, V>(tanh * sign) * Factor::of(cap);
        // tanh z is z less a third of its cube.
        return select(magnitude < 0x1p-60, Factor::of(x), found);
    }
    NONLIN_INLINE Factor slope() const { return slope_within().with(is_infinite(x), V(0)); }
    NONLIN_INLINE Factor slope_within() const {
        return t * factor<Number, V>(inverse * inverse * V(4));
    }

 private:
    NONLIN_INLINE static Number quotient(V x, V cap) {
        if constexpr (in_pairs<Number>) {
            const V high = x / cap, lost = left_over(high, cap, x) / cap;
            const auto is_moderate = (abs(high) > 0x1p-900) & (abs(high) < 0x1p900);
            return {high, select(is_moderate, lost, V(0))};
        } else {
            return x / cap;
        }
    }
    NONLIN_INLINE static V first(V z) { return z; }
    NONLIN_INLINE static V first(double_double<V> z) { return z.high; }
    NONLIN_INLINE static V second(V) { return V(0); }
    NONLIN_INLINE static V second(double_double<V> z) { return z.low; }
};

// c tanh(x / c) sigmoid(x), its derivative (tanh'(x / c) + c tanh(x / c) sigmoid(-x)) sigmoid(x).
template <class Number, class V> struct situ {
    using Factor = scaled<Number, V>;
    V x;
    soft_cap<Number, V> capped;
    sigmoids<Number, V> s;

    NONLIN_INLINE situ(V x, V cap) : x(x), capped(x, cap), s(x) {}
    NONLIN_INLINE Factor value() const {
        return (capped.value() * s.value()).with(x == -infinity<V>(), V(-0.0));
    }
    NONLIN_INLINE Factor slope() const {
        const V sign = -copy_sign(V(1), x) * copy_sign(V(1), capped.cap);
        const Factor steep = capped.slope_within();
        const Factor capped_value = factor<Number, V>(capped.tanh * sign * capped.cap);
        const Factor sum = steep + capped_value * select(x < 0, s.larger, s.smaller);
        const Factor found = select(x < 0, s.smaller, s.larger) * sum;
        return found.with(is_infinite(x), copy_sign(V(0), x));
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::gates
