// The textbook definitions in a wider type, from library functions that share nothing with the kernels.
#pragma once

#include <cmath>
#include <limits>

#include <quadmath.h>

namespace certify {

using extended = long double;
using quadruple = __float128;

inline extended exp(extended x) { return expl(x); }
inline quadruple exp(quadruple x) { return expq(x); }
inline extended expm1(extended x) { return expm1l(x); }
inline quadruple expm1(quadruple x) { return expm1q(x); }
inline extended log1p(extended x) { return log1pl(x); }
inline quadruple log1p(quadruple x) { return log1pq(x); }
inline extended tanh(extended x) { return tanhl(x); }
inline quadruple tanh(quadruple x) { return tanhq(x); }
inline extended cosh(extended x) { return coshl(x); }
inline quadruple cosh(quadruple x) { return coshq(x); }
inline extended erfc(extended x) { return erfcl(x); }
inline quadruple erfc(quadruple x) { return erfcq(x); }
inline extended sqrt(extended x) { return sqrtl(x); }
inline quadruple sqrt(quadruple x) { return sqrtq(x); }
inline extended scaled(extended x, int n) { return scalbnl(x, n); }
inline quadruple scaled(quadruple x, int n) { return scalbnq(x, n); }
inline int exponent(extended x) { return ilogbl(x); }
inline int exponent(quadruple x) { return ilogbq(x); }

template <class W> W magnitude(W x) { return x < 0 ? -x : x; }

namespace reference {

template <class W> W sigmoid(W x) { return 1 / (1 + exp(-x)); }
template <class W> W sigmoid_derivative(W x) {
    W const t = exp(-magnitude(x));
    return t / ((1 + t) * (1 + t));
}

template <class W> W tanh(W x) { return certify::tanh(x); }
template <class W> W tanh_derivative(W x) {
    W const c = cosh(x);
    return 1 / (c * c);
}

template <class W> W relu(W x) { return x > 0 ? x : W(0); }
template <class W> W relu_derivative(W x) { return x > 0 ? W(1) : W(0); }

template <class W> W leaky_relu(W x, W slope) { return x > 0 ? x : slope * x; }
template <class W> W leaky_relu_derivative(W x, W slope) { return x > 0 ? W(1) : slope; }

template <class W> W elu(W x, W alpha) { return x > 0 ? x : alpha * expm1(x); }
template <class W> W elu_derivative(W x, W alpha) { return x > 0 ? W(1) : alpha * exp(x); }

} // namespace reference
} // namespace certify
