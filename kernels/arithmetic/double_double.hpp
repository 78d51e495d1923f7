// Sums, products and quotients whose rounding errors are carried along and rounded once, at the
// end.
#pragma once

#include "../vectors/vector.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

template <class V> constexpr number_of<V> smallest_normal() {
    return sizeof(number_of<V>) == 4 ? number_of<V>(0x1p-126) : number_of<V>(0x1p-1022);
}

template <class V> constexpr number_of<V> infinity() { return number_of<V>(__builtin_huge_val()); }
template <class V> constexpr number_of<V> not_a_number() { return number_of<V>(__builtin_nan("")); }

// The upper half of the significand's digits, cut off or rounded. A double has 53: 27 are left when
// they are cut off, 26 and a sign when they are rounded.
template <class V, bool rounded = false> NONLIN_INLINE V upper_half(V x) {
    using T = number_of<V>;
    constexpr auto one = integer_of<T>(1);
    constexpr auto lower = (one << ((format<T>::fraction_bits + 1) / 2 + (sizeof(T) == 8))) - 1;
    return V::from_bits((bits(x) + (rounded ? lower / 2 + 1 : 0)) & ~lower);
}

// a b + c where the product almost cancels c. Without a fused instruction the product is cut into
// parts whose products are exact (Dekker 1971).
template <class V> NONLIN_INLINE V cancelled(V a, V b, V c) {
    if constexpr (has_fma) {
        return fma(a, b, c);
    } else {
        const V a_high = upper_half<V, !is_float<V>>(a), b_high = upper_half(b);
        const V a_low = a - a_high, b_low = b - b_high, product = a * b;
        const V lost =
            ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
        return (product + c) + lost;
    }
}

// a b - product: what rounding took from a product.
template <class V> NONLIN_INLINE V product_error(V a, V b, V product) {
    return cancelled(a, b, -product);
}

// dividend - quotient divisor: what a quotient, or a root for both, leaves over.
template <class V> NONLIN_INLINE V left_over(V quotient, V divisor, V dividend) {
    if constexpr (has_fma) {
        return nfma(quotient, divisor, dividend);
    } else {
        return cancelled(-quotient, divisor, dividend);
    }
}

// a b + rest, |rest| at most about a unit of a b, rounded once. Without a fused instruction the
// least parts of a tiny product would underflow, so b is scaled up meanwhile. An infinite product
// loses nothing; the formula above says NaN.
template <class V> NONLIN_INLINE V product_plus(V a, V b, V rest) {
    if constexpr (has_fma) {
        return fma(a, b, rest);
    } else {
        constexpr auto tiny = is_float<V> ? number_of<V>(0x1p-60) : number_of<V>(0x1p-860);
        constexpr auto up = is_float<V> ? number_of<V>(0x1p60) : number_of<V>(0x1p120);
        const auto small = abs(a * b) < tiny;
        const V factor = select(small, V(up), V(1)), back = select(small, V(1 / up), V(1));
        const V scaled = b * factor, product = a * scaled, lost = product_error(a, scaled, product);
        return (product + select(lost == lost, lost + rest * factor, rest)) * back;
    }
}

// high + low, exactly a sum or nearly a product; |low| is at most half a unit of high.
//
// Its arithmetic lets a formula be written once and carried either in V or in twice its digits.
// With eps the rounding error of V, each result is within 8 eps^2 of the exact one, relative to the
// larger operand in a sum and to the result elsewhere.
template <class V> struct double_double {
    V high, low;

    NONLIN_INLINE friend double_double operator-(double_double a) { return {-a.high, -a.low}; }

    NONLIN_INLINE friend double_double operator+(double_double a, double_double b) {
        const double_double sum = two_sum(a.high, b.high);
        return fast_two_sum(sum.high, sum.low + (a.low + b.low));
    }
    NONLIN_INLINE friend double_double operator+(double_double a, V b) {
        const double_double sum = two_sum(a.high, b);
        return fast_two_sum(sum.high, sum.low + a.low);
    }
    NONLIN_INLINE friend double_double operator+(V a, double_double b) { return b + a; }
    NONLIN_INLINE friend double_double operator-(double_double a, double_double b) {
        return a + -b;
    }
    NONLIN_INLINE friend double_double operator-(double_double a, V b) { return a + -b; }
    NONLIN_INLINE friend double_double operator-(V a, double_double b) { return -b + a; }

    NONLIN_INLINE friend double_double operator*(double_double a, double_double b) {
        const V product = a.high * b.high, lost = product_error(a.high, b.high, product);
        return fast_two_sum(product, fma(a.high, b.low, fma(a.low, b.high, lost)));
    }
    NONLIN_INLINE friend double_double operator*(double_double a, V b) {
        const V product = a.high * b, lost = product_error(a.high, b, product);
        return fast_two_sum(product, fma(a.low, b, lost));
    }
    NONLIN_INLINE friend double_double operator*(V a, double_double b) { return b * a; }

    NONLIN_INLINE friend double_double operator/(double_double a, double_double b) {
        const V inverse = 1 / b.high, first = a.high * inverse;
        const V rest = left_over(first, b.high, a.high) + nfma(first, b.low, a.low);
        return fast_two_sum(first, rest * inverse);
    }
    NONLIN_INLINE friend double_double operator/(V a, double_double b) {
        return double_double{a, V(0)} / b;
    }
    NONLIN_INLINE friend double_double operator/(double_double a, V b) {
        return a / double_double{b, V(0)};
    }
};

