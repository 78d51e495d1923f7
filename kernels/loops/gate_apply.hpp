// The kernels of a gate: in floats those that say how, in doubles the others.
#pragma once

#include "gate_floats.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

// A gate that says `usual` computes in floats, for the parameters that most calls
// have. Where those are not given the loop in doubles takes whole steps of it as well.
template <class G, Precision precision>
constexpr bool has_floats = has_fma && precision != float64 && requires { typename G::usual; };
template <class G, Precision precision> constexpr int step_of() {
    if constexpr (has_floats<G, precision>) return FloatElements<precision>::size;
    return Elements<precision>::size;
}
template <class G, int... k> bool is_usual(const double* parameters, Indices<k...>) {
    return G::is_usual(parameters[k]...);
}

template <class G, int N, Precision precision>
void value_of(void* const* out, const void* const* in, const double* parameters, intptr_t count) {
    constexpr up_to<N> n;
    if constexpr (has_floats<G, precision>) {
        if (is_usual<G>(parameters, n))
            return value_in_floats<G, precision>(out, in, parameters, count, n);
    }
    gate_value<G, Elements<precision>>(out, in, parameters, count, n);
}
template <class G, int N, Precision precision>
void backward_of(void* const* out, const void* const* in, const double* parameters,
                 intptr_t count) {
    constexpr up_to<N> n;
    if constexpr (has_floats<G, precision>) {
        if (is_usual<G>(parameters, n))
            return backward_in_floats<G, precision>(out, in, parameters, count, n);
    }
    gate_backward<G, Elements<precision>>(out, in, parameters, count, n);
}

template <class G, int N, Precision precision> constexpr GateKernel value_kernel() {
    return {value_of<G, N, precision>, step_of<G, precision>()};
}
template <class G, int N, Precision precision> constexpr GateKernel backward_kernel() {
    return {backward_of<G, N, precision>, step_of<G, precision>()};
}

// A gate of N parameters, in the order of `Precision`.
template <class G, int N = 0> constexpr Gate gate(const char* name) {
    return {name,
            N,
            {value_kernel<G, N, float16>(), value_kernel<G, N, float32>(),
             value_kernel<G, N, float64>(), value_kernel<G, N, bfloat16>()},
            {backward_kernel<G, N, float16>(), backward_kernel<G, N, float32>(),
             backward_kernel<G, N, float64>(), backward_kernel<G, N, bfloat16>()}};
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
