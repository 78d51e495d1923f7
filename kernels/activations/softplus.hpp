// Softplus and log-sigmoid.
#pragma once

#include "../compensated.hpp"
#include "exponential.hpp"
#include "hyperbolic.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// A kernel written in double, offered in float as well: rounded once more, to 0.5 ULP and a little.
template <class Kernel> struct widened {
    template <class... P> NONLIN_INLINE static double value(double x, P... parameters) {
        return Kernel::value(x, parameters...);
    }
    template <class... P> NONLIN_INLINE static double derivative(double x, P... parameters) {
        return Kernel::derivative(x, parameters...);
    }
    template <class... P> NONLIN_INLINE static float value(float x, P... parameters) {
        return float(Kernel::value(double(x), double(parameters)...));
    }
    template <class... P> NONLIN_INLINE static float derivative(float x, P... parameters) {
        return float(Kernel::derivative(double(x), double(parameters)...));
    }
};

// sigmoid(y + y_low) = 2^-512 high (1 + error), `high` finite and normal wherever it matters.
struct gate {
    static constexpr double vanishes = -760;
    double high, error;

    NONLIN_INLINE gate(double y, double y_low) {
        using domain = logistic_domain<double>;
        const double bounded = at_most(domain::saturates, at_least(vanishes, y));
        const auto e = exact_exp<-domain::margin>(-bounded, bounded == y ? -y_low : 0.0);
        const double scale = e.scale();
        const double whole = domain::unit + scale, whole_low = domain::unit - (whole - scale);
        const double sum = fma(scale, e.high, whole);
        const double sum_low = fma(scale, e.high, whole - sum) + fma(scale, e.low, whole_low);
        high = 1 / sum;
        error = fma(-sum_low, high, remainder(-sum, high, 1.0));
    }

    // x sigmoid(y), rounded once.
    NONLIN_INLINE double times(double x) const {
        const double product = x * high, product_low = remainder(x, high, -product);
        return (product + fma(product, error, product_low)) * logistic_domain<double>::unit;
    }
};

// (2 atanh(s) - 2 s) / s^3 as a polynomial in z = s^2, 0 <= s <= 1/3: relative to 2 atanh(s) / s an
// error of 2^-66 (tools/minimax.py).
NONLIN_INLINE double atanh_tail(double z) {
    const double z_squared = z * z;
    const double even =
        horner(z_squared, 0x1.5555555555555p-1, 0x1.2492492482182p-2, 0x1.745d14c7fb250p-3,
               0x1.110986eb60ffbp-3, 0x1.a6036f44e5ad0p-4, 0x1.ae399a7baa45ap-6);
    const double odd =
        horner(z_squared, 0x1.9999999999afep-2, 0x1.c71c71d2e03a3p-3, 0x1.3b14069796c68p-3,
               0x1.e2c737e853bd7p-4, 0x1.c316ec6d1d124p-4, 0x1.aad1f10ac61aap-3);
    return fma(z, odd, even);
}

// ln(1 + e^(beta x)) / beta.
struct softplus_kernel {
    // max(y, 0) + ln(1 + t), y = beta x, t = e^-|y| in (0, 1]. With s = t / (2 + t) <= 1/3,
    // ln(1 + t) = 2 atanh(s) = 2 s + s^3 Q(s^2), whose second term is at most 1/27 of the first: s
    // as a sum of two terms therefore gives the logarithm to 0.1 ULP before its last rounding. t is
    // scaled up by 2^512 so that it and s are normal, and the last product alone rounds into the
    // subnormal range.
    NONLIN_INLINE static double value(double x, double beta) {
        const double y = beta * x, y_low = remainder(beta, x, -y), magnitude = absolute(y);
        const double bounded = at_most(760.0, magnitude);
        const double bounded_low = bounded == magnitude ? (y < 0 ? y_low : -y_low) : 0.0;
        const auto e = exact_exp<512>(-bounded, bounded_low);
        const double t = fma(e.scale(), e.high, e.scale());
        const double t_low = fma(e.scale(), e.low, fma(e.scale(), e.high, e.scale() - t));
        const double sum = fma(t, 0x1p-512, 2.0);
        const double sum_low = fma(t_low, 0x1p-512, fma(t, 0x1p-512, 2 - sum));
        const double inverse = 1 / sum, s = t * inverse;
        const double s_low = (remainder(-s, sum, t) + fma(-s, sum_low, t_low)) * inverse;
        const double plain = s * 0x1p-512, z = plain * plain;
        const double tail = fma(s * z, atanh_tail(z), s_low + s_low);
        // The logarithm, scaled, is 2 s + tail; to it comes max(y, 0).
        const double logarithm = fma(2.0, s, tail), logarithm_low = fma(2.0, s, -logarithm) + tail;
        const double base = y > 0 ? y : 0.0, base_low = y > 0 && y < 1e100 ? y_low : 0.0;
        const auto both = exact_sum(base, logarithm * 0x1p-512);
        const double high = both.high;
        const double low = both.low + fma(logarithm_low, 0x1p-512, base_low);
        const double whole = high < 1e100 ? high + low : high;
        const double scaled_high = y > 0 ? whole : logarithm;
        const double scaled_low =
            y > 0 ? (high < 1e100 ? low - (whole - high) : 0.0) : logarithm_low;
        const double result = scaled_high / beta;
        const double corrected =
            high < 1e100 ? result + (remainder(-result, beta, scaled_high) + scaled_low) / beta
                         : result;
        return corrected * (y > 0 ? 1.0 : 0x1p-512);
    }

    NONLIN_INLINE static double derivative(double x, double beta) {
        const double y = beta * x;
        return gate(y, remainder(beta, x, -y)).times(1.0);
    }
};
struct softplus : widened<softplus_kernel> {};

// ln sigmoid(x) = -softplus(-x); derivative sigmoid(-x).
struct log_sigmoid_kernel {
    NONLIN_INLINE static double value(double x) { return -softplus_kernel::value(-x, 1.0); }
    NONLIN_INLINE static double derivative(double x) { return sigmoid::value(-x); }
};
struct log_sigmoid : widened<log_sigmoid_kernel> {};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
