// SELU (Klambauer et al. 2017).
#pragma once

#include "exponential.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// The constants of the paper as sums of two numbers: scale = 1.0507009873554804934193349852946,
// slope = scale alpha, alpha = 1.6732632423543772848170429916717.
template <class T> struct selu_constants;

template <> struct selu_constants<float> {
    static constexpr float scale = 0x1.0cfabep+0F, scale_low = -0x1.2adddap-25F;
    static constexpr float slope = 0x1.c212ccp+0F, slope_low = 0x1.903c0cp-26F;
};

template <> struct selu_constants<double> {
    static constexpr double scale = 0x1.0cfabd6a91132p+0, scale_low = 0x1.6fc7d272f2695p-55;
    static constexpr double slope = 0x1.c212cc640f031p+0, slope_low = 0x1.05161b045a1fep-56;
};

// Both factors of both products are sums of two terms, so each product is rounded once. (Infinity
// times the low part of `scale` would be infinite of the other sign; hence the bound.)
struct selu_value {
    template <class T> NONLIN_INLINE static auto start(T x) { return elu_value::start(x, T(1)); }

    template <class E, class T> NONLIN_INLINE static T finish(E exponential, T x) {
        using constant = selu_constants<T>;
        const auto e = minus_1(exponential);
        const T left =
            fma(constant::slope, e.high, fma(constant::slope, e.low, constant::slope_low * e.high));
        const T right =
            fma(constant::scale, x, constant::scale_low * at_most(format<T>::largest, x));
        return x < 0 ? left : right;
    }
};

struct selu_derivative {
    template <class T> NONLIN_INLINE static auto start(T x) {
        return elu_derivative::start(x, T(1));
    }

    template <class E, class T> NONLIN_INLINE static T finish(E e, T x) {
        using constant = selu_constants<T>;
        using domain = exponential_domain<T>;
        const T n = e.n(), first = at_least(domain::smallest_step, n);
        const T power = 1 + e.high, power_low = (e.high - (power - 1)) + e.low;
        const T normal = fma(constant::slope, power,
                             fma(constant::slope, power_low, constant::slope_low * power));
        const T left = normal * power_of_two(first + shifter<T>(0)) *
                       power_of_two((n - first) + shifter<T>(0));
        return x > 0 ? constant::scale : left;
    }
};

// scale x for x > 0, else scale alpha (e^x - 1); derivative scale for x > 0, else scale alpha e^x.
struct selu : staged<selu_value, selu_derivative> {};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
