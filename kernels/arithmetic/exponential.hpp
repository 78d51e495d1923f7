// The exponential, in the forms that the activations are built from.
#pragma once

#include "double_double.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

// e^x = 2^n (1 + high + low), n the integer nearest to x / ln 2.
//
// n comes out of adding a number so large that its unit in the last place is 1 (the shifter); the
// low bits of that sum are n in two's complement. ln 2 = ln2_high + ln2_low, where ln2_high has so
// few bits that n ln2_high is exact, and x - n ln2_high then is exact as well. With
//     r = reduced - n ln2_low,  |r| <= ln 2 / 2 (1 + 2^-10)
//     e^r - 1 = r + r^2 P(r)   (P: tools/coefficients.py)
// the large term is added last and what that addition loses is kept in `low`, so high + low carries
// only the error of the small terms: P's 2^-28.7 (float), 2^-59.8 (double) relative to e^r - 1 and
// the roundings in r^2 P(r) - n ln2_low, at most 2^-28 (float), 2^-57 (double) together.
template <class T> struct logarithm_of_2;

template <> struct logarithm_of_2<float> {
    static constexpr float high = 0x1.62e4p-1F, low = 0x1.7f7d1cp-20F, inverse = 0x1.715476p+0F;
};

template <> struct logarithm_of_2<double> {
    static constexpr double high = 0x1.62e42fefa4p-1, low = -0x1.8432a1b0e2634p-43,
                            inverse = 0x1.71547652b82fep+0;
};

// In double P(r) - 1/2 in its even and odd powers, for those to whom the half is a term of its own.
template <class V> NONLIN_INLINE V exponential_rest_even(V r_squared) {
    return horner(r_squared, 0x1.555555555553fp-5, 0x1.6c16c16c1e9a1p-10, 0x1.a01a017e5bc5ep-16,
                  0x1.27e52fac66d72p-22, 0x1.1ef40bea4beb9p-29);
}

template <class V> NONLIN_INLINE V exponential_rest_odd(V r_squared) {
    return horner(r_squared, 0x1.5555555555559p-3, 0x1.111111110f68dp-7, 0x1.a01a01aff6afdp-13,
                  0x1.71ddf81d9d5b7p-19, 0x1.af5f2d5e54bffp-26);
}

template <class V> NONLIN_INLINE V exponential_rest(V r, V r_squared) {
    return fma(r_squared, exponential_rest_even(r_squared), r * exponential_rest_odd(r_squared));
}

// P(r), (e^r - 1 - r) / r^2, the even and the odd powers summed side by side. The half comes last,
// so that only one rounding counts.
template <class V> NONLIN_INLINE V exponential_tail(V r, V r_squared) {
    if constexpr (is_float<V>) {
        const V even = horner(r_squared, 0x1.5554b0p-5F, 0x1.6d7304p-10F);
        const V odd = horner(r_squared, 0x1.555554p-3F, 0x1.111182p-7F, 0x1.a04208p-13F);
        return fma(r, fma(r, even, odd), V(0.5F));
    } else {
        const V odd = exponential_rest_odd(r_squared);
        return fma(r, fma(r, exponential_rest_even(r_squared), odd), V(0.5));
    }
}

// P(r) of one degree less, for those to whom e^r - 1 counts beside the 1 only: an error of 2^-28.2
// (2^-56.8) relative to e^r.
template <class V> NONLIN_INLINE V short_exponential_tail(V r, V r_squared) {
    if constexpr (is_float<V>) {
        const V even = horner(r_squared, 0x1.55585ap-5F, 0x1.6abbc6p-10F);
        const V odd = horner(r_squared, 0x1.55548cp-3F, 0x1.123d90p-7F);
        return fma(r, fma(r, even, odd), V(0x1.fffffcp-2F));
    } else {
        const V even = horner(r_squared, 0x1.5555555550776p-5, 0x1.6c16c18466581p-10,
                              0x1.a019996226ac6p-16, 0x1.28ae15d313ed2p-22);
        const V odd = horner(r_squared, 0x1.55555555554fbp-3, 0x1.111111112754dp-7,
                             0x1.a01a012d78892p-13, 0x1.71df1c5749ebep-19, 0x1.ad90c8699a590p-26);
        return fma(r, fma(r, even, odd), V(0x1.000000000000ap-1));
    }
}

// The number whose unit in the last place is 1 and whose last bits, shifted into the exponent, say
// 2^bias.
template <class T> constexpr T shifter(int bias) {
    return T(3LL << (format<T>::fraction_bits - 1)) + T(format<T>::exponent_bias + bias);
}
template <class T> constexpr integer_of<T> shifter_bits(int bias) {
    return __builtin_bit_cast(integer_of<T>, shifter<T>(bias));
}

// 2^(n + bias) out of shifter(bias) + n.
template <class V> NONLIN_INLINE V power_of_two(V shifted) {
    return V::from_bits(bits(shifted) << format<number_of<V>>::fraction_bits);
}

// e^x = 2^n (1 + high), where `high` has been rounded: an error of 2^-25 (2^-54) at most, seen
// from 1.
//
// scale() returns 2^(n + scale_bias): a caller whose 2^n would leave the exponent range keeps it
// inside with a bias, and divides the surplus out at the end.
template <class V> struct exponential {
    V shifted, high;

    NONLIN_INLINE V scale() const { return power_of_two(shifted); }
};

// e^x = 2^n (1 + high + low).
template <class V> struct exact_exponential : exponential<V> {
    V low;
};

