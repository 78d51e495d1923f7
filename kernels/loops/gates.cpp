// The loops over the operands of a gate, as NumPy gives them, compiled once per instruction set.
#include "gates.hpp"

#include "operands.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {
namespace {

// What stands for 1 in the derivative, which is the backward pass of that gradient.
template <Precision> constexpr uint16_t one = 0x3c00;
template <> constexpr uint16_t one<bfloat16> = 0x3f80;
template <> constexpr float one<float32> = 1;
template <> constexpr double one<float64> = 1;

template <class T> struct GateRequest {
    GateKernel kernel;
    const double* parameters;
    int inputs, outputs;
    Operand<T> in[3];
    char* out[2];
    intptr_t out_stride[2], count;
    bool past_caches;

    bool direct() const {
        bool found = true;
        for (int k = 0; k < inputs; ++k) found &= in[k].stride == sizeof(T);
        for (int k = 0; k < outputs; ++k) found &= out_stride[k] == sizeof(T);
        return found;
    }
};

// The arrays of a call from one element on.
template <class T> struct Places {
    const T* in[3];
    T* out[2];

    Places from(intptr_t i) const {
        return {{in[0] + i, in[1] + i, in[2] + i}, {out[0] + i, out[1] + i}};
    }
    void compute(const GateRequest<T>& request, intptr_t count) const {
        const void* const read[] = {in[0], in[1], in[2]};
        void* const written[] = {out[0], out[1]};
        request.kernel.loop(written, read, request.parameters, count);
    }
};

// Fewer elements than fill a line or a step, filled up with zeros.
template <class T>
void part(const GateRequest<T>& request, const Places<T>& places, intptr_t count) {
    if (count == 0) return;
    alignas(line_bytes) T room[3][most_in_part];
    alignas(line_bytes) T results[2][most_in_part];
    Places<T> staged = {{room[0], room[1], room[2]}, {results[0], results[1]}};
    const intptr_t step = request.kernel.step, size = (count + step - 1) / step * step;
    for (int k = 0; k < request.inputs; ++k)
        for (intptr_t i = 0; i < size; ++i) room[k][i] = i < count ? places.in[k][i] : T(0);
    staged.compute(request, size);
    for (int k = 0; k < request.outputs; ++k)
        for (intptr_t i = 0; i < count; ++i) places.out[k][i] = results[k][i];
}

// As `past_caches` does for one output; all outputs begin on a line.
template <class T>
void past_caches(const GateRequest<T>& request, const Places<T>& places, intptr_t count) {
    alignas(line_bytes) T results[2][block];
    for (intptr_t start = 0; start < count; start += block) {
        const intptr_t size = smaller(count - start, block);
        const auto bytes = size * static_cast<intptr_t>(sizeof(T));
        Places<T> here = places.from(start);
        T* const targets[] = {here.out[0], here.out[1]};
        for (int k = 0; k < request.inputs; ++k)
            for (intptr_t byte = 0; byte < bytes; byte += line_bytes)
                __builtin_prefetch(reinterpret_cast<const char*>(here.in[k]) + ahead_bytes + byte);
        for (int k = 0; k < 2; ++k) here.out[k] = results[k];
        here.compute(request, size);
        for (int k = 0; k < request.outputs; ++k)
            for (intptr_t byte = 0; byte < bytes; byte += register_bytes)
                native::stream(reinterpret_cast<char*>(targets[k]) + byte,
                               reinterpret_cast<const char*>(results[k]) + byte);
    }
    native::finish_streaming();
}

template <class T>
void side_by_side(const GateRequest<T>& request, const Places<T>& places, intptr_t count,
                  bool past) {
    const bool is_long = count >= worth_aligning;
    const intptr_t head = is_long ? before_line(places.out[0]) : 0;
    // Whole lines too, which are streamed.
    constexpr intptr_t line = line_bytes / sizeof(T);
    const intptr_t step = request.kernel.step > line ? request.kernel.step : line;
    const intptr_t whole = (count - head) / step * step;
    const bool aligned = request.outputs == 1 || before_line(places.out[1] + head) == 0;
    part(request, places, head);
    if (past && is_long && aligned) {
        past_caches(request, places.from(head), whole);
    } else if (whole > 0) {
        places.from(head).compute(request, whole);
    }
    part(request, places.from(head + whole), count - head - whole);
}

template <class T> void run(const GateRequest<T>& request) {
    if (request.direct()) {
        Places<T> places;
        // What is not there is not read; it points somewhere.
        for (int k = 0; k < 3; ++k) places.in[k] = &request.in[k < request.inputs ? k : 0].at(0);
        for (int k = 0; k < 2; ++k)
            places.out[k] = reinterpret_cast<T*>(request.out[k < request.outputs ? k : 0]);
        return side_by_side(request, places, request.count, request.past_caches);
    }
    alignas(line_bytes) T room[3][block];
    alignas(line_bytes) T results[2][block];
    for (intptr_t start = 0; start < request.count; start += block) {
        const intptr_t size = smaller(request.count - start, block);
        Places<T> places = {{room[0], room[1], room[2]}, {results[0], results[1]}};
        for (int k = 0; k < request.inputs; ++k)
            places.in[k] = request.in[k].staged(start, size, room[k]);
        side_by_side(request, places, size, false);
        for (int k = 0; k < request.outputs; ++k)
            put(results[k], request.out[k] + start * request.out_stride[k], request.out_stride[k],
                size);
    }
}

// Of one output any overlap gives what a fresh one would. Of two, an output may be an input; of
// what overlaps otherwise NumPy makes copies before it calls.
template <class T>
bool in_order(Loop loop, char** operands, const intptr_t* count, const intptr_t* strides,
              const Bound& bound) {
    if (bound.kind != value) return false;
    const intptr_t piece = unwritten(operands, strides, 2, sizeof(T), *count, block);
    if (piece == *count) return false;
    in_pieces<T, block>(loop, operands, strides, 2, *count, piece, const_cast<Bound*>(&bound));
    return true;
}

template <class T, Precision precision>
void loop(char** operands, const intptr_t* count, const intptr_t* strides, void* data) {
    const auto& bound = *static_cast<const Bound*>(data);
    if (in_order<T>(loop<T, precision>, operands, count, strides, bound)) return;
    const DefaultEnvironment environment;
    const bool is_value = bound.kind == value, is_derivative = bound.kind == derivative;
    const Gate& gate = *bound.gate;
    GateRequest<T> request = {is_value ? gate.value[precision] : gate.backward[precision],
                              bound.parameters,
                              is_value ? 2 : 3,
                              gate_outputs[bound.kind],
                              {},
                              {},
                              {},
                              *count,
                              bound.past_caches};
    const int first = is_derivative ? 1 : 0, given = gate_inputs[bound.kind];
    if (is_derivative) request.in[0] = {reinterpret_cast<const char*>(&one<precision>), 0};
    for (int k = 0; k < given; ++k) request.in[first + k] = {operands[k], strides[k]};
    for (int k = 0; k < request.outputs; ++k) {
        request.out[k] = operands[given + k];
        request.out_stride[k] = strides[given + k];
    }
    run(request);
}

}  // namespace

void gate_loop_float16(char** operands, const intptr_t* count, const intptr_t* strides,
                       void* data) {
    loop<uint16_t, float16>(operands, count, strides, data);
}
void gate_loop_float32(char** operands, const intptr_t* count, const intptr_t* strides,
                       void* data) {
    loop<float, float32>(operands, count, strides, data);
}
void gate_loop_float64(char** operands, const intptr_t* count, const intptr_t* strides,
                       void* data) {
    loop<double, float64>(operands, count, strides, data);
}
void gate_loop_bfloat16(char** operands, const intptr_t* count, const intptr_t* strides,
                        void* data) {
    loop<uint16_t, bfloat16>(operands, count, strides, data);
}

#define NONLIN_LISTED(family) gate_families::family,
const Gate* const listed_gates[] = {NONLIN_GATES(NONLIN_LISTED) nullptr};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
