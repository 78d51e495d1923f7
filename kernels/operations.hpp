// The operations that the loops apply: value, derivative and backward pass of a kernel.
#pragma once

#include "small.hpp"
#include "vectors.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

// The numbers that a kernel takes beside x: its parameters, or what its `derive` makes of them.
template <class F>
concept derives = requires { F::derived; };

template <class F, int N> constexpr int numbers = N;
template <derives F, int N> constexpr int numbers<F, N> = F::derived;

// A kernel whose formula is shorter for the parameters that most calls have, with the same results,
// names it `usual` and says by `is_usual(numbers)` for which.
template <class F>
concept has_usual = requires { typename F::usual; };

// What a loop does to each element: `apply`, and where the kernel comes in two halves, `Stages`.
template <class F> struct Value {
    using Kernel = F;
    template <class G> using On = Value<G>;
    static constexpr int inputs = 1;
    template <class T, class... P> NONLIN_INLINE static T apply(T x, P... parameters) {
        return F::value(x, parameters...);
    }
};

template <class F>
    requires requires { typename F::value_stages; }
struct Value<F> {
    using Kernel = F;
    template <class G> using On = Value<G>;
    static constexpr int inputs = 1;
    using Stages = typename F::value_stages;
    template <class T, class... P> NONLIN_INLINE static T apply(T x, P... parameters) {
        return F::value(x, parameters...);
    }
};

template <class F> struct Derivative {
    using Kernel = F;
    template <class G> using On = Derivative<G>;
    static constexpr int inputs = 1;
    template <class T, class... P> NONLIN_INLINE static T apply(T x, P... parameters) {
        return F::derivative(x, parameters...);
    }
};

template <class F>
    requires requires { typename F::derivative_stages; }
struct Derivative<F> {
    using Kernel = F;
    template <class G> using On = Derivative<G>;
    static constexpr int inputs = 1;
    using Stages = typename F::derivative_stages;
    template <class T, class... P> NONLIN_INLINE static T apply(T x, P... parameters) {
        return F::derivative(x, parameters...);
    }
};

template <class F> struct Backward {
    using Kernel = F;
    template <class G> using On = Backward<G>;
    static constexpr int inputs = 2;
    template <class T, class... P> NONLIN_INLINE static T apply(T grad, T x, P... parameters) {
        return grad * F::derivative(x, parameters...);
    }
};

template <class F>
    requires requires { typename F::derivative_stages; }
struct Backward<F> {
    using Kernel = F;
    template <class G> using On = Backward<G>;
    static constexpr int inputs = 2;
    struct Stages : F::derivative_stages {
        template <class T, class... P> NONLIN_INLINE static auto start(T, T x, P... parameters) {
            return F::derivative_stages::start(x, parameters...);
        }
        template <class B, class T, class... P>
        NONLIN_INLINE static T finish(B begun, T grad, T x, P... parameters) {
            return grad * F::derivative_stages::finish(begun, x, parameters...);
        }
        template <class T, class... P>
            requires requires(T x, P... given) { F::derivative_stages::suits(x, given...); }
        NONLIN_INLINE static bool suits(T, T x, P... parameters) {
            return F::derivative_stages::suits(x, parameters...);
        }
    };
    template <class T, class... P> NONLIN_INLINE static T apply(T grad, T x, P... parameters) {
        return grad * F::derivative(x, parameters...);
    }
};

// The same on vectors of floats, where a kernel is written for them.
template <class Operation> struct OnFloats;

template <class F>
    requires requires { typename F::float_value; }
struct OnFloats<Value<F>> : F::float_value {};

template <class F>
    requires requires { typename F::float_derivative; }
struct OnFloats<Derivative<F>> : F::float_derivative {};

template <class F>
    requires requires { typename F::float_derivative; }
struct OnFloats<Backward<F>> {
    using Derivative = typename F::float_derivative;
    static constexpr int entries = Derivative::entries;
    template <int entries, class... P>
    NONLIN_INLINE static bool within(Floats, Floats x, P... parameters) {
        return Derivative::template within<entries>(x, parameters...);
    }
    template <int entries, class... P>
    NONLIN_INLINE static Floats of(Floats grad, Floats x, P... parameters) {
        return grad * Derivative::template of<entries>(x, parameters...);
    }
    template <class T, class... P>
        requires requires(T x, P... given) { Derivative::suits(x, given...); }
    NONLIN_INLINE static bool suits(T, T x, P... parameters) {
        return Derivative::suits(x, parameters...);
    }
};

template <class Operation, class T>
concept on_floats = sizeof(T) == sizeof(float) && requires { sizeof(OnFloats<Operation>); };

template <class Operation, class T>
concept in_two_halves = requires { typename Operation::Stages; } && !on_floats<Operation, T>;

// Either may be for some parameters only: `suits(x, parameters...)` tells whether it is for these.
// `apply` is for all.
template <class Operation, class T> struct Quick;

template <class Operation, class T>
    requires on_floats<Operation, T>
struct Quick<Operation, T> : OnFloats<Operation> {};

template <class Operation, class T>
    requires in_two_halves<Operation, T>
struct Quick<Operation, T> : Operation::Stages {};

// What a kernel computes in, by how the operands are stored.
template <class Operation, class S> struct Computed {
    using Type = S;
};

template <class Operation> struct Computed<Operation, Half> {
    using Type = float;
};

template <class Operation> struct Computed<Operation, Brain> {
    using Type = float;
};

// A bfloat16 is as large as a float may be and as small: a derivative that is too small for a float
// may come back by its gradient.
template <class F> struct Computed<Backward<F>, Brain> {
    using Type = double;
};

template <class Operation, class S> using computed = typename Computed<Operation, S>::Type;

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
