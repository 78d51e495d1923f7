// SiLU (Elfwing et al. 2017).
#pragma once

#include "gate.hpp"
#include "octaves.hpp"
#include "roots.hpp"
#include "sigmoid.hpp"
#include "tables/silu.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// x sigmoid(beta x) for any beta.
struct silu_of_any_beta {
    // beta x, and what rounding takes from it: of the product of two floats nothing.
    template <class Number, class V>
    NONLIN_INLINE static double_double<V> argument(V x, V beta) {
        const V y = beta * x;
        return {y, in_pairs<Number> ? product_error(beta, x, y) : V(0)};
    }
    template <class Number, class V> NONLIN_INLINE static V value(V x, V beta) {
        const double_double<V> y = argument<Number>(x, beta);
        return gated(x, gate<Number, V>(y.high, y.low));
    }
    // At infinity the limit for a beta of 0 is 1/2, the product NaN.
    template <class Number, class V> NONLIN_INLINE static V derivative(V x, V beta) {
        using gate = activations::gate<Number, V>;
        const double_double<V> y = argument<Number>(x, beta);
        const V near = min(max(y.high, -gate::vanishes), gate::vanishes);
        const V near_low = select(near == y.high, y.low, V(0));
        const Number slope = carried<Number>::from(near, near_low);
        const V far = gated_derivative(gate(y.high, y.low), slope);
        const V result = with_root<Number, silu_root>(y.high, y.low, far);
        return select((y.high != y.high) & (x == x) & (beta == 0), V(0.5), result);
    }
};

struct silu {
    template <class V> NONLIN_INLINE static V value(V x, V beta) {
        return split(
            beta == 1, NONLIN_BODY { return usual(x); },
            NONLIN_BODY {
                return carried_twice<silu_of_any_beta>::value(x, beta);
            });
    }
    template <class V> NONLIN_INLINE static V derivative(V x, V beta) {
        if constexpr (has_pieces<V>) {
            return split(
                beta == 1, NONLIN_BODY { return usual_derivative(x); },
                NONLIN_BODY {
                    return carried_twice<silu_of_any_beta>::derivative(x, beta);
                });
        } else {
            return carried_twice<silu_of_any_beta>::derivative(x, beta);
        }
    }

 private:
    // x sigmoid(x): sigmoid with its error, times x, rounded once. Below `lowest` it vanishes.
    template <class V> NONLIN_INLINE static V usual(V x) {
        using domain = logistic_domain<number_of<V>>;
        constexpr auto lowest = -domain::vanishes - 8;
        const logistic<V> s(exact_exp<-domain::margin>(-logistic<V>::bounded(x, lowest)));
        const V near = max(x, lowest), product = near * s.quotient;
        const V lost = product_error(near, s.quotient, product);
        const V result = (product + fma(product, s.error, lost)) * domain::unit;
        return select(x > domain::saturates, x, copy_sign(result, x));
    }

    // In float, g = w = |x|. In the last piece w is larger than 2, and 1 - w exact.
    template <class V> NONLIN_INLINE static V usual_derivative(V x) {
        return in_pieces<32>(abs(x), octave_limits, NONLIN_FORMULA {
            const V y = min(abs(x), 112);
            const octave<entries, V> w(y, tables::silu_slope_correction);
            const auto sum =
                gate_slope(w, tables::silu_slope_coefficient, tables::silu_slope_low);
            V tail = sum.high + sum.low;
            if constexpr (entries == 32) {
                const V factor = select(w.is_last(), 1 - y, V(1));
                tail = fma(factor, sum.high, factor * sum.low);
            }
            return complement(w.scale(), tail, x);
        });
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
