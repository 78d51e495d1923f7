// Sums and quotients whose rounding errors are carried along and rounded once, at the end.
#pragma once

#include "arithmetic.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

// high + low, exactly a sum or nearly a product; |low| is at most half a unit of high.
template <class T> struct pair {
    T high, low;
};

// a + b = high + low exactly (Knuth 1969), for finite a + b.
template <class T> NONLIN_INLINE pair<T> exact_sum(T a, T b) {
    const T sum = a + b, b_rounded = sum - a;
    return {sum, (a - (sum - b_rounded)) + (b - b_rounded)};
}

// a (b.high + b.low), up to the rounding of the small terms.
template <class T> NONLIN_INLINE pair<T> times(T a, pair<T> b) {
    const T product = a * b.high;
    return {product, remainder(a, b.high, -product) + a * b.low};
}

// a + b = high + low exactly for |a| >= |b| or a = 0 (Dekker 1971).
template <class T> NONLIN_INLINE pair<T> ordered_sum(T a, T b) {
    const T sum = a + b;
    return {sum, b - (sum - a)};
}

// Arithmetic of pairs, so that a formula can be written once and carried either in T or in twice
// its digits. With eps the rounding error of T, each result is within 8 eps^2 of the exact one,
// relative to the larger operand in a sum and to the result elsewhere.
template <class T> NONLIN_INLINE pair<T> operator-(pair<T> a) { return {-a.high, -a.low}; }

template <class T> NONLIN_INLINE pair<T> operator+(pair<T> a, pair<T> b) {
    const pair<T> sum = exact_sum(a.high, b.high);
    return ordered_sum(sum.high, sum.low + (a.low + b.low));
}
template <class T> NONLIN_INLINE pair<T> operator+(pair<T> a, T b) {
    const pair<T> sum = exact_sum(a.high, b);
    return ordered_sum(sum.high, sum.low + a.low);
}
template <class T> NONLIN_INLINE pair<T> operator+(T a, pair<T> b) { return b + a; }
template <class T> NONLIN_INLINE pair<T> operator-(pair<T> a, pair<T> b) { return a + -b; }
template <class T> NONLIN_INLINE pair<T> operator-(pair<T> a, T b) { return a + -b; }
template <class T> NONLIN_INLINE pair<T> operator-(T a, pair<T> b) { return -b + a; }

template <class T> NONLIN_INLINE pair<T> operator*(pair<T> a, pair<T> b) {
    const T product = a.high * b.high, lost = remainder(a.high, b.high, -product);
    return ordered_sum(product, fma(a.high, b.low, fma(a.low, b.high, lost)));
}
template <class T> NONLIN_INLINE pair<T> operator*(pair<T> a, T b) {
    const T product = a.high * b, lost = remainder(a.high, b, -product);
    return ordered_sum(product, fma(a.low, b, lost));
}
template <class T> NONLIN_INLINE pair<T> operator*(T a, pair<T> b) { return b * a; }

template <class T> NONLIN_INLINE pair<T> operator/(pair<T> a, pair<T> b) {
    const T inverse = 1 / b.high, first = a.high * inverse;
    const T left_over = remainder(-first, b.high, a.high) + fma(-first, b.low, a.low);
    return ordered_sum(first, left_over * inverse);
}
template <class T> NONLIN_INLINE pair<T> operator/(T a, pair<T> b) { return pair<T>{a, 0} / b; }
template <class T> NONLIN_INLINE pair<T> operator/(pair<T> a, T b) { return a / pair<T>{b, 0}; }

// (a.high + a.low) / divisor, rounded once: what the first product leaves over comes to it in the
// last addition. A loop divides once for a divisor that stays the same; its reciprocal is finite.
template <class T> NONLIN_INLINE T quotient(pair<T> a, T divisor) {
    const T inverse = 1 / divisor, first = a.high * inverse;
    const T left_over = remainder(-first, divisor, a.high) + a.low;
#if NONLIN_HAS_FMA
    return fma(left_over, inverse, first);
#else
    // Nearly subnormal, what is left over would underflow; the low term has long done so.
    constexpr T tiny = smallest_normal<T>() * (sizeof(T) == 4 ? T(0x1p26) : T(0x1p55));
    return absolute(first) < tiny ? a.high / divisor : first + left_over * inverse;
#endif
}

// The largest number that is not above high + low, |low| at most half a unit of high: x is above
// the one if and only if it is above the other. Of low the sign alone counts.
template <class T> NONLIN_INLINE T rounded_down(double high, double low) {
    const T nearest = T(high);
    const bool above = nearest > high || (nearest == high && low < 0);
    return above ? next_below(nearest) : nearest;
}

// The same of a / b, b > 0.
template <class T> NONLIN_INLINE T quotient_rounded_down(double a, double b) {
    const double high = a / b;
    return rounded_down<T>(high, remainder(-high, b, a));
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
