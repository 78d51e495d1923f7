// Tanh of a multiple of x, and tanh as a factor.
#pragma once

#include "../arithmetic/parameters.hpp"
#include "gate.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// tanh m as E / (E + 2), E = e^(2 m) - 1, and 1 - tanh(m)^2 as 4 (E + 1) / (E + 2)^2, for m = m +
// m_low >= 0. From `saturates` on tanh is 1 to 2^-71.
template <class Number, class V> struct tanh_parts {
    static constexpr double saturates = 25;
    V near;
    Number E, D;

    NONLIN_INLINE tanh_parts(V m, V m_low) : near(min(m, saturates)) {
        const V low = select(near == m, m_low, V(0));
        E = carried_exp<Number>(near + near, low + low).minus_1();
        D = E + V(2);
    }
    NONLIN_INLINE Number value() const { return E / D; }
    NONLIN_INLINE Number slope() const { return (E + V(1)) * V(4) / (D * D); }
};

// factor (1 - tanh(y)^2) = 4 factor s (1 - s), s = sigmoid(2 y), which does not vanish before a
// double does, for factors to 2^200.
template <class Number, class V, class Factor>
NONLIN_INLINE V scaled_tanh_slope(V y, V y_low, Factor factor) {
    const gate<Number, V> g(y + y, y_low + y_low);
    return rounded(g.smaller * g.larger * V(4) * factor) * g.unit;
}

// cap tanh(x / cap), values in (-|cap|, |cap|); derivative 1 - tanh(x / cap)^2. For a cap of 0 NaN.
//
// x / cap is a quotient and what the division leaves over. Where it is below 2^-28, and may
// underflow, the result is x to 2^-57.
struct softcap_formula {
    template <class Number, class V> struct ratio {
        V size, high, low;

        NONLIN_INLINE ratio(V m, V cap)
            : size(select(cap == 0, V(not_a_number<V>()), abs(cap))), high(m / size), low(0) {
            if constexpr (in_pairs<Number>) low = left_over(high, size, m) / size;
        }
    };

    template <class Number, class V> NONLIN_INLINE static V value(V x, V cap) {
        const V m = abs(x);
        const ratio<Number, V> z(m, cap);
        const V bent = rounded(tanh_parts<Number, V>(z.high, z.low).value() * z.size);
        return copy_sign(select(m < z.size * 0x1p-28, m, bent), x);
    }
    template <class Number, class V> NONLIN_INLINE static V derivative(V x, V cap) {
        const ratio<Number, V> z(abs(x), cap);
        return scaled_tanh_slope<Number>(z.high, z.low, V(1));
    }
};
struct softcap : carried_twice<softcap_formula> {};

// b tanh(a x), derivative a b (1 - tanh(a x)^2). Where a x is below 2^-32, and may underflow, the
// value is a b x to 2^-65.
struct stanh_formula {
    template <class Number, class V> struct product {
        V x, high, low;

        // 0 times infinity is 0 here, its limit.
        NONLIN_INLINE product(V given, V a)
            : x(min(max(given, -format<double>::largest), format<double>::largest)),
              high(a * x),
              low(0) {
            if constexpr (in_pairs<Number>) low = product_error(a, x, high);
        }
    };

    template <class Number, class V> NONLIN_INLINE static V value(V given, V a, V b) {
        const product<Number, V> y(given, a);
        const V m = abs(y.high), low = select(y.high < 0, -y.low, y.low);
        const V bent = rounded(tanh_parts<Number, V>(m, low).value() * b);
        V line;
        if constexpr (in_pairs<Number>) {
            const Number slope = carried<Number>::product(a, b);
            // The rest of a zero is one of either sign, and the sum loses that of the product.
            const auto none = (y.x == 0) | (slope.high == 0);
            const V found = product_plus(y.x, slope.high, y.x * slope.low);
            line = select(none, y.x * slope.high, found);
        } else {
            line = a * b * y.x;
        }
        return select(m < 0x1p-32, line, select(y.high < 0, -bent, bent));
    }
    template <class Number, class V> NONLIN_INLINE static V derivative(V given, V a, V b) {
        const product<Number, V> y(given, a);
        return scaled_tanh_slope<Number>(y.high, y.low, carried<Number>::product(a, b));
    }
};
struct stanh : carried_twice<stanh_formula> {};

// x tanh x, even, values in [0, inf); derivative tanh x + x (1 - tanh(x)^2), odd. Both factors of
// the square near 0 are scaled up by 2^256, and the last product alone rounds into the subnormal
// range.
struct lisht_formula {
    template <class Number, class V> NONLIN_INLINE static V value(V x) {
        const V m = abs(x);
        const tanh_parts<Number, V> t(m, V(0));
        const V bent = rounded(t.value() * V(0x1p256) * (t.near * 0x1p256)) * 0x1p-512;
        return select(m > t.saturates, m, bent);
    }
    template <class Number, class V> NONLIN_INLINE static V derivative(V x) {
        const tanh_parts<Number, V> t(abs(x), V(0));
        return copy_sign(rounded(t.value() + t.slope() * t.near), x);
    }
};
struct lisht : carried_twice<lisht_formula> {};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
