// The families of functions: one line a family, each with a file of its name.
#pragma once

#include "../dispatch/dispatch.hpp"

#define NONLIN_FAMILIES(F) \
    F(algebraic)           \
    F(exponential)         \
    F(gelu)                \
    F(gelu_tanh)           \
    F(laplace)             \
    F(lines)               \
    F(logistic)            \
    F(mish)                \
    F(scaled_tanh)         \
    F(silu)                \
    F(snake)               \
    F(softplus)            \
    F(sqrt_softplus)       \
    F(xielu)

namespace nonlin::NONLIN_INSTRUCTION_SET::families {

// The functions of each; the last one has no name.
#define NONLIN_DECLARED(family) extern const Function family[];
NONLIN_FAMILIES(NONLIN_DECLARED)
#undef NONLIN_DECLARED

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::families
