// Gates in floats, twice as many in a register as doubles.
//
// An activation leaves its value and its slope as sums of two floats, scaled by 2^80 and not yet
// rounded (activations/octaves.hpp). What rounding takes from a product of three factors is kept
// beside it, so that the last sum alone rounds: to 0.5 ULP and what the activation's table errs.
// The last product takes the scale away, and rounds into the subnormal range.
#pragma once

#include "../activations/octaves.hpp"
#include "lines.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::gates {

// 2^80 (factor.high + factor.low) y, rounded once. What is missing to the product is subtracted
// from 0 at last, so that of a product that is 0, or becomes it, the sign is kept.
template <class V> NONLIN_INLINE V rounded_product(double_double<V> factor, V y, float unit) {
    const V product = factor.high * y, excess = nfma(factor.high, y, product);
    return (product - (excess - factor.low * y)) * unit;
}
template <class V>
NONLIN_INLINE V rounded_product(double_double<V> factor, double_double<V> y, float unit) {
    const V product = factor.high * y.high, excess = nfma(factor.high, y.high, product);
    return (product - (excess - fma(factor.high, y.low, factor.low * y.high))) * unit;
}

// Results, and whether they hold for certain: a product of scaled factors that overflows is NaN or
// infinite, and where an activation vanishes its value has no digits.
template <class Results> struct InFloats {
    Results results;
    bool certain;
};

using activations::Entries;

template <class A> struct in_floats {
    template <class V> NONLIN_INLINE static auto value(V x, V v) {
        return activations::in_pieces<A::pieces>(
            abs(x), A::limits, NONLIN_FORMULA {
                using activations::tail_unit;
                const auto factor = A::template value<entries>(x);
                const V result = rounded_product(factor, v, tail_unit);
                return InFloats<V>{result, all(is_inside<entries>(x, is_finite(result)))};
            });
    }

    // The product of gradient and value may be subnormal where its lower half still counts: it is
    // scaled up by 2^8.
    template <class V> NONLIN_INLINE static auto backward(V gradient, V x, V v) {
        return activations::in_pieces<A::pieces>(
            abs(x), A::limits, NONLIN_FORMULA {
                using activations::tail_unit;
                const V scaled = gradient * 0x1p8F, weight = scaled * v;
                const double_double<V> both = {weight, product_error(scaled, v, weight)};
                const auto slope = complement(A::template slope<entries>(x).exact(), x);
                const auto value = A::template value<entries>(x);
                const Gradients<V> results = {rounded_product(slope, both, tail_unit * 0x1p-8F),
                                              rounded_product(value, gradient, tail_unit)};
                const auto finite = is_finite(results.by_gate) & is_finite(results.by_value);
                return InFloats<Gradients<V>>{results,
                                              all(is_inside<entries>(x, finite & has_slope(x)))};
            });
    }

    // Where a result holds: left of `vanishes` it is at most what was found there.
    template <class V> NONLIN_INLINE static auto holds(V x, V result) {
        return is_finite(result) & ((x >= -A::vanishes) | (result == 0));
    }
    template <class V> NONLIN_INLINE static auto holds(V x, Gradients<V> results) {
        using Masks = Gradients<typename V::Integers>;
        return Masks{holds(x, results.by_gate) & has_slope(x), holds(x, results.by_value)};
    }

 private:
    template <class V> NONLIN_INLINE static auto is_finite(V y) { return abs(y) < infinity<V>(); }
    // At the floats next to the slope's zero a sum of two has too few digits.
    template <class V> NONLIN_INLINE static auto has_slope(V x) {
        return abs(x - A::slope_zero) > 0x1p-21F;
    }
    // Where fewer pieces suffice x has been looked at.
    template <int entries, class V, class Mask>
    NONLIN_INLINE static Mask is_inside(V x, Mask finite) {
        if constexpr (entries < A::pieces) return finite;
        return finite & (x >= -A::vanishes);
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::gates
