// GELU, exact and by tanh, as the gate of a value: GeGLU (Shazeer 2020).
#pragma once

#include "../activations/gelu.hpp"
#include "../activations/gelu_tanh.hpp"
#include "logistic.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::gates {

// With a = |x|, Phi(-a) = R(a) e^(-a^2 / 2) (activations/gelu.hpp).
template <class Number, class V> struct gelu {
    using Factor = scaled<Number, V>;
    using number = carried<Number>;
    // e^-700, and for doubles 2^-4000.
    static constexpr double farthest = in_pairs<Number> ? 75 : 37;
    V x, a;
    Number R;
    Factor power;

    NONLIN_INLINE explicit gelu(V x) : x(x), a(min(abs(x), farthest)) {
        const V square = a * a, lost = product_error(a, a, square);
        power = Factor::exp(-0.5 * square, -0.5 * lost).whole;
        const Number u = number::sum(a, V(-4)) / number::sum(a, V(4));
        R = activations::scaled_normal_tail<V>(u) / number::sum(a, V(0.75));
    }
    // x Phi(-a) left of 0, x (1 - Phi(-a)) right of it.
    NONLIN_INLINE Factor value() const {
        const Factor tail = power * factor<Number, V>(R);
        const Factor right = factor<Number, V>(V(1) - tail.beside_one());
        const V limit = select(x < 0, V(-0.0), x);
        return (select(x < 0, tail, right) * Factor::of(x)).with(is_infinite(x), limit);
    }
    // k = e^(-a^2 / 2) (R(a) - a / sqrt(2 pi)) left of 0, 1 - k right of it, k < 0 far out.
    NONLIN_INLINE Factor slope() const {
        const Number density = number::from(V(0x1.9884533d43651p-2), V(-0x1.cbc0d30ebfd15p-56)) * a;
        const Number sum = R - density;
        const Factor k = power * factor<Number, V>(sum);
        const Factor right = factor<Number, V>(V(1) - power.beside_one() * sum);
        const Factor found = select(x < 0, k, right).with(x == -infinity<V>(), V(-0.0));
        return with_root<Number, activations::gelu_root>(x, V(0), found);
    }
};

// x sigmoid(2 v), 2 v = 2 sqrt(2 / pi) (x + 0.044715 x^3) (activations/gelu_tanh.hpp).
template <class Number, class V> struct gelu_tanh {
    using Argument = activations::gelu_tanh_formula::argument<V>;
    V x;
    Argument v;
    sigmoids<Number, V> s;

    NONLIN_INLINE explicit gelu_tanh(V x) : x(x), v(x), s(v.y.high, v.y.low) {}
    NONLIN_INLINE auto value() const { return s.gated(x); }
    NONLIN_INLINE auto slope() const {
        using Factor = scaled<Number, V>;
        const auto hidden = v.y.high > Factor::hidden;
        const V high = select(hidden, V(Factor::hidden), v.x_slope.high);
        const V low = select(hidden, V(0), v.x_slope.low);
        const Factor far =
            s.gated_slope(carried<Number>::from(high, low)).with(x == -infinity<V>(), V(-0.0));
        return with_root<Number, activations::gelu_tanh_root>(x, V(0), far);
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::gates
