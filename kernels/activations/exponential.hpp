// ELU and its relatives: exponentials left of 0, straight lines right of it.
#pragma once

#include "../elementary.hpp"
#include "pieces.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// Where e^x - 1 has long been -1 (`saturates`), where alpha e^x is 0 for every alpha up to
// 2^`large` (`vanishes`), for every alpha (`vanishes_for_large`), and for every alpha up to
// 2^-`large` (`vanishes_for_small`), and where e^x is infinite (`overflows`).
template <class T> struct exponential_domain;

template <> struct exponential_domain<float> {
    static constexpr float saturates = -30, vanishes = -156, overflows = 130;
    static constexpr float vanishes_for_large = -194, vanishes_for_small = -112;
    static constexpr int large = 64;
};

template <> struct exponential_domain<double> {
    static constexpr double saturates = -50, vanishes = -1330, overflows = 1000;
    static constexpr double vanishes_for_large = -1456, vanishes_for_small = -600;
    static constexpr int large = 512;
};

// factor (high + low), rounded once. An infinite factor would make a low part of 0 NaN: it takes no
// part.
template <class T> NONLIN_INLINE T product(T factor, T high, T low) {
    const T finite = absolute(factor) < __builtin_inf() ? factor : T(0);
    return product_plus(factor, high, finite * low);
}

// 2^(n + shift) as a product of two powers about its root, for |n + shift| up to twice the exponent
// bias: x 2^n is infinite or subnormal only if the last of two products is, which alone then
// rounds.
template <class T> struct two_powers {
    T first, second;

    NONLIN_INLINE two_powers(const exact_exponential<T>& e, bits_of<T> shift) {
        constexpr auto bias = format<T>::exponent_bias;
        const unsigned_bits_of<T> exponents =
            to_bits(e.shifted) - (to_bits(shifter<T>(0)) - 2 * bias) + shift;
        const unsigned_bits_of<T> half = exponents >> 1;
        first = from_bits<T>(half << format<T>::fraction_bits);
        second = from_bits<T>((exponents - half) << format<T>::fraction_bits);
    }
};

// factor e^x for a factor from 2^-`large` to 2^`large`: e^x = 2^n (1 + q) may be subnormal or
// infinite where the product is not. A caller with another factor moves `shift` powers of two from
// it to 2^n.
template <class T>
NONLIN_INLINE T times_power(T factor, const exact_exponential<T>& e, bits_of<T> shift) {
    const T power = 1 + e.high, power_low = (e.high - (power - 1)) + e.low;
    const two_powers<T> scale(e, shift);
    return product(factor, power, power_low) * scale.first * scale.second;
}

// What a kernel in two stages has in common: value and derivative run both in one go.
template <class Value, class Derivative> struct staged {
    using value_stages = Value;
    using derivative_stages = Derivative;

    template <class T, class... P> NONLIN_INLINE static T value(T x, P... parameters) {
        return Value::finish(Value::start(x, parameters...), x, parameters...);
    }
    template <class T, class... P> NONLIN_INLINE static T derivative(T x, P... parameters) {
        return Derivative::finish(Derivative::start(x, parameters...), x, parameters...);
    }
};

// e^x - 1 is a sum of two terms, so alpha times it is rounded once. Below `saturates` x stops. What
// the left side computes where x is not negative, NaN included, is not used.
struct elu_value {
    template <class T> NONLIN_INLINE static auto start(T x, T) {
        return exact_exp(at_least(exponential_domain<T>::saturates, x));
    }
    template <class E, class T> NONLIN_INLINE static T finish(E exponential, T x, T alpha) {
        const auto e = minus_1(exponential);
        const T left = product(alpha, e.high, e.low);
        return x < 0 ? left : x;
    }
};

struct elu_derivative {
    template <class T> static constexpr int vectors = 1;

