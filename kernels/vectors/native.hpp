// What a processor has beyond the operators of GNU's vector types. This and the files that it
// chooses from are all that asks which processor and which compiler it is.
#pragma once

#include "registers.hpp"

#if defined(__AVX512F__)
#include "avx512.hpp"
#elif defined(__AVX2__) && defined(__FMA__)
#include "avx2.hpp"
#elif defined(__aarch64__)
#include "neon.hpp"
#else
#include "portable.hpp"
#endif

namespace nonlin::NONLIN_INSTRUCTION_SET::native {

NONLIN_INLINE bool any(Indices32 mask) { return lanes_of(mask) != 0; }

// Until this returns other threads need not see what was streamed.
NONLIN_INLINE void finish_streaming() {
#if defined(__x86_64__)
    _mm_sfence();
#endif
}

template <int entries> NONLIN_INLINE Floats look_up(const LongLookup& table, Indices32 index) {
    if constexpr (entries == 32) {
        return look_up_32(table, index);
    } else {
        return look_up<entries>(table.near, index);
    }
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::native
