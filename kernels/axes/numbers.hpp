// What functions along an axis are computed in: sixteen doubles at a time, or sixteen pairs.
//
// A row is summed in sixteen lanes whatever the width of a register is, and the lanes in a fixed
// order. No fused product and sum is used but for what rounding took from a product, which without
// the instruction is found exactly too. So the bits depend on the row alone, for every instruction
// set. float32 and the formats of two bytes are computed in double and rounded once; float64 in
// pairs of doubles.
#pragma once

#include "../arithmetic/exponential.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::axes {

// What is called once a row is not made a part of its callers; nor, where a product's error takes
// twenty operations, what is called for each element: that would be code of a megabyte.
#define NONLIN_ONCE_A_ROW [[gnu::noinline]]
#if defined(__FMA__) || defined(__aarch64__)
#define NONLIN_EACH_TIME NONLIN_INLINE
#else
#define NONLIN_EACH_TIME [[gnu::noinline]] inline
#endif

constexpr int lanes = 16;
constexpr intptr_t lane_bytes = lanes * 8;

using W = Vector<double, lane_bytes / register_bytes>;
using Pair = double_double<W>;

constexpr double inf = __builtin_huge_val();

template <bool in_pairs> struct number_type {
    using type = W;
};
template <> struct number_type<true> {
    using type = Pair;
};

NONLIN_INLINE double first(W x) {
    alignas(64) double lane[lanes];
    x.store(lane);
    return lane[0];
}

NONLIN_INLINE W lane_numbers() {
    alignas(64) static constexpr double number[lanes] = {0, 1, 2,  3,  4,  5,  6,  7,
                                                         8, 9, 10, 11, 12, 13, 14, 15};
    return W::load(number);
}

// The arithmetic of both. A sum of pairs has twice a double's digits, relative to its larger
// operand; a product all but its last two.
NONLIN_INLINE W head(W x) { return x; }
NONLIN_INLINE W head(Pair x) { return x.high; }

template <class N> NONLIN_INLINE N whole(W x) {
    if constexpr (in_pairs<N>) {
        return {x, W(0)};
    } else {
        return x;
    }
}

NONLIN_INLINE W sum(W a, W b) { return a + b; }
NONLIN_EACH_TIME Pair sum(Pair a, Pair b) {
    const Pair high = two_sum(a.high, b.high);
    return fast_two_sum(high.high, high.low + (a.low + b.low));
}

// Below that what is lost of a product or a quotient would be subnormal and is left out, because
// without a fused instruction it is not found exactly there.
constexpr double smallest_exact = 0x1p-900;

// Of products that are infinite the low part is NaN; see `finite`.
NONLIN_INLINE W product(W a, W b) { return a * b; }
NONLIN_EACH_TIME Pair product(Pair a, Pair b) {
    const W high = a.high * b.high, lost = product_error(a.high, b.high, high);
    const W low = a.high * b.low + a.low * b.high;
    return {high, select(abs(high) < smallest_exact, W(0), lost) + low};
}

NONLIN_INLINE W scaled(W x, double power_of_two) { return x * power_of_two; }
NONLIN_INLINE Pair scaled(Pair x, double power_of_two) {
    return {x.high * power_of_two, x.low * power_of_two};
}

NONLIN_INLINE W chosen(W::Integers condition, W a, W b) { return select(condition, a, b); }
NONLIN_INLINE Pair chosen(W::Integers condition, Pair a, Pair b) {
    return {select(condition, a.high, b.high), select(condition, a.low, b.low)};
}

// Without a low part where there is no number that it could be one of, or none was found: a product
// beyond 2^996 has none without an instruction for it.
NONLIN_INLINE W finite(W x) { return x; }
NONLIN_INLINE Pair finite(Pair x) {
    return {x.high, select((abs(x.high) < inf) & (x.low == x.low), x.low, W(0))};
}

