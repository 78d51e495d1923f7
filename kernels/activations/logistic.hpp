// Sigmoid and what is built from it.
#pragma once

#include "../elementary.hpp"
#include "pieces.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// The largest |x| at which e^-|x| still matters (`vanishes`), where 1 + e^-x has long been 1
// (`saturates`), and the power of two that keeps e^-x and its reciprocal finite and normal in
// between.
template <class T> struct logistic_domain;

template <> struct logistic_domain<float> {
    static constexpr float vanishes = 106, saturates = 40, unit = 0x1p-64F;
    static constexpr int margin = 64;
};

template <> struct logistic_domain<double> {
    static constexpr double vanishes = 748, saturates = 40, unit = 0x1p-512;
    static constexpr int margin = 512;
};

// e^-y / (1 + e^-y)^2 for y >= 0: the derivative of sigmoid at +-y, a quarter of tanh's at +-y / 2.
//
// With t = e^-y as a sum of two terms, numerator t and denominator (1 + t)^2 each carry a
// correction, and one Newton step applies both to the quotient of the leading terms: what is left
// is the last rounding and t's own error. t is scaled up by 2^margin, so it and the quotient are
// normal numbers, and the last product alone rounds into the subnormal range.
struct logistic_bell {
    template <class T> NONLIN_INLINE static auto start(T y) {
        using domain = logistic_domain<T>;
        return exp<domain::margin>(-at_most(domain::vanishes, y));
    }

    template <class E, class T> NONLIN_INLINE static T finish(E e, T factor) {
        using domain = logistic_domain<T>;
        const T scale = e.scale();
        const T part = scale * e.high, t = scale + part, t_low = (scale - t) + part;

        const T sum = fma(domain::unit, t, T(1));
        const T sum_low = fma(domain::unit, t_low, fma(domain::unit, t, 1 - sum));
        const T square = sum * sum;
        const T square_low = fma(sum + sum, sum_low, remainder(sum, sum, -square));

        const T inverse = 1 / square, quotient = t * inverse;
        const T left_over = remainder(-quotient, square, t) + fma(-quotient, square_low, t_low);
        return fma(left_over, inverse, quotient) * (factor * domain::unit);
    }
};

#if NONLIN_HAS_FMA
// The same in float, where speed counts most: with y = n ln 2 + r, |r| <= ln 2 / 2, it is 2^-n
// times a polynomial in r, one for each n < 31; from there on (1 + e^-y)^2 is 1 to 2^-29 and the
// last one is e^-r (tools/pieces.py: errors of 2^-25.7 at most, relative to the result).
//
// r is rounded twice, by 2^-26 together. A piece's constant term is exact, because its point is
// moved a little from n ln 2 by what is added to ln 2's low part. The rest is at most 0.42 of the
// result: the rounding of the polynomial beneath it weighs 0.2 ULP, its coefficient's 0.1. With the
// last rounding, 0.5, and the polynomial's error, 0.15, that is 0.95 ULP.
//
// The coefficients are scaled down by 2^80, so that 2^(80 - n) and what it multiplies
// are normal numbers, and the last product alone rounds into the subnormal range. `doubled` is 4
// times the same at 2 y.
template <bool doubled> struct float_bell {
    static constexpr int entries = 32, scaled = 80;

    // With y = 2 x all of it is in r / 2.
    static constexpr float half = doubled ? 0.5F : 1;
    struct Pieces {
        LongLookup correction = times(half, bell_correction), coefficient[7];
        constexpr Pieces() {
            float factor = doubled ? 4 : 1;
            for (int k = 0; k <= 6; ++k, factor /= half)
                coefficient[k] = times(factor, bell_coefficient[k]);
        }
    };
    static constexpr Pieces pieces{};

    // Whether n is below `entries`.
    template <int entries> NONLIN_INLINE static bool within(Floats x) {
        return all_below(magnitude(x), half * (entries == 8 ? 5.19F : 10.74F));
    }

    template <int entries> NONLIN_INLINE static Floats of(Floats x) {
        using ln2 = logarithm_of_2<float>;
        constexpr float zero = shifter<float>(scaled);
        const Floats y = bounded(magnitude(x), all(half * 106));
        const Floats shifted = fma(y, all(-ln2::inverse / half), all(zero));
        const Floats minus_n = shifted - zero;
        Integers index = bits_of_all(shifted);
        if constexpr (entries == 32)
            index = index > to_bits(zero) - 31 ? index : Integers{} + (to_bits(zero) - 31);
        const auto entry = [&](const LongLookup& table) { return look_up<entries>(table, index); };
        const Floats r =
            fma(minus_n, entry(pieces.correction), fma(minus_n, all(half * ln2::high), y));
        Floats sum = entry(pieces.coefficient[6]);
        for (int k = 5; k >= 0; --k) sum = fma(sum, r, entry(pieces.coefficient[k]));
        return sum * floats_of(bits_of_all(shifted) << 23);
    }
};
#endif

// 2^margin / (1 + e^-x) = quotient (1 + error).
//
// e^-x = s (1 + q), s a power of two. The denominator is (1 + s) + s q; what rounding takes from
// either sum goes into `sum_low`, and one Newton step on 1 / sum takes it into account together
// with the quotient's own error. All of it is scaled by 2^-margin, so that the denominator is
// finite down to where the result vanishes, and the last product of who takes the scale away
// alone rounds into the subnormal range. What is left is that rounding, 0.5 ULP, and q's error: at
// most 0.4 if q is a number, 0.1 if it is a sum of two.
template <class T> struct logistic {
    T quotient, error;

    template <class E> NONLIN_INLINE explicit logistic(E e) {
        using domain = logistic_domain<T>;
        const T scale = e.scale();
        const T whole = domain::unit + scale, whole_low = domain::unit - (whole - scale);
        const T part = scale * e.high, sum = whole + part;
        T sum_low = ((whole - sum) + part) + whole_low;
        if constexpr (requires { e.low; }) sum_low = fma(scale, e.low, sum_low);
        quotient = 1 / sum;
        error = fma(-sum_low, quotient, remainder(-sum, quotient, T(1)));
    }

    // From x = `saturates` on the result is 1, and down to `lowest` its scale suffices.
    NONLIN_INLINE static T bounded(T x, T lowest) {
        return at_most(logistic_domain<T>::saturates, at_least(lowest, x));
    }
};

// 1 / (1 + e^-x), values in (0, 1); derivative e^-x / (1 + e^-x)^2.
struct sigmoid {
    struct value_stages {
        template <class T> NONLIN_INLINE static auto start(T x) {
            using domain = logistic_domain<T>;
            return exp<-domain::margin>(-logistic<T>::bounded(x, -domain::vanishes));
        }
        template <class E, class T> NONLIN_INLINE static T finish(E e, T) {
            const logistic<T> s(e);
            return fma(s.quotient, s.error, s.quotient) * logistic_domain<T>::unit;
        }
    };

    struct derivative_stages {
        template <class T> NONLIN_INLINE static auto start(T x) {
            return logistic_bell::start(absolute(x));
        }
        template <class E, class T> NONLIN_INLINE static T finish(E e, T) {
            return logistic_bell::finish(e, T(1));
        }
    };

#if NONLIN_HAS_FMA
    using float_derivative = float_bell<false>;
#endif

    template <class T> NONLIN_INLINE static T value(T x) {
        return value_stages::finish(value_stages::start(x), x);
    }
    template <class T> NONLIN_INLINE static T derivative(T x) {
        return derivative_stages::finish(derivative_stages::start(x), x);
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
