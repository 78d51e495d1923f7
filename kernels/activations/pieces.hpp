// Polynomials in pieces of the axis, for float, where speed counts most.
//
// What a polynomial gains by having a set of coefficients for each piece, a look-up of each
// coefficient would lose again; but a table of 16 floats fits into a register or two, and one
// instruction takes from it what every element needs. Where few registers hold a table, less is
// looked through if all elements lie in the first pieces; the result is the same.
#pragma once

#include "../arithmetic/exponential.hpp"
#include "halves.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// Whether there are tables for numbers of this type.
template <class V> constexpr bool has_pieces = is_float<V> && has_fma;

template <int> struct Entries {};

// formula(entries) with as few of `most` as suffice: of a y below limits[0] the first 8, below
// limits[1] the first 16.
template <int most, int entries = native::least_entries, class V, class Formula>
NONLIN_INLINE auto in_pieces(V y, const float (&limits)[2], Formula formula) {
    if constexpr (entries < most) {
        if (!all(y < limits[entries / 16])) return in_pieces<most, 2 * entries>(y, limits, formula);
    }
    return formula(Entries<entries>{});
}

#define NONLIN_FORMULA [&]<int entries>(Entries<entries>) __attribute__((always_inline))

// The quarter of octaves in which half of `y` lies, for the tables of pieces that are such.
template <class V> NONLIN_INLINE typename V::Integers quarter_of_octaves(V y) {
    return bits(y) >> (format<float>::fraction_bits - 2);
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