    template <class T> NONLIN_INLINE static bool is_large(T alpha) {
        return absolute(alpha) > power_of_two(shifter<T>(exponential_domain<T>::large));
    }
    template <class T> NONLIN_INLINE static bool is_small(T alpha) {
        return absolute(alpha) < power_of_two(shifter<T>(-exponential_domain<T>::large));
    }
    template <class T> NONLIN_INLINE static auto start(T x, T alpha) {
        using domain = exponential_domain<T>;
        const T mostly = is_small(alpha) ? domain::vanishes_for_small : domain::vanishes;
        return exact_exp(at_least(is_large(alpha) ? domain::vanishes_for_large : mostly, x));
    }
    template <class E, class T> NONLIN_INLINE static T finish(E e, T x, T alpha) {
        constexpr bits_of<T> large = exponential_domain<T>::large;
        const bits_of<T> mostly = is_small(alpha) ? -large : 0;
        const bits_of<T> shift = is_large(alpha) ? large : mostly;
        const T moved = alpha * power_of_two(shifter<T>(0) - T(shift));
        const T left = times_power(moved, e, shift);
        return x > 0 ? T(1) : left;
    }
};

#if NONLIN_HAS_FMA
// factor (high + low), as above.
NONLIN_INLINE Floats product(Floats factor, Floats high, Floats low) {
    const Floats finite = magnitude(factor) < __builtin_inff() ? factor : Floats{};
    return fma(factor, high, finite * low);
}

// ELU in float, where speed counts most: e^v - 1 is a polynomial for each quarter of the octaves of
// 1 - 3/4 v (tools/pieces.py: errors of 2^-26.6 at most, relative to the result).
//
// The constant term is exact, because a piece's point is one at which e^v - 1 is nearly a float; in
// the first piece it is v itself. The rest is at most 0.4 of the sum: the roundings beneath it
// weigh 0.2 ULP, the polynomial's error 0.15. What the sum's own rounding loses is kept, so that
// the product with alpha rounds once, 0.5.
struct float_elu {
    static constexpr int entries = 16;

    // The first 8 pieces end here.
    template <int> NONLIN_INLINE static bool within(Floats x, Floats) {
        return all_below(magnitude(x), 4);
    }

    template <int entries> NONLIN_INLINE static Floats of(Floats x, Floats alpha) {
        const Floats y = bounded(magnitude(x), all(19.9F)), half = fma(y, all(0.375F), all(0.5F));
        const Integers index = bits_of_all(half) >> (format<float>::fraction_bits - 2);
        const auto entry = [&](const Lookup& table) { return look_up<entries>(table, index); };
        const Floats v = -y, z = v - entry(expm1_centre);
        Floats sum = entry(expm1_coefficient[6]);
        for (int k = 5; k >= 1; --k) sum = fma(sum, z, entry(expm1_coefficient[k]));
        const Floats constant = half < 0.625F ? v : entry(expm1_coefficient[0]);
        const Floats high = fma(sum, z, constant), low = fma(sum, z, constant - high);
        return x < 0 ? product(alpha, high, low) : x;
    }
};

// alpha e^x in float. With y = -x = n ln 2 + r it is 2^-n alpha e^-r, and e^-r the bell's last
// piece, 1 + r q(r), to 2^-28. What rounding takes from that sum and from r is kept, so that the
// product with alpha rounds once, 0.5; q's rounding weighs 0.25 ULP. The power of two is two
// products, as above.
struct float_elu_derivative {
    static constexpr int entries = 0;

    template <int> NONLIN_INLINE static Floats of(Floats x, Floats alpha) {
        using ln2 = logarithm_of_2<float>;
        using domain = exponential_domain<float>;
        constexpr float zero = shifter<float>(0);
        static_assert(domain::large == 64);
        const auto is_large = magnitude(alpha) > 0x1p64F, is_small = magnitude(alpha) < 0x1p-64F;
        const Floats mostly = is_small ? all(-domain::vanishes_for_small) : all(-domain::vanishes);
        const Floats lowest = is_large ? all(-domain::vanishes_for_large) : mostly;
        const Floats raised = is_small ? alpha * 0x1p64F : alpha;
        const Floats moved = is_large ? alpha * 0x1p-64F : raised;
        const Integers down = is_small ? Integers{} - domain::large : Integers{};
        const Integers shift = is_large ? Integers{} + domain::large : down;

        const Floats y = bounded(magnitude(x), lowest);
        const Floats shifted = fma(y, all(-ln2::inverse), all(zero)), minus_n = shifted - zero;
        const Floats reduced = fma(minus_n, all(ln2::high), y), correction = minus_n * ln2::low;
        const Floats r = reduced + correction;
        Floats q = all(power_coefficient[6]);
        for (int k = 5; k >= 1; --k) q = fma(q, r, all(power_coefficient[k]));
        const Floats power = fma(q, r, all(1));
        const Floats low = fma(q, r, 1 - power) - ((reduced - r) + correction);

        constexpr auto bias = format<float>::exponent_bias;
        const Integers exponents = bits_of_all(shifted) - (to_bits(zero) - 2 * bias) + shift;
        const Integers first = exponents >> 1, second = exponents - first;
        const Floats left = product(moved, power, low) *
                            floats_of(first << format<float>::fraction_bits) *
                            floats_of(second << format<float>::fraction_bits);
        return x > 0 ? all(1) : left;
    }
};
#endif

