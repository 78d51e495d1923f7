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

// scale x or slope (e^x - 1): both factors of either product are sums of two terms, so it is
// rounded once. What the low terms add would underflow where the product is nearly subnormal, so
// there it is scaled up meanwhile. (Infinity times a low term would be infinite of the other sign;
// hence the bound.)
struct selu_value {
    template <class T> static constexpr int vectors = 1;

    template <class T> NONLIN_INLINE static auto start(T x) { return elu_value::start(x, T(1)); }

    template <class E, class T> NONLIN_INLINE static T finish(E exponential, T x) {
        using constant = selu_constants<T>;
        const auto e = minus_1(exponential);
        const bool left = x < 0;
        const T a = left ? constant::slope : constant::scale;
        const T a_low = left ? constant::slope_low : constant::scale_low;
        const T b = left ? e.high : x, b_low = left ? e.low : T(0);

        const T tiny = sizeof(T) == 4 ? T(0x1p-60) : T(0x1p-900);
        const T up = absolute(b) < tiny ? 1 / tiny : T(1), down = absolute(b) < tiny ? tiny : T(1);
        const T scaled = b * up;
        const T low = fma(a, b_low, a_low * at_most(format<T>::largest, scaled));
        return product_plus(a, scaled, low) * down;
    }
};

struct selu_derivative {
    template <class T> static constexpr int vectors = 1;

    template <class T> NONLIN_INLINE static auto start(T x) {
        return elu_derivative::start(x, T(1));
    }

    template <class E, class T> NONLIN_INLINE static T finish(E e, T x) {
        using constant = selu_constants<T>;
        const T power = 1 + e.high, power_low = (e.high - (power - 1)) + e.low;
        const T normal = product_plus(constant::slope, power,
                                      fma(constant::slope, power_low, constant::slope_low * power));
        const two_powers<T> scale(e, 0);
        const T left = normal * scale.first * scale.second;
        return x > 0 ? constant::scale : left;
    }
};

// scale x for x > 0, else scale alpha (e^x - 1); derivative scale for x > 0, else scale alpha e^x.
struct selu : staged<selu_value, selu_derivative> {};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
