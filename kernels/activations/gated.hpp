// SiLU and Mish: x times a smooth gate.
//
// They are written once, in double; float32 goes through it and is rounded at the end, which leaves
// it at 0.5 ULP and a little.
#pragma once

#include "softplus.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// x sigmoid(y + y_low). Where sigmoid is 1 to the last place, x itself; where it vanishes, 0.
NONLIN_INLINE double gated(double x, double y, double y_low) {
    const double finite = at_most(1e100, at_least(-1e100, x));
    const double inside = gate(y, y_low).times(finite);
    const double left = y < gate::vanishes ? copy_sign(0.0, x) : inside;
    return y > logistic_domain<double>::saturates ? x : left;
}

// The derivative of x s, s = sigmoid(y): s + x y' s (1 - s) = s (1 + x y' sigmoid(-y)), given x y'.
// The sum cancels near its zero, where in double only the absolute error stays below a unit of s.
NONLIN_INLINE double gated_derivative(double y, double y_low, double x_slope) {
    const double other = gate(-y, -y_low).times(1.0);
    const double factor = fma(at_most(1e10, at_least(-1e10, x_slope)), other, 1.0);
    const double left = gate(y, y_low).times(factor);
    return y < gate::vanishes ? -0.0 : left;
}

// x sigmoid(beta x).
struct silu_kernel {
    NONLIN_INLINE static double value(double x, double beta) {
        const double y = beta * x;
        return gated(x, y, remainder(beta, x, -y));
    }
    NONLIN_INLINE static double derivative(double x, double beta) {
        const double y = beta * x;
        return gated_derivative(y, remainder(beta, x, -y), y);
    }
};
struct silu : widened<silu_kernel> {};

// x tanh(ln(1 + e^x)) = x N / (N + 2), N = e^x (e^x + 2).
struct mish_kernel {
    NONLIN_INLINE static double value(double x) {
        const double bounded = at_most(40.0, at_least(-760.0, x));
        const auto e = exact_exp<512>(bounded);
        const double w = fma(e.scale(), e.high, e.scale());
        const double w_low = fma(e.scale(), e.low, fma(e.scale(), e.high, e.scale() - w));
        const double small = w * 0x1p-512, factor = small + 2;
        const double factor_low = fma(w_low, 0x1p-512, small - (factor - 2));
        const double top = w * factor;
        const double top_low = fma(w, factor_low, fma(w_low, factor, remainder(w, factor, -top)));
        const double sum = fma(top, 0x1p-512, 2.0);
        const double sum_low = fma(top_low, 0x1p-512, fma(top, 0x1p-512, 2 - sum));
        const double inverse = 1 / sum, gate = top * inverse;
        const double gate_low =
            (remainder(-gate, sum, top) + fma(-gate, sum_low, top_low)) * inverse;
        const double finite = at_most(1e3, at_least(-1e3, x));
        const double gated = fma(finite, gate, finite * gate_low) * 0x1p-512;
        const double left = x < -760 ? -0.0 : gated;
        return x > 40 ? x : left;
    }

    // tanh(s) + x sigmoid(x) (1 - tanh(s)^2), s = softplus(x).
    NONLIN_INLINE static double derivative(double x) {
        const double bounded = at_most(40.0, at_least(-760.0, x));
        const double s = softplus_kernel::value(bounded, 1.0);
        const double bell = tanh::derivative(s);
        return fma(bounded * sigmoid::value(bounded), bell, tanh::value(s));
    }
};
struct mish : widened<mish_kernel> {};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
