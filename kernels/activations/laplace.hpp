// The normal distribution function, as MEGA (Ma et al. 2022) takes it.
#pragma once

#include "gelu.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// Phi(z) = (1 + erf(z / sqrt 2)) / 2, z = (x - mu) / sigma, values in (0, 1); derivative
// e^(-z^2 / 2) / (sqrt(2 pi) sigma). For a sigma of 0 NaN.
//
// The difference and the quotient are sums of two terms, and so is the square. With a = |z|,
// Phi(-a) = R(a) e^(-a^2 / 2) as in normal_tail; from `vanishes` on no sigma down to 2^-100 makes
// up for it.
struct laplace_formula {
    template <class Number, class V> struct normal {
        static constexpr double vanishes = 44, unit = 0x1p-512, far = 0x1p900;
        V a, a_low, sigma;
        typename V::Integers left;
        Number power;

        NONLIN_INLINE normal(V x, V mu, V given)
            : sigma(select(given == 0, V(not_a_number<V>()), given)) {
            const Number z = carried<Number>::sum(min(max(x, -far), far), -mu) / sigma;
            const V high = rounded(z), low = rounded(z - high);
            left = high < 0;
            a = min(abs(high), vanishes);
            a_low = select(a == abs(high), select(left, -low, low), V(0));
            const V square = a * a, lost = product_error(a, a, square) + 2 * a * a_low;
            power = carried_exp<Number, 512>(-0.5 * square, -0.5 * lost).whole();
        }
        NONLIN_INLINE Number plus(double c) const { return carried<Number>::sum(a, V(c)) + a_low; }
    };

    template <class Number, class V> NONLIN_INLINE static V value(V x, V mu, V sigma) {
        const normal<Number, V> n(x, mu, sigma);
        const Number u = n.plus(-4) / n.plus(4);
        const Number tail = n.power * (scaled_normal_tail<V>(u) / n.plus(0.75));
        const V right = rounded(V(1) - tail * V(n.unit));
        return select(n.left, rounded(tail) * n.unit, right);
    }
    template <class Number, class V> NONLIN_INLINE static V derivative(V x, V mu, V sigma) {
        const normal<Number, V> n(x, mu, sigma);
        const Number density =
            carried<Number>::from(V(0x1.9884533d43651p-2), V(-0x1.cbc0d30ebfd15p-56));
        return rounded(n.power * density / n.sigma) * n.unit;
    }
};
struct laplace : carried_twice<laplace_formula> {};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
