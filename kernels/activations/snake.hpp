// Snake (Liu, Hartwig, Ueda 2020), and with an amplitude of its own (BigVGAN, Lee et al. 2022).
#pragma once

#include "../arithmetic/fixed_point.hpp"
#include "gate.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// sin r for |r| <= pi / 2 and a little: its Taylor series, whose first terms are carried. What is
// summed in V is below 2^-31 of the whole.
template <class V, class Number> NONLIN_INLINE Number sine(Number r) {
    using number = carried<Number>;
    const Number z = r * r;
    const V plain = rounded(z);
    const V rest =
        horner(plain, -0x1.ae7f3e733b81fp-41, 0x1.952c77030ad4ap-49, -0x1.2f49b46814157p-57,
               0x1.71b8ef6dcf572p-66, -0x1.761b41316381ap-75, 0x1.3f3ccdd165fa9p-84);
    Number sum = number::from(V(0x1.6124613a86d09p-33), V(0x1.f28e0cc748ebep-87)) + z * rest;
    sum = number::from(V(-0x1.ae64567f544e4p-26), V(0x1.c062e06d1f209p-80)) + z * sum;
    sum = number::from(V(0x1.71de3a556c734p-19), V(-0x1.c154f8ddc6c00p-73)) + z * sum;
    sum = number::from(V(-0x1.a01a01a01a01ap-13), V(-0x1.a01a01a01a01ap-73)) + z * sum;
    sum = number::from(V(0x1.1111111111111p-7), V(0x1.1111111111111p-63)) + z * sum;
    sum = number::from(V(-0x1.5555555555555p-3), V(-0x1.5555555555555p-57)) + z * sum;
    return r + r * (z * sum);
}

// u = alpha x in as many digits as it has, and what it leaves over from the nearest n pi, or from
// (n - 1/4) pi. Up to `largest` n times the parts of pi / 4 are exact.
template <class Number, class V> struct angle {
    static constexpr double largest = 0x1p20, smallest = 0x1p-40;
    V high, low;

    NONLIN_INLINE angle(V alpha, V x) : high(alpha * x), low(0) {
        if constexpr (in_pairs<Number>) low = product_error(alpha, x, high);
    }
    NONLIN_INLINE auto is_far() const { return abs(high) > largest; }
    NONLIN_INLINE angle doubled() const {
        angle twice = *this;
        twice.high = high + high;
        twice.low = low + low;
        return twice;
    }
    NONLIN_INLINE V nearest(number_of<V> offset) const {
        const V bounded = min(max(high, -2 * largest), 2 * largest);
        const V n = fma(bounded, V(0x1.45f306dc9c883p-2), V(offset)) + shifter<double>(0);
        return n - shifter<double>(0);
    }
    NONLIN_INLINE Number beyond(V quarters) const {
        const auto first = two_sum(high, quarters * -0x1.921fb548p-1);
        const auto second = two_sum(first.high, quarters * 0x1.de973dc8p-32);
        const auto third = two_sum(second.high, quarters * 0x1.9d9cceb8p-63);
        const V rest = quarters * 0x1.1fc8f8cbb5bf7p-94 + low;
        const V lost = (first.low + second.low) + (third.low + rest);
        if constexpr (in_pairs<Number>) {
            return fast_two_sum(third.high, lost);
        } else {
            return third.high + lost;
        }
    }
};

namespace in_fixed_point {

using namespace fixed_point;

inline double quotient_of(double_double<One> a, double b) { return rounded(a / One(b)).part[0][0]; }

// What is left of 2^doubled alpha x, plus pi / 4 if `quarter`, from the nearest n pi; and n's
// oddness.
struct Rest {
    double_double<One> r;
    bool odd;

