// A long kernel in two halves, the second of one block beside the first of the next.
//
// The exponentials are chains of some 25 dependent operations and a division. A processor overlaps
// what its window of waiting instructions holds; a loop over the whole chain fills it with a few
// elements' operations, most of them waiting for another. Here a loop's body has four shorter
// chains that need nothing of each other, and the compiler interleaves them: the second half of two
// vectors, whose division leaves the multipliers to others, and the first half of the two that
// stand a block further on. Where there are too few registers for that, the halves take turns, each
// for two vectors at a time. What passes between them stays in the first-level cache. Results are
// the same bits: each element sees the same operations in the same order.
//
// A kernel offers this by a struct with
//     start(x, parameters...)            what is known before the second half: a type with a Layout
//     finish(begun, x, parameters...)    the result
//     vectors<T> = 1                     if four chains need more registers than there are
#pragma once

#include "elementary.hpp"
#include "stream.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

using std::intptr_t;

constexpr intptr_t stage_bytes = 1024;
template <class T> constexpr intptr_t stage_size = stage_bytes / static_cast<intptr_t>(sizeof(T));

#if defined(__AVX512F__) || defined(__aarch64__)
constexpr bool many_registers = true;
#else
constexpr bool many_registers = false;
#endif

// How what start() returns is kept for a whole block: `fields` arrays one after another, of which
// `at` points to an element of the first.
template <class Begun> struct Layout;

template <class T, int bias> struct Layout<exponential<T, bias>> {
    static constexpr int fields = 2;
    NONLIN_INLINE static void put(T* at, exponential<T, bias> e) {
        at[0] = e.shifted;
        at[stage_size<T>] = e.high;
    }
    NONLIN_INLINE static exponential<T, bias> get(const T* at) {
        return {at[0], at[stage_size<T>]};
    }
};

template <class T, int bias> struct Layout<exact_exponential<T, bias>> {
    static constexpr int fields = 3;
    NONLIN_INLINE static void put(T* at, exact_exponential<T, bias> e) {
        at[0] = e.shifted;
        at[stage_size<T>] = e.high;
        at[2 * stage_size<T>] = e.low;
    }
    NONLIN_INLINE static exact_exponential<T, bias> get(const T* at) {
        return {{at[0], at[stage_size<T>]}, at[2 * stage_size<T>]};
    }
};

template <class Stages, class T> constexpr int vectors_at_once = 2;
template <class Stages, class T>
    requires requires { Stages::template vectors<T>; }
constexpr int vectors_at_once<Stages, T> = Stages::template vectors<T>;

// What is kept while a block is computed: what start() returned, and results on their way past the
// caches.
//
// A processor tells a load from the stores before it by the last 12 bits of their addresses; one
// that only seems to read what was just stored waits for it, which costs up to a third of the time
// where arrays happen to lie so. All of these arrays, input and output included, advance together;
// each here is one block long, and the first lies midway, modulo a block, between input and output.
template <class T, class Begun> class Workplace {
    static constexpr int fields = Layout<Begun>::fields;
    alignas(line_bytes) T room[(fields + 2) * stage_size<T>];
    T* first;

 public:
    NONLIN_INLINE Workplace(const void* in, const void* out) {
        const auto from = reinterpret_cast<std::uintptr_t>(in);
        const auto apart = (reinterpret_cast<std::uintptr_t>(out) - from) % stage_bytes;
        const auto midway = from + (stage_bytes + apart) / 2;
        const auto behind = (midway - reinterpret_cast<std::uintptr_t>(room)) % stage_bytes;
        first = room + behind / line_bytes * line_bytes / sizeof(T);
    }
    Workplace(const Workplace&) = delete;
    Workplace& operator=(const Workplace&) = delete;

    NONLIN_INLINE void put(intptr_t i, Begun begun) { Layout<Begun>::put(first + i, begun); }
    NONLIN_INLINE Begun get(intptr_t i) const { return Layout<Begun>::get(first + i); }
    NONLIN_INLINE T* results() { return first + fields * stage_size<T>; }
};

template <class First, class... Rest>
NONLIN_INLINE const First& first_of(const First& first, const Rest&...) {
    return first;
}

// put(i, make(i)) for `size` elements, whole vectors, `at_once` of them at a time: all are made
// before one is put, which lets the compiler interleave them.
template <class T, int at_once, class Make, class Put>
NONLIN_INLINE void in_vectors(intptr_t size, Make make, Put put) {
    static_assert(at_once == 1 || at_once == 2);
    constexpr auto lanes = line_bytes / static_cast<intptr_t>(sizeof(T));
    intptr_t start = 0;
    if constexpr (at_once == 2) {
        for (; start + 2 * lanes <= size; start += 2 * lanes) {
#pragma GCC ivdep
            for (intptr_t i = start; i < start + lanes; ++i) {
                const auto first = make(i), second = make(i + lanes);
                put(i, first);
                put(i + lanes, second);
            }
        }
    }
    for (; start < size; start += lanes) {
#pragma GCC ivdep
        for (intptr_t i = start; i < start + lanes; ++i) put(i, make(i));
    }
}

// out[i] = finish(start(in[i]...), in[i]...); `out` may be one of the inputs, element on element,
// unless it is written past the caches.
template <class Stages, class T, class... In>
NONLIN_INLINE void in_stages(T* out, intptr_t count, bool past_caches, In... in) {
    using Begun = decltype(Stages::start(in[0]...));
    struct Both {
        T result;
        Begun begun;
    };
    constexpr intptr_t step = stage_size<T>;
    constexpr int at_once = many_registers ? vectors_at_once<Stages, T> : 2;
    Workplace<T, Begun> workplace(first_of(in...).address(), out);
    const auto start = [&](intptr_t i) NONLIN_INLINE_BODY { return Stages::start(in[i]...); };
    const auto keep = [&](intptr_t i, Begun begun) NONLIN_INLINE_BODY { workplace.put(i, begun); };

    in_vectors<T, at_once>(smaller(count, step), start, keep);
    for (intptr_t first = 0; first < count; first += step) {
        const intptr_t size = smaller(count - first, step), next = first + step;
        T* const target = past_caches ? workplace.results() : out + first;
        const auto finish = [&](intptr_t i) NONLIN_INLINE_BODY {
            return Stages::finish(workplace.get(i), in[first + i]...);
        };
        (in.fetch_ahead(first, size), ...);
        if (many_registers && next + step <= count) {
            in_vectors<T, at_once>(
                step,
                [&](intptr_t i) NONLIN_INLINE_BODY { return Both{finish(i), start(next + i)}; },
                [&](intptr_t i, Both both) NONLIN_INLINE_BODY {
                    target[i] = both.result;
                    keep(i, both.begun);
                });
        } else {
            in_vectors<T, at_once>(
                size, finish, [&](intptr_t i, T result) NONLIN_INLINE_BODY { target[i] = result; });
            const intptr_t rest = next < count ? smaller(count - next, step) : 0;
            in_vectors<T, at_once>(
                rest, [&](intptr_t i) NONLIN_INLINE_BODY { return start(next + i); }, keep);
        }
        if (past_caches) write_past_caches(out + first, target, size * sizeof(T));
    }
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
