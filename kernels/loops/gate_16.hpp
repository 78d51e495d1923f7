// Gates of 16 bits in floats, on a block that has been widened. What a float does not decide is
// computed again in doubles.
#pragma once

#include "gate_floats.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

// Doubles take a whole step for the one or two of them that a float does not decide.
constexpr intptr_t gate_block = 1024;

// From floats, to floats and to doubles.
struct GateLoops {
    GateKernel::Loop floats, doubles;
    int inputs, outputs;
};

template <class S> class GateBlock {
    const GateLoops& loops_;
    const double* parameters_;
    alignas(line_bytes) float in_[3][gate_block];
    alignas(line_bytes) float results_[2][gate_block];
    uint16_t index_[gate_block];

    // The elements that a float does not decide, once the others are written. They are few: most
    // steps have none.
    intptr_t undecided(uint16_t* const* out, intptr_t size) {
        intptr_t found = 0;
        for (intptr_t i = 0; i < size; i += GateFloats::size) {
            auto decided = narrow(out[0] + i, GateFloats::load(results_[0] + i));
            if (loops_.outputs > 1)
                decided = decided & narrow(out[1] + i, GateFloats::load(results_[1] + i));
            if (!all(decided)) found = lanes_listed(~decided, i, index_, found);
        }
        return found;
    }
    // Floats are off by less than 4 units in their last place; what is not finite is left to
    // doubles.
    NONLIN_INLINE static GateFloats::Integers narrow(uint16_t* to, GateFloats y) {
        constexpr up_to<GateFloats::registers> n;
        return narrow_most<S, 3>(to, y, n) & (abs(y) < infinity<GateFloats>());
    }

    // By the inputs as they have been read: what is written may lie over them.
    void decide(uint16_t* const* out, intptr_t found) {
        constexpr intptr_t step = FromFloats::V::size;
        const intptr_t size = (found + step - 1) / step * step;
        alignas(line_bytes) float picked[3][gate_block];
        alignas(line_bytes) double exact[2][gate_block];
        for (int k = 0; k < loops_.inputs; ++k)
            for (intptr_t i = 0; i < size; ++i) picked[k][i] = i < found ? in_[k][index_[i]] : 0;
        const void* const read[] = {picked[0], picked[1], picked[2]};
        void* const written[] = {exact[0], exact[1]};
        loops_.doubles(written, read, parameters_, size);
        uint16_t decided[gate_block];
        for (int k = 0; k < loops_.outputs; ++k) {
            narrow_all<S>(exact[k], decided, found);
            for (intptr_t i = 0; i < found; ++i) out[k][index_[i]] = decided[i];
        }
    }

 public:
    GateBlock(const GateLoops& loops, const double* parameters)
        : loops_(loops), parameters_(parameters) {}

    void run(uint16_t* const* out, const uint16_t* const* in, intptr_t size) {
        for (int k = 0; k < loops_.inputs; ++k) widen_all<S>(in[k], in_[k], size);
        const void* const read[] = {in_[0], in_[1], in_[2]};
        void* const written[] = {results_[0], results_[1]};
        loops_.floats(written, read, parameters_, size);
        const intptr_t found = undecided(out, size);
        if (found > 0) decide(out, found);
    }
};

template <class S>
void through_floats(const GateLoops& loops, void* const* out, const void* const* in,
                    const double* parameters, intptr_t count) {
    GateBlock<S> room(loops, parameters);
    for (intptr_t start = 0; start < count; start += gate_block) {
        const uint16_t* read[3];
        uint16_t* written[2];
        for (int k = 0; k < loops.inputs; ++k)
            read[k] = static_cast<const uint16_t*>(in[k]) + start;
        for (int k = 0; k < loops.outputs; ++k) written[k] = static_cast<uint16_t*>(out[k]) + start;
        room.run(written, read, smaller(count - start, gate_block));
    }
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
