// Gates, each a product of what an activation makes of the gate and what another makes of the
// value, which mostly is the value itself.
//
// Either says its value and its slope as a factor (scaled.hpp); a result is a product of two or
// three factors and rounds once.
#pragma once

#include "in_floats.hpp"
#include "lines.hpp"
#include "normal.hpp"
#include "soft_cap.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::gates {

template <class Number, class V> struct plain_value {
    V x;

    NONLIN_INLINE auto value() const { return scaled<Number, V>::of(x); }
    NONLIN_INLINE auto times_slope(scaled<Number, V> y) const { return y; }
};

template <class Number, class V> struct capped_value : soft_cap<Number, V> {
    using soft_cap<Number, V>::soft_cap;
    NONLIN_INLINE auto times_slope(scaled<Number, V> y) const { return y * this->slope(); }
};

// clamp(x, -limit, limit) + offset; at a kink the slope is that on its left.
template <class Number, class V> struct clamped_value {
    V x, limit, offset;

    NONLIN_INLINE auto value() const {
        const V clamped = max(min(x, limit), -limit);
        return scaled<Number, V>::of(carried<Number>::sum(clamped, offset));
    }
    NONLIN_INLINE auto times_slope(scaled<Number, V> y) const {
        const V slope = select((x > -limit) & (x <= limit), V(1), V(0));
        return y * scaled<Number, V>::of(select(x == x, slope, x));
    }
};

// silu of min(x, limit)
template <class Number, class V> struct clamped_silu {
    V x, limit;
    silu<Number, V> of;

    NONLIN_INLINE clamped_silu(V x, V limit, V beta)
        : x(x), limit(limit), of(min(x, limit), beta) {}
    NONLIN_INLINE auto value() const { return of.value(); }
    NONLIN_INLINE auto slope() const {
        const V inside = select(x <= limit, V(1), V(0));
        return of.slope() * scaled<Number, V>::of(select(x == x, inside, x));
    }
};

// A gate: `gate` and `value` make the two of x, v and the parameters.
template <class Gate> struct of_factors {
    template <class Number, class V, class... P>
    NONLIN_INLINE static V value(V x, V v, P... parameters) {
        const auto gate = Gate::template gate<Number>(x, parameters...);
        const auto value = Gate::template value<Number>(v, parameters...);
        return (gate.value() * value.value()).round();
    }
    template <class Number, class V, class... P>
    NONLIN_INLINE static Gradients<V> backward(V gradient, V x, V v, P... parameters) {
        const auto gate = Gate::template gate<Number>(x, parameters...);
        const auto value = Gate::template value<Number>(v, parameters...);
        const auto weight = scaled<Number, V>::of(gradient);
        return {(gate.slope() * value.value() * weight).round(),
                value.times_slope(gate.value() * weight).round()};
    }
};

struct glu_factors {
    template <class Number, class V> NONLIN_INLINE static auto gate(V x) {
        return sigmoid<Number, V>(x);
    }
    template <class Number, class V> NONLIN_INLINE static auto value(V v) {
        return plain_value<Number, V>{v};
    }
};
struct swiglu_factors {
    template <class Number, class V> NONLIN_INLINE static auto gate(V x, V beta) {
        return silu<Number, V>(x, beta);
    }
    template <class Number, class V> NONLIN_INLINE static auto value(V v, V) {
        return plain_value<Number, V>{v};
    }
};
struct clamped_swiglu_factors {
    template <class Number, class V> NONLIN_INLINE static auto gate(V x, V limit, V alpha, V) {
        return clamped_silu<Number, V>(x, limit, alpha);
    }
    template <class Number, class V> NONLIN_INLINE static auto value(V v, V limit, V, V offset) {
        return clamped_value<Number, V>{v, limit, offset};
    }
};
struct geglu_factors {
    template <class Number, class V> NONLIN_INLINE static auto gate(V x) {
        return gelu<Number, V>(x);
    }
    template <class Number, class V> NONLIN_INLINE static auto value(V v) {
        return plain_value<Number, V>{v};
    }
};
struct geglu_tanh_factors {
    template <class Number, class V> NONLIN_INLINE static auto gate(V x) {
        return gelu_tanh<Number, V>(x);
    }
    template <class Number, class V> NONLIN_INLINE static auto value(V v) {
        return plain_value<Number, V>{v};
    }
};
struct situ_glu_factors {
    template <class Number, class V> NONLIN_INLINE static auto gate(V x, V beta1, V) {
        return situ<Number, V>(x, beta1);
    }
    template <class Number, class V> NONLIN_INLINE static auto value(V v, V, V beta2) {
        return capped_value<Number, V>(v, beta2);
    }
};

// A gate that most calls want in floats: those in which its parameters, if it has any, are 1.
template <class Factors, class F> struct mostly_in_floats : of_factors<Factors> {
    using usual = in_floats<F>;
    template <class... P> NONLIN_INLINE static bool is_usual(P... parameters) {
        return ((parameters == 1) && ...);
    }
};

using glu = mostly_in_floats<glu_factors, activations::sigmoid_near>;
using swiglu = mostly_in_floats<swiglu_factors, activations::silu_near>;
using clamped_swiglu = of_factors<clamped_swiglu_factors>;
using geglu = mostly_in_floats<geglu_factors, activations::gelu_near>;
using geglu_tanh = mostly_in_floats<geglu_tanh_factors, activations::gelu_tanh_near>;
using situ_glu = of_factors<situ_glu_factors>;

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::gates