// x for x > 0, else alpha (e^x - 1), values in (-alpha, inf);
// derivative 1 for x > 0, else alpha e^x.
struct elu : staged<elu_value, elu_derivative> {
#if NONLIN_HAS_FMA
    using float_value = float_elu;
    using float_derivative = float_elu_derivative;
#endif
};

// x / alpha as a sum of two terms, a quotient and what the division left over; at least `lowest`.
// x and alpha are scaled up where what is left over would underflow beside a tiny alpha.
template <class T> struct ratio {
    T high, low;

    NONLIN_INLINE ratio(T x, T alpha, T up, T lowest) {
        const T scaled = x * up, divisor = alpha * up, quotient = scaled / divisor;
        const T left_over = remainder(-quotient, divisor, scaled) / divisor;
        high = at_least(lowest, quotient);
        low = quotient < lowest ? T(0) : left_over;
    }
};

struct celu_value {
    template <class T> NONLIN_INLINE static auto start(T x, T alpha, T up, T) {
        const ratio<T> z(x, alpha, up, exponential_domain<T>::saturates);
        return exact_exp<0, true>(z.high, z.low);
    }
    // x / alpha may be subnormal, and so inexact, where x is not; but alpha (e^(x / alpha) - 1) is
    // x (1 + x / (2 alpha) + ...), which rounds to x long before, for |x| < `linear`.
    template <class E, class T>
    NONLIN_INLINE static T finish(E exponential, T x, T alpha, T, T linear) {
        const T curved = elu_value::finish(exponential, x, alpha);
        return absolute(x) < linear ? x : curved;
    }
};

struct celu_derivative {
    template <class T> NONLIN_INLINE static auto start(T x, T alpha, T up, T) {
        const ratio<T> z(x, alpha, up, exponential_domain<T>::vanishes);
        return exact_exp(z.high, z.low);
    }
    template <class E, class T> NONLIN_INLINE static T finish(E e, T x, T, T, T) {
        return elu_derivative::finish(e, x, T(1));
    }
};

// x for x > 0, else alpha (e^(x / alpha) - 1), alpha > 0; derivative 1 for x > 0, else e^(x /
// alpha). For another alpha it is NaN left of 0.
struct celu : staged<celu_value, celu_derivative> {
    static constexpr int derived = 3;

    // alpha, what it and x are scaled up by, and up to where the function is a line.
    template <class T> NONLIN_INLINE static Numbers<T, derived> derive(T alpha) {
        const T tiny = sizeof(T) == 4 ? T(0x1p-60) : T(0x1p-500);
        const T linear = sizeof(T) == 4 ? T(0x1p-26) : T(0x1p-55);
        const T positive = alpha > 0 ? alpha : not_a_number<T>();
        return {{positive, alpha < tiny ? 1 / tiny : T(1), positive * linear}};
    }
};

// e^x, its own derivative.
struct exponential_value {
    template <class T> NONLIN_INLINE static auto start(T x) {
        using domain = exponential_domain<T>;
        return exact_exp(at_most(domain::overflows, at_least(domain::vanishes, x)));
    }
    template <class E, class T> NONLIN_INLINE static T finish(E e, T) {
        return times_power(T(1), e, 0);
    }
};

struct exponential_activation : staged<exponential_value, exponential_value> {};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
