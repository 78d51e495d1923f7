// GELU, x times the normal distribution function (Hendrycks, Gimpel 2016).
#pragma once

#include "gate.hpp"
#include "octaves.hpp"
#include "roots.hpp"
#include "tables/bell.hpp"
#include "tables/gelu.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// (a + 3/4) R(a), R(a) = Phi(-a) e^(a^2 / 2), for a >= 0 as a polynomial in u = (a - 4) / (a + 4),
// relative error 2^-57.3 (tools/coefficients.py). The first four coefficients, three of them sums
// of two doubles, are carried in Number; what the others contribute is below 1/20 of the whole.
template <class V, class Number> NONLIN_INLINE Number scaled_normal_tail(Number u) {
    using number = carried<Number>;
    const V plain = rounded(u), square = plain * plain;
    const V even = horner(square, -0x1.46f9ce3a0b402p-5, -0x1.5026db1562331p-8,
                          0x1.84dc5fc14fd3ep-11, -0x1.8e85f4c68b901p-14, 0x1.ed5a9a9790decp-17,
                          -0x1.75034a045645ep-19, 0x1.35c82c38f14f7p-21, -0x1.ed338e14bdcefp-24,
                          0x1.3bd5c4254a0c4p-26, -0x1.b2a929e053fe8p-30, -0x1.ec4c694c9f577p-35);
    const V odd = horner(square, 0x1.48a60d8bf0152p-6, -0x1.d2f5707ae99d1p-12,
                         -0x1.5c4d213f0cd88p-14, 0x1.511660289fbeep-16, -0x1.b0bcd257729d0p-19,
                         0x1.791ab45c7abe1p-22, 0x1.2fe322bc934abp-26, -0x1.c2654d401f1e0p-26,
                         0x1.34979f60ce49cp-27, -0x1.bc2e5e329c9a6p-30, 0x1.949d0aa1267dep-34);
    const Number third = V(0x1.7d26a4d39c109p-5) + u * fma(plain, odd, even);
    const Number second =
        number::from(V(-0x1.181660ccb277bp-6), V(0x1.0b70b5098b266p-60)) + u * third;
    const Number first =
        number::from(V(-0x1.bb386905f3e68p-5), V(-0x1.b6f8e1831d580p-64)) + u * second;
    return number::from(V(0x1.cb369eb6f0c64p-2), V(0x1.89cc98d2246e8p-56)) + u * first;
}

// With a = |x|, Phi(-a) = R(a) e^(-a^2 / 2), R smooth and slowly falling. The exponent is a sum of
// two terms, so the tail keeps its relative accuracy; the power is scaled up by 2^512 and the last
// product alone rounds into the subnormal range.
template <class Number, class V> struct normal_tail {
    static constexpr double vanishes = 40, unit = 0x1p-512;
    V a;
    Number power, R;

    NONLIN_INLINE explicit normal_tail(V x) : a(min(abs(x), vanishes)) {
        using number = carried<Number>;
        const V square = a * a, lost = product_error(a, a, square);
        power = carried_exp<Number, 512>(-0.5 * square, -0.5 * lost).whole();
        const Number u = number::sum(a, V(-4)) / number::sum(a, V(4));
        R = scaled_normal_tail<V>(u) / number::sum(a, V(0.75));
    }
};

struct gelu_formula {
    // x Phi(x): x - a Phi(-a) right of 0, -a Phi(-a) left of it.
    template <class Number, class V> NONLIN_INLINE static V value(V x) {
        const normal_tail<Number, V> tail(x);
        const Number part = tail.power * tail.R * tail.a;
        const V left = select(x < -tail.vanishes, V(-0.0), -(rounded(part) * tail.unit));
        const V inside = rounded(tail.a - part * V(tail.unit));
        return select(x < 0, left, select(x <= tail.vanishes, copy_sign(inside, x), x));
    }

    // Phi(x) + x phi(x): with k = e^(-a^2 / 2) (R(a) - a / sqrt(2 pi)), 1 - k right of 0, k left of
    // it.
    template <class Number, class V> NONLIN_INLINE static V derivative(V x) {
        using number = carried<Number>;
        const normal_tail<Number, V> tail(x);
        const Number density =
            number::from(V(0x1.9884533d43651p-2), V(-0x1.cbc0d30ebfd15p-56)) * tail.a;
        const Number k = tail.power * (tail.R - density);
        const V right = rounded(V(1) - k * V(tail.unit));
        const V far = select(x < 0, rounded(k) * tail.unit, right);
        return with_root<Number, gelu_root>(x, V(0), far);
    }
};

