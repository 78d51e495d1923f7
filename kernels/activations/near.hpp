// SiLU, both GELU and sigmoid in float near 0, not rounded yet: what gates multiply.
//
// The first three's value is x - y tail(y) right of 0 and -y tail(y) left of it, y = |x|, their
// slope 1 - slope(y) and slope(y); tail and slope are polynomials in each of 32 pieces, those in
// which y (bend y + steepness) is nearest to an integer (tools/near.py: errors of 2^-27 at most,
// and 2^-26.5 around the slope's zero, relative to the result). A piece's centre is a float, so
// that y less it is exact, and one at which the tail is nearly a float too. What the last sums'
// roundings lose is kept: the sums of two floats here are off by 2^-26.3 at most, on every float.
//
// Right of `end` the tail is hidden. Left of -end it falls further than the pieces reach.
#pragma once

#include "pieces.hpp"
#include "tables/gelu_tail.hpp"
#include "tables/gelu_tanh_tail.hpp"
#include "tables/silu_tail.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// Both are scaled by it, so that they and their products are normal numbers up to the last one,
// which takes it away and alone rounds into the subnormal range.
constexpr int near_scaled = 80;
constexpr float near_unit = 0x1p-80F;

template <class F, int entries, class V> struct near;
template <int entries, class V> struct near_sigmoid;

struct silu_near {
    template <int entries, class V> using at = near<silu_near, entries, V>;
    static constexpr float bend = 0, steepness = 1.4375F, end = 21.9F, limits[2] = {5.2F, 10.7F};
    static constexpr float slope_zero = -0x1.474974p+0F;
    static constexpr auto &centre = tables::silu_tail_centre,
                          &slope_centre = tables::silu_tail_slope_centre;
    static constexpr auto& coefficient = tables::silu_tail_coefficient;
    static constexpr auto& slope_coefficient = tables::silu_tail_slope_coefficient;
    static constexpr auto& slope_low = tables::silu_tail_slope_low;
};
struct gelu_near {
    template <int entries, class V> using at = near<gelu_near, entries, V>;
    static constexpr float bend = 0.625F, steepness = 1.09375F, end = 6.27F,
                           limits[2] = {2.69F, 4.18F};
    static constexpr float slope_zero = -0x1.80ead2p-1F;
    static constexpr auto &centre = tables::gelu_tail_centre,
                          &slope_centre = tables::gelu_tail_slope_centre;
    static constexpr auto& coefficient = tables::gelu_tail_coefficient;
    static constexpr auto& slope_coefficient = tables::gelu_tail_slope_coefficient;
    static constexpr auto& slope_low = tables::gelu_tail_slope_low;
};
struct gelu_tanh_near {
    template <int entries, class V> using at = near<gelu_tanh_near, entries, V>;
    static constexpr float bend = 0.75F, steepness = 1.09375F, end = 5.78F,
                           limits[2] = {2.5F, 3.86F};
    static constexpr float slope_zero = -0x1.8142ap-1F;
    static constexpr auto &centre = tables::gelu_tanh_tail_centre,
                          &slope_centre = tables::gelu_tanh_tail_slope_centre;
    static constexpr auto& coefficient = tables::gelu_tanh_tail_coefficient;
    static constexpr auto& slope_coefficient = tables::gelu_tanh_tail_slope_coefficient;
    static constexpr auto& slope_low = tables::gelu_tanh_tail_slope_low;
};

