// Sigmoid and what is built from it.
#pragma once

#include "bell.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// 2^margin / (1 + e^-x) = quotient (1 + error).
//
// e^-x = s (1 + q), s a power of two. The denominator is (1 + s) + s q; what rounding takes from
// either sum goes into `sum_low`, and one Newton step on 1 / sum takes it into account together
// with the quotient's own error. All of it is scaled by 2^-margin, so that the denominator is
// finite down to where the result vanishes, and the last product of who takes the scale away
// alone rounds into the subnormal range. What is left is that rounding, 0.5 ULP, and q's error: at
// most 0.4 if q is a number, 0.1 if it is a sum of two.
template <class V> struct logistic {
    V quotient, error;

    template <class E> NONLIN_INLINE explicit logistic(E e) {
        using domain = logistic_domain<number_of<V>>;
        const V scale = e.scale();
        const V whole = domain::unit + scale, whole_low = domain::unit - (whole - scale);
        const V part = scale * e.high, sum = whole + part;
        V sum_low = ((whole - sum) + part) + whole_low;
        if constexpr (requires { e.low; }) sum_low = fma(scale, e.low, sum_low);
        quotient = 1 / sum;
        error = nfma(sum_low, quotient, left_over(sum, quotient, V(1)));
    }

    NONLIN_INLINE V rounded() const {
        return fma(quotient, error, quotient) * logistic_domain<number_of<V>>::unit;
    }

    // From x = `saturates` on the result is 1, and down to `lowest` its scale suffices.
    NONLIN_INLINE static V bounded(V x, V lowest) {
        return min(max(x, lowest), logistic_domain<number_of<V>>::saturates);
    }
};

// 1 / (1 + e^-x), values in (0, 1); derivative e^-x / (1 + e^-x)^2.
struct sigmoid {
    struct value_halves {
        template <class V> NONLIN_INLINE static exponential<V> start(V x) {
            using domain = logistic_domain<number_of<V>>;
            return exp<-domain::margin>(-logistic<V>::bounded(x, -domain::vanishes));
        }
        template <class V> NONLIN_INLINE static V finish(exponential<V> e, V) {
            return logistic<V>(e).rounded();
        }
    };
    struct derivative_halves {
        template <class V>
            requires(!has_pieces<V>)
        NONLIN_INLINE static exponential<V> start(V x) {
            return bell::start(abs(x));
        }
        template <class V> NONLIN_INLINE static V finish(exponential<V> e, V) {
            return bell::finish(e, 1);
        }
    };

    template <class V> NONLIN_INLINE static V value(V x) { return both_halves<value_halves>(x); }
    template <class V> NONLIN_INLINE static V derivative(V x) {
        if constexpr (has_pieces<V>) {
            return bell_in_pieces<1>(x);
        } else {
            return both_halves<derivative_halves>(x);
        }
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