// x = n ln 2 + reduced + correction.
template <class V> struct reduced_argument {
    V shifted, reduced, correction;
};

template <int scale_bias, class V> NONLIN_INLINE reduced_argument<V> reduce(V x) {
    using T = number_of<V>;
    using ln2 = logarithm_of_2<T>;
    const V shifted = fma(x, ln2::inverse, shifter<T>(scale_bias));
    const V n = shifted - shifter<T>(scale_bias);
    return {shifted, nfma(n, ln2::high, x), n * -ln2::low};
}

// The argument is x + x_low, |x_low| at most a unit in the last place of x. (An x_low of 0 above
// would keep a register for the zero.)
template <int scale_bias, class V> NONLIN_INLINE reduced_argument<V> reduce(V x, V x_low) {
    using T = number_of<V>;
    using ln2 = logarithm_of_2<T>;
    const V shifted = fma(x, ln2::inverse, shifter<T>(scale_bias));
    const V n = shifted - shifter<T>(scale_bias);
    return {shifted, nfma(n, ln2::high, x), nfma(n, ln2::low, x_low)};
}

// What rounding r leaves out is missing in r^2 P(r), below 2^-27 (2^-56); `closer` adds it.
template <bool closer = false, class V>
NONLIN_INLINE exact_exponential<V> exact_exp_of(reduced_argument<V> x) {
    const V r = x.reduced + x.correction, r_squared = r * r;
    V rest = x.correction;
    if constexpr (closer) rest = fma(r, x.correction - (r - x.reduced), x.correction);
    const V small = fma(r_squared, exponential_tail(r, r_squared), rest);
    const V high = x.reduced + small;
    return {{x.shifted, high}, small - (high - x.reduced)};
}

template <int scale_bias = 0, class V> NONLIN_INLINE exact_exponential<V> exact_exp(V x) {
    return exact_exp_of(reduce<scale_bias>(x));
}

template <int scale_bias = 0, bool closer = false, class V>
NONLIN_INLINE exact_exponential<V> exact_exp(V x, V x_low) {
    return exact_exp_of<closer>(reduce<scale_bias>(x, x_low));
}

template <class V> NONLIN_INLINE exponential<V> exp_of(reduced_argument<V> x) {
    const V r = x.reduced + x.correction, r_squared = r * r;
    const V small = fma(r_squared, short_exponential_tail(r, r_squared), x.correction);
    return {x.shifted, x.reduced + small};
}

template <int scale_bias = 0, class V> NONLIN_INLINE exponential<V> exp(V x) {
    return exp_of(reduce<scale_bias>(x));
}

template <int scale_bias = 0, class V> NONLIN_INLINE exponential<V> exp(V x, V x_low) {
    return exp_of(reduce<scale_bias>(x, x_low));
}

// e^x - 1 = high + low, for x small enough that 2^n is finite.
//
// With e^x = 2^n (1 + q): (2^n - 1) + 2^n q, whose first term is the larger or zero, so the sum's
// rounding error is exactly what `low` collects; 2^n q, `part`, is exact. From n = 25 (54) on, 2^n
// - 1 rounds to 2^n, an error of 2^-25 (2^-54) at most.
template <class V> NONLIN_INLINE double_double<V> minus_1(exact_exponential<V> e) {
    const V scale = e.scale(), whole = scale - 1;
    const V part = scale * e.high, high = whole + part;
    return {high, fma(scale, e.low, (whole - high) + part)};
}

// e^x = scale (1 + q), scale = 2^(n + bias), for a formula that is written for any Number.
template <class Number, class V> struct power {
    V scale;
    Number q;

    // scale (1 + q)
    NONLIN_INLINE Number whole() const { return scale + scale * q; }
    // e^x - 1, for a bias of 0.
    NONLIN_INLINE Number minus_1() const { return carried<Number>::sum(scale, V(-1)) + scale * q; }
};

// e^x with its exponent still in the shifter: what `power` is made of.
template <class Number, class V> struct shifted_power {
    V shifted;
    Number q;
};

// The argument is x + x_low, of doubles. In pairs, with P the polynomial of exponential_tail and r
// = r.high + r.low the reduced argument,
//     e^r - 1 = r + r^2 / 2 + r^2 (P(r) - 1/2)
// whose last term is at most 0.007, so its rounding errors are below 2^-60; the first two are
// summed exactly. With P's own error, q is within 2^-59.5.
template <class Number, int bias = 0, class V>
NONLIN_INLINE shifted_power<Number, V> carried_shifted_exp(V x, V x_low) {
    if constexpr (in_pairs<Number>) {
        using ln2 = logarithm_of_2<double>;
        const V shifted = fma(x, ln2::inverse, shifter<double>(bias));
        const V n = shifted - shifter<double>(bias);
        const Number r = two_sum(nfma(n, ln2::high, x), nfma(n, ln2::low, x_low));
        const V square = r.high * r.high, lost = product_error(r.high, r.high, square);
        const Number sum = fast_two_sum(r.high, 0.5 * square);
        const V tail = square * exponential_rest(r.high, square);
        const V low = sum.low + fma(0.5, lost, fma(r.high, r.low, r.low)) + tail;
        return {shifted, fast_two_sum(sum.high, low)};
    } else {
        const auto e = exact_exp<bias>(x, x_low);
        return {e.shifted, e.high};
    }
}

template <class Number, int bias = 0, class V>
NONLIN_INLINE power<Number, V> carried_exp(V x, V x_low) {
    const auto [shifted, q] = carried_shifted_exp<Number, bias>(x, x_low);
    return {power_of_two(shifted), q};
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