// a + b = high + low exactly (Knuth 1969), for finite a + b.
template <class V> NONLIN_INLINE double_double<V> two_sum(V a, V b) {
    const V sum = a + b, b_rounded = sum - a;
    return {sum, (a - (sum - b_rounded)) + (b - b_rounded)};
}

// a + b = high + low exactly for |a| >= |b| or a = 0 (Dekker 1971).
template <class V> NONLIN_INLINE double_double<V> fast_two_sum(V a, V b) {
    const V sum = a + b;
    return {sum, b - (sum - a)};
}

// The sum of numbers that may cancel, as if it were computed in `times` as many digits: each pass
// leaves what rounding takes from the sums in their places (Ogita, Rump, Oishi 2005).
template <int times, class V, int n> NONLIN_INLINE V sum_of(V (&term)[n]) {
    for (int pass = 1; pass < times; ++pass) {
        for (int i = 1; i < n; ++i) {
            const double_double<V> sum = two_sum(term[i], term[i - 1]);
            term[i] = sum.high;
            term[i - 1] = sum.low;
        }
    }
    V rest = term[0];
    for (int i = 1; i < n - 1; ++i) rest = rest + term[i];
    return rest + term[n - 1];
}

// a (b.high + b.low), up to the rounding of the small terms.
template <class V> NONLIN_INLINE double_double<V> times(V a, double_double<V> b) {
    const V product = a * b.high;
    return {product, product_error(a, b.high, product) + a * b.low};
}

// (a.high + a.low) / divisor, rounded once: what the first product leaves over comes to it in the
// last addition. The divisor's reciprocal is finite. Without a fused instruction what is left over
// would underflow where the quotient is nearly subnormal; the low term has long done so.
template <class V> NONLIN_INLINE V quotient(double_double<V> a, V divisor) {
    const V inverse = 1 / divisor, first = a.high * inverse;
    const V rest = left_over(first, divisor, a.high) + a.low;
    if constexpr (has_fma) {
        return fma(rest, inverse, first);
    } else {
        constexpr auto tiny = smallest_normal<V>() * number_of<V>(is_float<V> ? 0x1p26 : 0x1p55);
        return select(abs(first) < tiny, a.high / divisor, first + rest * inverse);
    }
}

// Formulas written once for any Number: float64 carries them in pairs, float32 in double, and both
// round once, at the end.
template <class Number> struct carried {
    using V = Number;
    NONLIN_INLINE static Number from(V high, V low) { return high + low; }
    NONLIN_INLINE static Number sum(V a, V b) { return a + b; }
    NONLIN_INLINE static Number product(V a, V b) { return a * b; }
};

template <class V> struct carried<double_double<V>> {
    NONLIN_INLINE static double_double<V> from(V high, V low) { return {high, low}; }
    NONLIN_INLINE static double_double<V> sum(V a, V b) { return two_sum(a, b); }
    NONLIN_INLINE static double_double<V> product(V a, V b) {
        const V high = a * b;
        return {high, product_error(a, b, high)};
    }
};

template <class Number> constexpr bool in_pairs = false;
template <class V> constexpr bool in_pairs<double_double<V>> = true;

template <class V> NONLIN_INLINE V rounded(V x) { return x; }
template <class V> NONLIN_INLINE V rounded(double_double<V> x) { return x.high + x.low; }

template <class Mask, class V>
NONLIN_INLINE double_double<V> select(Mask condition, double_double<V> a, double_double<V> b) {
    return {select(condition, a.high, b.high), select(condition, a.low, b.low)};
}

// The number below a finite one, and above -infinity.
template <class V> NONLIN_INLINE V next_below(V x) {
    using T = number_of<V>;
    using Integers = typename V::Integers;
    const Integers smallest_negative = (Integers(1) << (8 * int(sizeof(T)) - 1)) + 1;
    return V::from_bits(select(x > 0, bits(x) - 1, select(x < 0, bits(x) + 1, smallest_negative)));
}

template <class V> NONLIN_INLINE auto in_double(V x) {
    if constexpr (is_float<V>) {
        return widen(x);
    } else {
        return x;
    }
}

// The largest number of V that is not above high + low, two doubles, |low| at most half a unit of
// high: x is above the one if and only if it is above the other. Of low the sign alone counts.
template <class V, class W> NONLIN_INLINE V rounded_down(W high, W low) {
    if constexpr (is_float<V>) {
        const V nearest = narrow(high);
        const W again = widen(nearest);
        const auto above = (again > high) | ((again == high) & (low < 0));
        return select(narrow(select(above, W(1), W(0))) > 0, next_below(nearest), nearest);
    } else {
        return select(low < 0, next_below(high), high);
    }
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
