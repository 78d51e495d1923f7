// The logistic function as a factor of other kernels.
#pragma once

#include "../carried.hpp"
#include "logistic.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// sigmoid(-|y|) = t / (1 + t) and sigmoid(|y|) = 1 / (1 + t), t = e^-|y|.
//
// t is scaled up by 2^512, so that it and the smaller of the two are normal numbers where they
// matter, down to t = 2^-1529 before; whoever multiplies by that one takes the scale away last, and
// rounds into the subnormal range once.
template <class Number> struct gate {
    static constexpr double vanishes = 1060, unit = 0x1p-512;
    double y;
    Number smaller, larger;

    // The argument is y + y_low.
    NONLIN_INLINE gate(double y, double y_low) : y(y) {
        const double magnitude = absolute(y), bounded = at_most(vanishes, magnitude);
        const double low = y < 0 ? y_low : -y_low;
        const auto power = exp_of<Number, 512>(-bounded, bounded == magnitude ? low : 0.0);
        const Number t = power.whole();
        larger = 1.0 / (1.0 + t * unit);
        smaller = t * larger;
    }

    // 2^512 sigmoid(y), and sigmoid(-y) without a scale.
    NONLIN_INLINE Number scaled() const { return either(y < 0, smaller, larger * (1 / unit)); }
    NONLIN_INLINE Number of_opposite() const { return either(y < 0, larger, smaller * unit); }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
