// Hyperbolic tangent.
#pragma once

#include "bell.hpp"
#include "tables/tanh.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// Up to `exact`, e^2|x| + 1 is a number whose rounding error is one too; from `nearer_1` on, tanh
// |x| is nearer to 1 than to the number below, `below_1`.
template <class T> struct hyperbolic_domain;

template <> struct hyperbolic_domain<float> {
    static constexpr float exact = 8.66F, nearer_1 = 9.0109F, below_1 = 0x1.fffffep-1F;
};

template <> struct hyperbolic_domain<double> {
    static constexpr double exact = 18.71, nearer_1 = 19.0616, below_1 = 0x1.fffffffffffffp-1;
};

// (e^x - e^-x) / (e^x + e^-x), values in (-1, 1); derivative 1 - tanh(x)^2.
struct tanh {
    // With E = e^2|x| - 1: tanh |x| = E / (E + 2), no cancellation anywhere. E and E + 2 each are a
    // sum of two terms; one Newton step on the quotient of the leading terms applies both
    // corrections, which leaves the last rounding and E's own error. Odd by construction. Beyond
    // `exact` (E < 2^25, 2^54) tanh is the number below 1 until 1 is nearer; what E is there, far
    // out no number, does not matter.
    struct value_halves {
        template <class V>
            requires(!has_pieces<V>)
        NONLIN_INLINE static exact_exponential<V> start(V x) {
            return exact_exp(abs(x) + abs(x));
        }
        template <class V> NONLIN_INLINE static V finish(exact_exponential<V> exponential, V x) {
            using domain = hyperbolic_domain<number_of<V>>;
            const auto e = minus_1(exponential);
            const V sum = e.high + 2, sum_low = (e.high - (sum - 2)) + e.low;
            const V inverse = 1 / sum, quotient = e.high * inverse;
            const V rest = left_over(quotient, sum, e.high) + nfma(quotient, sum_low, e.low);
            const V result = fma(rest, inverse, quotient), y = abs(x);
            const V beyond = select(y > domain::nearer_1, V(1), V(domain::below_1));
            return copy_sign(select(y > domain::exact, beyond, result), x);
        }
    };
    // 1 - tanh^2 = 1 / cosh^2 = 4 e^-2|x| / (1 + e^-2|x|)^2, without a difference that cancels.
    struct derivative_halves {
        template <class V>
            requires(!has_pieces<V>)
        NONLIN_INLINE static exponential<V> start(V x) {
            return bell::start(abs(x) + abs(x));
        }
        template <class V> NONLIN_INLINE static V finish(exponential<V> e, V) {
            return bell::finish(e, 4);
        }
    };

    template <class V> NONLIN_INLINE static V value(V x) {
        if constexpr (has_pieces<V>) {
            return in_quarters(x);
        } else {
            return both_halves<value_halves>(x);
        }
    }
    template <class V> NONLIN_INLINE static V derivative(V x) {
        if constexpr (has_pieces<V>) {
            return bell_in_pieces<2>(x);
        } else {
            return both_halves<derivative_halves>(x);
        }
    }

 private:
    // In float a polynomial for each quarter of the octaves of 1 + |x| (tools/tables.py: errors of
    // 2^-26 at most, relative to the result). Where |x| ends, its tanh is 1; the first 8 pieces end
    // at 3.
    //
    // The constant term is exact, because a piece's point is one at which tanh is nearly a float;
    // in the first piece it is |x| itself. The rest is at most 0.4 of the result, in the first
    // piece 0.02; the roundings beneath it weigh 0.2 ULP, the polynomial's error 0.25, the last
    // rounding 0.5.
    template <class V> NONLIN_INLINE static V in_quarters(V x) {
        return in_pieces<16>(
            abs(x), {3, 0}, NONLIN_FORMULA {
                const V y = min(abs(x), 10.9F), half = fma(y, 0.5F, 0.5F);
                const auto index = quarter_of_octaves(half);
                const auto entry = [&](const Lookup& table) __attribute__((always_inline)) {
                    return V::template look_up<entries>(table, index);
                };
                const V z = y - entry(tables::tanh_centre);
                V sum = entry(tables::tanh_coefficient[6]);
                for (int k = 5; k >= 1; --k) sum = fma(sum, z, entry(tables::tanh_coefficient[k]));
                const V constant = select(half < 0.625F, y, entry(tables::tanh_coefficient[0]));
                return with_sign(fma(sum, z, constant), x);
            });
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
