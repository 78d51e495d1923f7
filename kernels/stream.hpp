// Memory beyond the caches: reading ahead, and writing past them.
//
// A store into memory that no cache holds first reads the line it changes part of. For a result too
// large to stay in the caches that read is a third of the traffic; a store that goes past the
// caches does without it, but only in whole lines at a time. Neither changes a result.
#pragma once

#include <cstddef>
#include <cstdint>

#include "arithmetic.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace nonlin::NONLIN_INSTRUCTION_SET {

constexpr std::intptr_t line_bytes = 64;

// How far ahead of the computation its operands are fetched.
constexpr std::intptr_t ahead_bytes = 4096;

// Fetches the line that lies `ahead_bytes` after `here`; it may be past the end of the array.
NONLIN_INLINE void fetch_ahead(const void* here) {
    const auto address = reinterpret_cast<std::uintptr_t>(here) + ahead_bytes;
    __builtin_prefetch(reinterpret_cast<const void*>(address));
}

// Copies whole lines past the caches. Both begin on a line.
NONLIN_INLINE void write_past_caches(void* to, const void* from, std::intptr_t bytes) {
    auto* const target = static_cast<char*>(__builtin_assume_aligned(to, line_bytes));
    const auto* const source = static_cast<const char*>(__builtin_assume_aligned(from, line_bytes));
#if defined(__AVX512F__)
    for (std::intptr_t i = 0; i < bytes; i += 64)
        _mm512_stream_si512(reinterpret_cast<__m512i*>(target + i), _mm512_load_si512(source + i));
#elif defined(__AVX__)
    for (std::intptr_t i = 0; i < bytes; i += 32)
        _mm256_stream_si256(reinterpret_cast<__m256i*>(target + i),
                            _mm256_load_si256(reinterpret_cast<const __m256i*>(source + i)));
#elif defined(__x86_64__)
    for (std::intptr_t i = 0; i < bytes; i += 16)
        _mm_stream_si128(reinterpret_cast<__m128i*>(target + i),
                         _mm_load_si128(reinterpret_cast<const __m128i*>(source + i)));
#else
    __builtin_memcpy(target, source, static_cast<std::size_t>(bytes));
#endif
}

// Until this returns other threads need not see what was written past the caches.
NONLIN_INLINE void finish_writing() {
#if defined(__x86_64__)
    _mm_sfence();
#endif
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
