// GELU's approximation by tanh (Hendrycks, Gimpel 2016).
#pragma once

#include "gate.hpp"
#include "octaves.hpp"
#include "roots.hpp"
#include "tables/gelu_tanh.hpp"
#include "tables/sigmoid.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// x (1 + tanh v) / 2 = x sigmoid(2 v), 2 v = 2 sqrt(2 / pi) (x + 0.044715 x^3), whose error comes
// back multiplied by 2 v: it is a pair for both types.
struct gelu_tanh_formula {
    template <class V> struct argument {
        double_double<V> y, x_slope;

        NONLIN_INLINE explicit argument(V x) {
            const double_double<V> cubic = {V(0x1.6e4e26d4801f7p-5), V(0x1.441355475a31ap-59)};
            const double_double<V> slope = {V(0x1.9884533d43651p+0), V(-0x1.cbc0d30ebfd15p-54)};
            const V near = min(max(x, -40), 40), square = near * near;
            const double_double<V> term =
                cubic * double_double<V>{square, product_error(near, near, square)};
            const double_double<V> line = slope * near;
            y = line * (V(1) + term);
            x_slope = line * (V(1) + term * V(3));
        }
    };

    template <class Number, class V> NONLIN_INLINE static V value(V x) {
        const argument<V> v(x);
        return gated(x, gate<Number, V>(v.y.high, v.y.low));
    }
    template <class Number, class V> NONLIN_INLINE static V derivative(V x) {
        const argument<V> v(x);
        const Number x_slope = carried<Number>::from(v.x_slope.high, v.x_slope.low);
        const V far = gated_derivative(gate<Number, V>(v.y.high, v.y.low), x_slope);
        return with_root<Number, gelu_tanh_root>(x, V(0), far);
    }
};

// In float, w = 2 sqrt(2 / pi) (y + 0.044715 y^3), y = |x|, and g = y w'(y), as sums of two terms:
// in what follows an error of w comes back multiplied by w, which reaches 100.
template <class V> struct gelu_tanh_argument {
    // 2 sqrt(2 / pi), and 0.044715 times as much.
    static constexpr float slope = 0x1.988454p+0F, slope_low = -0x1.857936p-25F;
    static constexpr float cubic = 0x1.2444f2p-4F, cubic_low = 0x1.49b16ap-29F;
    V y, term, term_low;

    NONLIN_INLINE explicit gelu_tanh_argument(V x) {
        constexpr float vanishes = 11;
        y = min(abs(x), vanishes);
        const V square = y * y, square_low = fma(y, y, -square);
        term = square * cubic;
        const V lost = fma(square, cubic, -term);
        term_low = fma(square_low, cubic, fma(square, cubic_low, lost));
    }

    // y (slope + times term)
    template <int times> NONLIN_INLINE double_double<V> product() const {
        const V multiple = term * float(times), factor = multiple + slope, taken = factor - slope;
        V lost = (slope - (factor - taken)) + (multiple - taken);
        if constexpr (times > 1) lost = lost + fma(term, times, -multiple);
        const V factor_low = fma(term_low, times, lost) + slope_low;
        const V high = y * factor;
        return {high, fma(y, factor_low, fma(y, factor, -high))};
    }
};

struct gelu_tanh {
    template <class V> NONLIN_INLINE static V value(V x) {
        if constexpr (has_pieces<V>) {
            return in_octaves(x);
        } else {
            return carried_twice<gelu_tanh_formula>::value(x);
        }
    }
    template <class V> NONLIN_INLINE static V derivative(V x) {
        if constexpr (has_pieces<V>) {
            return derivative_in_octaves(x);
        } else {
            return carried_twice<gelu_tanh_formula>::derivative(x);
        }
    }

 private:
    // Up to where w lies within 8 and 16 octaves.
    static constexpr float limits[2] = {2.5F, 3.93F};

    // x sigmoid(w): sigmoid(-w) is a polynomial for each octave of e^-w (errors of 2^-27 at most,
    // relative to the result), with what rounding takes from its argument. From 5.5 on x hides it.
    template <class V> NONLIN_INLINE static V in_octaves(V x) {
        return in_pieces<32>(
            abs(x), limits, NONLIN_FORMULA {
                const gelu_tanh_argument<V> argument(x);
                const auto [w, w_low] = argument.template product<1>();
                const octave<entries, V> place(w, w_low, tables::sigmoid_correction);
                scaled_tail<V> tail = place.sum(tables::sigmoid_coefficient);
                tail.low = nfma(place.lost(w_low, tables::sigmoid_correction), tail.high, tail.low);
                return gated_by(tail, x, argument.y, 5.5F);
            });
    }

    // Near the zero w - centre is exact, and w_low comes to it after. At the float next to it even
    // these pairs have too few digits: there it is a number from the table.
    template <class V> NONLIN_INLINE static V derivative_in_octaves(V x) {
        return in_pieces<32>(
            abs(x), limits, NONLIN_FORMULA {
                const gelu_tanh_argument<V> argument(x);
                const auto [w, w_low] = argument.template product<1>();
                octave<entries, V> place(w, tables::gelu_tanh_slope_correction);
                const V r = place.r;
                place.r = r + w_low;
                auto sum = gate_slope(place, tables::gelu_tanh_slope_coefficient,
                                      tables::gelu_tanh_slope_low);
                sum.low = fma(w_low - (place.r - r), sum.steepness, sum.low);
                V tail = sum.high + sum.low;
                if constexpr (entries == 32) {
                    const auto [g, g_low] = argument.template product<3>();
                    const V factor = select(place.is_last(), 1 - g, V(1));
                    const V factor_low = select(place.is_last(), -g_low, V(0));
                    tail = fma(factor, sum.high, fma(factor_low, sum.high, factor * sum.low));
                }
                const V result = complement(place.scale(), tail, x);
                return select(x == tables::gelu_tanh_zero[0], V(tables::gelu_tanh_zero[1]), result);
            });
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
