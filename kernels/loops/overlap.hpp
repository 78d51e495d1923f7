// Operands that share memory with the output.
//
// A result is that of a fresh output. Where an output overlaps an input NumPy calls a loop without
// copying if that is what comes of reading and writing one element after the other: for an input
// that runs ahead of the output, as in f(x[1:], out=x[:-1]), and in reduce and accumulate, whose
// input is the output of the element before. Vectors read ahead and write several elements at once,
// so there the results of a piece are gathered before one of them is written.
#pragma once

#include "../dispatch/dispatch.hpp"
#include "../vectors/native.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

constexpr intptr_t line_bytes = 64;

inline intptr_t smaller(intptr_t a, intptr_t b) { return a < b ? a : b; }

// The elements first, first + stride, ... of `count`, from `low` to below `high`.
struct Extent {
    intptr_t first, stride, low, high;

    Extent(const char* start, intptr_t stride, intptr_t count, intptr_t size)
        : first(reinterpret_cast<intptr_t>(start)), stride(stride) {
        const intptr_t last = first + (count - 1) * stride;
        low = smaller(first, last);
        high = first + last - low + size;
    }
};

// Whether no element of `in` is written before it is read, however many are computed at once: the
// two lie apart, or in turns, or element on element.
inline bool is_independent(const Extent& in, const Extent& out, intptr_t size) {
    if (in.high <= out.low || out.high <= in.low) return true;
    const intptr_t apart = in.first - out.first, step = in.stride < 0 ? -in.stride : in.stride;
    if (in.stride != out.stride || step < size) return false;
    const intptr_t shift = apart % step, between = shift < 0 ? shift + step : shift;
    return apart == 0 || (between >= size && between <= step - size);
}

// Whether each element of `in` is read before an output is written there, if they are read in order
// and written in order, and none is written before all that come before it are read.
inline bool runs_ahead(const Extent& in, const Extent& out, intptr_t size) {
    const intptr_t apart = in.first - out.first;
    return (in.stride >= size && in.stride >= out.stride && out.stride >= 0 && apart >= 0) ||
           (in.stride <= -size && in.stride <= out.stride && out.stride <= 0 && apart <= 0);
}

// How many elements may be computed before the first result is written: all of them, a piece, or
// one.
[[gnu::noinline]] inline intptr_t unwritten(char* const* operands, const intptr_t* strides,
                                            int inputs, intptr_t size, intptr_t count,
                                            intptr_t piece) {
    if (count <= 1) return count;
    const Extent out(operands[inputs], strides[inputs], count, size);
    intptr_t found = count;
    for (int k = 0; k < inputs; ++k) {
        const Extent in(operands[k], strides[k], count, size);
        if (is_independent(in, out, size)) continue;
        if (!runs_ahead(in, out, size)) return 1;
        found = smaller(found, piece);
    }
    return found;
}

template <class S> void put(const S* results, char* out, intptr_t stride, intptr_t count) {
    for (intptr_t i = 0; i < count; ++i) *reinterpret_cast<S*>(out + i * stride) = results[i];
}

// Calls `loop` on so many elements at a time.
template <class S, intptr_t largest>
[[gnu::noinline]] void in_pieces(Loop loop, char* const* operands, const intptr_t* strides,
                                 int inputs, intptr_t count, intptr_t piece, void* parameters) {
    alignas(line_bytes) S results[largest];
    char* places[most_operands];
    intptr_t steps[most_operands];
    for (int k = 0; k < inputs; ++k) steps[k] = strides[k];
    places[inputs] = reinterpret_cast<char*>(results);
    steps[inputs] = sizeof(S);
    for (intptr_t start = 0; start < count; start += piece) {
        const intptr_t size = smaller(count - start, piece);
        for (int k = 0; k < inputs; ++k) places[k] = operands[k] + start * strides[k];
        loop(places, &size, steps, parameters);
        put(results, operands[inputs] + start * strides[inputs], strides[inputs], size);
    }
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
