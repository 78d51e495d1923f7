// The loops that NumPy calls, for every function the same, compiled once per instruction set.
#include "../vectors/vector.hpp"
#include "families.hpp"
#include "float16.hpp"
#include "gates.hpp"

#define NONLIN_TEXT_(name) #name
#define NONLIN_TEXT(name) NONLIN_TEXT_(name)

namespace nonlin::NONLIN_INSTRUCTION_SET {

namespace axes {
extern const RowFunction functions[];
}

namespace {

double number(float x) { return x; }
double number(double x) { return x; }
template <class S> double number(S x) {
    const uint16_t room[Floats::size] = {x.pattern};
    float found[Floats::size];
    S::widen(room).store(found);
    return found[0];
}

template <class T>
    requires requires { format<T>::largest; }
void compute(const Request<T>& request) {
    if constexpr (sizeof(T) == sizeof(float)) {
        run(request.function.single[request.kind], request);
    } else {
        run(request.function.twice[request.kind], request);
    }
}
template <class S>
    requires requires { S::dropped; }
void compute(const Request<S>& request) {
    run_16(request);
}

template <class S>
bool in_order(Loop loop, char** operands, const intptr_t* count, const intptr_t* strides,
              int inputs, void* data) {
    const intptr_t piece = unwritten(operands, strides, inputs, sizeof(S), *count, block);
    if (piece == *count) return false;
    in_pieces<S, block>(loop, operands, strides, inputs, *count, piece, data);
    return true;
}

template <class S, bool fixed>
void loop(char** operands, const intptr_t* count, const intptr_t* strides, void* data) {
    const auto& bound = *static_cast<const Bound*>(data);
    const int inputs = nonlin::inputs[bound.kind], N = bound.function->parameters;
    const int last = inputs + (fixed ? 0 : N);
    if (in_order<S>(loop<S, fixed>, operands, count, strides, last, data)) return;
    const DefaultEnvironment environment;
    Request<S> request = {*bound.function,
                          bound.kind,
                          false,
                          {},
                          {},
                          {},
                          operands[last],
                          strides[last],
                          *count,
                          fixed && bound.past_caches};
    for (int k = 0; k < inputs; ++k) request.in[k] = {operands[k], strides[k]};
    for (int k = 0; k < N; ++k) {
        if constexpr (fixed) {
            request.fixed[k] = bound.parameters[k];
        } else {
            request.parameter[k] = {operands[inputs + k], strides[inputs + k]};
            request.varying |= strides[inputs + k] != 0;
            if (*count > 0) request.fixed[k] = number(request.parameter[k].at(0));
        }
    }
    compute(request);
}

#define NONLIN_LISTED(family) families::family,
constexpr const Function* listed[] = {NONLIN_FAMILIES(NONLIN_LISTED) nullptr};

}  // namespace

extern const Table table;
const Table table = {
    NONLIN_TEXT(NONLIN_INSTRUCTION_SET),
    listed,
    {loop<Float16, false>, loop<float, false>, loop<double, false>, loop<BFloat16, false>},
    {loop<Float16, true>, loop<float, true>, loop<double, true>, loop<BFloat16, true>},
    axes::functions,
    listed_gates,
    {gate_loop_float16, gate_loop_float32, gate_loop_float64, gate_loop_bfloat16},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
