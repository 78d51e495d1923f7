// The loops of gates whose results are single products, which floats hold as well as doubles.
//
// A product of two numbers of 16 bits is a float, and rounds once to 16 bits; but not where a
// bfloat16's is subnormal, which is rare.
#pragma once

#include "gate_16.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

template <class T> struct ProductElements;

template <> struct ProductElements<float> {
    using V = GateFloats;
    NONLIN_INLINE static V load(const float* from) { return V::load(from); }
    NONLIN_INLINE static void store(float* to, V y) { y.store(to); }
    NONLIN_INLINE static bool rounds_once(V) { return true; }
};

template <class S> struct ProductElements {
    using V = GateFloats;
    NONLIN_INLINE static V load(const uint16_t* from) { return load(from, up_to<V::registers>{}); }
    NONLIN_INLINE static void store(uint16_t* to, V y) { store(to, y, up_to<V::registers>{}); }
    NONLIN_INLINE static bool rounds_once(V y) {
        if constexpr (S::smallest > -126) return true;
        return !any(((bits(y) & 255 << 23) == 0) & (y != 0));
    }

 private:
    template <int... n> NONLIN_INLINE static V load(const uint16_t* from, Indices<n...>) {
        return {S::widen(from + n * V::lanes).part[0]...};
    }
    template <int... n> NONLIN_INLINE static void store(uint16_t* to, V y, Indices<n...>) {
        (S::narrow(to + n * V::lanes, y.at(n)), ...);
    }
};

template <class G, class S, class T>
void product_value(void* const* out, const void* const* in, intptr_t count,
                   GateKernel::Loop in_doubles) {
    using E = ProductElements<S>;
    const T *gate = static_cast<const T*>(in[0]), *value = static_cast<const T*>(in[1]);
    T* const to = static_cast<T*>(out[0]);
    for (intptr_t i = 0; i < count; i += GateFloats::size) {
        const auto result = G::template value<GateFloats>(E::load(gate + i), E::load(value + i));
        if (E::rounds_once(result)) {
            E::store(to + i, result);
        } else {
            const void* const read[] = {gate + i, value + i};
            void* const written[] = {to + i};
            in_doubles(written, read, nullptr, GateFloats::size);
        }
    }
}

template <class G, class S, class T>
void product_backward(void* const* out, const void* const* in, intptr_t count,
                      GateKernel::Loop in_doubles) {
    using E = ProductElements<S>;
    const T* const gradient = static_cast<const T*>(in[0]);
    const T *gate = static_cast<const T*>(in[1]), *value = static_cast<const T*>(in[2]);
    T *by_gate = static_cast<T*>(out[0]), *by_value = static_cast<T*>(out[1]);
    for (intptr_t i = 0; i < count; i += GateFloats::size) {
        const auto found = G::template backward<GateFloats>(E::load(gradient + i),
                                                            E::load(gate + i), E::load(value + i));
        if (E::rounds_once(found.by_gate) && E::rounds_once(found.by_value)) {
            E::store(by_gate + i, found.by_gate);
            E::store(by_value + i, found.by_value);
        } else {
            const void* const read[] = {gradient + i, gate + i, value + i};
            void* const written[] = {by_gate + i, by_value + i};
            in_doubles(written, read, nullptr, GateFloats::size);
        }
    }
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
