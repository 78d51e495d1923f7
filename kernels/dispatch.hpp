// What an instruction set offers: a table of loops, and the choice of a table.
#pragma once

#include <cstdint>

namespace nonlin {

// The signature of a ufunc's inner loop; intptr_t is what NumPy calls npy_intp.
using Loop = void (*)(char** operands, const std::intptr_t* count, const std::intptr_t* strides,
                      void* parameters);

enum Kind { value, derivative, backward, kinds };
// Those that NumPy has come first; bfloat16 (`brain`) is a type that ml_dtypes adds.
enum Precision { half, single, twice, brain, precisions, built_in = brain };

constexpr int most_parameters = 4;
constexpr int most_operands = 2 + most_parameters + 1;

// What the last argument of a `bound` loop points to. Writing past the caches is for an output that
// is none of the inputs and too large to stay in them.
struct Bound {
    double parameters[most_parameters];
    bool past_caches;
};

// `given` loops take the parameters as further operands; `bound` loops take them from a Bound, so
// that a bound function costs what one without parameters costs.
struct Entry {
    const char* name;
    int parameters;
    Loop given[kinds][precisions];
    Loop bound[kinds][precisions];
};

struct Table {
    const char* instruction_set;
    const Entry* entries;
    int size;
};

// The widest set that this processor has and that does not exceed `ceiling` ("v2", "v3", "v4";
// null for no ceiling). Null if `ceiling` is none of the names this build knows.
const Table* choose(const char* ceiling);

}  // namespace nonlin
