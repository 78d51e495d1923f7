// SiLU, Mish and GELU: x times a smooth gate.
//
// They are written once, in double; float32 goes through it and is rounded at the end, which leaves it
// at 0.5 ULP and a little.
#pragma once

#include "softplus.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// x sigmoid(beta x).
struct silu_kernel {
    // x / (1 + e^-y), y = beta x as a sum of two terms. The denominator is scaled and corrected as in
    // sigmoid; beyond saturation the gate is 1, and where it vanishes the result is 0.
    NONLIN_INLINE static double value(double x, double beta) {
        using domain = logistic_domain<double>;
        double const y = beta * x, y_low = remainder(beta, x, -y);
        double const bounded = at_most(domain::saturates, at_least(-756.0, y));
        auto const e = exact_exp<-domain::margin>(-bounded, bounded == y ? -y_low : 0.0);
        double const scale = e.scale();
        double const whole = domain::unit + scale, whole_low = domain::unit - (whole - scale);
        double const sum = fma(scale, e.high, whole);
        double const sum_low = fma(scale, e.high, whole - sum) + fma(scale, e.low, whole_low);
        double const finite = at_most(1e100, at_least(-1e100, x));
        double const inverse = 1 / sum, quotient = finite * inverse;
        double const left_over = fma(-quotient, sum_low, remainder(-quotient, sum, finite));
        double const gated = fma(left_over, inverse, quotient) * domain::unit;
        double const left = y < -756 ? copy_sign(0.0, x) : gated;
        return y > domain::saturates ? x : left;
    }

    // s (1 + y (1 - s)) with s = sigmoid(y): (1 + t (1 + y)) / (1 + t)^2, t = e^-y.
    // On the far left multiply out by e^y instead, so that t stays finite.
    NONLIN_INLINE static double derivative(double x, double beta) {
        double const y = beta * x;
        double const bounded = at_most(800.0, at_least(-800.0, y));
        double const s = sigmoid::value(bounded), other = sigmoid::value(-bounded);
        return fma(bounded * other, s, s);
    }
};
struct silu : widened<silu_kernel> {};

// x tanh(ln(1 + e^x)) = x N / (N + 2), N = e^x (e^x + 2).
struct mish_kernel {
    NONLIN_INLINE static double value(double x) {
        double const bounded = at_most(40.0, at_least(-760.0, x));
        auto const e = exact_exp<512>(bounded);
        double const w = fma(e.scale(), e.high, e.scale());
        double const w_low = fma(e.scale(), e.low, fma(e.scale(), e.high, e.scale() - w));
        double const small = w * 0x1p-512, factor = small + 2;
        double const factor_low = fma(w_low, 0x1p-512, small - (factor - 2));
        double const top = w * factor;
        double const top_low =
            fma(w, factor_low, fma(w_low, factor, remainder(w, factor, -top)));
        double const sum = fma(top, 0x1p-512, 2.0);
        double const sum_low = fma(top_low, 0x1p-512, fma(top, 0x1p-512, 2 - sum));
        double const inverse = 1 / sum, gate = top * inverse;
        double const gate_low =
            (remainder(-gate, sum, top) + fma(-gate, sum_low, top_low)) * inverse;
        double const finite = at_most(1e3, at_least(-1e3, x));
        double const gated = fma(finite, gate, finite * gate_low) * 0x1p-512;
        double const left = x < -760 ? -0.0 : gated;
        return x > 40 ? x : left;
    }

    // tanh(s) + x sigmoid(x) (1 - tanh(s)^2), s = softplus(x).
    NONLIN_INLINE static double derivative(double x) {
        double const bounded = at_most(40.0, at_least(-760.0, x));
        double const s = softplus_kernel::value(bounded, 1.0);
        double const bell = tanh::derivative(s);
        return fma(bounded * sigmoid::value(bounded), bell, tanh::value(s));
    }
};
struct mish : widened<mish_kernel> {};

} // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
