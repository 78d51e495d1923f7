// The loops that apply a gate to arrays side by side, to any numbers.
//
// float32 and 16 bits are computed in doubles, which hold every product of what they hold and round
// to what the exact number rounds to; float64 in pairs of doubles.
#pragma once

#include "float16.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

// How the elements of a precision are read and written.
template <Precision precision> struct Elements;

template <> struct Elements<float64> {
    using Element = double;
    using V = Vector<double, 2>;
    using Number = double_double<V>;
    static constexpr int size = V::size;
    NONLIN_INLINE static V load(const double* from) { return V::load(from); }
    NONLIN_INLINE static void store(double* to, V y) { y.store(to); }
    static double parameter(double x) { return x; }
};

template <> struct Elements<float32> {
    using Element = float;
    using V = Vector<double, 4>;
    using Number = V;
    static constexpr int size = V::size;
    NONLIN_INLINE static V load(const float* from) { return widen(Vector<float, 2>::load(from)); }
    NONLIN_INLINE static void store(float* to, V y) { narrow(y).store(to); }
    static double parameter(double x) { return static_cast<float>(x); }
};

// A double that is rounded to a float and that to 16 bits is rounded as one step would, unless the
// float lies in the middle between two results, or is subnormal in the format but not in float,
// where the middles lie otherwise.
template <class S> NONLIN_INLINE Integers rounds_twice(Floats y) {
    constexpr int unit = 1 << S::dropped;
    const Integers magnitude = bits(y) & 0x7fffffff;
    Integers found = (magnitude & (unit - 1)) == unit / 2;
    if constexpr (S::smallest > -126) {
        constexpr int least = (127 + S::smallest) << 23;
        found = found | ((magnitude < least) & (magnitude != 0));
    }
    return found;
}

template <class S> struct Elements16 {
    using Element = uint16_t;
    using V = Vector<double, 4>;
    using Number = V;
    static constexpr int size = V::size, half = Floats::size;
    NONLIN_INLINE static V load(const uint16_t* from) {
        const Floats first = S::widen(from), second = S::widen(from + half);
        return widen(Vector<float, 2>(first.part[0], second.part[0]));
    }
    NONLIN_INLINE static void store(uint16_t* to, V y) {
        const auto near = narrow(y);
        store_half(to, near.at(0), Doubles(y.part[0], y.part[1]));
        store_half(to + half, near.at(1), Doubles(y.part[2], y.part[3]));
    }
    NONLIN_INLINE static void store_half(uint16_t* to, Floats near, Doubles y) {
        if (any(rounds_twice<S>(near))) near = rounded_to<S>(y);
        S::narrow(to, near);
    }
    static double parameter(double x) { return static_cast<float>(x); }
};
template <> struct Elements<float16> : Elements16<Float16> {};
template <> struct Elements<bfloat16> : Elements16<BFloat16> {};

template <class G, class E, int... k>
void gate_value(void* const* out, const void* const* in, const double* parameters, intptr_t count,
                Indices<k...>) {
    using T = typename E::Element;
    using V = typename E::V;
    const V numbers[] = {V(E::parameter(parameters[k]))..., V(0)};
    const T *gate = static_cast<const T*>(in[0]), *value = static_cast<const T*>(in[1]);
    T* const to = static_cast<T*>(out[0]);
    for (intptr_t i = 0; i < count; i += E::size) {
        const V x = E::load(gate + i), v = E::load(value + i);
        E::store(to + i, G::template value<typename E::Number>(x, v, numbers[k]...));
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
    T *by_gate = static_cast<T*>(out[0]), *by_value = static_cast<T*>(out[1]);
    for (intptr_t i = 0; i < count; i += E::size) {
        const V g = E::load(gradient + i), x = E::load(gate + i), v = E::load(value + i);
        const auto found = G::template backward<typename E::Number>(g, x, v, numbers[k]...);
        E::store(by_gate + i, found.by_gate);
        E::store(by_value + i, found.by_value);
    }
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
