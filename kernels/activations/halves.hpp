// Formulas in two halves.
//
// An exponential and the quotient made of it are a chain of some 25 dependent operations and a
// division. A loop does the second half of one register beside the first half of another
// (loops/apply.hpp) where a formula offers both:
//     start(x, parameters...)            what is known before the division
//     finish(begun, x, parameters...)    the result
// Results are the same bits: each number sees the same operations in the same order.
#pragma once

#include "../vectors/vector.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

template <class Halves, class V, class... P> NONLIN_INLINE V both_halves(V x, P... parameters) {
    return Halves::finish(Halves::start(x, parameters...), x, parameters...);
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
