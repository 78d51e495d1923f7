// The families of gates: one line a family, each with a file of its name.
#pragma once

#include "../dispatch/dispatch.hpp"

#define NONLIN_GATES(F) \
    F(logistic)         \
    F(normal)           \
    F(lines)            \
    F(soft_cap)

namespace nonlin::NONLIN_INSTRUCTION_SET {

namespace gate_families {

// The gates of each; the last one has no name.
#define NONLIN_DECLARED(family) extern const Gate family[];
NONLIN_GATES(NONLIN_DECLARED)
#undef NONLIN_DECLARED

}  // namespace gate_families

// What the table holds of them.
extern const Gate* const listed_gates[];
void gate_loop_float16(char**, const std::intptr_t*, const std::intptr_t*, void*);
void gate_loop_float32(char**, const std::intptr_t*, const std::intptr_t*, void*);
void gate_loop_float64(char**, const std::intptr_t*, const std::intptr_t*, void*);
void gate_loop_bfloat16(char**, const std::intptr_t*, const std::intptr_t*, void*);

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
