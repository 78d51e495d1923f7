// Gates of 16 bits in floats: the loop of float32 on a block that has been widened. What a float
// does not decide is computed again in doubles.
#pragma once

#include "gate_floats.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

// Where a float that is off by at most a unit in its last place may lie on the wrong side of the
// middle between two results: its dropped bits say that it is that or next to it. What is subnormal
// in the format, but not in float, has the smallest normal number added, whose last place is
// theirs.
template <class S, class V> NONLIN_INLINE typename V::Integers next_to_middle(V y) {
    constexpr int unit = 1 << S::dropped, first = unit / 2 - 1;
    if constexpr (S::smallest > -126) {
        constexpr float least = __builtin_bit_cast(float, (127 + S::smallest) << 23);
        const V magnitude = abs(y);
        y = magnitude + select(magnitude < least, V(least), V(0));
    }
    return ((bits(y) - first) & (unit - 1)) <= 2;
}

struct GateLoops {
    GateKernel::Loop floats, doubles;
    int inputs, outputs;
};

template <class S> class GateBlock {
    const GateLoops& loops_;
    const double* parameters_;
    alignas(line_bytes) float in_[3][block];
    alignas(line_bytes) float results_[2][block];
    uint16_t index_[block];

    template <class V> NONLIN_INLINE typename V::Integers doubtful(intptr_t i) const {
        auto found = next_to_middle<S>(V::load(results_[0] + i));
        if (loops_.outputs > 1) found = found | next_to_middle<S>(V::load(results_[1] + i));
        return found;
    }
    // The elements that a float does not decide. They are few: most steps have none.
    intptr_t undecided(intptr_t size) {
        intptr_t found = 0;
        for (intptr_t i = 0; i < size; i += GateFloats::size) {
            if (!any(doubtful<GateFloats>(i))) continue;
            for (intptr_t j = i; j < i + GateFloats::size; j += Floats::size) {
                unsigned lanes = native::lanes_of(doubtful<Floats>(j).part[0]);
                for (; lanes != 0; lanes &= lanes - 1)
                    index_[found++] = static_cast<uint16_t>(j + __builtin_ctz(lanes));
            }
        }
        return found;
    }

    // Called before anything is written, which may be over an input.
    void decide(const uint16_t* const* in, uint16_t (*decided)[block], intptr_t found) {
        alignas(line_bytes) uint16_t picked[3][block];
        constexpr intptr_t step = Vector<double, 4>::size;
        const intptr_t size = (found + step - 1) / step * step;
        for (int k = 0; k < loops_.inputs; ++k)
            for (intptr_t i = 0; i < size; ++i) picked[k][i] = i < found ? in[k][index_[i]] : 0;
        const void* const read[] = {picked[0], picked[1], picked[2]};
        void* const written[] = {decided[0], decided[1]};
        loops_.doubles(written, read, parameters_, size);
    }

 public:
    GateBlock(const GateLoops& loops, const double* parameters)
        : loops_(loops), parameters_(parameters) {}

    void run(uint16_t* const* out, const uint16_t* const* in, intptr_t size) {
        for (int k = 0; k < loops_.inputs; ++k) widen_all<S>(in[k], in_[k], size);
        const void* const read[] = {in_[0], in_[1], in_[2]};
        void* const written[] = {results_[0], results_[1]};
        loops_.floats(written, read, parameters_, size);
        alignas(line_bytes) uint16_t decided[2][block];
        const intptr_t found = undecided(size);
        if (found > 0) decide(in, decided, found);
        for (int k = 0; k < loops_.outputs; ++k) {
            narrow_all<S>(results_[k], out[k], size);
            for (intptr_t i = 0; i < found; ++i) out[k][index_[i]] = decided[k][i];
        }
    }
};

template <class S>
void through_floats(const GateLoops& loops, void* const* out, const void* const* in,
                    const double* parameters, intptr_t count) {
    GateBlock<S> room(loops, parameters);
    for (intptr_t start = 0; start < count; start += block) {
        const uint16_t* read[3];
        uint16_t* written[2];
        for (int k = 0; k < loops.inputs; ++k)
            read[k] = static_cast<const uint16_t*>(in[k]) + start;
        for (int k = 0; k < loops.outputs; ++k) written[k] = static_cast<uint16_t*>(out[k]) + start;
        room.run(written, read, smaller(count - start, block));
    }
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
