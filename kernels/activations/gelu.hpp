// GELU, x times the normal distribution function, and its approximation by tanh (Hendrycks, Gimpel
// 2016).
#pragma once

#include "gated.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// (1 + 2 z) e^(z^2) erfc(z) for z >= 0 as a polynomial in u = (z - 4) / (z + 4), relative error
// 2^-53.8 (tools/minimax.py).
NONLIN_INLINE double scaled_erfc_polynomial(double u) {
    const double u_squared = u * u;
    const double even =
        horner(u_squared, 0x1.3ba5916e9fd7fp+0, 0x1.f7f5df66fd71ep-7, -0x1.9ddb23c3e8a4dp-4,
               -0x1.0fb06dfe58cb7p-4, -0x1.0962388077677p-6, -0x1.8d4a9feeec925p-11,
               0x1.3be0d2dc83ffep-13, -0x1.78a8725e3cd18p-17, 0x1.44391e23d6968p-22,
               0x1.0bf5a4f82fe86p-24, -0x1.0b4818d6df39dp-27, -0x1.d8237d46b2f35p-30);
    const double odd =
        horner(u_squared, -0x1.1df1ad154a29cp-3, 0x1.16ecefcfa6043p-4, 0x1.7fee004df6abfp-4,
               0x1.3079edf9f9acap-5, 0x1.49c67191a9420p-8, -0x1.a1de83d02ae5fp-13,
               -0x1.9969d5f491691p-16, 0x1.7fae629f434e6p-18, -0x1.bfe123ca7dd0ap-21,
               0x1.ec0995061a08ep-24, -0x1.cbf317b820115p-27);
    return fma(u, odd, even);
}

// With a = |x|, Phi(-a) = erfc(a / sqrt 2) / 2 = e^(-a^2 / 2) R(a), R smooth and slowly falling.
// The exponent is a sum of two terms, so the tail keeps its relative accuracy; the power is scaled
// up by 2^512 and the last product alone rounds into the subnormal range.
struct normal_tail {
    double power, ratio, a;

    NONLIN_INLINE explicit normal_tail(double x) : a(at_most(40.0, absolute(x))) {
        const double square = a * a, square_low = remainder(a, a, -square);
        const auto e = exact_exp<512>(-0.5 * square, -0.5 * square_low);
        power = fma(e.scale(), e.high + e.low, e.scale());
        const double z = a * 0x1.6a09e667f3bcdp-1;
        ratio = 0.5 * scaled_erfc_polynomial((z - 4) / (z + 4)) / fma(2.0, z, 1.0);
    }
};

struct gelu_kernel {
    // x Phi(x): x - a Phi(-a) right of 0, -a Phi(-a) left of it.
    NONLIN_INLINE static double value(double x) {
        const normal_tail tail(x);
        const double gated = tail.power * tail.ratio * tail.a;
        const double left = x < -40 ? -0.0 : -(gated * 0x1p-512);
        const double right = x > 40 ? x : fma(gated, -0x1p-512, x);
        return x < 0 ? left : right;
    }

    // Phi(x) + x phi(x): with k = e^(-a^2 / 2) (R(a) - a / sqrt(2 pi)), 1 - k right of 0, k left of
    // it.
    NONLIN_INLINE static double derivative(double x) {
        const normal_tail tail(x);
        const double k = tail.power * fma(tail.a, -0x1.9884533d43651p-2, tail.ratio);
        return x < 0 ? k * 0x1p-512 : fma(k, -0x1p-512, 1.0);
    }
};
struct gelu : widened<gelu_kernel> {};

// x (1 + tanh u) / 2 = x sigmoid(2 u), 2 u = 2 sqrt(2 / pi) (x + 0.044715 x^3), carried as a sum of
// two terms because its error comes back multiplied by 2 u.
struct gelu_tanh_kernel {
    static constexpr double cubic = 0x1.6e4e26d4801f7p-5, cubic_low = 0x1.441355475a31ap-59;
    static constexpr double slope = 0x1.9884533d43651p+0, slope_low = -0x1.cbc0d30ebfd15p-54;

    struct argument {
        double y, y_low, x_slope;

        NONLIN_INLINE explicit argument(double x) {
            const double near = at_most(40.0, at_least(-40.0, x));
            const double square = near * near, square_low = remainder(near, near, -square);
            const double term = cubic * square;
            const double term_low =
                remainder(cubic, square, -term) + fma(cubic, square_low, cubic_low * square);
            const auto factor = exact_sum(1.0, term);
            const double w = near * factor.high;
            const double w_low = remainder(near, factor.high, -w) + near * (factor.low + term_low);
            y = slope * w;
            y_low = remainder(slope, w, -y) + fma(slope, w_low, slope_low * w);
            x_slope = slope * near * fma(3.0, term, 1.0);
        }
    };

    NONLIN_INLINE static double value(double x) {
        const argument u(x);
        return gated(x, u.y, u.y_low);
    }
    NONLIN_INLINE static double derivative(double x) {
        const argument u(x);
        return gated_derivative(u.y, u.y_low, u.x_slope);
    }
};
struct gelu_tanh : widened<gelu_tanh_kernel> {};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
