// Keeps a loop from leaving floating-point flags behind.
//
// A branch-free kernel evaluates both sides of a choice, so the side that is thrown away may
// overflow or divide by zero; NumPy would report that as a warning about the user's input.
#pragma once

#include "arithmetic.hpp"

#if defined(__x86_64__)
#include <xmmintrin.h>
#else
#include <cfenv>
#endif

namespace nonlin::NONLIN_INSTRUCTION_SET {

class FlagsKept {
#if defined(__x86_64__)
    unsigned state_ = _mm_getcsr();

 public:
    FlagsKept() = default;
    ~FlagsKept() {
        // Writing the register stalls the pipeline, so only when something was raised.
        if (_mm_getcsr() != state_) _mm_setcsr(state_);
    }
#else
    std::fexcept_t state_;

 public:
    FlagsKept() { std::fegetexceptflag(&state_, FE_ALL_EXCEPT); }
    ~FlagsKept() { std::fesetexceptflag(&state_, FE_ALL_EXCEPT); }
#endif
    FlagsKept(const FlagsKept&) = delete;
    FlagsKept& operator=(const FlagsKept&) = delete;
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
