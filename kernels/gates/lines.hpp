// The gates whose activation is made of lines: ReGLU and the bilinear one (Shazeer 2020).
#pragma once

#include "../vectors/vector.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::gates {

template <class V> struct Gradients {
    V by_gate, by_value;
};

// The slope is 0 or 1, so that every result is one product, rounded once. For a NaN, NaN.
template <class Line> struct of_lines {
    static constexpr bool is_product = true;

    template <class Number, class V> NONLIN_INLINE static V value(V x, V v) {
        return Line::value(x) * v;
    }
    template <class Number, class V>
    NONLIN_INLINE static Gradients<V> backward(V gradient, V x, V v) {
        return {gradient * Line::slope(x) * v, gradient * Line::value(x)};
    }
};

struct relu {
    template <class V> NONLIN_INLINE static V value(V x) { return max(x, V(0)); }
    template <class V> NONLIN_INLINE static V slope(V x) {
        return select(x == x, select(x > 0, V(1), V(0)), x);
    }
};

struct identity {
    template <class V> NONLIN_INLINE static V value(V x) { return x; }
    template <class V> NONLIN_INLINE static V slope(V x) { return select(x == x, V(1), x); }
};

using reglu = of_lines<relu>;
using bilinear = of_lines<identity>;

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::gates
