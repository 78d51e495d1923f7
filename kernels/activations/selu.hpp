// SELU (Klambauer et al. 2017).
#pragma once

#include "elu.hpp"

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

// scale x for x > 0, else scale alpha (e^x - 1); derivative scale for x > 0, else scale alpha e^x.
struct selu {
    // scale x or slope (e^x - 1): both factors of either product are sums of two terms, so it is
    // rounded once. What the low terms add would underflow where the product is nearly subnormal,
    // so there it is scaled up meanwhile. (Infinity times a low term would be infinite of the other
    // sign; hence the bound.)
    struct value_halves {
        template <class V> NONLIN_INLINE static exact_exponential<V> start(V x) {
            return exact_exp(max(x, exponential_domain<number_of<V>>::saturates));
        }
        template <class V> NONLIN_INLINE static V finish(exact_exponential<V> exponential, V x) {
            using T = number_of<V>;
            using constant = selu_constants<T>;
            const auto e = minus_1(exponential);
            const auto left = x < 0;
            const V a = select(left, V(constant::slope), V(constant::scale));
            const V a_low = select(left, V(constant::slope_low), V(constant::scale_low));
            const V b = select(left, e.high, x), b_low = select(left, e.low, V(0));

            constexpr double tiny = is_float<V> ? 0x1p-60 : 0x1p-900;
            const auto small = abs(b) < tiny;
            const V up = select(small, V(1 / tiny), V(1)), down = select(small, V(tiny), V(1));
            const V scaled = b * up;
            const V low = fma(a, b_low, a_low * min(scaled, format<T>::largest));
            return product_plus(a, scaled, low) * down;
        }
    };

    struct derivative_halves {
        template <class V> NONLIN_INLINE static exact_exponential<V> start(V x) {
            return exact_exp(max(x, exponential_domain<number_of<V>>::vanishes));
        }
        template <class V> NONLIN_INLINE static V finish(exact_exponential<V> e, V x) {
            using constant = selu_constants<number_of<V>>;
            const V power = 1 + e.high, power_low = (e.high - (power - 1)) + e.low;
            const V low = fma(power_low, constant::slope, constant::slope_low * power);
            const V normal = product_plus(V(constant::slope), power, low);
            const two_powers<V> scale(e.shifted, typename V::Integers(0));
            return select(x > 0, V(constant::scale), normal * scale.first * scale.second);
        }
    };

    template <class V> NONLIN_INLINE static V value(V x) { return both_halves<value_halves>(x); }
    template <class V> NONLIN_INLINE static V derivative(V x) {
        return both_halves<derivative_halves>(x);
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
