// The kernels of a gate: in floats where it says how, in doubles otherwise.
#pragma once

#include "gate_16.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

template <class G, int N, Precision precision>
void value_in_doubles(void* const* out, const void* const* in, const double* parameters,
                      intptr_t count) {
    gate_value<G, Elements<precision>>(out, in, parameters, count, up_to<N>{});
}
template <class G, int N, Precision precision>
void backward_in_doubles(void* const* out, const void* const* in, const double* parameters,
                         intptr_t count) {
    gate_backward<G, Elements<precision>>(out, in, parameters, count, up_to<N>{});
}

// A gate that says `usual` computes in floats, for the parameters that most calls have.
template <class G, Precision precision>
constexpr bool has_floats = has_fma && precision != float64 && requires { typename G::usual; };
template <class G, int... k> bool is_usual(const double* parameters, Indices<k...>) {
    return G::is_usual(parameters[k]...);
}

template <class G, int N, Precision precision>
void value_of(void* const* out, const void* const* in, const double* parameters, intptr_t count) {
    if constexpr (has_floats<G, precision>) {
        constexpr up_to<N> n;
        if (is_usual<G>(parameters, n)) {
            if constexpr (precision == float32)
                return value_in_floats<G>(out, in, parameters, count, n);
            constexpr GateLoops loops = {value_of<G, N, float32>, value_in_doubles<G, N, precision>,
                                         2, 1};
            return through_floats<Format16<precision>>(loops, out, in, parameters, count);
        }
    }
    value_in_doubles<G, N, precision>(out, in, parameters, count);
}
template <class G, int N, Precision precision>
void backward_of(void* const* out, const void* const* in, const double* parameters,
                 intptr_t count) {
    if constexpr (has_floats<G, precision>) {
        constexpr up_to<N> n;
        if (is_usual<G>(parameters, n)) {
            if constexpr (precision == float32)
                return backward_in_floats<G>(out, in, parameters, count, n);
            constexpr GateLoops loops = {backward_of<G, N, float32>,
                                         backward_in_doubles<G, N, precision>, 3, 2};
            return through_floats<Format16<precision>>(loops, out, in, parameters, count);
        }
    }
    backward_in_doubles<G, N, precision>(out, in, parameters, count);
}

// A step of floats is one of doubles, too.
template <class G, Precision precision>
constexpr int step = has_floats<G, precision> ? GateFloats::size : Elements<precision>::size;

template <class G, int N, Precision precision> constexpr GateKernel value_kernel() {
    return {value_of<G, N, precision>, step<G, precision>};
}
template <class G, int N, Precision precision> constexpr GateKernel backward_kernel() {
    return {backward_of<G, N, precision>, step<G, precision>};
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
