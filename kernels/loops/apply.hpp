// The loop that applies a function to arrays: load, compute, store. Every operand of a step is
// loaded before its result is stored.
#pragma once

#include "../arithmetic/parameters.hpp"
#include "../dispatch/dispatch.hpp"
#include "../vectors/vector.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

template <Kind kind, class F, class V, class... P>
NONLIN_INLINE V applied(const V (&in)[2], P... parameters) {
    if constexpr (kind == value) {
        return F::value(in[0], parameters...);
    } else if constexpr (kind == derivative) {
        return F::derivative(in[0], parameters...);
    } else {
        return in[0] * F::derivative(in[1], parameters...);
    }
}

// The numbers that a formula takes beside x: its parameters, or what its `derive` makes of them.
template <class F, class V, class... P> NONLIN_INLINE auto numbers(P... parameters) {
    if constexpr (requires { F::derive(parameters...); }) {
        return F::derive(parameters...);
    } else {
        return Numbers<V, sizeof...(P)>{{parameters...}};
    }
}

template <Kind kind, class F, class V, class One, int N, int... k>
NONLIN_INLINE V applied_to(const V (&in)[2], const Numbers<One, N>& numbers, Indices<k...>) {
    return applied<kind, F>(in, V::repeat(numbers.number[k])...);
}

// What follows from parameters that are fixed is computed once, of one register.
template <Kind kind, class F, bool varying, class V, class T, int... k>
NONLIN_INLINE void apply(T* out, const T* const* in, const T* const* parameters, intptr_t count,
                         Indices<k...>) {
    using One = Vector<T, 1>;
    const T* const x[2] = {in[0], in[inputs[kind] - 1]};
    const auto fixed = numbers<F, One>(One(*parameters[k])...);
    constexpr up_to<decltype(fixed)::count> each;
    for (intptr_t i = 0; i < count; i += V::size) {
        const V operands[2] = {V::load(x[0] + i), V::load(x[1] + i)};
        if constexpr (varying) {
            const auto here = numbers<F, One>(One::load(parameters[k] + i)...);
            applied_to<kind, F>(operands, here, each).store(out + i);
        } else {
            applied_to<kind, F>(operands, fixed, each).store(out + i);
        }
    }
}

template <Kind kind, class F, int N, bool varying, class T, int k>
void loop(T* out, const T* const* in, const T* const* parameters, intptr_t count) {
    apply<kind, F, varying, Vector<T, k>>(out, in, parameters, count, up_to<N>{});
}

// How many registers a formula takes at a time.
#ifndef KF
#define KF 2
#define KD 4
#endif
template <class F, class T> constexpr int registers = sizeof(T) == 4 ? KF : KD;
template <class F, class T>
    requires requires { F::template registers<T>; }
constexpr int registers<F, T> = F::template registers<T>;

template <Kind kind, class F, int N, class T> constexpr Kernel<T> kernel() {
    constexpr int k = registers<F, T>;
    Kernel<T> found = {loop<kind, F, N, false, T, k>, nullptr, Vector<T, k>::size};
    if constexpr (N > 0) found.varying = loop<kind, F, N, true, T, 1>;
    return found;
}

// A function of N parameters.
template <class F, int N = 0>
constexpr Function function(const char* name, Rounding of_value = near,
                            Rounding of_derivative = near, Rounding of_backward = near) {
    return {name,
            N,
            {kernel<value, F, N, float>(), kernel<derivative, F, N, float>(),
             kernel<backward, F, N, float>()},
            {kernel<value, F, N, double>(), kernel<derivative, F, N, double>(),
             kernel<backward, F, N, double>()},
            {of_value, of_derivative, of_backward}};
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
