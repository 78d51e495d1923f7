// ELU and its relatives: exponentials left of 0, straight lines right of it.
#pragma once

#include "../elementary.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// Where e^x - 1 has long been -1 (`saturates`), where alpha e^x is 0 for every alpha below 2^75, in
// double 2^850 (`vanishes`; beyond, elu's derivative is 0 too early), where e^x is infinite
// (`overflows`), and the exponents within which 2^n is applied in one step.
template <class T> struct exponential_domain;

template <> struct exponential_domain<float> {
    static constexpr float saturates = -30, vanishes = -156, overflows = 130;
    static constexpr float smallest_step = -100, largest_step = 100;
};

template <> struct exponential_domain<double> {
    static constexpr double saturates = -50, vanishes = -1330, overflows = 1000;
    static constexpr double smallest_step = -900, largest_step = 900;
};

// factor (high + low), rounded once. An infinite factor would make a low part of 0 NaN: it takes no
// part.
template <class T> NONLIN_INLINE T product(T factor, T high, T low) {
    const T finite = absolute(factor) < __builtin_inf() ? factor : T(0);
    return fma(factor, high, finite * low);
}

// factor e^x. e^x = 2^n (1 + q) may be subnormal or infinite where factor e^x is not, so 2^n is
// taken in two steps: the first leaves a normal number, which `factor` multiplies, and the second
// (1 for most n) alone rounds into the subnormal range.
template <class T> NONLIN_INLINE T times_power(T factor, const exact_exponential<T>& e) {
    using domain = exponential_domain<T>;
    const T n = e.n(), first = at_most(domain::largest_step, at_least(domain::smallest_step, n));
    const T scale = power_of_two(first + shifter<T>(0));
    const T power = 1 + e.high, power_low = (e.high - (power - 1)) + e.low;
    const T normal = product(factor, scale * power, scale * power_low);
    return normal * power_of_two((n - first) + shifter<T>(0));
}

// What a kernel in two stages has in common: value and derivative run both in one go.
template <class Value, class Derivative> struct staged {
    using value_stages = Value;
    using derivative_stages = Derivative;

    template <class T, class... P> NONLIN_INLINE static T value(T x, P... parameters) {
        return Value::finish(Value::start(x, parameters...), x, parameters...);
    }
    template <class T, class... P> NONLIN_INLINE static T derivative(T x, P... parameters) {
        return Derivative::finish(Derivative::start(x, parameters...), x, parameters...);
    }
};

// e^x - 1 is a sum of two terms, so alpha times it is rounded once. Below `saturates` x stops. What
// the left side computes where x is not negative, NaN included, is not used.
struct elu_value {
    template <class T> NONLIN_INLINE static auto start(T x, T) {
        return exact_exp(at_least(exponential_domain<T>::saturates, x));
    }
    template <class E, class T> NONLIN_INLINE static T finish(E exponential, T x, T alpha) {
        const auto e = minus_1(exponential);
        const T left = product(alpha, e.high, e.low);
        return x < 0 ? left : x;
    }
};

struct elu_derivative {
    template <class T> NONLIN_INLINE static auto start(T x, T) {
        return exact_exp(at_least(exponential_domain<T>::vanishes, x));
    }
    template <class E, class T> NONLIN_INLINE static T finish(E e, T x, T alpha) {
        const T left = times_power(alpha, e);
        return x > 0 ? T(1) : left;
    }
};

// x for x > 0, else alpha (e^x - 1), values in (-alpha, inf);
// derivative 1 for x > 0, else alpha e^x.
struct elu : staged<elu_value, elu_derivative> {};

// x / alpha as a sum of two terms: a quotient and what the division left over.
template <class T> struct ratio {
    T high, low;

    NONLIN_INLINE ratio(T x, T alpha) : high(x / alpha) {
        low = remainder(-high, alpha, x) / alpha;
    }
};

struct celu_value {
    template <class T> NONLIN_INLINE static auto start(T x, T alpha) {
        const T bounded = at_least(exponential_domain<T>::saturates, x / alpha) * alpha;
        const ratio<T> z(x / alpha < exponential_domain<T>::saturates ? bounded : x, alpha);
        return exact_exp(z.high, z.low);
    }
    // x / alpha may be subnormal, and so inexact, where x is not; but then alpha (e^(x / alpha) -
    // 1) is x (1 + x / (2 alpha) + ...), which rounds to x.
    template <class E, class T> NONLIN_INLINE static T finish(E exponential, T x, T alpha) {
        const T linear = sizeof(T) == 4 ? T(0x1p-100) : T(0x1p-900);
        const T curved = elu_value::finish(exponential, x, alpha);
        return absolute(x / alpha) < linear ? x : curved;
    }
};

struct celu_derivative {
    template <class T> NONLIN_INLINE static auto start(T x, T alpha) {
        const T bounded = at_least(exponential_domain<T>::vanishes, x / alpha) * alpha;
        const ratio<T> z(x / alpha < exponential_domain<T>::vanishes ? bounded : x, alpha);
        return exact_exp(z.high, z.low);
    }
    template <class E, class T> NONLIN_INLINE static T finish(E e, T x, T) {
        return elu_derivative::finish(e, x, T(1));
    }
};

// x for x > 0, else alpha (e^(x / alpha) - 1), alpha > 0; derivative 1 for x > 0, else e^(x /
// alpha).
struct celu : staged<celu_value, celu_derivative> {};

// e^x, its own derivative.
struct exponential_value {
    template <class T> NONLIN_INLINE static auto start(T x) {
        using domain = exponential_domain<T>;
        return exact_exp(at_most(domain::overflows, at_least(domain::vanishes, x)));
    }
    template <class E, class T> NONLIN_INLINE static T finish(E e, T) {
        return times_power(T(1), e);
    }
};

struct exponential_activation : staged<exponential_value, exponential_value> {};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
