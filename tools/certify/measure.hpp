// Errors in units in the last place of the exact value, not of the rounded one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>

#include "cases.hpp"

namespace certify {

template <class T> struct exact_type;
template <> struct exact_type<float> {
    using type = extended;
};
template <> struct exact_type<double> {
    using type = quadruple;
};
template <class T> using exact_of = typename exact_type<T>::type;

// What tools/certify/library.py reads. `by_definition`: how many inputs needed the wide types.
struct Tally {
    std::uint64_t inputs, misrounded, wrong_specials, by_definition;
    double largest, where;
};

inline extended exact(const Case& c, float x, const double* p) { return c.in_extended(x, p); }
inline quadruple exact(const Case& c, double x, const double* p) { return c.in_quadruple(x, p); }

// Both wide types keep sign and exponent in two bytes, extended's after 8 bytes, quadruple's last.
template <class W> constexpr int exponent_at = 14;
template <> constexpr int exponent_at<extended> = 8;

// e for 2^e <= |x| < 2^(e + 1).
template <class W> int exponent(W x) {
    std::uint16_t field;
    std::memcpy(&field, reinterpret_cast<char*>(&x) + exponent_at<W>, sizeof field);
    return (field & 0x7fff) - 0x3fff;
}

template <class W> W power_of_two(int e) {
    W power = 1;
    const auto field = std::uint16_t(e + 0x3fff);
    std::memcpy(reinterpret_cast<char*>(&power) + exponent_at<W>, &field, sizeof field);
    return power;
}

template <class T, class W> double ulps(T result, W exact) {
    using limits = std::numeric_limits<T>;
    const int least = limits::min_exponent - 1;
    const int unit = std::max(exponent(exact), least) - (limits::digits - 1);
    const W distance = magnitude(W(result) - exact) * power_of_two<W>(-unit);
    return double(std::min(distance, W(std::numeric_limits<double>::max())));
}

template <class T> bool finite(T x) { return x - x == 0; }

template <class T> void measure(const Case& c, const double* p, T x, T result, Tally& tally) {
    ++tally.inputs;
    ++tally.by_definition;
    const exact_of<T> y = exact(c, x, p);
    T rounded = T(y);
    if (x != x || !finite(rounded) || !finite(result)) {
        // A wave's slope has no limit, and the definition says NaN there.
        const bool nothing = x != x || y != y;
        tally.wrong_specials += nothing ? result == result : !(rounded == result);
        return;
    }
    double error = ulps(result, y);
    // Near a tie the digits decide; and where the definition cancels, as 1 + sin 2x does, those of
    // the shorter type may all be lost.
    if (sizeof(T) == 4 && error > 0.499) {
        const quadruple z = c.in_quadruple(x, p);
        error = ulps(result, z);
        rounded = T(z);
    }
    tally.misrounded += result != rounded;
    if (error > tally.largest) tally.largest = error, tally.where = double(x);
}

}  // namespace certify
