// The exponential function itself, and products of a factor and an exponential.
#pragma once

#include "pieces.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// Where e^x - 1 has long been -1 (`saturates`), where alpha e^x is 0 for every alpha up to
// 2^`large` (`vanishes`), for every alpha (`vanishes_for_large`), and for every alpha up to
// 2^-`large` (`vanishes_for_small`), and where e^x is infinite (`overflows`).
template <class T> struct exponential_domain;

template <> struct exponential_domain<float> {
    static constexpr float saturates = -30, vanishes = -156, overflows = 130;
    static constexpr float vanishes_for_large = -194, vanishes_for_small = -112;
    static constexpr int large = 64;
    static constexpr float up = 0x1p64F;
};

template <> struct exponential_domain<double> {
    static constexpr double saturates = -50, vanishes = -1330, overflows = 1000;
    static constexpr double vanishes_for_large = -1456, vanishes_for_small = -600;
    static constexpr int large = 512;
    static constexpr double up = 0x1p512;
};

// factor (high + low), rounded once. An infinite factor would make a low part of 0 NaN: it takes no
// part.
template <class V> NONLIN_INLINE V product(V factor, V high, V low) {
    const V finite = select(abs(factor) < infinity<V>(), factor, V(0));
    return product_plus(factor, high, finite * low);
}

// 2^(n + shift) as a product of two powers about its root, for |n + shift| up to twice the exponent
// bias: x 2^n is infinite or subnormal only if the last of two products is, which alone then
// rounds.
template <class V> struct two_powers {
    V first, second;

    NONLIN_INLINE two_powers(V shifted, typename V::Integers shift) {
        using T = number_of<V>;
        constexpr auto bias = format<T>::exponent_bias;
        const auto exponents = bits(shifted) - (shifter_bits<T>(0) - 2 * bias) + shift;
        const auto half = exponents >> 1;
        first = V::from_bits(half << format<T>::fraction_bits);
        second = V::from_bits((exponents - half) << format<T>::fraction_bits);
    }
};

// factor e^x for a factor from 2^-`large` to 2^`large`: e^x = 2^n (1 + q) may be subnormal or
// infinite where the product is not. A caller with another factor moves `shift` powers of two from
// it to 2^n.
template <class V>
NONLIN_INLINE V times_power(V factor, exact_exponential<V> e, typename V::Integers shift) {
    const V power = 1 + e.high, power_low = (e.high - (power - 1)) + e.low;
    const two_powers<V> scale(e.shifted, shift);
    return product(factor, power, power_low) * scale.first * scale.second;
}

// e^x, its own derivative.
struct exponential_activation {
    struct value_halves {
        template <class V> NONLIN_INLINE static exact_exponential<V> start(V x) {
            using domain = exponential_domain<number_of<V>>;
            return exact_exp(min(max(x, domain::vanishes), domain::overflows));
        }
        template <class V> NONLIN_INLINE static V finish(exact_exponential<V> e, V) {
            return times_power(V(1), e, typename V::Integers(0));
        }
    };
    using derivative_halves = value_halves;

    template <class V> NONLIN_INLINE static V value(V x) { return both_halves<value_halves>(x); }
    template <class V> NONLIN_INLINE static V derivative(V x) { return value(x); }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
