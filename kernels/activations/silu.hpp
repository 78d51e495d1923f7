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
    // Given y = beta x, and what rounding takes from it: of the product of two floats nothing.
    template <class Number, class V> NONLIN_INLINE static V slope(V y, V y_low) {
        using gate = activations::gate<Number, V>;
        const V near = min(max(y, -gate::vanishes), gate::vanishes);
        const Number x_slope = carried<Number>::from(near, select(near == y, y_low, V(0)));
        const V far = gated_derivative(gate(y, y_low), x_slope);
        return with_root<Number, silu_root>(y, y_low, far);
    }
    template <class Number, class V> NONLIN_INLINE static V low_of(V y, V x, V beta) {
        return in_pairs<Number> ? product_error(beta, x, y) : V(0);
    }
    template <class Number, class V> NONLIN_INLINE static V value(V x, V beta) {
        const V y = beta * x;
        return gated(x, gate<Number, V>(y, low_of<Number>(y, x, beta)));
    }
    // At infinity the limit for a beta of 0 is 1/2, the product NaN.
    template <class Number, class V> NONLIN_INLINE static V derivative(V x, V beta) {
        const V y = beta * x, found = slope<Number>(y, low_of<Number>(y, x, beta));
        return select((y != y) & (x == x) & (beta == 0), V(0.5), found);
    }
};

// For a beta of 1.
struct silu_of_1 {
    // x sigmoid(x): sigmoid with its error, times x, rounded once. Below `lowest` it vanishes.
    struct value_halves {
        template <class T> static constexpr T lowest = -logistic_domain<T>::vanishes - 8;

        template <class V> NONLIN_INLINE static exact_exponential<V> start(V x, V) {
            const V near = logistic<V>::bounded(x, lowest<number_of<V>>);
            return exact_exp<-logistic_domain<number_of<V>>::margin>(-near);
        }
        template <class V> NONLIN_INLINE static V finish(exact_exponential<V> e, V x, V) {
            using domain = logistic_domain<number_of<V>>;
            const logistic<V> s(e);
            const V near = max(x, lowest<number_of<V>>), product = near * s.quotient;
            const V lost = product_error(near, s.quotient, product);
            const V result = (product + fma(product, s.error, lost)) * domain::unit;
            return select(x > domain::saturates, x, copy_sign(result, x));
        }
    };

    template <class V> NONLIN_INLINE static V value(V x, V beta) {
        return both_halves<value_halves>(x, beta);
    }
    template <class V> NONLIN_INLINE static V derivative(V x, V) {
        if constexpr (has_pieces<V>) {
            return derivative_in_octaves(x);
        } else {
            return slope(x);
        }
    }

 private:
    template <class V> NONLIN_INLINE static V slope(V x) {
        if constexpr (is_float<V>) {
            const auto wide = widen(x);
            using W = std::remove_const_t<decltype(wide)>;
            return narrow(silu_of_any_beta::slope<W>(wide, W(0)));
        } else {
            return silu_of_any_beta::slope<double_double<V>>(x, V(0));
        }
    }

    // In float, g = w = |x|. In the last piece w is larger than 2, and 1 - w exact.
    template <class V> NONLIN_INLINE static V derivative_in_octaves(V x) {
        return in_pieces<32>(
            abs(x), octave_limits, NONLIN_FORMULA {
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

struct silu {
    using usual = silu_of_1;
    template <class V> NONLIN_INLINE static auto is_usual(V beta) { return beta == 1; }

    template <class V> NONLIN_INLINE static V value(V x, V beta) {
        return split(
            is_usual(beta), NONLIN_BODY { return usual::value(x, beta); },
            NONLIN_BODY { return carried_twice<silu_of_any_beta>::value(x, beta); });
    }
    template <class V> NONLIN_INLINE static V derivative(V x, V beta) {
        return split(
            is_usual(beta), NONLIN_BODY { return usual::derivative(x, beta); },
            NONLIN_BODY { return carried_twice<silu_of_any_beta>::derivative(x, beta); });
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
