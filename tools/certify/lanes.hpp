// Eight doubles at once, with the vector functions of the C library where it has them: glibc's
// libmvec for AVX-512, which are within 4 ULP. Elsewhere its scalar functions, one lane at a time.
#pragma once

#include <cmath>

#ifdef __AVX512F__
#include <immintrin.h>
#endif

namespace certify {

constexpr int lane_count = 8;
typedef double lanes __attribute__((vector_size(8 * lane_count)));

#ifdef __AVX512F__
#define CERTIFY_LANES(NAME)                  \
    extern "C" lanes _ZGVeN8v_##NAME(lanes); \
    inline lanes NAME(lanes x) { return _ZGVeN8v_##NAME(x); }
inline lanes sqrt(lanes x) { return lanes(_mm512_sqrt_pd(__m512d(x))); }
inline lanes fma(lanes a, lanes b, lanes c) {
    return lanes(_mm512_fmadd_pd(__m512d(a), __m512d(b), __m512d(c)));
}
#else
#define CERTIFY_LANES(NAME)                                          \
    inline lanes NAME(lanes x) {                                     \
        for (int k = 0; k < lane_count; ++k) x[k] = std::NAME(x[k]); \
        return x;                                                    \
    }
CERTIFY_LANES(sqrt)
inline lanes fma(lanes a, lanes b, lanes c) {
    for (int k = 0; k < lane_count; ++k) a[k] = std::fma(a[k], b[k], c[k]);
    return a;
}
#endif
CERTIFY_LANES(exp)
CERTIFY_LANES(expm1)
CERTIFY_LANES(log1p)
CERTIFY_LANES(tanh)
CERTIFY_LANES(cosh)
CERTIFY_LANES(erfc)
CERTIFY_LANES(sin)
CERTIFY_LANES(cos)

}  // namespace certify
