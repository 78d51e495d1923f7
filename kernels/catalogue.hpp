// The functions this library has, in the order in which it lists them: one line a function.
#pragma once

#include "activations/exponential.hpp"
#include "activations/hyperbolic.hpp"
#include "activations/logistic.hpp"
#include "activations/rectified.hpp"

// F(name, number of parameters)
#define NONLIN_ACTIVATIONS(F) \
    F(sigmoid, 0)             \
    F(tanh, 0)                \
    F(relu, 0)                \
    F(leaky_relu, 1)          \
    F(elu, 1)