// e^(-y^2 / 2) for y >= 0 in float, and the quarter of octaves in which 1 + 13/16 y lies.
//
// -y^2 / 2 = r - n ln 2, where the square and r are sums of two terms, and so is e^r - 1.
template <class V> struct normal_in_quarters {
    V scale, power, power_low;
    typename V::Integers index;

    NONLIN_INLINE explicit normal_in_quarters(V y) {
        using ln2 = logarithm_of_2<float>;
        constexpr float zero = shifter<float>(tail_scaled);
        const V minus_half = y * -0.5F, square = minus_half * y;
        const V square_low = fma(minus_half, y, -square);
        const V shifted = fma(square, ln2::inverse, zero), minus_n = shifted - zero;
        const V reduced = nfma(minus_n, ln2::high, square);
        const V correction = nfma(minus_n, ln2::low, square_low);
        const V r = reduced + correction;
        V rest = tables::power_coefficient[6];
        for (int k = 5; k >= 2; --k) {
            const float coefficient = tables::power_coefficient[k];
            rest = fma(rest, r, k % 2 == 0 ? coefficient : -coefficient);
        }
        const V small = fma(rest, r * r, correction);
        power = reduced + small;
        power_low = small - (power - reduced);
        scale = power_of_two(shifted);
        index = quarter_of_octaves(fma(y, 13.0F / 32, 0.5F));
    }

    // Times high + low.
    NONLIN_INLINE scaled_tail<V> times(V high, V low) const {
        const V part = power * high, lost = fma(power, high, -part);
        const V sum = high + part, sum_low = part - (sum - high);
        const V rest = fma(power, low, low) + fma(power_low, high, lost);
        return {scale, sum, sum_low + rest};
    }
};

struct gelu {
    template <class V> NONLIN_INLINE static V value(V x) {
        if constexpr (has_pieces<V>) {
            return in_quarters(x);
        } else {
            return carried_twice<gelu_formula>::value(x);
        }
    }
    template <class V> NONLIN_INLINE static V derivative(V x) {
        if constexpr (has_pieces<V>) {
            return derivative_in_quarters(x);
        } else {
            return carried_twice<gelu_formula>::derivative(x);
        }
    }

 private:
    // Where y phi(y) vanishes, up to where the first 8 pieces reach, and from where on x hides the
    // rest.
    static constexpr float vanishes = 14.9F, limits[2] = {3.69F, 0}, ends = 6.5F;

    // In float Phi(-y) is e^(-y^2 / 2) times a polynomial in each quarter (tools/tables.py: errors
    // of 2^-27.2 at most, relative to the result), whose constant term is exact because its point
    // is one at which the function is nearly a float. The rest of it is at most a fifth: the
    // roundings in it weigh 0.2 ULP.
    template <class V> NONLIN_INLINE static V in_quarters(V x) {
        return in_pieces<16>(
            abs(x), limits, NONLIN_FORMULA {
                const V y = min(abs(x), vanishes);
                const normal_in_quarters<V> normal(y);
                const auto entry = [&](const Lookup& table) __attribute__((always_inline)) {
                    return V::template look_up<entries>(table, normal.index);
                };
                const V z = y - entry(tables::normal_tail_centre);
                V sum = entry(tables::normal_tail_coefficient[6]);
                for (int k = 5; k >= 1; --k)
                    sum = fma(sum, z, entry(tables::normal_tail_coefficient[k]));
                const V constant = entry(tables::normal_tail_coefficient[0]);
                const V high = fma(sum, z, constant);
                return gated_by(normal.times(high, fma(sum, z, constant - high)), x, y, ends);
            });
    }

    // Phi(-y) - y phi(y) in the same way, errors of 2^-28.4 at most.
    template <class V> NONLIN_INLINE static V derivative_in_quarters(V x) {
        return in_pieces<16>(
            abs(x), limits, NONLIN_FORMULA {
                const V y = min(abs(x), vanishes);
                const normal_in_quarters<V> normal(y);
                const auto entry = [&](const Lookup& table) __attribute__((always_inline)) {
                    return V::template look_up<entries>(table, normal.index);
                };
                const auto& coefficient = tables::gelu_slope_coefficient;
                const V z = y - entry(tables::gelu_slope_centre);
                V rest = entry(coefficient[6]);
                for (int k = 5; k >= 2; --k) rest = fma(rest, z, entry(coefficient[k]));
                const V left_out =
                    fma(z, entry(tables::gelu_slope_low[1]), entry(tables::gelu_slope_low[0]));
                const polynomial_sum<V> sum(entry(coefficient[0]), entry(coefficient[1]), rest, z,
                                            left_out);
                const scaled_tail<V> tail = normal.times(sum.high, sum.low);
                return complement(tail.scale, tail.high + tail.low, x);
            });
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
