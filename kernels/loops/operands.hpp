// Operands as NumPy gives them, made into arrays side by side of a whole number of steps.
//
// What is strided or shorter than a step goes through a small buffer, and so do the first elements
// where a long output does not begin on a line of memory. Each element thus passes through the same
// instructions wherever it stands, so its result depends on its value alone.
#pragma once

#include "../dispatch/environment.hpp"
#include "overlap.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

constexpr intptr_t block = 512;
// A store across two lines takes twice as long. Where arrays are this long, an output that begins
// on a line saves more than its first elements cost; the inputs mostly lie as it does.
constexpr intptr_t worth_aligning = 4096;
// How far ahead of the computation its operands are fetched where they are not in the caches.
constexpr intptr_t ahead_bytes = 4096;

// What a kernel reads.
template <class T> struct Arrays {
    int inputs, parameters;
    bool varying;
    const T* in[2];
    const T* parameter[most_parameters];

    Arrays from(intptr_t i) const {
        Arrays moved = *this;
        for (int k = 0; k < inputs; ++k) moved.in[k] += i;
        for (int k = 0; varying && k < parameters; ++k) moved.parameter[k] += i;
        return moved;
    }
};

template <class T>
void whole_steps(const Kernel<T>& kernel, T* out, const Arrays<T>& arrays, intptr_t count) {
    const auto loop = arrays.varying ? kernel.varying : kernel.fixed;
    loop(out, arrays.in, arrays.parameter, count);
}

// Fewer elements than fill a line or a step, filled up with others.
constexpr intptr_t most_in_part = 128;

template <class T> const T* filled(const T* from, intptr_t count, intptr_t size, T* buffer) {
    for (intptr_t i = 0; i < size; ++i) buffer[i] = i < count ? from[i] : T(1);
    return buffer;
}

template <class T> void part(const Kernel<T>& kernel, T* out, Arrays<T> arrays, intptr_t count) {
    if (count == 0) return;
    alignas(64) T room[2 + most_parameters][most_in_part];
    alignas(64) T results[most_in_part];
    const intptr_t size = (count + kernel.step - 1) / kernel.step * kernel.step;
    for (int k = 0; k < arrays.inputs; ++k)
        arrays.in[k] = filled(arrays.in[k], count, size, room[k]);
    for (int k = 0; arrays.varying && k < arrays.parameters; ++k)
        arrays.parameter[k] = filled(arrays.parameter[k], count, size, room[2 + k]);
    whole_steps(kernel, results, arrays, size);
    for (intptr_t i = 0; i < count; ++i) out[i] = results[i];
}

// How many elements there are before the first that begins a line of memory.
template <class T> intptr_t before_line(const T* out) {
    const auto address = reinterpret_cast<std::uintptr_t>(out);
    return static_cast<intptr_t>(-address % line_bytes / sizeof(T));
}

// A store into memory that no cache holds first reads the line it changes part of. For a result too
// large to stay in the caches that read is a third of the traffic; a store that goes past the
// caches does without it, but only in whole lines at a time. `out` begins on a line.
template <class T>
void past_caches(const Kernel<T>& kernel, T* out, const Arrays<T>& arrays, intptr_t count) {
    alignas(line_bytes) T results[block];
    for (intptr_t start = 0; start < count; start += block) {
        const intptr_t size = smaller(count - start, block);
        const Arrays<T> here = arrays.from(start);
        for (int k = 0; k < here.inputs; ++k)
            for (intptr_t byte = 0; byte < size * intptr_t(sizeof(T)); byte += line_bytes)
                __builtin_prefetch(reinterpret_cast<const char*>(here.in[k]) + ahead_bytes + byte);
        whole_steps(kernel, results, here, size);
        for (intptr_t byte = 0; byte < size * intptr_t(sizeof(T)); byte += register_bytes)
            native::stream(reinterpret_cast<char*>(out + start) + byte,
                           reinterpret_cast<const char*>(results) + byte);
    }
    native::finish_streaming();
}

template <class T>
void side_by_side(const Kernel<T>& kernel, T* out, const Arrays<T>& arrays, intptr_t count,
                  bool past) {
    const bool is_long = count >= worth_aligning;
    const intptr_t head = is_long ? before_line(out) : 0;
    const intptr_t whole = (count - head) / kernel.step * kernel.step, end = head + whole;
    part(kernel, out, arrays, head);
    if (past && is_long) {
        past_caches(kernel, out + head, arrays.from(head), whole);
    } else if (whole > 0) {
        whole_steps(kernel, out + head, arrays.from(head), whole);
    }
    part(kernel, out + end, arrays.from(end), count - end);
}

template <class S> struct Operand {
    const char* first;
    intptr_t stride;

    const S& at(intptr_t i) const { return *reinterpret_cast<const S*>(first + i * stride); }

    // The elements start..start+count, side by side.
    const S* staged(intptr_t start, intptr_t count, S* buffer) const {
        if (stride == sizeof(S)) return &at(start);
        for (intptr_t i = 0; i < count; ++i) buffer[i] = at(start + i);
        return buffer;
    }
};

// A call: the operands, and the parameters as numbers unless they vary.
template <class S> struct Request {
    const Function& function;
    Kind kind;
    bool varying;
    Operand<S> in[2], parameter[most_parameters];
    double fixed[most_parameters];
    char* out;
    intptr_t out_stride, count;
    bool past_caches;

    bool direct() const {
        bool found = !varying && out_stride == sizeof(S);
        for (int k = 0; k < inputs[kind]; ++k) found &= in[k].stride == sizeof(S);
        return found;
    }
};

// `staging(k)` is the k-th buffer of a block's size.
template <class T, class Fixed>
Arrays<T> arrays_of(const Request<T>& request, intptr_t start, intptr_t size, T (*room)[block],
                    const Fixed& fixed) {
    Arrays<T> arrays = {inputs[request.kind], request.function.parameters, request.varying, {}, {}};
    for (int k = 0; k < arrays.inputs; ++k)
        arrays.in[k] = request.in[k].staged(start, size, room[k]);
    for (int k = 0; k < arrays.parameters; ++k)
        arrays.parameter[k] =
            request.varying ? request.parameter[k].staged(start, size, room[2 + k]) : fixed + k;
    return arrays;
}

template <class T> void run(const Kernel<T>& kernel, const Request<T>& request) {
    alignas(line_bytes) T room[2 + most_parameters][block];
    alignas(line_bytes) T results[block];
    T fixed[most_parameters];
    for (int k = 0; k < most_parameters; ++k) fixed[k] = static_cast<T>(request.fixed[k]);
    if (request.direct()) {
        const Arrays<T> arrays = arrays_of(request, 0, request.count, room, fixed);
        T* const out = reinterpret_cast<T*>(request.out);
        return side_by_side(kernel, out, arrays, request.count, request.past_caches);
    }
    for (intptr_t start = 0; start < request.count; start += block) {
        const intptr_t size = smaller(request.count - start, block);
        const Arrays<T> arrays = arrays_of(request, start, size, room, fixed);
        char* const place = request.out + start * request.out_stride;
        const bool writes = request.out_stride == sizeof(T);
        T* const target = writes ? reinterpret_cast<T*>(place) : results;
        side_by_side(kernel, target, arrays, size, false);
        if (!writes) put(results, place, request.out_stride, size);
    }
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