NONLIN_INLINE W quotient_of(W a, W b) { return a / b; }
NONLIN_EACH_TIME Pair quotient_of(Pair a, Pair b) {
    const W high = a.high / b.high;
    const W lost = left_over(high, b.high, a.high);
    const W rest = select(abs(a.high) < smallest_exact, W(0), lost) + (a.low - high * b.low);
    return fast_two_sum(high, rest / b.high);
}

// What a loop adds up: of pairs the low parts of terms and of sums are gathered beside the high
// ones, and lose 2^-53 of themselves at a term: over 2^20 elements less than 2^-80 of the sum.
NONLIN_INLINE void add_to(W& total, W term) { total = total + term; }
NONLIN_INLINE void add_to(Pair& total, Pair term) {
    const Pair high = two_sum(total.high, term.high);
    total = {high.high, total.low + (high.low + term.low)};
}

// The sum of the lanes, in each of them: of those eight apart, four, two and one.
template <int by, int... i> NONLIN_INLINE W turned_registers(W x, Indices<i...>) {
    return {x.part[(i + by / W::lanes) % W::registers]...};
}
template <int by> NONLIN_INLINE W turned(W x) {
    if constexpr (by % W::lanes == 0) {
        return turned_registers<by>(x, up_to<W::registers>{});
    } else {
        alignas(64) double twice[2 * lanes];
        x.store(twice);
        x.store(twice + lanes);
        return W::load(twice + by);
    }
}
template <int by> NONLIN_INLINE Pair turned(Pair x) {
    return {turned<by>(x.high), turned<by>(x.low)};
}

template <int by, class N> NONLIN_INLINE N with_turned(N total) {
    return sum(total, turned<by>(total));
}
template <class N> NONLIN_INLINE N across(N total) {
    if constexpr (in_pairs<N>) total = fast_two_sum(total.high, total.low);
    return with_turned<1>(with_turned<2>(with_turned<4>(with_turned<8>(total))));
}

// A polynomial by Horner's rule, each product and each sum rounded.
NONLIN_INLINE W polynomial(W, double c0) { return W(c0); }
template <class... Rest> NONLIN_INLINE W polynomial(W r, double c0, double c1, Rest... rest) {
    return polynomial(r, c1, rest...) * r + c0;
}

// x = n ln 2 + r, the n as `shifter` gives it; n ln2::high is exact, and so is its difference to x.
struct whole_powers {
    W shifted, n;

    NONLIN_INLINE whole_powers(W x, int bias) {
        shifted = x * logarithm_of_2<double>::inverse + shifter<double>(bias);
        n = shifted - shifter<double>(bias);
    }
};

// What e^y is scaled by, so that a term keeps its digits where the terms' sum, or its quotient by a
// sum, is subnormal; and the y from which on it is 0.
template <class N> constexpr int bias = 0;
template <> constexpr int bias<Pair> = 512;
template <class N> constexpr double scale = 1;
template <> constexpr double scale<Pair> = 0x1p512;
template <class N> constexpr double vanishes = -700;
template <> constexpr double vanishes<Pair> = -1063;

// e^y for y <= 0, to 2^-42 of it: e^r = 1 + r + ... + r^10 / 10!, |r| <= 0.347.
NONLIN_EACH_TIME W exponential(W y) {
    using ln2 = logarithm_of_2<double>;
    const W bounded = max(y, vanishes<W>);
    const whole_powers power(bounded, bias<W>);
    const W r = (bounded - power.n * ln2::high) - power.n * ln2::low, square = r * r;
    const W even = polynomial(square, 1. / 2, 1. / 24, 1. / 720, 1. / 40320, 1. / 3628800);
    const W odd = polynomial(square, 1. / 6, 1. / 120, 1. / 5040, 1. / 362880);
    const W e = 1 + (r + square * (even + r * odd));
    return select(y > vanishes<W>, e * power_of_two(power.shifted), W(0));
}

