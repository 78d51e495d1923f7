// GELU, x times the normal distribution function, and its approximation by tanh (Hendrycks, Gimpel
// 2016).
#pragma once

#include "gated.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// (a + 3/4) R(a), R(a) = Phi(-a) e^(a^2 / 2), for a >= 0 as a polynomial in u = (a - 4) / (a + 4),
// relative error 2^-57.3 (tools/coefficients.py). The first four coefficients, three of them sums
// of two doubles, are carried in Number; what the others contribute is below 1/20 of the whole.
template <class Number> NONLIN_INLINE Number scaled_normal_tail(Number u) {
    using number = carried<Number>;
    const double plain = rounded(u), square = plain * plain;
    const double even =
        horner(square, -0x1.46f9ce3a0b402p-5, -0x1.5026db1562331p-8, 0x1.84dc5fc14fd3ep-11,
               -0x1.8e85f4c68b901p-14, 0x1.ed5a9a9790decp-17, -0x1.75034a045645ep-19,
               0x1.35c82c38f14f7p-21, -0x1.ed338e14bdcefp-24, 0x1.3bd5c4254a0c4p-26,
               -0x1.b2a929e053fe8p-30, -0x1.ec4c694c9f577p-35);
    const double odd = horner(square, 0x1.48a60d8bf0152p-6, -0x1.d2f5707ae99d1p-12,
                              -0x1.5c4d213f0cd88p-14, 0x1.511660289fbeep-16, -0x1.b0bcd257729d0p-19,
                              0x1.791ab45c7abe1p-22, 0x1.2fe322bc934abp-26, -0x1.c2654d401f1e0p-26,
                              0x1.34979f60ce49cp-27, -0x1.bc2e5e329c9a6p-30, 0x1.949d0aa1267dep-34);
    const Number third = 0x1.7d26a4d39c109p-5 + u * fma(plain, odd, even);
    const Number second = number::from(-0x1.181660ccb277bp-6, 0x1.0b70b5098b266p-60) + u * third;
    const Number first = number::from(-0x1.bb386905f3e68p-5, -0x1.b6f8e1831d580p-64) + u * second;
    return number::from(0x1.cb369eb6f0c64p-2, 0x1.89cc98d2246e8p-56) + u * first;
}

// With a = |x|, Phi(-a) = R(a) e^(-a^2 / 2), R smooth and slowly falling. The exponent is a sum of
// two terms, so the tail keeps its relative accuracy; the power is scaled up by 2^512 and the last
// product alone rounds into the subnormal range.
template <class Number> struct normal_tail {
    static constexpr double vanishes = 40, unit = 0x1p-512;
    double a;
    Number power, R;

    NONLIN_INLINE explicit normal_tail(double x) : a(at_most(vanishes, absolute(x))) {
        using number = carried<Number>;
        const double square = a * a, lost = remainder(a, a, -square);
        power = exp_of<Number, 512>(-0.5 * square, -0.5 * lost).whole();
        const Number u = number::sum(a, -4.0) / number::sum(a, 4.0);
        R = scaled_normal_tail(u) / number::sum(a, 0.75);
    }
};

struct gelu_kernel {
    // x Phi(x): x - a Phi(-a) right of 0, -a Phi(-a) left of it.
    template <class Number> NONLIN_INLINE static double value(double x) {
        const normal_tail<Number> tail(x);
        const Number tail_part = tail.power * tail.R * tail.a;
        const double left = x < -tail.vanishes ? -0.0 : -(rounded(tail_part) * tail.unit);
        const double inside = rounded(tail.a - tail_part * tail.unit);
        return x < 0 ? left : x <= tail.vanishes ? copy_sign(inside, x) : x;
    }

    // Phi(x) + x phi(x): with k = e^(-a^2 / 2) (R(a) - a / sqrt(2 pi)), 1 - k right of 0, k left of
    // it.
    template <class Number> NONLIN_INLINE static double derivative(double x) {
        using number = carried<Number>;
        const normal_tail<Number> tail(x);
        const Number density = number::from(0x1.9884533d43651p-2, -0x1.cbc0d30ebfd15p-56) * tail.a;
        const Number k = tail.power * (tail.R - density);
        const double far = x < 0 ? rounded(k) * tail.unit : rounded(1.0 - k * tail.unit);
        return with_root<Number, gelu_root>(x, 0.0, far);
    }
};
struct gelu : carried_twice<gelu_kernel> {
#if NONLIN_HAS_FMA
    using float_value = float_gelu;
    using float_derivative = float_gelu_derivative;
#endif
};

// x (1 + tanh v) / 2 = x sigmoid(2 v), 2 v = 2 sqrt(2 / pi) (x + 0.044715 x^3), whose error comes
// back multiplied by 2 v: it is a pair for both types.
struct gelu_tanh_kernel {
    static constexpr pair<double> cubic{0x1.6e4e26d4801f7p-5, 0x1.441355475a31ap-59};
    static constexpr pair<double> slope{0x1.9884533d43651p+0, -0x1.cbc0d30ebfd15p-54};

    struct argument {
        pair<double> y, x_slope;

        NONLIN_INLINE explicit argument(double x) {
            const double near = at_most(40.0, at_least(-40.0, x)), square = near * near;
            const pair<double> term = cubic * pair<double>{square, remainder(near, near, -square)};
            const pair<double> line = slope * near;
            y = line * (1.0 + term);
            x_slope = line * (1.0 + term * 3.0);
        }
    };

    template <class Number> NONLIN_INLINE static double value(double x) {
        const argument v(x);
        return gated(x, gate<Number>(v.y.high, v.y.low));
    }
    template <class Number> NONLIN_INLINE static double derivative(double x) {
        const argument v(x);
        const Number x_slope = carried<Number>::from(v.x_slope.high, v.x_slope.low);
        const double far = gated_derivative(gate<Number>(v.y.high, v.y.low), x_slope);
        return with_root<Number, gelu_tanh_root>(x, 0.0, far);
    }
};
struct gelu_tanh : carried_twice<gelu_tanh_kernel> {
#if NONLIN_HAS_FMA
    using float_value = float_gelu_tanh;
    using float_derivative = float_gelu_tanh_derivative;
#endif
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
