// Softplus, as PyTorch has it with an asymptote beyond a threshold, and log-sigmoid.
#pragma once

#include "../arithmetic/parameters.hpp"
#include "gate.hpp"
#include "octaves.hpp"
#include "sigmoid.hpp"
#include "tables/softplus.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// (2 atanh(s) - 2 s) / s^3 as a polynomial in z = s^2, 0 <= s <= 1/3: relative to 2 atanh(s) / s an
// error of 2^-66 (tools/coefficients.py).
template <class V> NONLIN_INLINE V atanh_tail(V z) {
    const V z_squared = z * z;
    const V even =
        horner(z_squared, 0x1.5555555555555p-1, 0x1.2492492482182p-2, 0x1.745d14c7fb250p-3,
               0x1.110986eb60ffbp-3, 0x1.a6036f44e5ad0p-4, 0x1.ae399a7baa45ap-6);
    const V odd =
        horner(z_squared, 0x1.9999999999afep-2, 0x1.c71c71d2e03a3p-3, 0x1.3b14069796c68p-3,
               0x1.e2c737e853bd7p-4, 0x1.c316ec6d1d124p-4, 0x1.aad1f10ac61aap-3);
    return fma(z, odd, even);
}

// ln(1 + e^(beta x)) / beta.
struct softplus_formula {
    // max(y, 0) + ln(1 + t), y = beta x, t = e^-|y| in (0, 1]. With s = t / (2 + t) <= 1/3,
    // ln(1 + t) = 2 atanh(s) = 2 s + s^3 Q(s^2), whose second term is at most 1/27 of the first. t
    // is scaled up by 2^512 so that it and s are normal down to t = 2^-1529, and the last product
    // alone rounds into the subnormal range; what is below vanishes for every beta from 2^-400 on.
    // From y = 40 on the logarithm is lost beside y.
    template <class Number, class V> NONLIN_INLINE static V value(V x, V beta) {
        constexpr double vanishes = 1060, saturates = 40, unit = 0x1p-512;
        const V y = beta * x, y_low = product_error(beta, x, y), magnitude = abs(y);
        const V bounded = min(magnitude, vanishes);
        const V low = select(bounded == magnitude, select(y < 0, y_low, -y_low), V(0));
        const Number t = carried_exp<Number, 512>(-bounded, low).whole();
        const Number s = t / (V(2) + t * V(unit));
        const V plain = rounded(s), z = plain * unit * (plain * unit);
        const Number logarithm = s * V(2) + plain * z * atanh_tail(z);
        const V left = select(y < -vanishes, V(0), rounded(logarithm / beta) * unit);
        const Number positive = carried<Number>::from(min(magnitude, saturates), -low);
        const V right = rounded((positive + logarithm * V(unit)) / beta);
        return select(y > saturates, x, select(y > 0, right, left));
    }
};

// In float, for a beta of 1: ln(1 + e^-y), y = |x|, is a polynomial for each octave of e^-y
// (tools/tables.py: errors of 2^-28 at most, relative to the result). It vanishes from 106 on.
template <class V> NONLIN_INLINE V softplus_in_octaves(V x) {
    return in_pieces<32>(
        abs(x), octave_limits, NONLIN_FORMULA {
            const octave<entries, V> y(min(abs(x), 106), tables::softplus_correction);
            return beside(y.sum(tables::softplus_coefficient), x, 20);
        });
}

// beta, its sign, and the place on the axis: sign x > threshold / |beta| rounded down if and only
// if beta x > threshold, of which no digit is lost then.
struct softplus_parameters {
    template <class V> NONLIN_INLINE static Numbers<V, 3> derive(V beta, V threshold) {
        const V known = select(beta == 0, V(not_a_number<V>()), beta);
        const auto wide = in_double(threshold), size = in_double(abs(known)), place = wide / size;
        return {
            {known, copy_sign(V(1), beta), rounded_down<V>(place, left_over(place, size, wide))}};
    }
};

// x for beta x > threshold, else ln(1 + e^(beta x)) / beta; derivative 1 beyond the threshold, else
// sigmoid(beta x). With an infinite threshold it has no asymptote. For a beta of 0 NaN.
template <bool of_1> struct softplus_of : softplus_parameters {
    // sigmoid(beta x), the product in two terms.
    struct derivative_halves {
        template <class V> NONLIN_INLINE static exponential<V> start(V x, V beta, V, V) {
            using domain = logistic_domain<number_of<V>>;
            const V y = beta * x, near = logistic<V>::bounded(y, -domain::vanishes);
            const V y_low = select(near == y, -product_error(beta, x, y), V(0));
            return exp<-domain::margin>(-near, y_low);
        }
        template <class V>
        NONLIN_INLINE static V finish(exponential<V> e, V x, V, V sign, V place) {
            return select(sign * x > place, V(1), logistic<V>(e).rounded());
        }
    };

    template <class V> NONLIN_INLINE static V value(V x, V beta, V sign, V place) {
        if constexpr (of_1 && has_pieces<V>) {
            return select(x > place, x, softplus_in_octaves(x));
        } else {
            return select(sign * x > place, x, carried_twice<softplus_formula>::value(x, beta));
        }
    }
    template <class V> NONLIN_INLINE static V derivative(V x, V beta, V sign, V place) {
        return both_halves<derivative_halves>(x, beta, sign, place);
    }
};

struct softplus : softplus_of<false> {
    using usual = softplus_of<true>;
    template <class V> NONLIN_INLINE static auto is_usual(V beta, V) { return beta == 1; }

    template <class V> NONLIN_INLINE static V value(V x, V beta, V sign, V place) {
        return split(
            beta == 1, NONLIN_BODY { return usual::value(x, beta, sign, place); },
            NONLIN_BODY { return softplus_of<false>::value(x, beta, sign, place); });
    }
};

// ln sigmoid(x) = -softplus(-x); derivative sigmoid(-x).
struct log_sigmoid {
    struct derivative_halves {
        template <class V> NONLIN_INLINE static exponential<V> start(V x) {
            return sigmoid::value_halves::start(-x);
        }
        template <class V> NONLIN_INLINE static V finish(exponential<V> e, V x) {
            return sigmoid::value_halves::finish(e, x);
        }
    };

    template <class V> NONLIN_INLINE static V value(V x) {
        if constexpr (has_pieces<V>) {
            return -softplus_in_octaves(-x);
        } else {
            return -carried_twice<softplus_formula>::value(-x, V(1));
        }
    }
    template <class V> NONLIN_INLINE static V derivative(V x) {
        return both_halves<derivative_halves>(x);
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
