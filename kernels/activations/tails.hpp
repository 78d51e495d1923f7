// SiLU, GELU and softplus in float, where speed counts most. All of them are functions with
// f(x) - f(-x) = x, and so follow from what they are left of 0, a tail; f'(x) + f'(-x) = 1.
#pragma once

#include "../elementary.hpp"
#include "pieces.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

#if NONLIN_HAS_FMA

// scale (high + low), with a scale of 2^(80 - n): all are normal numbers up to the last product,
// which takes the 2^80 away and alone rounds into the subnormal range.
constexpr int tail_scaled = 80;
constexpr float tail_unit = 0x1p-80F;

struct float_tail {
    Floats scale, high, low;
};

// y >= 0 as n ln 2 + r, for the function whose pieces these are: each has its polynomial in r, the
// last one is for n >= 31. r is rounded once, by 2^-26.
template <int entries> struct octave {
    Floats shifted, minus_n, reduced, r;
    Integers index;

    NONLIN_INLINE octave(Floats y, const LongLookup& correction) : octave(y) {
        r = fma(minus_n, entry(correction), reduced);
    }
    // For y + y_low.
    NONLIN_INLINE octave(Floats y, Floats y_low, const LongLookup& correction) : octave(y) {
        r = reduced + fma(minus_n, entry(correction), y_low);
    }

    // What is missing in r then.
    NONLIN_INLINE Floats lost(Floats y_low, const LongLookup& correction) const {
        return fma(minus_n, entry(correction), y_low) - (r - reduced);
    }

    // A polynomial whose constant term is exact, because a piece's point is moved a little from
    // n ln 2 by what is added to ln 2's low part. The rest is at most 0.42 of the sum: the
    // roundings beneath it weigh 0.2 ULP, its coefficient's 0.1. What the sum's own rounding loses
    // is kept.
    NONLIN_INLINE float_tail sum(const LongLookup (&coefficient)[7]) const {
        Floats rest = entry(coefficient[6]);
        for (int k = 5; k >= 1; --k) rest = fma(rest, r, entry(coefficient[k]));
        const Floats constant = entry(coefficient[0]), high = fma(rest, r, constant);
        return {scale(), high, fma(rest, r, constant - high)};
    }

    NONLIN_INLINE static Integers bits_for(int n) {
        return Integers{} + (to_bits(shifter<float>(tail_scaled)) - n);
    }
    NONLIN_INLINE auto is_last() const { return bits_of_all(shifted) <= bits_for(31); }
    NONLIN_INLINE Floats scale() const {
        return floats_of(bits_of_all(shifted) << format<float>::fraction_bits);
    }
    NONLIN_INLINE Floats entry(const LongLookup& table) const {
        return look_up<entries>(table, index);
    }

 private:
    NONLIN_INLINE explicit octave(Floats y) {
        using ln2 = logarithm_of_2<float>;
        shifted = fma(y, all(-ln2::inverse), all(shifter<float>(tail_scaled)));
        index = bits_of_all(shifted);
        if constexpr (entries == 32) index = is_last() ? bits_for(31) : index;
        minus_n = shifted - shifter<float>(tail_scaled);
        reduced = fma(minus_n, all(ln2::high), y);
    }
};

// Whether so many of their pieces are enough.
template <int entries> NONLIN_INLINE bool within_octaves(Floats x) {
    return all_below(magnitude(x), entries == 8 ? 5.19F : 10.74F);
}

// Right of 0 x + tail, left of it the tail alone, rounded once.
NONLIN_INLINE Floats beside(float_tail tail, Floats x, float ends) {
    const Floats line = x > 0 ? x * (1 / tail_unit) : Floats{}, part = tail.scale * tail.high;
    const Floats larger = line > part ? line : part, less = line > part ? part : line;
    const Floats sum = larger + less, lost = less - (sum - larger);
    const Floats result = (sum + fma(tail.scale, tail.low, lost)) * tail_unit;
    return x > ends ? x : result;
}

// x - y tail, y = |x|, right of 0, -y tail left of it, rounded once. Right of 0 y tail is at most
// half of x, so of the difference nothing is lost that is not kept.
NONLIN_INLINE Floats gated_by(float_tail tail, Floats x, Floats y, float ends) {
    const Floats factor = y * tail.scale, line = x > 0 ? x * (1 / tail_unit) : Floats{};
    const Floats main = fma(-factor, tail.high, line);
    const Floats lost = fma(-factor, tail.high, line - main);
    const Floats result = (main + fma(-factor, tail.low, lost)) * tail_unit;
    return x > ends ? x : with_sign_of(x, result);
}

