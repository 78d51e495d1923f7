// Softplus and log-sigmoid.
#pragma once

#include "gate.hpp"
#include "tails.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// (2 atanh(s) - 2 s) / s^3 as a polynomial in z = s^2, 0 <= s <= 1/3: relative to 2 atanh(s) / s an
// error of 2^-66 (tools/coefficients.py).
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
    // ln(1 + t) = 2 atanh(s) = 2 s + s^3 Q(s^2), whose second term is at most 1/27 of the first. t
    // is scaled up by 2^512 so that it and s are normal down to t = 2^-1529, and the last product
    // alone rounds into the subnormal range; what is below vanishes for every beta from 2^-400 on.
    // From y = 40 on the logarithm is lost beside y.
    template <class Number> NONLIN_INLINE static double value(double x, double beta) {
        constexpr double vanishes = 1060, saturates = 40, unit = 0x1p-512;
        const double y = beta * x, y_low = remainder(beta, x, -y), magnitude = absolute(y);
        const double bounded = at_most(vanishes, magnitude);
        const double low = bounded == magnitude ? (y < 0 ? y_low : -y_low) : 0.0;
        const Number t = exp_of<Number, 512>(-bounded, low).whole();
        const Number s = t / (2.0 + t * unit);
        const double plain = rounded(s), z = plain * unit * (plain * unit);
        const Number logarithm = s * 2.0 + plain * z * atanh_tail(z);
        const double left = y < -vanishes ? 0.0 : rounded(logarithm / beta) * unit;
        const Number positive = carried<Number>::from(at_most(saturates, magnitude), -low);
        const double right = rounded((positive + logarithm * unit) / beta);
        return y > saturates ? x : y > 0 ? right : left;
    }
};

// sigmoid(beta x), the product in two terms.
struct softplus_derivative {
    template <class T> NONLIN_INLINE static auto start(T x, T beta) {
        using domain = logistic_domain<T>;
        const T y = beta * x, near = logistic<T>::bounded(y, -domain::vanishes);
        const T y_low = remainder(beta, x, -y);
        return exp<-domain::margin>(-near, near == y ? -y_low : T(0));
    }
    template <class E, class T> NONLIN_INLINE static T finish(E e, T x, T) {
        return sigmoid::value_stages::finish(e, x);
    }
};

// ln sigmoid(x) = -softplus(-x); derivative sigmoid(-x).
struct log_sigmoid_kernel {
    template <class Number> NONLIN_INLINE static double value(double x) {
        return -softplus_kernel::value<Number>(-x, 1.0);
    }
};

struct log_sigmoid : carried_twice<log_sigmoid_kernel> {
    struct derivative_stages {
        template <class T> NONLIN_INLINE static auto start(T x) {
            return sigmoid::value_stages::start(-x);
        }
        template <class E, class T> NONLIN_INLINE static T finish(E e, T x) {
            return sigmoid::value_stages::finish(e, x);
        }
    };
    template <class T> NONLIN_INLINE static T derivative(T x) { return sigmoid::value(-x); }
#if NONLIN_HAS_FMA
    using float_value = float_log_sigmoid;
#endif
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
