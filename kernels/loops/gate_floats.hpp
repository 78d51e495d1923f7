// The loops that apply a gate to float32 in floats, twice as many in a register as doubles: what
// does not hold in floats is computed again in doubles.
#pragma once

#include "gate_doubles.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

// How many are taken at a time: half as many registers where a table does not fit into one.
using GateFloats = Vector<float, native::least_entries / 4>;

// What floats have found, and in its place what doubles find where that does not hold.
template <class G>
[[gnu::noinline]] GateFloats settled(GateFloats found, const void* const* in,
                                     const double* parameters, GateKernel::Loop in_doubles) {
    const auto holds = G::usual::holds(GateFloats::load(static_cast<const float*>(in[0])), found);
    float exact[GateFloats::size];
    void* const out[] = {exact};
    in_doubles(out, in, parameters, GateFloats::size);
    return select(holds, found, GateFloats::load(exact));
}
template <class G>
[[gnu::noinline]] gates::Gradients<GateFloats> settled(gates::Gradients<GateFloats> found,
                                                       const void* const* in,
                                                       const double* parameters,
                                                       GateKernel::Loop in_doubles) {
    const auto holds = G::usual::holds(GateFloats::load(static_cast<const float*>(in[1])), found);
    float exact[2][GateFloats::size];
    void* const out[] = {exact[0], exact[1]};
    in_doubles(out, in, parameters, GateFloats::size);
    return {select(holds.by_gate, found.by_gate, GateFloats::load(exact[0])),
            select(holds.by_value, found.by_value, GateFloats::load(exact[1]))};
}

template <class G>
void value_in_floats(void* const* out, const void* const* in, const double* parameters,
                     intptr_t count, GateKernel::Loop in_doubles) {
    using V = GateFloats;
    const float *gate = static_cast<const float*>(in[0]), *value = static_cast<const float*>(in[1]);
    float* const to = static_cast<float*>(out[0]);
    for (intptr_t i = 0; i < count; i += V::size) {
        const auto found = G::usual::value(V::load(gate + i), V::load(value + i));
        V result = found.results;
        if (!found.certain) [[unlikely]] {
            const void* const here[] = {gate + i, value + i};
            result = settled<G>(result, here, parameters, in_doubles);
        }
        result.store(to + i);
    }
}

template <class G>
void backward_in_floats(void* const* out, const void* const* in, const double* parameters,
                        intptr_t count, GateKernel::Loop in_doubles) {
    using V = GateFloats;
    const float* const gradient = static_cast<const float*>(in[0]);
    const float *gate = static_cast<const float*>(in[1]), *value = static_cast<const float*>(in[2]);
    float *by_gate = static_cast<float*>(out[0]), *by_value = static_cast<float*>(out[1]);
    for (intptr_t i = 0; i < count; i += V::size) {
        const auto found =
            G::usual::backward(V::load(gradient + i), V::load(gate + i), V::load(value + i));
        gates::Gradients<V> results = found.results;
        if (!found.certain) [[unlikely]] {
            const void* const here[] = {gradient + i, gate + i, value + i};
            results = settled<G>(results, here, parameters, in_doubles);
        }
        results.by_gate.store(by_gate + i);
        results.by_value.store(by_value + i);
    }
}

// Of numbers of 16 bits, for which less will do.
template <class G>
void rough_value(void* const* out, const void* const* in, const double*, intptr_t count) {
    using V = GateFloats;
    const float *gate = static_cast<const float*>(in[0]), *value = static_cast<const float*>(in[1]);
    float* const to = static_cast<float*>(out[0]);
    for (intptr_t i = 0; i < count; i += V::size)
        G::usual::rough_value(V::load(gate + i), V::load(value + i)).store(to + i);
}
template <class G>
void rough_backward(void* const* out, const void* const* in, const double*, intptr_t count) {
    using V = GateFloats;
    const float* const gradient = static_cast<const float*>(in[0]);
    const float *gate = static_cast<const float*>(in[1]), *value = static_cast<const float*>(in[2]);
    float *by_gate = static_cast<float*>(out[0]), *by_value = static_cast<float*>(out[1]);
    for (intptr_t i = 0; i < count; i += V::size) {
        const auto found =
            G::usual::rough_backward(V::load(gradient + i), V::load(gate + i), V::load(value + i));
        found.by_gate.store(by_gate + i);
        found.by_value.store(by_value + i);
    }
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
