// The arithmetic that the kernels are written in, and the one place that knows compilers.
//
// Every header is compiled once per instruction set into a namespace of its own, so that the linker
// never merges a function of one set with that of another. For the same reason nothing here calls a
// function of the standard library; only compiler builtins appear.
#pragma once

#ifndef NONLIN_INSTRUCTION_SET
#define NONLIN_INSTRUCTION_SET baseline
#endif

#define NONLIN_INLINE [[gnu::always_inline]] inline
// The same behind a lambda's parameters.
#define NONLIN_INLINE_BODY __attribute__((always_inline))

#if defined(__FMA__) || defined(__aarch64__) || defined(__FP_FAST_FMA)
#define NONLIN_HAS_FMA 1
#else
#define NONLIN_HAS_FMA 0
#endif

namespace nonlin::NONLIN_INSTRUCTION_SET {

template <class T> struct format;

template <> struct format<float> {
    using bits = __INT32_TYPE__;
    using unsigned_bits = __UINT32_TYPE__;
    static constexpr int fraction_bits = 23;
    static constexpr int exponent_bias = 127;
    static constexpr float largest = __FLT_MAX__;
};

template <> struct format<double> {
    using bits = __INT64_TYPE__;
    using unsigned_bits = __UINT64_TYPE__;
    static constexpr int fraction_bits = 52;
    static constexpr int exponent_bias = 1023;
    static constexpr double largest = __DBL_MAX__;
};

template <class T> using bits_of = typename format<T>::bits;
template <class T> using unsigned_bits_of = typename format<T>::unsigned_bits;

template <class T> NONLIN_INLINE constexpr bits_of<T> to_bits(T x) {
    return __builtin_bit_cast(bits_of<T>, x);
}

template <class T> NONLIN_INLINE constexpr T from_bits(bits_of<T> bits) {
    return __builtin_bit_cast(T, bits);
}

// What a kernel makes of its parameters before it sees an x, once for a whole array.
template <class T, int N> struct Numbers {
    T number[N > 0 ? N : 1];
};

template <class T> constexpr T not_a_number() { return T(__builtin_nan("")); }

template <class T> constexpr T smallest_normal() {
    return from_bits<T>(bits_of<T>(1) << format<T>::fraction_bits);
}

NONLIN_INLINE float absolute(float x) { return __builtin_fabsf(x); }
NONLIN_INLINE double absolute(double x) { return __builtin_fabs(x); }

NONLIN_INLINE float copy_sign(float x, float sign) { return __builtin_copysignf(x, sign); }
NONLIN_INLINE double copy_sign(double x, double sign) { return __builtin_copysign(x, sign); }

template <class Integer> NONLIN_INLINE Integer smaller(Integer a, Integer b) {
    return a < b ? a : b;
}

// Clamping in integers. A compiler that minds NaN has no vector minimum of floats, but it has one
// of integers, and the bits of floats of one sign are ordered as their magnitudes: those of
// positive numbers as signed integers, those of negative numbers, all above the positive ones, as
// unsigned. Adding `nan_offset` first wraps the NaNs, and them alone, to the side that the minimum
// leaves as it is.
template <class T> constexpr unsigned_bits_of<T> nan_offset() {
    return (unsigned_bits_of<T>(1) << format<T>::fraction_bits) - 1;
}

// min(x, upper), upper > 0.
template <class T> NONLIN_INLINE T at_most(T upper, T x) {
    const auto bits = bits_of<T>(unsigned_bits_of<T>(to_bits(x)) + nan_offset<T>());
    const auto bound = bits_of<T>(unsigned_bits_of<T>(to_bits(upper)) + nan_offset<T>());
    return from_bits<T>(bits_of<T>(unsigned_bits_of<T>(smaller(bits, bound)) - nan_offset<T>()));
}

// max(x, lower), lower < 0.
template <class T> NONLIN_INLINE T at_least(T lower, T x) {
    const auto bits = unsigned_bits_of<T>(to_bits(x)) + nan_offset<T>();
    const auto bound = unsigned_bits_of<T>(to_bits(lower)) + nan_offset<T>();
    return from_bits<T>(bits_of<T>(smaller(bits, bound) - nan_offset<T>()));
}

#if NONLIN_HAS_FMA

NONLIN_INLINE float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
NONLIN_INLINE double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }

// a b + c where the product almost cancels c: what a quotient or a product left over.
template <class T> NONLIN_INLINE T remainder(T a, T b, T c) { return fma(a, b, c); }

// a b + rest, |rest| at most about a unit of a b, rounded once.
template <class T> NONLIN_INLINE T product_plus(T a, T b, T rest) { return fma(a, b, rest); }

#else

// Two roundings instead of one. The kernels use it only where that costs no accuracy that counts.
template <class T> NONLIN_INLINE T fma(T a, T b, T c) { return a * b + c; }

// The upper half of the significand's digits, cut off or rounded. A double has 53: 27 are left when
// they are cut off, 26 and a sign when they are rounded.
template <class T, bool rounded = false> NONLIN_INLINE T upper_half(T x) {
    constexpr auto lower =
        (bits_of<T>(1) << ((format<T>::fraction_bits + 1) / 2 + (sizeof(T) == 8))) - 1;
    return from_bits<T>((to_bits(x) + (rounded ? lower / 2 + 1 : 0)) & ~lower);
}

// Without a fused instruction the product is cut into parts whose products are exact (Dekker 1971).
template <class T> NONLIN_INLINE T remainder(T a, T b, T c) {
    const T a_high = upper_half<T, sizeof(T) == 8>(a), b_high = upper_half(b);
    const T a_low = a - a_high, b_low = b - b_high;
    const T product = a * b;
    const T lost = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    return (product + c) + lost;
}

// The least parts of a tiny product would underflow, so b is scaled up meanwhile. An infinite
// product loses nothing; the formula above says NaN.
template <class T> NONLIN_INLINE T product_plus(T a, T b, T rest) {
    constexpr T tiny = sizeof(T) == 4 ? T(0x1p-60) : T(0x1p-860);
    constexpr T up = sizeof(T) == 4 ? T(0x1p60) : T(0x1p120);
    const bool small = absolute(a * b) < tiny;
    const T factor = small ? up : T(1), back = small ? 1 / up : T(1), scaled = b * factor;
    const T product = a * scaled, lost = remainder(a, scaled, -product);
    return (product + (lost == lost ? lost + rest * factor : rest)) * back;
}

#endif

// The number below a finite one, and above -infinity.
template <class T> NONLIN_INLINE T next_below(T x) {
    const bits_of<T> bits = to_bits(x), smallest_negative = to_bits(T(-0.0)) + 1;
    return from_bits<T>(x > 0 ? bits - 1 : x < 0 ? bits + 1 : smallest_negative);
}

// c0 + r (c1 + r (c2 + ...)), Horner's rule.
template <class T> NONLIN_INLINE T horner(T, T c0) { return c0; }
template <class T, class... Rest> NONLIN_INLINE T horner(T r, T c0, Rest... rest) {
    return fma(r, horner(r, rest...), c0);
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
