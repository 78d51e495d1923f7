// The loops that apply a gate in floats, twice as many in a register as doubles, to most numbers:
// what floats do not decide is computed again in doubles.
#pragma once

#include "gate_doubles.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

// How many registers are taken at a time.
using GateFloats = Vector<float, 4>;

template <Precision precision> struct FloatElements;

template <> struct FloatElements<float32> {
    using V = GateFloats;
    static constexpr int size = V::size;
    NONLIN_INLINE static V load(const float* from) { return V::load(from); }
    NONLIN_INLINE static void store(float* to, V y) { y.store(to); }
    NONLIN_INLINE static V::Integers decided(V) { return 0 == V::Integers(0); }
};

template <class S> struct FloatElements16 {
    using V = GateFloats;
    static constexpr int size = V::size;

    NONLIN_INLINE static V load(const uint16_t* from) { return load(from, up_to<V::registers>{}); }
    NONLIN_INLINE static void store(uint16_t* to, V y) { store(to, y, up_to<V::registers>{}); }
    // Where a float that is off by less than a unit in its last place rounds to 16 bits as the
    // exact number: where its dropped bits do not say that it lies in the middle between two
    // results or beside it. What is subnormal in the format, but not in float, has the smallest
    // normal number added, whose last place is theirs.
    NONLIN_INLINE static V::Integers decided(V y) {
        constexpr int unit = 1 << S::dropped, first = unit / 2 - 1;
        if constexpr (S::smallest > -126) {
            constexpr float least = __builtin_bit_cast(float, (127 + S::smallest) << 23);
            const V magnitude = abs(y);
            y = magnitude + select(magnitude < least, V(least), V(0));
        }
        return ((bits(y) - first) & (unit - 1)) > 2;
    }

 private:
    template <int... n> NONLIN_INLINE static V load(const uint16_t* from, Indices<n...>) {
        return {S::widen(from + n * V::lanes).part[0]...};
    }
    template <int... n> NONLIN_INLINE static void store(uint16_t* to, V y, Indices<n...>) {
        (S::narrow(to + n * V::lanes, y.at(n)), ...);
    }
};
template <> struct FloatElements<float16> : FloatElements16<Float16> {};
template <> struct FloatElements<bfloat16> : FloatElements16<BFloat16> {};

// What floats have found, and in its place what doubles find where they do not decide.
template <class G, Precision precision, int... k>
[[gnu::noinline]] GateFloats settled(GateFloats found, const void* const* in,
                                     const double* parameters, Indices<k...> n) {
    using Exact = Elements<precision>;
    using E = FloatElements<precision>;
    using T = typename Exact::Element;
    const GateFloats x = E::load(static_cast<const T*>(in[0]));
    const auto holds = G::usual::holds(x, found) & E::decided(found);
    if (all(holds)) return found;
    T exact[E::size];
    void* const out[] = {exact};
    gate_value<G, Exact>(out, in, parameters, E::size, n);
    return select(holds, found, E::load(exact));
}
template <class G, Precision precision, int... k>
[[gnu::noinline]] gates::Gradients<GateFloats> settled(gates::Gradients<GateFloats> found,
                                                       const void* const* in,
                                                       const double* parameters, Indices<k...> n) {
    using Exact = Elements<precision>;
    using E = FloatElements<precision>;
    using T = typename Exact::Element;
    const GateFloats x = E::load(static_cast<const T*>(in[1]));
    const auto holds = G::usual::holds(x, found);
    const auto by_gate = holds.by_gate & E::decided(found.by_gate);
    const auto by_value = holds.by_value & E::decided(found.by_value);
    if (all(by_gate & by_value)) return found;
    T exact[2][E::size];
    void* const out[] = {exact[0], exact[1]};
    gate_backward<G, Exact>(out, in, parameters, E::size, n);
    return {select(by_gate, found.by_gate, E::load(exact[0])),
            select(by_value, found.by_value, E::load(exact[1]))};
}

template <class G, Precision precision, int... k>
void value_in_floats(void* const* out, const void* const* in, const double* parameters,
                     intptr_t count, Indices<k...> n) {
    using E = FloatElements<precision>;
    using T = typename Elements<precision>::Element;
    const T *gate = static_cast<const T*>(in[0]), *value = static_cast<const T*>(in[1]);
    T* const to = static_cast<T*>(out[0]);
    for (intptr_t i = 0; i < count; i += E::size) {
        const auto found = G::usual::value(E::load(gate + i), E::load(value + i));
        GateFloats result = found.results;
        if (!found.certain || !all(E::decided(result))) [[unlikely]] {
            const void* const here[] = {gate + i, value + i};
            result = settled<G, precision>(result, here, parameters, n);
        }
        E::store(to + i, result);
    }
}

template <class G, Precision precision, int... k>
void backward_in_floats(void* const* out, const void* const* in, const double* parameters,
                        intptr_t count, Indices<k...> n) {
    using E = FloatElements<precision>;
    using T = typename Elements<precision>::Element;
    const T* const gradient = static_cast<const T*>(in[0]);
    const T *gate = static_cast<const T*>(in[1]), *value = static_cast<const T*>(in[2]);
    T *by_gate = static_cast<T*>(out[0]), *by_value = static_cast<T*>(out[1]);
    for (intptr_t i = 0; i < count; i += E::size) {
        const auto found =
            G::usual::backward(E::load(gradient + i), E::load(gate + i), E::load(value + i));
        gates::Gradients<GateFloats> results = found.results;
        if (!found.certain || !all(E::decided(results.by_gate) & E::decided(results.by_value)))
            [[unlikely]] {
            const void* const here[] = {gradient + i, gate + i, value + i};
            results = settled<G, precision>(results, here, parameters, n);
        }
        E::store(by_gate + i, results.by_gate);
        E::store(by_value + i, results.by_value);
    }
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
