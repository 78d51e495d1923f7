// Errors in units in the last place of the exact value, not of the rounded one.
#pragma once

#include <cstdint>
#include <cstring>

#include "cases.hpp"

namespace certify {

template <class T> struct format;
template <> struct format<float> {
    static constexpr int smallest_exponent = -126, fraction_bits = 23;
    using wide = extended;
    using bits = std::uint32_t;
};
template <> struct format<double> {
    static constexpr int smallest_exponent = -1022, fraction_bits = 52;
    using wide = quadruple;
    using bits = std::uint64_t;
};

struct Tally {
    std::uint64_t inputs = 0, misrounded = 0, wrong_specials = 0;
    double largest = 0, where = 0;

    void error(double ulp, double x) {
        if (ulp > largest) largest = ulp, where = x;
    }
    void add(const Tally& other) {
        inputs += other.inputs;
        misrounded += other.misrounded;
        wrong_specials += other.wrong_specials;
        error(other.largest, other.where);
    }
};

template <class T, class W> double ulps(T result, W exact) {
    const int unit_exponent = exact == 0 ? format<T>::smallest_exponent
                                         : std::max(exponent(exact), format<T>::smallest_exponent);
    return double(scaled(magnitude(W(result) - exact), format<T>::fraction_bits - unit_exponent));
}

inline const std::function<extended(extended)>& reference_for(const Case& c, float) {
    return c.extended_reference;
}
inline const std::function<quadruple(quadruple)>& reference_for(const Case& c, double) {
    return c.quadruple_reference;
}

template <class T> void measure(const Case& c, T x, T result, Tally& tally) {
    using W = typename format<T>::wide;
    ++tally.inputs;
    if (x != x) {
        tally.wrong_specials += result == result;
        return;
    }
    const W exact = reference_for(c, T())(W(x));
    const T rounded = T(exact);
    if (std::isinf(rounded) || std::isinf(result) || result != result) {
        tally.wrong_specials += !(rounded == result);
        return;
    }
    double error = ulps(result, exact);
    // Too close to a tie for 64 bits to tell which neighbour is nearer: ask for 113.
    const bool near_tie = sizeof(T) == 4 && error > 0.499 && error < 0.501;
    if (near_tie) error = ulps(result, c.quadruple_reference(quadruple(x)));
    tally.misrounded += near_tie ? error > 0.5 : result != rounded;
    tally.error(error, x);
}

}  // namespace certify