// 2^512 e^y for y <= 0, to 2^-58 of it: the polynomial and the order of the sums are those of
// carried_exp (arithmetic/exponential.hpp).
NONLIN_EACH_TIME Pair exponential(Pair y) {
    using ln2 = logarithm_of_2<double>;
    const W bounded = max(y.high, vanishes<Pair>);
    const W low = select(bounded == y.high, y.low, W(0));
    const whole_powers power(bounded, bias<Pair>);
    const Pair r = two_sum(bounded - power.n * ln2::high, low - power.n * ln2::low);
    const W square = r.high * r.high, lost = product_error(r.high, r.high, square);
    const Pair sum = fast_two_sum(r.high, 0.5 * square);
    const W odd = polynomial(square, 0x1.5555555555559p-3, 0x1.111111110f68dp-7,
                             0x1.a01a01aff6afdp-13, 0x1.71ddf81d9d5b7p-19, 0x1.af5f2d5e54bffp-26);
    const W even = polynomial(square, 0x1.555555555553fp-5, 0x1.6c16c16c1e9a1p-10,
                              0x1.a01a017e5bc5ep-16, 0x1.27e52fac66d72p-22, 0x1.1ef40bea4beb9p-29);
    const W tail = square * (r.high * odd + square * even);
    const W rest = sum.low + (0.5 * lost + (r.high * r.low + r.low)) + tail;
    const Pair one = fast_two_sum(W(1), sum.high);
    const Pair e = fast_two_sum(one.high, one.low + rest);
    const W scale = power_of_two(power.shifted);
    const auto counts = y.high > vanishes<Pair>;
    return {select(counts, scale * e.high, W(0)), select(counts, scale * e.low, W(0))};
}

// ln(1 + rest) for rest >= 0, the same in every lane, which is given 2^512 times for pairs.
//
// 1 + rest = 2^k f, 3/4 <= f < 3/2, and with s = (f - 1) / (f + 1), |s| <= 1/5,
//     ln f = 2 atanh(s) = 2 s + 2 s^3 (1/3 + s^2 / 5 + ...)
// whose second term is at most 1/70 of the first. For k = 0 the f - 1 is `rest` itself, so the
// result has all digits however small that is: errors of 2^-58 of it, 2^-52 for W. Where `rest` is
// so small that its low part would be subnormal the logarithm is `rest`.
template <class N> NONLIN_ONCE_A_ROW N logarithm_of_1_plus(N rest) {
    using ln2 = logarithm_of_2<double>;
    const double size = first(head(rest)) * (1 / scale<N>);
    const N plain = scaled(rest, 1 / scale<N>);
    if (size < 0x1p-500) return whole<N>(head(plain));
    const N total = sum(whole<N>(W(1)), plain);
    constexpr double lowest = 0.75;
    const int64_t above =
        __builtin_bit_cast(int64_t, first(head(total))) - __builtin_bit_cast(int64_t, lowest);
    const int64_t k = above >> 52;
    const double down = __builtin_bit_cast(double, (1023 - k) << 52);
    const N f = scaled(total, down), minus_1 = whole<N>(W(-1));
    const N s = quotient_of(k == 0 ? plain : sum(f, minus_1), sum(f, whole<N>(W(1))));
    const W z = head(s) * head(s);
    const W tail = 2 * (head(s) * z) *
                   polynomial(z, 1. / 3, 1. / 5, 1. / 7, 1. / 9, 1. / 11, 1. / 13, 1. / 15, 1. / 17,
                              1. / 19, 1. / 21, 1. / 23, 1. / 25, 1. / 27);
    const double n = static_cast<double>(k);
    if constexpr (in_pairs<N>) {
        const Pair fraction = fast_two_sum(2 * s.high, tail + 2 * s.low);
        return sum(fast_two_sum(W(n * ln2::high), W(n * ln2::low)), fraction);
    } else {
        return n * ln2::high + (n * ln2::low + (2 * s + tail));
    }
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::axes