    Rest(double x, double alpha, int doubled, bool quarter) {
        Product u(alpha, x);
        u.e += doubled;
        Number turns = half_turns(u);
        if (u.negative) turns = Number(2) - turns;
        if (quarter) turns = turns + Number(1).over(4);
        const uint32_t n = turns.limb[behind] + (turns.limb[behind - 1] >> 31);
        const Number part = turns - Number(n);
        const Number size = part.with(part.negative()) * Number(pi, -32 * behind);
        r = fixed_point::rounded(size.with(part.negative()), 0);
        odd = n & 1;
    }
};

// x + sin^2(alpha x) / beta: beta x + sin^2 u, divided by beta. Below 1 all is relative to the
// power of two of u^2, sin u = u (sin u / u).
inline double snake_value(double x, double alpha, double beta) {
    const Product u(alpha, x), line(beta, x);
    const int e = u.e + u.size();
    if (e <= 0) {
        const Number part(u, -e), angle(u, 0), ratio = sine_ratio(angle * angle);
        const Number square = (part * ratio) * (part * ratio);
        const Number sum = square + Number(line, -2 * e).with(line.negative);
        return quotient_of(fixed_point::rounded(sum, 2 * e), beta);
    }
    Number turns = half_turns(u);
    turns.limb[behind] = 0;
    const Number s = sine(turns * Number(pi, -32 * behind));
    const Number sum = s * s + Number(line, 0).with(line.negative);
    return quotient_of(fixed_point::rounded(sum, 0), beta);
}

// 1 + alpha sin(2 alpha x) / beta: beta + alpha sin 2 u, divided by beta.
inline double snake_slope(double x, double alpha, double beta) {
    const Product u(alpha, x);
    const Parts a(alpha), b(beta);
    const int e = u.e + u.size(), up = 52 + a.e;
    const Number factor(a, -up);
    if (e <= 0) {
        const Number part(u, 1 - e), angle(u, 1);
        const Number s = part * sine_ratio(angle * angle) * factor;
        const Number sum = s.with(u.negative != a.negative) + Number(b, -up - e).with(b.negative);
        return quotient_of(fixed_point::rounded(sum, up + e), beta);
    }
    // sin 2 u changes its sign with u / pi - 1/2.
    Number turns = half_turns(u);
    turns.limb[behind] = 0;
    const bool beyond = turns.limb[behind - 1] >> 31;
    if (beyond) turns = Number(1) - turns;
    const Number s = sine(turns * Number(pi, 1 - 32 * behind)) * factor;
    const bool minus = (u.negative != a.negative) != beyond;
    const Number sum = s.with(minus) + Number(b, -up).with(b.negative);
    return quotient_of(fixed_point::rounded(sum, up), beta);
}

}  // namespace in_fixed_point

// x + sin(alpha x)^2 / beta; derivative 1 + alpha sin(2 alpha x) / beta, and of an alpha that is
// beta 2 sin(alpha x + pi / 4)^2, whose zeros cancel nothing. For a beta of 0 NaN.
//
// Carried, sin has a relative error of 2^-80 (float: 2^-50). So a sum is right to the last place
// unless 24 (20) bits of it cancel, or what is left of the angle is below 2^-40. Those elements are
// computed in fixed point, where the sine matters, and so is what is left of an angle beyond 2^20.
struct snake_formula {
    template <class Number> static constexpr double cancels = in_pairs<Number> ? 0x1p-24 : 0x1p-20;
    static constexpr double hides = 0x1p57, largest = format<double>::largest;

    template <class V> NONLIN_INLINE static V finite(V x) { return min(max(x, -largest), largest); }

    template <class Number, class V> NONLIN_INLINE static V value(V given, V alpha, V given_beta) {
        const V x = finite(given), beta = select(given_beta == 0, V(not_a_number<V>()), given_beta);
        const V size = abs(x) * abs(beta);
        const angle<Number, V> u(alpha, x);
        const auto far = u.is_far() & (size < hides);
        const V n = u.nearest(0);
        V sign;
        Number r = u.beyond(4 * n);
        reduce_far(far, x, alpha, 0, false, r, sign);
        const Number s = sine<V>(r);
        const V found = rounded(s * s / beta + x);
        const auto lost = (n != 0) & (abs(rounded(r)) < u.smallest) & ~far;
        const auto cancelled = abs(found) < cancels<Number> * abs(x);
        const auto unsure = (lost | cancelled) & (size < hides) & (alpha != 0);
        const V exactly =
            fixed_point::one_by_one(unsure, found, in_fixed_point::snake_value, x, alpha, beta);
        return select(size >= hides, given, exactly);
    }

