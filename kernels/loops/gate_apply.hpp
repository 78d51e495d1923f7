// The kernels of a gate: in floats where it says how, in doubles otherwise.
#pragma once

#include "gate_products.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

template <class G, int N, class E>
void value_loop(void* const* out, const void* const* in, const double* parameters, intptr_t count) {
    gate_value<G, E>(out, in, parameters, count, up_to<N>{});
}
template <class G, int N, class E>
void backward_loop(void* const* out, const void* const* in, const double* parameters,
                   intptr_t count) {
    gate_backward<G, E>(out, in, parameters, count, up_to<N>{});
}

template <Precision precision> struct precision_of {
    using Format = Float16;
    using Doubles = TwoBytes<Float16>;
};
template <> struct precision_of<float32> {
    using Format = float;
    using Doubles = Float32;
};
template <> struct precision_of<bfloat16> {
    using Format = BFloat16;
    using Doubles = TwoBytes<BFloat16>;
};

template <class G, int N, Precision precision>
void value_in_doubles(void* const* out, const void* const* in, const double* parameters,
                      intptr_t count) {
    through_doubles<typename precision_of<precision>::Doubles>(value_loop<G, N, FromFloats>, 2, 1,
                                                               out, in, parameters, count);
}
template <class G, int N, Precision precision>
void backward_in_doubles(void* const* out, const void* const* in, const double* parameters,
                         intptr_t count) {
    through_doubles<typename precision_of<precision>::Doubles>(backward_loop<G, N, FromFloats>, 3,
                                                               2, out, in, parameters, count);
}

// A gate computes in floats if its results are single products, or if it says how, `usual`, for the
// parameters that most calls have.
template <class G> constexpr bool is_product = requires { G::is_product; };
template <class G> constexpr bool has_usual = has_fma && requires { typename G::usual; };
template <class G, int... k> bool is_usual(const double* parameters, Indices<k...>) {
    return G::is_usual(parameters[k]...);
}

template <class G, int N, Precision precision>
void value_of(void* const* out, const void* const* in, const double* parameters, intptr_t count) {
    using Format = typename precision_of<precision>::Format;
    constexpr auto in_doubles = value_in_doubles<G, N, precision>;
    if constexpr (is_product<G>) {
        using T = typename precision_of<precision>::Doubles::Element;
        product_value<G, Format, T>(out, in, count, in_doubles);
    } else if (!is_usual<G>(parameters, up_to<N>{})) {
        in_doubles(out, in, parameters, count);
    } else if constexpr (precision == float32) {
        value_in_floats<G>(out, in, parameters, count, in_doubles);
    } else {
        constexpr GateLoops loops = {rough_value<G>, value_loop<G, N, FromFloats>, 2, 1};
        through_floats<Format>(loops, out, in, parameters, count);
    }
}
template <class G, int N, Precision precision>
void backward_of(void* const* out, const void* const* in, const double* parameters,
                 intptr_t count) {
    using Format = typename precision_of<precision>::Format;
    constexpr auto in_doubles = backward_in_doubles<G, N, precision>;
    if constexpr (is_product<G>) {
        using T = typename precision_of<precision>::Doubles::Element;
        product_backward<G, Format, T>(out, in, count, in_doubles);
    } else if (!is_usual<G>(parameters, up_to<N>{})) {
        in_doubles(out, in, parameters, count);
    } else if constexpr (precision == float32) {
        backward_in_floats<G>(out, in, parameters, count, in_doubles);
    } else {
        constexpr GateLoops loops = {rough_backward<G>, backward_loop<G, N, FromFloats>, 3, 2};
        through_floats<Format>(loops, out, in, parameters, count);
    }
}

// A step of floats is one of doubles, too.
template <class G, int N, Precision precision> constexpr GateKernel value_kernel() {
    if constexpr (precision == float64) {
        return {value_loop<G, N, FromDoubles>, FromDoubles::V::size};
    } else if constexpr (is_product<G> || has_usual<G>) {
        return {value_of<G, N, precision>, GateFloats::size};
    } else {
        return {value_in_doubles<G, N, precision>, FromFloats::V::size};
    }
}
template <class G, int N, Precision precision> constexpr GateKernel backward_kernel() {
    if constexpr (precision == float64) {
        return {backward_loop<G, N, FromDoubles>, FromDoubles::V::size};
    } else if constexpr (is_product<G> || has_usual<G>) {
        return {backward_of<G, N, precision>, GateFloats::size};
    } else {
        return {backward_in_doubles<G, N, precision>, FromFloats::V::size};
    }
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
