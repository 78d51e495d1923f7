// The functions this library has, in the order in which it lists them: one line a function. Each is
// defined in a file of its family.
#pragma once

#include "../dispatch/dispatch.hpp"

#define NONLIN_FUNCTIONS(F) \
    F(sigmoid)              \
    F(tanh)                 \
    F(relu)                 \
    F(leaky_relu)           \
    F(elu)                  \
    F(relu6)                \
    F(threshold)            \
    F(thresholded_relu)     \
    F(identity)             \
    F(selu)                 \
    F(celu)                 \
    F(exponential)          \
    F(gelu)                 \
    F(gelu_tanh)            \
    F(silu)                 \
    F(mish)                 \
    F(hard_swish)           \
    F(softplus)             \
    F(squareplus)           \
    F(sparse_plus)          \
    F(log_sigmoid)          \
    F(softsign)             \
    F(hard_sigmoid)         \
    F(hard_tanh)            \
    F(sparse_sigmoid)       \
    F(hard_shrink)          \
    F(soft_shrink)          \
    F(tanh_shrink)

namespace nonlin::NONLIN_INSTRUCTION_SET::functions {

#define NONLIN_DECLARED(name) extern const Function name;
NONLIN_FUNCTIONS(NONLIN_DECLARED)
#undef NONLIN_DECLARED

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::functions
