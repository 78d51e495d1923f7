// Registers as GNU's vector types, and what the files beside this one are written with.
//
// Every header is compiled once per instruction set into a namespace of its own, so that the linker
// never merges a function of one set with that of another. For the same reason nothing that the
// kernels call is a function of the standard library.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
#if !defined(__clang__)
// GCC 12 warns of what its own header leaves undefined on purpose.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#if !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#ifndef NONLIN_INSTRUCTION_SET
#define NONLIN_INSTRUCTION_SET baseline
#endif

#define NONLIN_INLINE [[gnu::always_inline]] inline

namespace nonlin::NONLIN_INSTRUCTION_SET {

using std::int16_t, std::int32_t, std::int64_t, std::intptr_t, std::uint16_t;

#if defined(__AVX512F__)
constexpr int register_bytes = 64;
constexpr bool has_fma = true;
#elif defined(__AVX2__) && defined(__FMA__)
constexpr int register_bytes = 32;
constexpr bool has_fma = true;
#else
constexpr int register_bytes = 16;
#if defined(__aarch64__)
constexpr bool has_fma = true;
#else
constexpr bool has_fma = false;
#endif
#endif

template <class T, int bytes = register_bytes> struct register_of_type {
    typedef T type __attribute__((vector_size(bytes)));
};
template <class T> using register_of = typename register_of_type<T>::type;
template <class T> using half_register_of = typename register_of_type<T, register_bytes / 2>::type;

// A table of 16 floats for polynomials in pieces: an index counts modulo the size. Where all
// indices are known to lie in the upper half, or in `near`, less has to be looked through:
// `entries` says how many.
struct alignas(64) Lookup {
    float entry[16];
};

struct LongLookup {
    Lookup near, far;
};

namespace native {

using Floats = register_of<float>;
using Doubles = register_of<double>;
using Indices32 = register_of<int32_t>;
using Indices64 = register_of<int64_t>;

template <class R> NONLIN_INLINE R load(const void* from) {
    R x;
    __builtin_memcpy(&x, from, sizeof x);
    return x;
}
template <class R> NONLIN_INLINE void store(void* to, R x) { __builtin_memcpy(to, &x, sizeof x); }

}  // namespace native
}  // namespace nonlin::NONLIN_INSTRUCTION_SET
