// The loop that applies a function to arrays: load, compute, store. Every operand of a step is
// loaded before its result is stored.
#pragma once

#include "../arithmetic/parameters.hpp"
#include "../dispatch/dispatch.hpp"
#include "../vectors/vector.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

// The numbers that a formula takes beside x: its parameters, or what its `derive` makes of them.
template <class F, class V, class... P> NONLIN_INLINE auto numbers(P... parameters) {
    if constexpr (requires { F::derive(parameters...); }) {
        return F::derive(parameters...);
    } else {
        return Numbers<V, sizeof...(P)>{{parameters...}};
    }
}

// The halves of a formula that comes in two (activations/halves.hpp).
template <Kind kind, class F> struct halves_of {
    struct type {};
};
template <Kind kind, class F>
    requires(kind == value) && requires { typename F::value_halves; }
struct halves_of<kind, F> {
    using type = typename F::value_halves;
};
template <Kind kind, class F>
    requires(kind != value) && requires { typename F::derivative_halves; }
struct halves_of<kind, F> {
    using type = typename F::derivative_halves;
};

// What a loop reads: x, of the backward pass the gradient too, and the numbers.
template <Kind kind, class F, class T, class Numbers> struct Step {
    using Halves = typename halves_of<kind, F>::type;
    using One = Vector<T, 1>;
    static constexpr up_to<Numbers::count> each{};
    const T *x, *gradient;
    Numbers numbers;

    template <class V, int... k> NONLIN_INLINE V slope_or_value(intptr_t i, Indices<k...>) const {
        const V z = V::load(x + i);
        if constexpr (kind == value) {
            return F::value(z, V::repeat(numbers.number[k])...);
        } else {
            return F::derivative(z, V::repeat(numbers.number[k])...);
        }
    }
    template <int... k>
        requires requires(One z, Numbers given) { Halves::start(z, given.number[k]...); }
    NONLIN_INLINE auto start(intptr_t i, Indices<k...>) const {
        return Halves::start(One::load(x + i), numbers.number[k]...);
    }
    template <class Begun, int... k>
    NONLIN_INLINE One finish(const Begun& begun, intptr_t i, Indices<k...>) const {
        return Halves::finish(begun, One::load(x + i), numbers.number[k]...);
    }
    template <class V> NONLIN_INLINE V result(V found, intptr_t i) const {
        if constexpr (kind == backward) {
            return V::load(gradient + i) * found;
        } else {
            return found;
        }
    }
};

template <class V, class S, class T>
NONLIN_INLINE void apply(const S& step, T* out, intptr_t count) {
    for (intptr_t i = 0; i < count; i += V::size)
        step.result(step.template slope_or_value<V>(i, step.each), i).store(out + i);
}

// The second half for one register beside the first for that which stands a step further on: the
// division of one leaves the multipliers to the other.
template <class V, class S, class T, int... j>
NONLIN_INLINE void apply_halves(const S& step, T* out, intptr_t count, Indices<j...>) {
    constexpr int lanes = V::lanes;
    decltype(step.start(0, step.each)) begun[] = {step.start(j * lanes, step.each)...};
    const auto finish = [&](int n, intptr_t i) __attribute__((always_inline)) {
        return step.result(step.finish(begun[n], i, step.each), i);
    };
    const auto both = [&](int n, intptr_t i) __attribute__((always_inline)) {
        const auto result = finish(n, i);
        begun[n] = step.start(i + V::size, step.each);
        result.store(out + i);
    };
    intptr_t i = 0;
    for (; i + V::size < count; i += V::size) (both(j, i + j * lanes), ...);
    (finish(j, i + j * lanes).store(out + i + j * lanes), ...);
}

// What follows from parameters that are fixed is computed once, of one register. A formula may have
// a shorter form for those that most calls have, `usual`, of the same results.
template <Kind kind, class F, class V, class T, class... P>
NONLIN_INLINE void apply_fixed(T* out, const T* const* in, intptr_t count, P... parameters) {
    if constexpr (requires { typename F::usual; }) {
        if (all(F::is_usual(parameters...)))
            return apply_fixed<kind, typename F::usual, V>(out, in, count, parameters...);
    }
    const auto fixed = numbers<F, Vector<T, 1>>(parameters...);
    using S = Step<kind, F, T, std::remove_const_t<decltype(fixed)>>;
    const S step = {in[inputs[kind] - 1], in[0], fixed};
    if constexpr (requires { step.start(0, step.each); }) {
        apply_halves<V>(step, out, count, up_to<V::registers>{});
    } else {
        apply<V>(step, out, count);
    }
}

template <Kind kind, class F, class T, int k, int... n>
void fixed_loop(T* out, const T* const* in, [[maybe_unused]] const T* const* parameters,
                intptr_t count) {
    apply_fixed<kind, F, Vector<T, k>>(out, in, count, Vector<T, 1>(*parameters[n])...);
}

template <Kind kind, class F, class T, int... n>
void varying_loop(T* out, const T* const* in, const T* const* parameters, intptr_t count) {
    using V = Vector<T, 1>;
    for (intptr_t i = 0; i < count; i += V::size) {
        const auto here = numbers<F, V>(V::load(parameters[n] + i)...);
        using S = Step<kind, F, T, std::remove_const_t<decltype(here)>>;
        const S step = {in[inputs[kind] - 1] + i, in[0] + i, here};
        apply<V>(step, out + i, V::size);
    }
}

// How many registers a formula takes at a time.
template <class F, class T> constexpr int registers = 4;
template <class F, class T>
    requires requires { F::template registers<T>; }
constexpr int registers<F, T> = F::template registers<T>;

template <Kind kind, class F, class T, int... n> constexpr Kernel<T> kernel(Indices<n...>) {
    // Without fused products a formula is long, and its code half the library's: two at a time.
    constexpr int k = has_fma || registers<F, T> < 2 ? registers<F, T> : 2;
    Kernel<T> found = {fixed_loop<kind, F, T, k, n...>, nullptr, Vector<T, k>::size};
    if constexpr (sizeof...(n) > 0) found.varying = varying_loop<kind, F, T, n...>;
    return found;
}

// A function of N parameters.
template <class F, int N = 0>
constexpr Function function(const char* name, Rounding of_value = near,
                            Rounding of_derivative = near, Rounding of_backward = near) {
    constexpr up_to<N> n;
    return {name,
            N,
            {kernel<value, F, float>(n), kernel<derivative, F, float>(n),
             kernel<backward, F, float>(n)},
            {kernel<value, F, double>(n), kernel<derivative, F, double>(n),
             kernel<backward, F, double>(n)},
            {of_value, of_derivative, of_backward}};
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