template <class F, int entries, class V> struct near {
    using Pair = double_double<V>;
    V x, y;
    typename V::Integers index;

    NONLIN_INLINE explicit near(V x) : x(x), y(abs(x)) {
        if constexpr (entries == 32) y = min(y, F::end);
        V place = F::steepness;
        if constexpr (F::bend != 0) place = fma(y, F::bend, F::steepness);
        index = bits(nfma(y, place, shifter<float>(near_scaled)));
    }

    NONLIN_INLINE Pair value() const {
        const Pair t = tail();
        // Right of 0 y tail is at most half of x, so of the difference nothing is lost that is not
        // kept.
        const V high = nfma(y, t.high, line()), lost = nfma(y, t.high, line() - high);
        return {high, nfma(y, t.low, lost)};
    }
    NONLIN_INLINE Pair slope() const { return complement(slope_of_tail()); }

    // 1 - t right of 0, t left of it.
    NONLIN_INLINE Pair complement(Pair t) const {
        const auto right = x > 0;
        const V base = select(right, V(1 / near_unit), V(0)), sign = select(right, V(-1), V(1));
        const V high = fma(sign, t.high, base);
        return {high, fma(sign, t.low, fma(sign, t.high, base - high))};
    }

    // Rounded, within 2.6 ULP of numbers of 16 bits: for who keeps but 11.
    NONLIN_INLINE V rough_value() const { return nfma(y, rough_tail(), line()); }
    NONLIN_INLINE V rough_slope() const { return rough_complement(rough_slope_of_tail()); }
    NONLIN_INLINE V rough_complement(V t) const {
        const auto right = x > 0;
        return fma(select(right, V(-1), V(1)), t, select(right, V(1 / near_unit), V(0)));
    }
    NONLIN_INLINE V rough_tail() const {
        return sum(F::coefficient, y - entry(F::centre), entry(F::coefficient[0]));
    }

    // What the last two sums' own roundings lose is kept.
    NONLIN_INLINE Pair tail() const {
        const V z = y - entry(F::centre), terms = terms_from<2>(F::coefficient, z);
        const V first = entry(F::coefficient[1]), rest = fma(terms, z, first);
        const V constant = entry(F::coefficient[0]), high = fma(rest, z, constant);
        const V rest_low = fma(terms, z, first - rest);
        return {high, fma(rest_low, z, fma(rest, z, constant - high))};
    }

 private:
    NONLIN_INLINE V entry(const LongLookup& table) const {
        return V::template look_up<entries>(table, index);
    }
    // A zero has the sign of x.
    NONLIN_INLINE V line() const { return max(x, V(-0.0F)) * (1 / near_unit); }
    // The polynomial's terms from the k-th on, divided by the k-th power.
    template <int k, int n>
    NONLIN_INLINE V terms_from(const LongLookup (&coefficient)[n], V z) const {
        V terms = entry(coefficient[n - 1]);
        for (int i = n - 2; i >= k; --i) terms = fma(terms, z, entry(coefficient[i]));
        return terms;
    }
    template <int n>
    NONLIN_INLINE V sum(const LongLookup (&coefficient)[n], V z, V constant) const {
        return fma(terms_from<1>(coefficient, z), z, constant);
    }
    // Around the zero, where the constant is 0, what is missing to it is all of it.
    NONLIN_INLINE V rough_slope_of_tail() const {
        const V constant = entry(F::slope_coefficient[0]) + entry(F::slope_low[0]);
        return sum(F::slope_coefficient, y - entry(F::slope_centre), constant);
    }
    // constant + z (first + z rest), where around the zero `constant` is 0, so that all three sums
    // count: what their roundings lose is kept, and the first two coefficients have a low part.
    NONLIN_INLINE Pair slope_of_tail() const {
        const auto& coefficient = F::slope_coefficient;
        const V z = y - entry(F::slope_centre), terms = terms_from<3>(coefficient, z);
        const V second = entry(coefficient[2]), rest = fma(terms, z, second);
        const V rest_low = fma(terms, z, second - rest);
        const V first = entry(coefficient[1]), sum = fma(rest, z, first);
        const V sum_low = fma(rest_low, z, fma(rest, z, first - sum));
        const V part = sum * z, lost = fma(sum, z, -part);
        const V constant = entry(coefficient[0]), high = constant + part;
        const V left_out = fma(z, entry(F::slope_low[1]), entry(F::slope_low[0]));
        return {high, (part - (high - constant)) + fma(sum_low, z, left_out + lost)};
    }
};

// Of sigmoid, whose tail is SiLU's: the slope is t (1 - t) on either side, and so has to be inside.
struct sigmoid_near {
    template <int entries, class V> using at = near_sigmoid<entries, V>;
    static constexpr float end = silu_near::end;
    static constexpr const float (&limits)[2] = silu_near::limits;
};
template <int entries, class V> struct near_sigmoid : near<silu_near, entries, V> {
    using near<silu_near, entries, V>::near;

    NONLIN_INLINE double_double<V> value() const { return this->complement(this->tail()); }
    NONLIN_INLINE double_double<V> slope() const {
        const auto t = this->tail();
        const V high = nfma(t.high, near_unit, V(1));
        const V low = nfma(t.low, near_unit, nfma(t.high, near_unit, 1 - high));
        const V product = t.high * high, lost = fma(t.high, high, -product);
        return {product, fma(t.high, low, fma(t.low, high, lost))};
    }
    NONLIN_INLINE V rough_value() const { return this->rough_complement(this->rough_tail()); }
    NONLIN_INLINE V rough_slope() const {
        const V t = this->rough_tail();
        return t * nfma(t, near_unit, V(1));
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
