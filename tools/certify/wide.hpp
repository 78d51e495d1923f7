// The types wider than float and double in which the definitions are computed, and the elementary
// functions of the system's libraries for them.
#pragma once

#include <quadmath.h>

#include <cmath>
#include <limits>

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
inline extended sin(extended x) { return sinl(x); }
inline quadruple sin(quadruple x) { return sinq(x); }
inline extended cos(extended x) { return cosl(x); }
inline quadruple cos(quadruple x) { return cosq(x); }
inline extended sqrt(extended x) { return sqrtl(x); }
inline quadruple sqrt(quadruple x) { return sqrtq(x); }

template <class W> W magnitude(W x) { return x < 0 ? -x : x; }
template <class W> bool infinite(W x) { return x - x != 0 && x == x; }

// condition ? yes : no, which a vector of conditions has no operator for.
template <class W> W choose(bool condition, W yes, W no) { return condition ? yes : no; }

}  // namespace certify
