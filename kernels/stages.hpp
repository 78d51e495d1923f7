// A long kernel in two loops over a block instead of one.
//
// The exponentials are chains of some 25 dependent operations. A processor overlaps as many
// elements as its window of waiting instructions holds, and one long loop body holds too few to
// keep the units busy; two bodies of half the length hold four times as many. What passes between
// them stays in the first-level cache. Results are the same bits: each element sees the same
// operations in the same order.
//
// A kernel offers this by a struct with
//     start(x, parameters...)            what is known before the second half: a value with a Block
//     finish(begun, x, parameters...)    the result
#pragma once

#include "elementary.hpp"
#include "stream.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

constexpr __INTPTR_TYPE__ stage_size = 256;

// What start() returned for a whole block, one array a field.
template <class Begun> struct Block;

template <> struct Block<float> {
    float value[stage_size];

    NONLIN_INLINE void put(__INTPTR_TYPE__ i, float x) { value[i] = x; }
    NONLIN_INLINE float get(__INTPTR_TYPE__ i) const { return value[i]; }
};

template <class T, int bias> struct Block<exponential<T, bias>> {
    T shifted[stage_size], high[stage_size];

    NONLIN_INLINE void put(__INTPTR_TYPE__ i, exponential<T, bias> e) {
        shifted[i] = e.shifted;
        high[i] = e.high;
    }
    NONLIN_INLINE exponential<T, bias> get(__INTPTR_TYPE__ i) const {
        return {shifted[i], high[i]};
    }
};

template <class T, int bias> struct Block<exact_exponential<T, bias>> {
    T shifted[stage_size], high[stage_size], low[stage_size];

    NONLIN_INLINE void put(__INTPTR_TYPE__ i, exact_exponential<T, bias> e) {
        shifted[i] = e.shifted;
        high[i] = e.high;
        low[i] = e.low;
    }
    NONLIN_INLINE exact_exponential<T, bias> get(__INTPTR_TYPE__ i) const {
        return {{shifted[i], high[i]}, low[i]};
    }
};

// out[i] = finish(start(in[i]...), in[i]...); `out` may be one of the inputs, element on element,
// unless it is written past the caches.
template <class Stages, class T, class... In>
NONLIN_INLINE void in_stages(T* out, __INTPTR_TYPE__ count, bool past_caches, In... in) {
    alignas(64) Block<decltype(Stages::start(in[0]...))> block;
    alignas(64) T results[stage_size];
    for (__INTPTR_TYPE__ first = 0; first < count; first += stage_size) {
        __INTPTR_TYPE__ const size = smaller(count - first, stage_size);
        (in.fetch_ahead(first, size), ...);
#pragma GCC ivdep
        for (__INTPTR_TYPE__ i = 0; i < size; ++i) block.put(i, Stages::start(in[first + i]...));
        T* const target = past_caches ? results : out + first;
#pragma GCC ivdep
        for (__INTPTR_TYPE__ i = 0; i < size; ++i)
            target[i] = Stages::finish(block.get(i), in[first + i]...);
        if (past_caches) write_past_caches(out + first, results, size * sizeof(T));
    }
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
