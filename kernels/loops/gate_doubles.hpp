// The loops that apply a gate to arrays side by side, to any numbers.
//
// float32 and 16 bits are computed in doubles, which hold every product of what they hold and round
// to what the exact number rounds to: one loop for the three, whose results are rounded after it.
// float64 is computed in pairs of doubles.
#pragma once

#include "float16.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

// How numbers are read and carried; results are doubles.
struct FromDoubles {
    using Element = double;
    using V = Vector<double, 2>;
    using Number = double_double<V>;
    NONLIN_INLINE static V load(const double* from) { return V::load(from); }
    static double parameter(double x) { return x; }
};
struct FromFloats {
    using Element = float;
    using V = Vector<double, 4>;
    using Number = V;
    NONLIN_INLINE static V load(const float* from) { return widen(Vector<float, 2>::load(from)); }
    static double parameter(double x) { return static_cast<float>(x); }
};

template <class G, class E, int... k>
void gate_value(void* const* out, const void* const* in, const double* parameters, intptr_t count,
                Indices<k...>) {
    using T = typename E::Element;
    using V = typename E::V;
    const V numbers[] = {V(E::parameter(parameters[k]))..., V(0)};
    const T *gate = static_cast<const T*>(in[0]), *value = static_cast<const T*>(in[1]);
    double* const to = static_cast<double*>(out[0]);
    for (intptr_t i = 0; i < count; i += V::size) {
        const V x = E::load(gate + i), v = E::load(value + i);
        G::template value<typename E::Number>(x, v, numbers[k]...).store(to + i);
    }
}

template <class G, class E, int... k>
void gate_backward(void* const* out, const void* const* in, const double* parameters,
                   intptr_t count, Indices<k...>) {
    using T = typename E::Element;
    using V = typename E::V;
    const V numbers[] = {V(E::parameter(parameters[k]))..., V(0)};
    const T* const gradient = static_cast<const T*>(in[0]);
    const T *gate = static_cast<const T*>(in[1]), *value = static_cast<const T*>(in[2]);
    double *by_gate = static_cast<double*>(out[0]), *by_value = static_cast<double*>(out[1]);
    for (intptr_t i = 0; i < count; i += V::size) {
        const V g = E::load(gradient + i), x = E::load(gate + i), v = E::load(value + i);
        const auto found = G::template backward<typename E::Number>(g, x, v, numbers[k]...);
        found.by_gate.store(by_gate + i);
        found.by_value.store(by_value + i);
    }
}

// A precision whose numbers are floats in the register, and how a double rounds to it.
struct Float32 {
    using Element = float;
    static const float* widened(const float* from, float*, intptr_t) { return from; }
    static void round(const double* from, float* to, intptr_t count) {
        using V = Vector<double, 2>;
        for (intptr_t i = 0; i < count; i += V::size) narrow(V::load(from + i)).store(to + i);
    }
};
template <class S> struct TwoBytes {
    using Element = uint16_t;
    static const float* widened(const uint16_t* from, float* room, intptr_t count) {
        widen_all<S>(from, room, count);
        return room;
    }
    static void round(const double* from, uint16_t* to, intptr_t count) {
        narrow_all<S>(from, to, count);
    }
};

// A loop from floats to doubles, applied to another precision.
template <class P>
void through_doubles(GateKernel::Loop loop, int inputs, int outputs, void* const* out,
                     const void* const* in, const double* parameters, intptr_t count) {
    using T = typename P::Element;
    alignas(line_bytes) float room[3][block];
    alignas(line_bytes) double results[2][block];
    for (intptr_t start = 0; start < count; start += block) {
        const intptr_t size = smaller(count - start, block);
        const void* read[3];
        for (int k = 0; k < inputs; ++k)
            read[k] = P::widened(static_cast<const T*>(in[k]) + start, room[k], size);
        void* const written[] = {results[0], results[1]};
        loop(written, read, parameters, size);
        for (int k = 0; k < outputs; ++k)
            P::round(results[k], static_cast<T*>(out[k]) + start, size);
    }
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
