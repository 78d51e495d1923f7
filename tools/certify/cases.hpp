// What is certified: the reference of every function and of its derivative.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reference.hpp"

namespace certify {

// float32 is compared with 64 digits, and near a tie with 113; float64 with 113. `p`: the
// parameters, as the type of the input has them.
struct Case {
    std::string name;
    std::function<extended(extended, const double* p)> in_extended;
    std::function<quadruple(quadruple, const double* p)> in_quadruple;
};

template <class Reference> Case made(std::string name, Reference reference) {
    return {std::move(name), reference, reference};
}

// NAME and its derivative NAME', with the parameters that follow.
#define CERTIFY_PAIR(NAME, ...)                                                                   \
    made(#NAME, [](auto x, const double* p) { return (void)p, reference::NAME(x __VA_ARGS__); }), \
        made(#NAME "'", [](auto x, const double* p) {                                             \
            return (void)p, reference::NAME##_derivative(x __VA_ARGS__);                          \
        })
#define CERTIFY_P(K) , decltype(x)(p[K])

inline std::vector<Case> cases() {
    return {
        CERTIFY_PAIR(sigmoid),
        CERTIFY_PAIR(tanh),
        CERTIFY_PAIR(relu),
        CERTIFY_PAIR(leaky_relu, CERTIFY_P(0)),
        CERTIFY_PAIR(elu, CERTIFY_P(0)),
        CERTIFY_PAIR(selu),
        CERTIFY_PAIR(celu, CERTIFY_P(0)),
        CERTIFY_PAIR(exponential),
        CERTIFY_PAIR(gelu),
        CERTIFY_PAIR(gelu_tanh),
        CERTIFY_PAIR(silu, CERTIFY_P(0)),
        CERTIFY_PAIR(mish),
        CERTIFY_PAIR(hard_swish),
        CERTIFY_PAIR(softplus, CERTIFY_P(0)),
        CERTIFY_PAIR(squareplus, CERTIFY_P(0)),
        CERTIFY_PAIR(sparse_plus),
        CERTIFY_PAIR(log_sigmoid),
        CERTIFY_PAIR(softsign),
        CERTIFY_PAIR(hard_sigmoid, CERTIFY_P(0) CERTIFY_P(1)),
        CERTIFY_PAIR(hard_tanh, CERTIFY_P(0) CERTIFY_P(1)),
        CERTIFY_PAIR(sparse_sigmoid),
        CERTIFY_PAIR(relu6),
        CERTIFY_PAIR(threshold, CERTIFY_P(0) CERTIFY_P(1)),
        CERTIFY_PAIR(thresholded_relu, CERTIFY_P(0)),
        CERTIFY_PAIR(hard_shrink, CERTIFY_P(0)),
        CERTIFY_PAIR(soft_shrink, CERTIFY_P(0) CERTIFY_P(1)),
        CERTIFY_PAIR(tanh_shrink),
        CERTIFY_PAIR(identity),
    };
}

}  // namespace certify
