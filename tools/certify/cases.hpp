// What is certified: each kernel beside its reference, at the parameters it is checked with.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "activations/algebraic.hpp"
#include "activations/clipped.hpp"
#include "activations/exponential.hpp"
#include "activations/gated.hpp"
#include "activations/gelu.hpp"
#include "activations/hyperbolic.hpp"
#include "activations/logistic.hpp"
#include "activations/piecewise.hpp"
#include "activations/rectified.hpp"
#include "activations/selu.hpp"
#include "activations/softplus.hpp"
#include "activations/tanh_shrink.hpp"
#include "reference.hpp"

namespace certify {

namespace kernels = nonlin::NONLIN_INSTRUCTION_SET::activations;

template <class T> using Kernel = std::function<void(const T*, T*, std::size_t)>;

struct Case {
    std::string name;
    Kernel<float> single_kernel;
    Kernel<double> double_kernel;
    std::function<extended(extended)> extended_reference;
    std::function<quadruple(quadruple)> quadruple_reference;
};

template <class T, class Function> Kernel<T> looped(Function function) {
    return [function](const T* __restrict x, T* __restrict out, std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) out[i] = function(x[i]);
    };
}

template <class Function, class Reference>
Case made(std::string name, Function function, Reference reference) {
    return {std::move(name), looped<float>(function), looped<double>(function),
            [reference](extended x) { return reference(x); },
            [reference](quadruple x) { return reference(x); }};
}

// NAME and NAME' at the given parameters, which both types hold exactly.
#define CERTIFY_PAIR(NAME, LABEL, ...)                                                  \
    made(                                                                               \
        LABEL, [](auto x) { return kernels::NAME::value(x __VA_ARGS__); },              \
        [](auto x) { return reference::NAME(x __VA_ARGS__); }),                         \
        made(                                                                           \
            LABEL "'", [](auto x) { return kernels::NAME::derivative(x __VA_ARGS__); }, \
            [](auto x) { return reference::NAME##_derivative(x __VA_ARGS__); })
#define CERTIFY_PARAMETER(VALUE) , decltype(x)(VALUE)

inline std::vector<Case> cases() {
    // 0.01 as float32 has it is the same number in every type.
    constexpr float hundredth = 0.01F;
    return {
        CERTIFY_PAIR(sigmoid, "sigmoid"),
        CERTIFY_PAIR(tanh, "tanh"),
        CERTIFY_PAIR(relu, "relu"),
        CERTIFY_PAIR(leaky_relu, "leaky_relu", CERTIFY_PARAMETER(hundredth)),
        CERTIFY_PAIR(elu, "elu", CERTIFY_PARAMETER(1)),
        CERTIFY_PAIR(elu, "elu(alpha=0.7)", CERTIFY_PARAMETER(0.7F)),
        CERTIFY_PAIR(celu, "celu", CERTIFY_PARAMETER(1)),
        CERTIFY_PAIR(celu, "celu(alpha=0.7)", CERTIFY_PARAMETER(0.7F)),
        CERTIFY_PAIR(selu, "selu"),
        CERTIFY_PAIR(exponential_activation, "exponential"),
        CERTIFY_PAIR(silu, "silu", CERTIFY_PARAMETER(1)),
        CERTIFY_PAIR(silu, "silu(beta=1.7)", CERTIFY_PARAMETER(1.7F)),
        CERTIFY_PAIR(softplus, "softplus", CERTIFY_PARAMETER(1)),
        CERTIFY_PAIR(softplus, "softplus(beta=1.7)", CERTIFY_PARAMETER(1.7F)),
        CERTIFY_PAIR(log_sigmoid, "log_sigmoid"),
        CERTIFY_PAIR(mish, "mish"),
        CERTIFY_PAIR(gelu, "gelu"),
        CERTIFY_PAIR(gelu_tanh, "gelu_tanh"),
        CERTIFY_PAIR(tanh_shrink, "tanh_shrink"),
        CERTIFY_PAIR(squareplus, "squareplus", CERTIFY_PARAMETER(4)),
        CERTIFY_PAIR(softsign, "softsign"),
        CERTIFY_PAIR(hard_sigmoid, "hard_sigmoid", CERTIFY_PARAMETER(6) CERTIFY_PARAMETER(0.5)),
        CERTIFY_PAIR(hard_swish, "hard_swish"),
        CERTIFY_PAIR(sparse_plus, "sparse_plus"),
        CERTIFY_PAIR(relu6, "relu6"),
    };
}

}  // namespace certify
