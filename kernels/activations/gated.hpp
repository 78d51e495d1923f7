// SiLU and Mish: x times a smooth gate.
#pragma once

#include "gate.hpp"
#include "roots.hpp"
#include "tails.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// x sigmoid(y), y = g.y. Where sigmoid is 1 to the last place, x itself, and where y is the product
// of 0 and infinity; where it vanishes, 0: that is where x < 2^510 does not make up for it. The
// sums of carried numbers lose the sign of a zero.
template <class Number> NONLIN_INLINE double gated(double x, const gate<Number>& g) {
    const double finite = at_most(0x1p510, at_least(-0x1p510, x));
    const double inside = rounded(g.scaled() * finite) * g.unit;
    const double left = g.y < -g.vanishes ? 0.0 : inside;
    return g.y <= 40 ? copy_sign(left, x) : x;
}

// The derivative of x s, s = sigmoid(y): s + x y' s (1 - s) = s (1 + x y' sigmoid(-y)), given x y'.
// Near the zero of the sum the caller takes a polynomial instead.
template <class Number>
NONLIN_INLINE double gated_derivative(const gate<Number>& g, Number x_slope) {
    return rounded(g.scaled() * (1.0 + x_slope * g.of_opposite())) * g.unit;
}

// beta x, and what rounding takes from it: of the product of two floats nothing.
template <class Number> NONLIN_INLINE pair<double> gate_argument(double x, double beta) {
    const double y = beta * x;
    return {y, sizeof(Number) == sizeof(double) ? 0.0 : remainder(beta, x, -y)};
}

// x sigmoid(beta x).
template <bool any_beta> struct silu_kernel {
    template <class Number> NONLIN_INLINE static double value(double x, double beta) {
        const pair<double> y = gate_argument<Number>(x, beta);
        return gated(x, gate<Number>(y.high, y.low));
    }
    // At infinity the limit for a beta of 0 is 1/2, the product NaN.
    template <class Number> NONLIN_INLINE static double derivative(double x, double beta) {
        const auto [y, y_low] = gate_argument<Number>(x, beta);
        const double near = at_most(gate<Number>::vanishes, at_least(-gate<Number>::vanishes, y));
        const Number slope = carried<Number>::from(near, near == y ? y_low : 0.0);
        const double far = gated_derivative(gate<Number>(y, y_low), slope);
        const double result = with_root<Number, silu_root>(y, y_low, far);
        return any_beta && (y != y) & (x == x) ? 0.5 : result;
    }
};

// x sigmoid(x): sigmoid with its error, times x, rounded once.
struct silu_value {
    // Where x sigmoid(x) vanishes.
    template <class T> static constexpr T lowest = -logistic_domain<T>::vanishes - 8;

    template <class T> NONLIN_INLINE static bool suits(T, T beta) { return beta == 1; }
    template <class T> NONLIN_INLINE static auto start(T x, T) {
        return exact_exp<-logistic_domain<T>::margin>(-logistic<T>::bounded(x, lowest<T>));
    }
    template <class E, class T> NONLIN_INLINE static T finish(E e, T x, T) {
        const logistic<T> s(e);
        const T near = at_least(lowest<T>, x), product = near * s.quotient;
        const T lost = remainder(near, s.quotient, -product);
        const T result = (product + fma(product, s.error, lost)) * logistic_domain<T>::unit;
        return x > logistic_domain<T>::saturates ? x : copy_sign(result, x);
    }
};

template <bool any_beta> struct silu_of : carried_twice<silu_kernel<any_beta>> {
    using value_stages = silu_value;
#if NONLIN_HAS_FMA
    using float_derivative = float_silu_derivative;
#endif
};

// Usual is a beta other than 0.
struct silu : silu_of<true> {
    using usual = silu_of<false>;

    template <class T> NONLIN_INLINE static bool is_usual(const Numbers<T, 1>& given) {
        return given.number[0] != 0;
    }
};

// x tanh(ln(1 + e^x)) = x N / (N + 2), N = w (w + 2), w = e^x.
struct mish_kernel {
    static constexpr double vanishes = -760, saturates = 40, unit = 0x1p-512;

    // As in gate, w is scaled up by 2^512 where it is small.
    template <class Number> NONLIN_INLINE static double value(double x) {
        const double near = at_most(saturates, at_least(vanishes, x));
        const Number w = exp_of<Number, 512>(near, 0.0).whole();
        const Number N = w * (w * unit + 2.0);
        const double gated = rounded(N / (N * unit + 2.0) * near) * unit;
        const double left = x < vanishes ? 0.0 : gated;
        return x > saturates ? x : copy_sign(left, x);
    }

    // w (4 (x + 1) + (4 x + 6) w + 4 w^2 + w^3) / (2 + 2 w + w^2)^2, and in t = 1 / w, which does
    // not grow right of 0, (1 + 4 t + (4 x + 6) t^2 + 4 (x + 1) t^3) / (1 + 2 t + 2 t^2)^2: the
    // coefficients in the other order. Only 4 (x + 1) + ... left of 0 cancels, around its zero.
    template <class Number> NONLIN_INLINE static double derivative(double x) {
        using number = carried<Number>;
        const double near = at_most(saturates, at_least(vanishes, x));
        const bool left = x < 0;
        const Number scaled = exp_of<Number, 512>(-absolute(near), 0.0).whole(), t = scaled * unit;
        const Number line = number::sum(near, 1.0) * 4.0, next = line + 2.0;
        const Number one = number::from(1.0, 0.0), four = number::from(4.0, 0.0);
        const Number top = either(left, line, one) +
                           t * (either(left, next, four) +
                                t * (either(left, four, next) + t * either(left, one, line)));
        const Number root = (left ? 2.0 : 1.0) + t * (2.0 + t * (left ? 1.0 : 2.0));
        const Number factor = either(left, scaled, one * (1 / unit));
        const double far = rounded(factor * (top / (root * root))) * unit;
        return with_root<Number, mish_root>(x, 0.0, far);
    }
};
struct mish : carried_twice<mish_kernel> {};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
