// Most results are settled without the wide types: a definition in a narrower one and a bound of
// its error (bounded.hpp) leave no doubt how the exact result rounds, and that the error is no
// larger than one seen before. The others go to measure(), so that the tally is the same as if all
// had gone there.
#pragma once

#include "measure.hpp"

namespace certify {

// What the filter takes the exact result to be: double for float, extended for double.
template <class T> struct Filter;
template <> struct Filter<float> {
    using wide = double;
    static constexpr auto& of(const Case& c) { return c.filter32; }
    // The bound is multiplied by it: certify_check finds how much of that is needed, at most 1.
    static constexpr wide safety = 64, coarsest = 0x1p-50;
    // What the definition in the wide type may itself be off, relative to the result.
    static constexpr wide of_definition = 0x1p-60;
    using limits = Limits<lanes>;
};
template <> struct Filter<double> {
    using wide = extended;
    static constexpr auto& of(const Case& c) { return c.filter64; }
    static constexpr wide safety = 4, coarsest = 0x1p-62L;
    static constexpr wide of_definition = 0x1p-100L;
    using limits = Limits<extended>;
};

// The bound widened by `safety`; an exact value stays exact.
template <class T>
typename Filter<T>::wide widened(typename Filter<T>::wide value, typename Filter<T>::wide error) {
    using F = Filter<T>;
    const auto size = absolute(value);
    const auto wider = error * F::safety + size * F::coarsest;
    const auto bound = error == 0 ? error : wider;
    return (size < F::limits::negligible) & (size > 0) ? F::limits::negligible : bound;
}

// 2^-e for 2^e <= x < 2^(e + 1), where e is at least `least`, float's -126 or double's -1022.
inline double inverse_power(double x, int) {
    const auto bits = __builtin_bit_cast(std::uint64_t, larger(x, 0x1p-126));
    return __builtin_bit_cast(double, 0x7fe0000000000000 - (bits & 0x7ff0000000000000));
}
inline extended inverse_power(extended x, int least) {
    return power_of_two<extended>(-std::max(exponent(x), least));
}

enum Verdict : std::uint8_t { unsettled = 0, right = 1, misrounded = 2, special = 3 };

template <class T>
Verdict judged(T x, T result, typename Filter<T>::wide value, typename Filter<T>::wide error,
               double largest) {
    using limits = std::numeric_limits<T>;
    const auto bound = widened<T>(value, error);
    const T rounded = T(value - bound), above = T(value + bound);
    const auto distance = absolute(result - value) + bound;
    // The smallest unit that the exact result may have.
    const auto units = inverse_power(absolute(value) - bound, limits::min_exponent - 1) *
                       typename Filter<T>::wide(1ull << (limits::digits - 1));
    const bool sure = rounded == above;
    const bool numbers = finite(rounded) & finite(result);
    const bool settled = sure & numbers & (distance * units <= largest);
    // An infinity or NaN on one side alone, or two infinities: no error to measure.
    const bool odd = sure & !numbers;
    const bool nothing = x != x, endless = absolute(x) > limits::max();
    const int agrees = rounded == result ? right : misrounded;
    const int odd_verdict = rounded == result ? right : special;
    const int nan_verdict = result != result ? right : special;
    const int verdict = endless ? unsettled : settled ? agrees : odd ? odd_verdict : unsettled;
    return Verdict(nothing ? nan_verdict : verdict);
}

template <class T>
void judge(const T* x, const T* result, const typename Filter<T>::wide* values,
           const typename Filter<T>::wide* errors, double largest, std::uint8_t* verdicts) {
    for (int i = 0; i < block; ++i)
        verdicts[i] = judged(x[i], result[i], values[i], errors[i], largest);
}

}  // namespace certify
