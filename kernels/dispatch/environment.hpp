// The floating-point environment that results do not depend on, and that a call leaves as it was.
//
// Whoever calls may round in another direction or have subnormal numbers flushed to zero, and each
// thread has a control word of its own: a kernel computes with the standard's defaults, whatever
// they are outside. Nor does it leave flags behind: it evaluates both sides of a choice, so the
// side that is thrown away may overflow or divide by zero; NumPy would report that as a warning
// about the user's input.
#pragma once

#include "../vectors/native.hpp"

#if defined(__x86_64__)
#include <xmmintrin.h>
#else
#include <cfenv>
#endif

namespace nonlin::NONLIN_INSTRUCTION_SET {

// What a compiler does not know: that no access to memory, and so no operation on what is read
// there, may move across a change of the control word.
NONLIN_INLINE void keep_order() { asm volatile("" ::: "memory"); }

// The default environment as long as this lives, then the caller's own.
class DefaultEnvironment {
#if defined(__x86_64__)
    // To the nearest, nothing flushed, no exception trapped.
    static constexpr unsigned defaults = 0x1f80, flags = 0x3f;
    unsigned callers_ = _mm_getcsr();

 public:
    // Writing the register stalls the pipeline, so only when it differs: on leaving, when something
    // was raised.
    DefaultEnvironment() {
        if ((callers_ & ~flags) != defaults) _mm_setcsr(defaults | (callers_ & flags));
        keep_order();
    }
    ~DefaultEnvironment() {
        keep_order();
        if (_mm_getcsr() != callers_) _mm_setcsr(callers_);
    }
#else
    std::fenv_t callers_;

 public:
    DefaultEnvironment() {
        std::fegetenv(&callers_);
        std::fesetenv(FE_DFL_ENV);
        keep_order();
    }
    ~DefaultEnvironment() {
        keep_order();
        std::fesetenv(&callers_);
    }
#endif
    DefaultEnvironment(const DefaultEnvironment&) = delete;
    DefaultEnvironment& operator=(const DefaultEnvironment&) = delete;
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
