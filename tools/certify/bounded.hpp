// Numbers with a bound of their error, by running error analysis (Higham, Accuracy and Stability of
// Numerical Algorithms, section 3.3): each operation adds its own rounding to what its operands
// bring along. So a definition evaluated in this type says by itself where it cancels.
//
// What overflows would have no bound: exp and cosh stop short of that, and what is below the
// square of float's or double's range counts as unknown up to there (`negligible`). Both are so far
// outside that range that the result rounds to the same infinity or zero.
#pragma once

#include "lanes.hpp"
#include "wide.hpp"

namespace certify {

template <class V> struct Limits;
template <> struct Limits<lanes> {
    using scalar = double;
    static constexpr double unit = 0x1p-53, exponent = 300, least = 0x1p-900, negligible = 0x1p-300;
};
template <> struct Limits<extended> {
    using scalar = extended;
    static constexpr extended unit = 0x1p-64L, exponent = 3000, least = 0x1p-12000L,
                              negligible = 0x1p-2200L;
};
// Half units in the last place that an elementary function may be off; glibc states 4 for a vector
// function and 5 for a long double one, in whole units.
constexpr int elementary = 10;

template <class V> V absolute(V x) { return x < 0 ? -x : x; }
template <class V> V smaller(V a, V b) { return a < b ? a : b; }
template <class V> V larger(V a, V b) { return a > b ? a : b; }
template <class V> V everywhere(typename Limits<V>::scalar x) { return V{} + x; }

// |fma(a, b, c)| for c = -ab or the like: the rounding of a product or, times |b|, of a quotient.
inline lanes residual(lanes a, lanes b, lanes c, lanes) { return absolute(fma(a, b, c)); }
inline extended residual(extended, extended, extended, extended size) {
    return absolute(size) * Limits<extended>::unit;
}

// A comparison, and whether the errors could turn it.
template <class Mask> struct Truth {
    Mask yes, unsure;
    friend Truth operator&&(Truth a, Truth b) {
        return {Mask(a.yes & b.yes), Mask(a.unsure | b.unsure)};
    }
};

template <class V> struct Bounded {
    using limits = Limits<V>;
    using scalar = typename limits::scalar;
    using Condition = Truth<decltype(V{} > V{})>;
    V value, error;

    Bounded(V value, V error) : value(value), error(error) {}
    explicit Bounded(double c) : Bounded(everywhere<V>(c), V{}) {}
    Bounded(int c) : Bounded(double(c)) {}
    explicit Bounded(quadruple c)
        : Bounded(everywhere<V>(scalar(c)), everywhere<V>(scalar(magnitude(c - scalar(c))))) {}

    friend Bounded operator-(Bounded a) { return {-a.value, a.error}; }
    friend Bounded magnitude(Bounded a) { return {absolute(a.value), a.error}; }
    // Knuth's sum: what the rounding lost is a number of the same type.
    friend Bounded operator+(Bounded a, Bounded b) {
        const V sum = a.value + b.value, part = sum - a.value;
        const V lost = (a.value - (sum - part)) + (b.value - part);
        return {sum, a.error + b.error + absolute(lost)};
    }
    friend Bounded operator-(Bounded a, Bounded b) { return a + -b; }
    friend Bounded operator*(Bounded a, Bounded b) {
        const V product = a.value * b.value;
        const V lost = residual(a.value, b.value, -product, product);
        return {product,
                absolute(a.value) * b.error + (absolute(b.value) + b.error) * a.error + lost};
    }
    // a / b - a' / b' = ((a - a') - a' / b' (b - b')) / b.
    friend Bounded operator/(Bounded a, Bounded b) {
        const V quotient = a.value / b.value;
        const V lost = residual(-quotient, b.value, a.value, a.value);
        const V error =
            (a.error + absolute(quotient) * b.error + lost) / (absolute(b.value) - b.error);
        return {quotient, error < 0 ? everywhere<V>(HUGE_VAL) : error};
    }

    friend Condition compared(decltype(V{} > V{}) yes, Bounded a, Bounded b) {
        const V room = a.error + b.error;
        const auto near = absolute(a.value - b.value) <= room;
        return {yes, decltype(yes)((room > 0) & near)};
    }
    friend Condition operator>(Bounded a, Bounded b) { return compared(a.value > b.value, a, b); }
    friend Condition operator<(Bounded a, Bounded b) { return compared(a.value < b.value, a, b); }
    friend Condition operator>=(Bounded a, Bounded b) { return compared(a.value >= b.value, a, b); }
    friend Condition operator<=(Bounded a, Bounded b) { return compared(a.value <= b.value, a, b); }
    // Only finite numbers come here.
    friend Condition infinite(Bounded a) { return {a.value != a.value, a.value != a.value}; }
    friend Bounded choose(Condition c, Bounded yes, Bounded no) {
        const V error = c.yes ? yes.error : no.error;
        return {c.yes ? yes.value : no.value, c.unsure ? everywhere<V>(HUGE_VAL) : error};
    }

    // e^h - 1 <= h + h^2 for 0 <= h <= 1.
    static V growth(V h) { return h < 1 ? h + h * h : everywhere<V>(HUGE_VAL); }
    static V own(V result) { return absolute(result) * (elementary * limits::unit); }

    friend Bounded exp(Bounded x) {
        const V limit = everywhere<V>(limits::exponent);
        const V y = exp(larger(-limit, smaller(x.value, limit)));
        return {y, y * growth(x.error) + own(y)};
    }
    friend Bounded expm1(Bounded x) {
        const V y = expm1(smaller(x.value, everywhere<V>(limits::exponent)));
        return {y, (y + 1) * growth(x.error) + own(y)};
    }
    friend Bounded cosh(Bounded x) {
        const V y = cosh(smaller(absolute(x.value), everywhere<V>(limits::exponent)));
        return {y, y * growth(x.error) + own(y)};
    }
    // Of what is not negative, where the slope is at most 1.
    friend Bounded log1p(Bounded x) {
        const V y = log1p(x.value);
        return {y, x.error + own(y)};
    }
    friend Bounded tanh(Bounded x) {
        const V y = tanh(x.value);
        return {y, x.error + own(y)};
    }
    // Slopes of at most 1, and the library's error as beside 1.
    friend Bounded sin(Bounded x) { return {sin(x.value), x.error + own(everywhere<V>(1))}; }
    friend Bounded cos(Bounded x) { return {cos(x.value), x.error + own(everywhere<V>(1))}; }
    // |erfc'| / erfc < 2 |x| + 2, by Mills' ratio for x > 0 and since erfc >= 1 for x <= 0.
    friend Bounded erfc(Bounded x) {
        const V y = larger(erfc(x.value), everywhere<V>(limits::least));
        return {y, y * growth((2 * absolute(x.value) + 2) * x.error) + own(y)};
    }
    // sqrt a - sqrt b = (a - b) / (sqrt a + sqrt b).
    friend Bounded sqrt(Bounded x) {
        const V y = sqrt(x.value);
        return {y, x.error / y + own(y)};
    }
};

}  // namespace certify