// 1 - tail right of 0, the tail itself left of it. At most a half, it is rounded before: 0.25 ULP.
NONLIN_INLINE Floats complement(Floats scale, Floats tail, Floats x) {
    const Floats base = x > 0 ? all(1 / tail_unit) : Floats{}, sign = x > 0 ? -tail : tail;
    return fma(scale, sign, base) * tail_unit;
}

// ln(1 + e^x): ln(1 + e^-y), y = |x|, is a polynomial for each octave of e^-y (tools/pieces.py:
// errors of 2^-28 at most, relative to the result). `ends` is where x hides it.
struct float_softplus {
    static constexpr int entries = 32;
    static constexpr float vanishes = 106, ends = 20;

    template <int entries> NONLIN_INLINE static bool within(Floats x) {
        return within_octaves<entries>(x);
    }
    template <int entries> NONLIN_INLINE static Floats of(Floats x) {
        const octave<entries> y(bounded(magnitude(x), all(vanishes)), softplus_correction);
        return beside(y.sum(softplus_coefficient), x, ends);
    }
};

// -ln(1 + e^-x).
struct float_log_sigmoid {
    static constexpr int entries = float_softplus::entries;

    template <int entries> NONLIN_INLINE static bool within(Floats x) {
        return within_octaves<entries>(x);
    }
    template <int entries> NONLIN_INLINE static Floats of(Floats x) {
        return -float_softplus::of<entries>(-x);
    }
};

// A polynomial as a sum of two terms, given what its first two coefficients leave out. Around a
// zero `constant` is 0. `steepness` is about its derivative.
struct float_sum {
    Floats high, low, steepness;

    // constant + z (slope + z rest)
    NONLIN_INLINE float_sum(Floats constant, Floats slope, Floats rest, Floats z, Floats left_out) {
        const Floats sum = fma(rest, z, slope), sum_low = fma(rest, z, slope - sum);
        const Floats part = sum * z, lost = fma(sum, z, -part);
        high = constant + part;
        low = (part - (high - constant)) + fma(sum_low, z, left_out + lost);
        steepness = fma(rest, z, sum);
    }
};

// s (1 - g (1 - s)), s = e^-w / (1 + e^-w), g a function of w: the derivative of x sigmoid(w) left
// of 0, if g is x w'(x). It is a polynomial for each octave of e^-w, and where s is e^-w, (1 - g)
// e^-w (tools/pieces.py: errors of 2^-26.6 at most, relative to the result).
//
// In the piece with the zero r is exact next to it, because the piece's point is a float, and the
// polynomial's first two coefficients have a low part.
template <int entries>
NONLIN_INLINE float_sum gate_slope(const octave<entries>& w, const LongLookup (&coefficient)[8],
                                   const LongLookup (&low)[2]) {
    Floats rest = w.entry(coefficient[7]);
    for (int k = 6; k >= 2; --k) rest = fma(rest, w.r, w.entry(coefficient[k]));
    const Floats left_out = fma(w.r, w.entry(low[1]), w.entry(low[0]));
    return {w.entry(coefficient[0]), w.entry(coefficient[1]), rest, w.r, left_out};
}

// The derivative of x sigmoid(x), g = w = |x|. In the last piece w is larger than 2, and 1 - w
// exact.
struct float_silu_derivative {
    static constexpr int entries = 32;
    static constexpr float vanishes = 112;

    NONLIN_INLINE static bool suits(float, float beta) { return beta == 1; }
    template <int entries> NONLIN_INLINE static bool within(Floats x, Floats) {
        return within_octaves<entries>(x);
    }
    template <int entries> NONLIN_INLINE static Floats of(Floats x, Floats) {
        const Floats y = bounded(magnitude(x), all(vanishes));
        const octave<entries> w(y, silu_slope_correction);
        const float_sum sum = gate_slope(w, silu_slope_coefficient, silu_slope_low);
        Floats tail = sum.high + sum.low;
        if constexpr (entries == 32) {
            const Floats factor = w.is_last() ? 1 - y : all(1);
            tail = fma(factor, sum.high, factor * sum.low);
        }
        return complement(w.scale(), tail, x);
    }
};

