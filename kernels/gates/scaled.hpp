// The factors of a gate, not rounded: m 2^n.
//
// A gate is a product of two or three factors, and one of them may make up for what another lacks:
// sigmoid(-1000) is no double, a thousand digits after the point, but times 2^1000 it may be. Of
// float32 and 16 bits every factor is a double and so is their product. Of float64 significands and
// exponents go apart until the product is rounded, once.
#pragma once

#include "../arithmetic/exponential.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::gates {

template <class Number, class V> struct scaled;

// e^x as a factor, and e^x - 1, which does not cancel.
template <class Number, class V> struct exponentials {
    scaled<Number, V> whole;
    Number minus_1;
};

// Carried in V itself, doubles that stand for floats.
template <class V> struct scaled<V, V> {
    // e^-700 times what floats may be is no float, but it is a number: times infinity it is that.
    static constexpr double farthest = 700;
    // From here on 1 - e^-x is 1 to so many digits that they make no difference in a float.
    static constexpr double hidden = 36;

    V m;

    NONLIN_INLINE static scaled of(V x) { return {x}; }
    template <class... Low> NONLIN_INLINE static exponentials<V, V> exp(V x, Low... x_low) {
        const auto e = nonlin::NONLIN_INSTRUCTION_SET::exp<0>(x, x_low...);
        const V scale = e.scale(), part = scale * e.high;
        return {{scale + part}, (scale - 1) + part};
    }
    // What a positive one adds to 1, and be it very little: where a product of two numbers of 16
    // bits lies in the middle between two, it says on which side of it the result is.
    NONLIN_INLINE V beside_one() const { return max(m, 0x1p-50); }
    // At infinity a factor is its limit. That is rare, and one look tells.
    template <class Mask> NONLIN_INLINE scaled with(Mask where, V limit) const {
        if (!any(where)) return *this;
        return {select(where, limit, m)};
    }
    NONLIN_INLINE friend scaled operator*(scaled a, scaled b) { return {a.m * b.m}; }
    NONLIN_INLINE friend scaled operator+(scaled a, scaled b) { return {a.m + b.m}; }
    NONLIN_INLINE V round() const { return m; }
    template <class Mask> NONLIN_INLINE friend scaled select(Mask condition, scaled a, scaled b) {
        return {select(condition, a.m, b.m)};
    }
};

// Carried in pairs. `plain` is m as one number, or the limit: 0, infinite or NaN, it is the result.
template <class V> struct scaled<double_double<V>, V> {
    using Integers = typename V::Integers;
    static constexpr double farthest = 3500, hidden = 80;
    static constexpr int64_t field = 0x7ff, bias = 1023, fraction = int64_t{1} << 52;

    double_double<V> m;
    Integers n;
    V plain;

    // 2^n, for exponents of normal numbers.
    NONLIN_INLINE static V power(Integers n) { return V::from_bits((n + bias) << 52); }

    // A significand in [1, 2) and its exponent.
    NONLIN_INLINE static scaled of(double_double<V> x) {
        const auto is_subnormal = abs(x.high) < 0x1p-1022;
        const V normal = select(is_subnormal, x.high * 0x1p54, x.high);
        const Integers exponent = (bits(normal) & (field * fraction)) >> 52;
        const auto is_number = (abs(x.high) > 0) & (exponent != field);
        const V one = V::from_bits((bits(normal) & ~(field * fraction)) | (bias * fraction));
        const V significand = select(is_number, one, x.high);
        const Integers n =
            select(is_number, exponent - bias - select(is_subnormal, Integers(54), Integers(0)),
                   Integers(0));
        // A sum has a lower part only where both of its terms are moderate.
        const V low = x.low * power(-at_most(at_least(n, -1000), 1000));
        return {{significand, select(x.low == 0, V(0), low)}, n, significand};
    }
    NONLIN_INLINE static scaled of(V x) { return of(double_double<V>{x, V(0)}); }
    NONLIN_INLINE static scaled number(double_double<V> x) { return {x, Integers(0), x.high}; }
    NONLIN_INLINE static exponentials<double_double<V>, V> exp(V x, V x_low = V(0)) {
        const auto [shifted, q] = carried_shifted_exp<double_double<V>, 0>(x, x_low);
        const auto m = V(1) + q;
        const Integers n = bits(shifted) - shifter_bits<double>(0);
        const V scale = power(at_least(n, -200));
        return {{m, n, m.high}, two_sum(scale, V(-1)) + scale * q};
    }
    NONLIN_INLINE double_double<V> beside_one() const { return m * power(at_least(n, -200)); }
    template <class Mask> NONLIN_INLINE scaled with(Mask where, V limit) const {
        return {m, n, select(where, limit, plain)};
    }
    NONLIN_INLINE friend scaled operator*(scaled a, scaled b) {
        return {a.m * b.m, a.n + b.n, a.plain * b.plain};
    }
    // Of numbers that are finite.
    NONLIN_INLINE friend scaled operator+(scaled a, scaled b) {
        const Integers larger = select(a.n > b.n, a.n, b.n);
        const auto m =
            a.m * power(at_least(a.n - larger, -200)) + b.m * power(at_least(b.n - larger, -200));
        return {m, larger, m.high};
    }
    // Two steps, of which the second alone rounds, into the subnormal range or to infinity.
    NONLIN_INLINE V round() const {
        const Integers first = at_most(at_least(n, -900), 900);
        const Integers second = at_most(at_least(n - first, -300), 300);
        const V found = rounded(m) * power(first) * power(second);
        const auto is_number = (abs(plain) > 0) & (abs(plain) < infinity<V>());
        return select(is_number, found, plain);
    }
    template <class Mask> NONLIN_INLINE friend scaled select(Mask condition, scaled a, scaled b) {
        return {select(condition, a.m, b.m), select(condition, a.n, b.n),
                select(condition, a.plain, b.plain)};
    }

 private:
    NONLIN_INLINE static Integers at_least(Integers x, int64_t bound) {
        return select(x > Integers(bound), x, Integers(bound));
    }
    NONLIN_INLINE static Integers at_most(Integers x, int64_t bound) {
        return select(x < Integers(bound), x, Integers(bound));
    }
};

// A number that is carried, as a factor.
template <class Number, class V> NONLIN_INLINE scaled<Number, V> factor(Number x) {
    if constexpr (in_pairs<Number>) {
        return scaled<Number, V>::number(x);
    } else {
        return {x};
    }
}

// x high + x low, where x is infinite NaN has no say.
template <class V> NONLIN_INLINE auto is_infinite(V x) { return abs(x) == infinity<V>(); }

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::gates
