// Tanh Shrink (Torch7).
#pragma once

#include "gate.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// ((x - tanh x) / x^3 - 1/3) / x^2 as a polynomial in z = x^2 <= 25/64, with an error of 2^-60.9
// relative to the whole (tools/coefficients.py).
template <class V> NONLIN_INLINE V tanh_shrink_tail(V z) {
    const V z_squared = z * z;
    const V even =
        horner(z_squared, -0x1.111111111110ep-3, -0x1.664f488280e03p-6, -0x1.d6d3cc8b43366p-9,
               -0x1.3552223ec55bap-11, -0x1.92d916ca26b82p-14, -0x1.99d12ffe67615p-17);
    const V odd =
        horner(z_squared, 0x1.ba1ba1ba1b1b6p-5, 0x1.226e354f06c3ap-7, 0x1.7da3008510d19p-10,
               0x1.f4fe3d22b9013p-13, 0x1.371c73ea4258fp-15, 0x1.47677f671d617p-19);
    return fma(z, odd, even);
}

// x - tanh x, odd; derivative tanh(x)^2.
struct tanh_shrink_formula {
    // tanh of 0 <= m <= `saturates` as E / (E + 2), E = e^(2 m) - 1; relative error E's, 2^-57.
    static constexpr double saturates = 25;

    template <class Number, class V> NONLIN_INLINE static Number tanh_of(V m) {
        const Number E = carried_exp<Number>(m + m, V(0)).minus_1();
        return E / (E + V(2));
    }

    // Up to 5/8 the difference cancels, and x^3 (1/3 + z tail(z)) takes its place: the tail is at
    // most a seventh of 1/3, so its rounding errors hardly count. x^3 is scaled up by 2^256, and
    // the last product alone rounds into the subnormal range. From there on the difference is at
    // least 0.07, and tanh's error of 2^-59 at most 1/8 of its unit.
    template <class Number, class V> NONLIN_INLINE static V value(V x) {
        using number = carried<Number>;
        const V magnitude = abs(x), near = min(magnitude, 0.625);
        const Number z = number::product(near, near);
        const V plain = near * near;
        const Number third = number::sum(
            V(0x1.5555555555555p-2), fma(plain, tanh_shrink_tail(plain), 0x1.5555555555555p-56));
        const V cubic = rounded(z * (near * 0x1p256) * third) * 0x1p-256;
        const Number t = tanh_of<Number>(min(magnitude, saturates));
        const V difference = rounded(number::from(min(magnitude, 0x1p100), V(0)) - t);
        const V far = select(magnitude > 0x1p60, magnitude, difference);
        return copy_sign(select(magnitude <= 0.625, cubic, far), x);
    }

    template <class Number, class V> NONLIN_INLINE static V derivative(V x) {
        const Number scaled = tanh_of<Number>(min(abs(x), saturates)) * V(0x1p256);
        return rounded(scaled * scaled) * 0x1p-512;
    }
};
struct tanh_shrink : carried_twice<tanh_shrink_formula> {};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
