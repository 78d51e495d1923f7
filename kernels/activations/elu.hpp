// ELU (Clevert et al. 2016) and CELU (Barron 2017).
#pragma once

#include "../arithmetic/parameters.hpp"
#include "exponential.hpp"
#include "tables/bell.hpp"
#include "tables/expm1.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// alpha (e^x - 1) left of 0, x right of it: e^x - 1 is a sum of two terms, so the product is
// rounded once. What the left side computes where x is not negative, NaN included, is not used.
template <class V> NONLIN_INLINE V elu_of(exact_exponential<V> exponential, V x, V alpha) {
    const auto e = minus_1(exponential);
    return select(x < 0, product(alpha, e.high, e.low), x);
}

// alpha 2^n (power + low) left of 0, 1 right of it, n being what `shifted` says. The power of two
// is two products; where alpha is large or small, some of it is moved there.
template <class V> NONLIN_INLINE V elu_slope(V power, V low, V shifted, V x, V alpha) {
    using Integers = typename V::Integers;
    using domain = exponential_domain<number_of<V>>;
    const auto is_large = abs(alpha) > domain::up, is_small = abs(alpha) < 1 / domain::up;
    const Integers down = select(is_small, Integers(-domain::large), Integers(0));
    const V raised = select(is_small, alpha * domain::up, alpha);
    const V moved = select(is_large, alpha * (1 / domain::up), raised);
    const two_powers<V> scale(shifted, select(is_large, Integers(domain::large), down));
    return select(x > 0, V(1), product(moved, power, low) * scale.first * scale.second);
}
template <class V> NONLIN_INLINE V elu_slope(exact_exponential<V> e, V x, V alpha) {
    const V power = 1 + e.high, low = (e.high - (power - 1)) + e.low;
    return elu_slope(power, low, e.shifted, x, alpha);
}

template <class V> NONLIN_INLINE V lowest_for(V alpha) {
    using domain = exponential_domain<number_of<V>>;
    const auto is_large = abs(alpha) > domain::up, is_small = abs(alpha) < 1 / domain::up;
    const V mostly = select(is_small, V(domain::vanishes_for_small), V(domain::vanishes));
    return select(is_large, V(domain::vanishes_for_large), mostly);
}

// x for x > 0, else alpha (e^x - 1), values in (-alpha, inf);
// derivative 1 for x > 0, else alpha e^x.
struct elu {
    struct value_halves {
        template <class V>
            requires(!has_pieces<V>)
        NONLIN_INLINE static exact_exponential<V> start(V x, V) {
            return exact_exp(max(x, exponential_domain<number_of<V>>::saturates));
        }
        template <class V> NONLIN_INLINE static V finish(exact_exponential<V> e, V x, V alpha) {
            return elu_of(e, x, alpha);
        }
    };
    struct derivative_halves {
        template <class V>
            requires(!has_pieces<V>)
        NONLIN_INLINE static exact_exponential<V> start(V x, V alpha) {
            return exact_exp(max(x, lowest_for(alpha)));
        }
        template <class V> NONLIN_INLINE static V finish(exact_exponential<V> e, V x, V alpha) {
            return elu_slope(e, x, alpha);
        }
    };

    template <class V> NONLIN_INLINE static V value(V x, V alpha) {
        if constexpr (has_pieces<V>) {
            return in_quarters(x, alpha);
        } else {
            return both_halves<value_halves>(x, alpha);
        }
    }
    template <class V> NONLIN_INLINE static V derivative(V x, V alpha) {
        if constexpr (has_pieces<V>) {
            return by_short_exponential(x, alpha);
        } else {
            return both_halves<derivative_halves>(x, alpha);
        }
    }

 private:
    // In float e^v - 1 is a polynomial for each quarter of the octaves of 1 - 3/4 v
    // (tools/tables.py: errors of 2^-26.6 at most, relative to the result). The first 8 pieces end
    // at -4.
    //
    // The constant term is exact, because a piece's point is one at which e^v - 1 is nearly a
    // float; in the first piece it is v itself. The rest is at most 0.4 of the sum: the roundings
    // beneath it weigh 0.2 ULP, the polynomial's error 0.15. What the sum's own rounding loses is
    // kept, so that the product with alpha rounds once, 0.5.
    template <class V> NONLIN_INLINE static V in_quarters(V x, V alpha) {
        return in_pieces<16>(
            abs(x), {4, 0}, NONLIN_FORMULA {
                const V y = min(abs(x), 19.9F), half = fma(y, 0.375F, 0.5F);
                const auto index = quarter_of_octaves(half);
                const auto entry = [&](const Lookup& table) __attribute__((always_inline)) {
                    return V::template look_up<entries>(table, index);
                };
                const V v = -y, z = v - entry(tables::expm1_centre);
                V sum = entry(tables::expm1_coefficient[6]);
                for (int k = 5; k >= 1; --k) sum = fma(sum, z, entry(tables::expm1_coefficient[k]));
                const V constant = select(half < 0.625F, v, entry(tables::expm1_coefficient[0]));
                const V high = fma(sum, z, constant), low = fma(sum, z, constant - high);
                return select(x < 0, product(alpha, high, low), x);
            });
    }

