// Gates in floats, twice as many in a register as doubles.
//
// An activation leaves its value and its slope as sums of two floats, scaled by 2^80 and not yet
// rounded (activations/near.hpp). What rounding takes from a product of three factors is kept
// beside it, so that the last sum alone rounds: to 0.5 ULP and what the activation is off by.
#pragma once

#include "../activations/near.hpp"
#include "lines.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::gates {

// 2^80 (factor.high + factor.low) y, rounded once. What the product is too large by is subtracted
// at last: a product that is 0, or so small that it becomes 0, keeps its sign.
template <class V> NONLIN_INLINE V rounded_product(double_double<V> factor, V y, float unit) {
    const V product = factor.high * y, excess = nfma(factor.high, y, product);
    return (product - (excess - factor.low * y)) * unit;
}
template <class V>
NONLIN_INLINE V rounded_product(double_double<V> factor, double_double<V> y, float unit) {
    const V product = factor.high * y.high, excess = nfma(factor.high, y.high, product);
    return (product - (excess - fma(factor.high, y.low, factor.low * y.high))) * unit;
}

// Results, and whether all of them hold.
template <class Results> struct InFloats {
    Results results;
    bool certain;
};

using activations::Entries;

template <class F> struct in_floats {
    template <class V> NONLIN_INLINE static auto value(V x, V v) {
        return activations::in_pieces<32>(
            abs(x), F::limits, NONLIN_FORMULA {
                const typename F::template at<entries, V> at(x);
                const V result = rounded_product(at.value(), v, activations::near_unit);
                return InFloats<V>{result, all(is_inside<entries>(x, is_finite(result)))};
            });
    }

    // The product of gradient and value may be subnormal where its lower half still counts: it is
    // scaled up by 2^8.
    template <class V> NONLIN_INLINE static auto backward(V gradient, V x, V v) {
        return activations::in_pieces<32>(
            abs(x), F::limits, NONLIN_FORMULA {
                using activations::near_unit;
                const typename F::template at<entries, V> at(x);
                const V scaled = gradient * 0x1p8F, weight = scaled * v;
                const double_double<V> both = {weight, product_error(scaled, v, weight)};
                const Gradients<V> results = {
                    rounded_product(at.slope(), both, near_unit * 0x1p-8F),
                    rounded_product(at.value(), gradient, near_unit)};
                const auto finite = is_finite(fma(results.by_gate, V(0), results.by_value));
                return InFloats<Gradients<V>>{results,
                                              all(is_inside<entries>(x, finite & has_slope(x)))};
            });
    }

    // Of numbers of 16 bits, within 3.1 ULP, and NaN where it does not hold; but where a product of
    // scaled factors overflows infinite.
    template <class V> NONLIN_INLINE static V rough_value(V x, V v) {
        return activations::in_pieces<32>(
            abs(x), F::limits, NONLIN_FORMULA {
                const typename F::template at<entries, V> at(x);
                const V result = at.rough_value() * v * activations::near_unit;
                return kept<entries>(x >= -F::end, result);
            });
    }
    template <class V> NONLIN_INLINE static auto rough_backward(V gradient, V x, V v) {
        return activations::in_pieces<32>(
            abs(x), F::limits, NONLIN_FORMULA {
                using activations::near_unit;
                const typename F::template at<entries, V> at(x);
                const V by_gate = at.rough_slope() * (gradient * v) * near_unit;
                const V by_value = at.rough_value() * gradient * near_unit;
                const auto inside = x >= -F::end;
                return Gradients<V>{kept<entries>(inside & has_slope(x), by_gate),
                                    kept<entries>(inside, by_value)};
            });
    }

    // Where a result holds. A product of scaled factors that overflows is NaN or infinite.
    template <class V> NONLIN_INLINE static auto holds(V x, V result) {
        return is_finite(result) & (x >= -F::end);
    }
    template <class V> NONLIN_INLINE static auto holds(V x, Gradients<V> results) {
        using Masks = Gradients<typename V::Integers>;
        return Masks{holds(x, results.by_gate) & has_slope(x), holds(x, results.by_value)};
    }

 private:
    template <class V> NONLIN_INLINE static auto is_finite(V y) { return abs(y) < infinity<V>(); }
    // At the floats next to the slope's zero, 32 of them, a sum of two has too few digits. A bell
    // has no zero, but two sides.
    template <class V> NONLIN_INLINE static auto has_slope(V x) {
        if constexpr (requires { F::slope_zero; }) {
            constexpr int last = 31, zero = __builtin_bit_cast(int, F::slope_zero) | last;
            return (bits(x) | last) != zero;
        } else {
            return abs(x) <= F::end;
        }
    }
    // Where fewer pieces suffice x has been looked at.
    template <int entries, class V, class Mask> NONLIN_INLINE static V kept(Mask where, V result) {
        if constexpr (entries < 32) return result;
        return select(where, result, not_a_number<V>());
    }
    template <int entries, class V, class Mask>
    NONLIN_INLINE static Mask is_inside(V x, Mask finite) {
        if constexpr (entries < 32) return finite;
        return finite & (x >= -F::end);
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::gates
