// What an instruction set offers: a table of functions and the loops over their operands; and the
// choice of a table.
#pragma once

#include <cstdint>

namespace nonlin {

enum Kind { value, derivative, backward, kinds };
constexpr int inputs[kinds] = {1, 1, 2};

// Those that NumPy has come first; bfloat16 is a type that ml_dtypes adds.
enum Precision { float16, float32, float64, bfloat16, precisions, built_in = bfloat16 };

constexpr int most_parameters = 4;
constexpr int most_operands = 2 + most_parameters + 1;

// out[i] = f(in[0][i], ...) on arrays side by side, a whole number of steps of them. The output may
// be one of the inputs. Parameters are fixed, parameters[k][0], or vary: parameters[k][i].
template <class T> struct Kernel {
    using Loop = void (*)(T* out, const T* const* in, const T* const* parameters,
                          std::intptr_t count);
    Loop fixed, varying;
    int step;
};

// How results are rounded to 16 bits. `near`: from float, in double where that is nearly a tie.
// `near_or_zero`: as that, of slopes that are 0 where a float is. `exact`: from float, which holds
// them. `through_double`: they are often ties.
enum Rounding { near, near_or_zero, exact, through_double };

struct Function {
    const char* name;
    int parameters;
    Kernel<float> single[kinds];
    Kernel<double> twice[kinds];
    Rounding rounding[kinds];
};

// A gate takes two operands, the gate and the value. Its derivative is two: by the gate and by the
// value; so is its backward pass, which takes the gradient before them.
constexpr int gate_inputs[kinds] = {2, 2, 3}, gate_outputs[kinds] = {1, 2, 2};
constexpr int most_gate_inputs = 3;

// out[j][i] of in[0][i], in[1][i], ... on arrays side by side of one precision's elements, a whole
// number of steps of them. An output may be one of the inputs.
struct GateKernel {
    using Loop = void (*)(void* const* out, const void* const* in, const double* parameters,
                          std::intptr_t count);
    Loop loop;
    int step;
};

struct Gate {
    const char* name;
    int parameters;
    GateKernel value[precisions], backward[precisions];
};

// What the last argument of a loop points to: which function it computes, and of a loop with fixed
// parameters those. Writing past the caches is for an output that is none of the inputs and too
// large to stay in them. A gate's has no function.
struct Bound {
    const Function* function;
    Kind kind;
    double parameters[most_parameters];
    bool past_caches;
    const Gate* gate = nullptr;
};

// The signature of a ufunc's inner loop; intptr_t is what NumPy calls npy_intp.
using Loop = void (*)(char** operands, const std::intptr_t* count, const std::intptr_t* strides,
                      void* bound);

// A function of the rows of arrays. operands[k] + i strides[k] is where row i of operand k begins,
// steps[k] is how far its elements lie apart; a scalar operand has no use for a step. The output
// comes last, and may be one of the inputs. The temperature is a double whatever the others are.
using RowLoop = void (*)(char* const* operands, const std::intptr_t* strides,
                         const std::intptr_t* steps, std::intptr_t rows, std::intptr_t count);

// `signature` is that of a generalised ufunc; `temperature` says which operand that is, -1 for
// none.
struct RowFunction {
    const char* name;
    const char* signature;
    int operands, temperature;
    RowLoop loops[precisions];
};

constexpr int most_row_operands = 4;

// `given` loops take the parameters as further operands; `bound` loops take them from the Bound, so
// that a bound function costs what one without parameters costs.
struct Table {
    const char* instruction_set;
    // Arrays of functions; null ends the list, and a function without a name an array.
    const Function* const* families;
    Loop given[precisions], bound[precisions];
    // A function without a name ends the list.
    const RowFunction* rows;
    // The gates, and loops whose Bound says which; a gate without a name ends an array.
    const Gate* const* gates;
    Loop gate[precisions];
};

template <class Body> void each_function(const Table& table, Body body) {
    for (const Function* const* family = table.families; *family != nullptr; ++family) {
        for (const Function* each = *family; each->name != nullptr; ++each) body(*each);
    }
}

template <class Body> void each_gate(const Table& table, Body body) {
    for (const Gate* const* family = table.gates; *family != nullptr; ++family) {
        for (const Gate* each = *family; each->name != nullptr; ++each) body(*each);
    }
}

// The widest set that this processor has and that does not exceed `ceiling` ("v2", "v3", "v4";
// null for no ceiling). Null if `ceiling` is none of the names this build knows.
const Table* choose(const char* ceiling);

}  // namespace nonlin