    // With y = -x = n ln 2 + r it is 2^-n alpha e^-r, and e^-r the bell's last piece, 1 + r q(r),
    // to 2^-28. What rounding takes from that sum and from r is kept, so that the product with
    // alpha rounds once, 0.5; q's rounding weighs 0.25 ULP.
    template <class V> NONLIN_INLINE static V by_short_exponential(V x, V alpha) {
        using ln2 = logarithm_of_2<float>;
        constexpr float zero = shifter<float>(0);
        const V y = min(abs(x), -lowest_for(alpha));
        const V shifted = fma(y, -ln2::inverse, zero), minus_n = shifted - zero;
        const V reduced = fma(minus_n, ln2::high, y), correction = minus_n * ln2::low;
        const V r = reduced + correction;
        V q = tables::power_coefficient[6];
        for (int k = 5; k >= 1; --k) q = fma(q, r, tables::power_coefficient[k]);
        const V power = fma(q, r, 1);
        const V low = fma(q, r, 1 - power) - ((reduced - r) + correction);
        return elu_slope(power, low, shifted, x, alpha);
    }
};

// x for x > 0, else alpha (e^(x / alpha) - 1), alpha > 0; derivative 1 for x > 0, else e^(x /
// alpha). For another alpha it is NaN left of 0.
struct celu {
    // alpha, what it and x are scaled up by, and up to where the function is a line.
    template <class V> NONLIN_INLINE static Numbers<V, 3> derive(V alpha) {
        constexpr double tiny = is_float<V> ? 0x1p-60 : 0x1p-500;
        constexpr double linear = is_float<V> ? 0x1p-26 : 0x1p-55;
        const V positive = select(alpha > 0, alpha, V(not_a_number<V>()));
        return {{positive, select(alpha < tiny, V(1 / tiny), V(1)), positive * linear}};
    }

    // x / alpha as a sum of two terms, a quotient and what the division left over; at least
    // `lowest`. x and alpha are scaled up where what is left over would underflow beside a tiny
    // alpha.
    template <class V>
    NONLIN_INLINE static double_double<V> ratio(V x, V alpha, V up, number_of<V> lowest) {
        const V scaled = x * up, divisor = alpha * up, quotient = scaled / divisor;
        const V rest = left_over(quotient, divisor, scaled) / divisor;
        return {max(quotient, lowest), select(quotient < lowest, V(0), rest)};
    }

    // x / alpha may be subnormal, and so inexact, where x is not; but alpha (e^(x / alpha) - 1) is
    // x (1 + x / (2 alpha) + ...), which rounds to x long before, for |x| < `linear`.
    struct value_halves {
        template <class V> NONLIN_INLINE static auto start(V x, V alpha, V up, V) {
            const auto z = ratio(x, alpha, up, exponential_domain<number_of<V>>::saturates);
            return exact_exp<0, true>(z.high, z.low);
        }
        template <class V>
        NONLIN_INLINE static V finish(exact_exponential<V> e, V x, V alpha, V, V linear) {
            return select(abs(x) < linear, x, elu_of(e, x, alpha));
        }
    };
    struct derivative_halves {
        template <class V> NONLIN_INLINE static auto start(V x, V alpha, V up, V) {
            const auto z = ratio(x, alpha, up, exponential_domain<number_of<V>>::vanishes);
            return exact_exp(z.high, z.low);
        }
        template <class V> NONLIN_INLINE static V finish(exact_exponential<V> e, V x, V, V, V) {
            return elu_slope(e, x, V(1));
        }
    };

    template <class V> NONLIN_INLINE static V value(V x, V alpha, V up, V linear) {
        return both_halves<value_halves>(x, alpha, up, linear);
    }
    template <class V> NONLIN_INLINE static V derivative(V x, V alpha, V up, V linear) {
        return both_halves<derivative_halves>(x, alpha, up, linear);
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