// e^(-y^2 / 2) for y >= 0, and the quarter of octaves in which 1 + 13/16 y lies.
//
// -y^2 / 2 = r - n ln 2, where the square and r are sums of two terms, and so is e^r - 1.
struct float_normal {
    // Where y phi(y) vanishes.
    static constexpr float vanishes = 14.9F;
    Floats scale, power, power_low;
    Integers index;

    NONLIN_INLINE explicit float_normal(Floats y) {
        using ln2 = logarithm_of_2<float>;
        constexpr float zero = shifter<float>(tail_scaled);
        const Floats minus_half = y * -0.5F, square = minus_half * y;
        const Floats square_low = fma(minus_half, y, -square);
        const Floats shifted = fma(square, all(ln2::inverse), all(zero)), minus_n = shifted - zero;
        const Floats reduced = fma(minus_n, all(-ln2::high), square);
        const Floats correction = fma(minus_n, all(-ln2::low), square_low);
        const Floats r = reduced + correction;
        Floats rest = all(power_coefficient[6]);
        for (int k = 5; k >= 2; --k)
            rest = fma(rest, r, all(k % 2 == 0 ? power_coefficient[k] : -power_coefficient[k]));
        const Floats small = fma(rest, r * r, correction);
        power = reduced + small;
        power_low = small - (power - reduced);
        scale = floats_of(bits_of_all(shifted) << format<float>::fraction_bits);
        index =
            bits_of_all(fma(y, all(13.0F / 32), all(0.5F))) >> (format<float>::fraction_bits - 2);
    }

    // The first 8 pieces end here.
    NONLIN_INLINE static bool within(Floats x) { return all_below(magnitude(x), 3.69F); }

    // Times high + low.
    NONLIN_INLINE float_tail times(Floats high, Floats low) const {
        const Floats part = power * high, lost = fma(power, high, -part);
        const Floats sum = high + part, sum_low = part - (sum - high);
        const Floats rest = fma(power, low, low) + fma(power_low, high, lost);
        return {scale, sum, sum_low + rest};
    }
};

// x Phi(x): Phi(-y) is e^(-y^2 / 2) times a polynomial in each quarter (tools/pieces.py: errors of
// 2^-27.2 at most, relative to the result), whose constant term is exact because its point is one
// at which the function is nearly a float. The rest of it is at most a fifth: the roundings in it
// weigh 0.2 ULP.
struct float_gelu {
    static constexpr int entries = 16;
    // From here on x hides the rest.
    static constexpr float ends = 6.5F;

    template <int> NONLIN_INLINE static bool within(Floats x) { return float_normal::within(x); }

    template <int entries> NONLIN_INLINE static Floats of(Floats x) {
        const Floats y = bounded(magnitude(x), all(float_normal::vanishes));
        const float_normal normal(y);
        const auto entry = [&](const Lookup& table) {
            return look_up<entries>(table, normal.index);
        };
        const Floats z = y - entry(normal_tail_centre);
        Floats sum = entry(normal_tail_coefficient[6]);
        for (int k = 5; k >= 1; --k) sum = fma(sum, z, entry(normal_tail_coefficient[k]));
        const Floats constant = entry(normal_tail_coefficient[0]), high = fma(sum, z, constant);
        return gated_by(normal.times(high, fma(sum, z, constant - high)), x, y, ends);
    }
};

// Phi(x) + x phi(x): Phi(-y) - y phi(y) in the same way, errors of 2^-28.4 at most.
struct float_gelu_derivative {
    static constexpr int entries = 16;

    template <int> NONLIN_INLINE static bool within(Floats x) { return float_normal::within(x); }

    template <int entries> NONLIN_INLINE static Floats of(Floats x) {
        const Floats y = bounded(magnitude(x), all(float_normal::vanishes));
        const float_normal normal(y);
        const auto entry = [&](const Lookup& table) {
            return look_up<entries>(table, normal.index);
        };
        const Floats z = y - entry(gelu_slope_centre);
        Floats rest = entry(gelu_slope_coefficient[6]);
        for (int k = 5; k >= 2; --k) rest = fma(rest, z, entry(gelu_slope_coefficient[k]));
        const Floats left_out = fma(z, entry(gelu_slope_low[1]), entry(gelu_slope_low[0]));
        const float_sum sum(entry(gelu_slope_coefficient[0]), entry(gelu_slope_coefficient[1]),
                            rest, z, left_out);
        const float_tail tail = normal.times(sum.high, sum.low);
        return complement(tail.scale, tail.high + tail.low, x);
    }
};