    // At infinity it has no limit.
    template <class Number, class V>
    NONLIN_INLINE static V derivative(V given, V alpha, V given_beta) {
        const V x = finite(given), beta = select(given_beta == 0, V(not_a_number<V>()), given_beta);
        const auto matters = abs(alpha) * hides > abs(beta);
        const angle<Number, V> u(alpha, x);
        const V slope = split(
            alpha == beta, NONLIN_BODY { return squared<Number>(u, x, alpha); },
            NONLIN_BODY { return summed<Number>(u, x, alpha, beta, matters); });
        const V end = select((given == x) | (alpha == 0), V(1), V(not_a_number<V>()));
        return select(matters, slope, select(beta == beta, V(1), beta)) * end;
    }

 private:
    // The rests of the elements of `far`, and the sign that n gives their sine, in place.
    template <class Number, class V>
    NONLIN_INLINE static void reduce_far(typename V::Integers far, V x, V alpha, int doubled,
                                         bool quarter, Number& r, V& sign) {
        for (int n = 0; n < V::registers; ++n) {
            if (!any(far.at(n))) continue;
            for (int lane = 0; lane < V::lanes; ++lane) {
                if (far.part[n][lane] == 0) continue;
                const in_fixed_point::Rest rest(x.part[n][lane], alpha.part[n][lane], doubled,
                                                quarter);
                if constexpr (in_pairs<Number>) {
                    r.high.part[n][lane] = rest.r.high.part[0][0];
                    r.low.part[n][lane] = rest.r.low.part[0][0];
                } else {
                    r.part[n][lane] = rounded(rest.r).part[0][0];
                }
                sign.part[n][lane] = rest.odd ? -1.0 : 1.0;
            }
        }
    }

    template <class Number, class V>
    NONLIN_INLINE static V squared(const angle<Number, V>& u, V x, V alpha) {
        const auto far = u.is_far();
        V sign;
        Number r = u.beyond(4 * u.nearest(0.25) - 1);
        reduce_far(far, x, alpha, 0, true, r, sign);
        const Number s = sine<V>(r);
        const auto unsure = (abs(rounded(r)) < u.smallest) & ~far & (x == x);
        return fixed_point::one_by_one(unsure, rounded(s * s) * 2, in_fixed_point::snake_slope, x,
                                       alpha, alpha);
    }

    template <class Number, class V>
    NONLIN_INLINE static V summed(const angle<Number, V>& u, V x, V alpha, V beta,
                                  typename V::Integers matters) {
        const angle<Number, V> twice = u.doubled();
        const auto far = twice.is_far() & matters;
        const V n = twice.nearest(0);
        // The shifter is odd.
        const auto is_even = bits(n + shifter<double>(0)) << 63;
        V sign = -V::from_bits(bits(V(1)) | is_even);
        Number r = twice.beyond(4 * n);
        reduce_far(far, x, alpha, 1, false, r, sign);
        const Number s = sine<V>(r), sum = s * (sign * alpha) + beta;
        const auto lost = (n != 0) & (abs(rounded(r)) < u.smallest) & ~far;
        const auto cancelled = abs(rounded(sum)) < cancels<Number> * abs(beta);
        const auto unsure = (lost | cancelled) & matters & (beta == beta) & (x == x);
        return fixed_point::one_by_one(unsure, rounded(sum / beta), in_fixed_point::snake_slope, x,
                                       alpha, beta);
    }
};

struct snake_beta : carried_twice<snake_formula> {};

struct snake {
    template <class T> static constexpr int registers = snake_beta::registers<T>;

    template <class V> NONLIN_INLINE static V value(V x, V alpha) {
        return snake_beta::value(x, alpha, alpha);
    }
    template <class V> NONLIN_INLINE static V derivative(V x, V alpha) {
        return snake_beta::derivative(x, alpha, alpha);
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
