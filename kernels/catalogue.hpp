// The functions this library has, in the order in which it lists them: one line a function.
#pragma once

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
#include "activations/softplus_threshold.hpp"
#include "activations/tanh_shrink.hpp"

// F(name, kernel, number of parameters)
#define NONLIN_ACTIVATIONS(F)                 \
    F(sigmoid, sigmoid, 0)                    \
    F(tanh, tanh, 0)                          \
    F(relu, relu, 0)                          \
    F(leaky_relu, leaky_relu, 1)              \
    F(elu, elu, 1)                            \
    F(relu6, relu6, 0)                        \
    F(threshold, threshold, 2)                \
    F(thresholded_relu, thresholded_relu, 1)  \
    F(identity, identity, 0)                  \
    F(selu, selu, 0)                          \
    F(celu, celu, 1)                          \
    F(exponential, exponential_activation, 0) \
    F(gelu, gelu, 0)                          \
    F(gelu_tanh, gelu_tanh, 0)                \
    F(silu, silu, 1)                          \
    F(mish, mish, 0)                          \
    F(hard_swish, hard_swish, 0)              \
    F(softplus, softplus_threshold, 2)        \
    F(squareplus, squareplus, 1)              \
    F(sparse_plus, sparse_plus, 0)            \
    F(log_sigmoid, log_sigmoid, 0)            \
    F(softsign, softsign, 0)                  \
    F(hard_sigmoid, hard_sigmoid, 2)          \
    F(hard_tanh, hard_tanh, 2)                \
    F(sparse_sigmoid, sparse_sigmoid, 0)      \
    F(hard_shrink, hard_shrink, 1)            \
    F(soft_shrink, soft_shrink, 2)            \
    F(tanh_shrink, tanh_shrink, 0)
