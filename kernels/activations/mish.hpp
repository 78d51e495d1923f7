// Mish (Misra 2019).
#pragma once

#include "gate.hpp"
#include "roots.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// x tanh(ln(1 + e^x)) = x N / (N + 2), N = w (w + 2), w = e^x.
struct mish_formula {
    static constexpr double vanishes = -760, saturates = 40, unit = 0x1p-512;

    // As in gate, w is scaled up by 2^512 where it is small.
    template <class Number, class V> NONLIN_INLINE static V value(V x) {
        const V near = min(max(x, vanishes), saturates);
        const Number w = carried_exp<Number, 512>(near, V(0)).whole();
        const Number N = w * (w * V(unit) + V(2));
        const V gated = rounded(N / (N * V(unit) + V(2)) * near) * unit;
        const V left = select(x < vanishes, V(0), gated);
        return select(x > saturates, x, copy_sign(left, x));
    }

    // w (4 (x + 1) + (4 x + 6) w + 4 w^2 + w^3) / (2 + 2 w + w^2)^2, and in t = 1 / w, which does
    // not grow right of 0, (1 + 4 t + (4 x + 6) t^2 + 4 (x + 1) t^3) / (1 + 2 t + 2 t^2)^2: the
    // coefficients in the other order. Only 4 (x + 1) + ... left of 0 cancels, around its zero.
    template <class Number, class V> NONLIN_INLINE static V derivative(V x) {
        using number = carried<Number>;
        const V near = min(max(x, vanishes), saturates), zero = 0;
        const auto left = x < 0;
        const Number scaled = carried_exp<Number, 512>(-abs(near), zero).whole();
        const Number t = scaled * V(unit);
        const Number line = number::sum(near, V(1)) * V(4), next = line + V(2);
        const Number one = number::from(V(1), zero), four = number::from(V(4), zero);
        const Number top = select(left, line, one) +
                           t * (select(left, next, four) +
                                t * (select(left, four, next) + t * select(left, one, line)));
        const Number root = select(left, V(2), V(1)) + t * (V(2) + t * select(left, V(1), V(2)));
        const Number factor = select(left, scaled, one * V(1 / unit));
        const V far = rounded(factor * (top / (root * root))) * unit;
        return with_root<Number, mish_root>(x, zero, far);
    }
};
struct mish : carried_twice<mish_formula> {};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
