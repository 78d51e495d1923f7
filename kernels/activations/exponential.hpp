// ELU and its relatives: exponentials left of 0, straight lines right of it.
#pragma once

#include "../elementary.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// factor (high + low), rounded once. An infinite factor would make a low part of 0 NaN: it takes no part.
template <class T> NONLIN_INLINE T product(T factor, T high, T low) {
    T const finite = absolute(factor) < __builtin_inf() ? factor : T(0);
    return fma(factor, high, finite * low);
}

// x for x > 0, else alpha (e^x - 1), values in (-alpha, inf);
// derivative 1 for x > 0, else alpha e^x.
struct elu {
    // e^x - 1 is a sum of two terms, so alpha times it is rounded once. Below x = -30 (-50), where
    // e^x is far less than half a unit in the last place of 1, x stops. What the left side computes
    // where x is not negative, NaN included, is not used.
    struct value_stages {
        template <class T> NONLIN_INLINE static auto start(T x, T) {
            return exact_exp(at_least(T(sizeof(T) == 4 ? -30 : -50), x));
        }

        template <class E, class T> NONLIN_INLINE static T finish(E exponential, T x, T alpha) {
            auto const e = minus_1(exponential);
            T const left = product(alpha, e.high, e.low);
            return x < 0 ? left : x;
        }
    };

    // e^x = 2^n (1 + q) may be subnormal where alpha e^x is not, so 2^n is taken in two steps: the
    // first leaves a normal number, which alpha multiplies, and the second (1 for n >= `first_step`)
    // alone rounds into the subnormal range. From `vanishes` on the product is 0 for every alpha
    // below 2^75 (2^850).
    struct derivative_stages {
        template <class T> NONLIN_INLINE static auto start(T x, T) {
            T const vanishes = sizeof(T) == 4 ? -156 : -1330;
            return exact_exp(at_least(vanishes, x));
        }

        template <class E, class T> NONLIN_INLINE static T finish(E e, T x, T alpha) {
            T const first_step = sizeof(T) == 4 ? -100 : -900;
            T const n = e.n(), first = at_least(first_step, n);
            T const scale = power_of_two(first + shifter<T>(0));
            T const power = 1 + e.high, power_low = (e.high - (power - 1)) + e.low;
            T const normal = product(alpha, scale * power, scale * power_low);
            T const left = normal * power_of_two((n - first) + shifter<T>(0));
            return x > 0 ? T(1) : left;
        }
    };

    template <class T> NONLIN_INLINE static T value(T x, T alpha) {
        return value_stages::finish(value_stages::start(x, alpha), x, alpha);
    }
    template <class T> NONLIN_INLINE static T derivative(T x, T alpha) {
        return derivative_stages::finish(derivative_stages::start(x, alpha), x, alpha);
    }
};

} // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