// w = 2 sqrt(2 / pi) (y + 0.044715 y^3), y = |x|, and g = y w'(y), as sums of two terms: in what
// follows an error of w comes back multiplied by w, which reaches 100.
struct gelu_tanh_argument {
    static constexpr float vanishes = 11;
    // 2 sqrt(2 / pi), and 0.044715 times as much.
    static constexpr float slope = 0x1.988454p+0F, slope_low = -0x1.857936p-25F;
    static constexpr float cubic = 0x1.2444f2p-4F, cubic_low = 0x1.49b16ap-29F;
    Floats y, term, term_low;

    NONLIN_INLINE explicit gelu_tanh_argument(Floats x) {
        y = bounded(magnitude(x), all(vanishes));
        const Floats square = y * y, square_low = fma(y, y, -square);
        term = square * cubic;
        const Floats lost = fma(square, all(cubic), -term);
        term_low = fma(square_low, all(cubic), fma(square, all(cubic_low), lost));
    }

    // y (slope + times term)
    struct pair {
        Floats high, low;
    };
    template <int times> NONLIN_INLINE pair product() const {
        const Floats multiple = term * float(times), factor = multiple + slope,
                     taken = factor - slope;
        Floats lost = (slope - (factor - taken)) + (multiple - taken);
        if constexpr (times > 1) lost += fma(term, all(times), -multiple);
        const Floats factor_low = fma(term_low, all(times), lost) + slope_low;
        const Floats high = y * factor;
        return {high, fma(y, factor_low, fma(y, factor, -high))};
    }

    // Whether w lies within so many octaves.
    template <int entries> NONLIN_INLINE static bool within(Floats x) {
        return all_below(magnitude(x), entries == 8 ? 2.5F : 3.93F);
    }
};

// x sigmoid(w): sigmoid(-w) is a polynomial for each octave of e^-w (errors of 2^-27 at most,
// relative to the result), with what rounding takes from its argument. `ends` is where x hides it.
struct float_gelu_tanh {
    static constexpr int entries = 32;
    static constexpr float ends = 5.5F;

    template <int entries> NONLIN_INLINE static bool within(Floats x) {
        return gelu_tanh_argument::within<entries>(x);
    }
    template <int entries> NONLIN_INLINE static Floats of(Floats x) {
        const gelu_tanh_argument argument(x);
        const auto [w, w_low] = argument.product<1>();
        const octave<entries> place(w, w_low, sigmoid_correction);
        float_tail tail = place.sum(sigmoid_coefficient);
        tail.low = fma(-place.lost(w_low, sigmoid_correction), tail.high, tail.low);
        return gated_by(tail, x, argument.y, ends);
    }
};

// Its derivative. Near the zero w - centre is exact, and w_low comes to it after. At the float next
// to it even these pairs have too few digits: there it is a number from the table.
struct float_gelu_tanh_derivative {
    static constexpr int entries = 32;

    template <int entries> NONLIN_INLINE static bool within(Floats x) {
        return gelu_tanh_argument::within<entries>(x);
    }
    template <int entries> NONLIN_INLINE static Floats of(Floats x) {
        const gelu_tanh_argument argument(x);
        const auto [w, w_low] = argument.product<1>();
        octave<entries> place(w, gelu_tanh_slope_correction);
        const Floats r = place.r;
        place.r = r + w_low;
        float_sum sum = gate_slope(place, gelu_tanh_slope_coefficient, gelu_tanh_slope_low);
        sum.low = fma(w_low - (place.r - r), sum.steepness, sum.low);
        Floats tail = sum.high + sum.low;
        if constexpr (entries == 32) {
            const auto [g, g_low] = argument.product<3>();
            const Floats factor = place.is_last() ? 1 - g : all(1);
            const Floats factor_low = place.is_last() ? -g_low : Floats{};
            tail = fma(factor, sum.high, fma(factor_low, sum.high, factor * sum.low));
        }
        const Floats result = complement(place.scale(), tail, x);
        return x == gelu_tanh_zero[0] ? all(gelu_tanh_zero[1]) : result;
    }
};

#endif

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
