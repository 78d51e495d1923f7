// The loops that apply a gate to float32 in floats, twice as many in a register as doubles: what
// does not hold in floats is computed again in doubles.
#pragma once

#include "gate_doubles.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

// How many are taken at a time: half as many registers where a table does not fit into one.
using GateFloats = Vector<float, native::least_entries / 4>;

// Elements that floats do not decide: they wait for enough others to be worth a step of doubles.
template <int inputs, int outputs> class Waiting {
    static constexpr intptr_t enough = 256, room = enough + GateFloats::size;
    float* const (&out_)[outputs];
    const double* const parameters_;
    const GateKernel::Loop in_doubles_;
    alignas(line_bytes) float in_[inputs][room];
    intptr_t at_[room], count_ = 0;

 public:
    Waiting(float* const (&out)[outputs], const double* parameters, GateKernel::Loop in_doubles)
        : out_(out), parameters_(parameters), in_doubles_(in_doubles) {}

    // Before a step is stored: what is written may lie over what is read.
    [[gnu::noinline]] void add(const float* const (&in)[inputs], intptr_t i,
                               GateFloats::Integers where) {
        if (count_ >= enough) settle();
        uint16_t index[GateFloats::size];
        const intptr_t found = lanes_listed(where, 0, index, 0);
        for (intptr_t n = 0; n < found; ++n, ++count_) {
            at_[count_] = i + index[n];
            for (int k = 0; k < inputs; ++k) in_[k][count_] = in[k][at_[count_]];
        }
    }
    void settle() {
        constexpr intptr_t step = FromFloats::V::size;
        const intptr_t size = (count_ + step - 1) / step * step;
        alignas(line_bytes) float exact[outputs][room];
        const void* read[inputs];
        void* written[outputs];
        for (int k = 0; k < inputs; ++k) {
            for (intptr_t i = count_; i < size; ++i) in_[k][i] = 0;
            read[k] = in_[k];
        }
        for (int k = 0; k < outputs; ++k) written[k] = exact[k];
        in_doubles_(written, read, parameters_, size);
        for (int k = 0; k < outputs; ++k)
            for (intptr_t i = 0; i < count_; ++i) out_[k][at_[i]] = exact[k][i];
        count_ = 0;
    }
};

template <class G>
void value_in_floats(void* const* out, const void* const* in, const double* parameters,
                     intptr_t count, GateKernel::Loop in_doubles) {
    using V = GateFloats;
    const float* const read[] = {static_cast<const float*>(in[0]),
                                 static_cast<const float*>(in[1])};
    float* const to[] = {static_cast<float*>(out[0])};
    Waiting<2, 1> waiting(to, parameters, in_doubles);
    for (intptr_t i = 0; i < count; i += V::size) {
        const V x = V::load(read[0] + i);
        const auto found = G::usual::value(x, V::load(read[1] + i));
        if (!found.certain) [[unlikely]]
            waiting.add(read, i, ~G::usual::holds(x, found.results));
        found.results.store(to[0] + i);
    }
    waiting.settle();
}

template <class G>
void backward_in_floats(void* const* out, const void* const* in, const double* parameters,
                        intptr_t count, GateKernel::Loop in_doubles) {
    using V = GateFloats;
    const float* const read[] = {static_cast<const float*>(in[0]), static_cast<const float*>(in[1]),
                                 static_cast<const float*>(in[2])};
    float* const to[] = {static_cast<float*>(out[0]), static_cast<float*>(out[1])};
    Waiting<3, 2> waiting(to, parameters, in_doubles);
    for (intptr_t i = 0; i < count; i += V::size) {
        const V x = V::load(read[1] + i);
        const auto found = G::usual::backward(V::load(read[0] + i), x, V::load(read[2] + i));
        if (!found.certain) [[unlikely]] {
            const auto holds = G::usual::holds(x, found.results);
            waiting.add(read, i, ~(holds.by_gate & holds.by_value));
        }
        found.results.by_gate.store(to[0] + i);
        found.results.by_value.store(to[1] + i);
    }
    waiting.settle();
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
