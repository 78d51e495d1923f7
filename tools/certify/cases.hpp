// What is certified: the reference of every function and of its derivative.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bounded.hpp"
#include "reference.hpp"

namespace certify {

// The types of the definitions: float32 is compared with 64 digits, and near a tie with 113;
// float64 with 113. `p`: the parameters, as the type of the input has them. `values` and `errors`
// are what the fast filter takes, see filter.hpp.
struct Case {
    std::string name;
    std::function<extended(extended, const double* p)> in_extended;
    std::function<quadruple(quadruple, const double* p)> in_quadruple;
    std::function<void(const float* x, const double* p, double* values, double* errors)> filter32;
    std::function<void(const double* x, const double* p, extended* values, extended* errors)>
        filter64;
};

// So many numbers are filtered together; they stay in the first cache.
constexpr int block = 512;

template <class Reference> Case made(std::string name, Reference reference) {
    const auto filter32 = [reference](const float* x, const double* p, double* values,
                                      double* errors) {
        typedef float floats __attribute__((vector_size(4 * lane_count), aligned(4)));
        for (int i = 0; i < block; i += lane_count) {
            const auto wide = __builtin_convertvector(*(const floats*)(x + i), lanes);
            const Bounded<lanes> y = reference(Bounded<lanes>(wide, lanes{}), p);
            *(lanes*)(values + i) = y.value;
            *(lanes*)(errors + i) = y.error;
        }
    };
    const auto filter64 = [reference](const double* x, const double* p, extended* values,
                                      extended* errors) {
        for (int i = 0; i < block; ++i) {
            const Bounded<extended> y = reference(Bounded<extended>(extended(x[i]), 0), p);
            values[i] = y.value;
            errors[i] = y.error;
        }
    };
    return {std::move(name), reference, reference, filter32, filter64};
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
        CERTIFY_PAIR(relu_squared),
        CERTIFY_PAIR(star_relu, CERTIFY_P(0) CERTIFY_P(1)),
        CERTIFY_PAIR(xielu, CERTIFY_P(0) CERTIFY_P(1) CERTIFY_P(2) CERTIFY_P(3)),
        CERTIFY_PAIR(sqrt_softplus),
        CERTIFY_PAIR(softcap, CERTIFY_P(0)),
        CERTIFY_PAIR(stanh, CERTIFY_P(0) CERTIFY_P(1)),
        CERTIFY_PAIR(laplace, CERTIFY_P(0) CERTIFY_P(1)),
        CERTIFY_PAIR(step),
        CERTIFY_PAIR(lisht),
        CERTIFY_PAIR(snake, CERTIFY_P(0)),
        CERTIFY_PAIR(snake_beta, CERTIFY_P(0) CERTIFY_P(1)),
    };
}

}  // namespace certify
