// The docstrings of the methods in caller.cpp.
#pragma once

namespace nonlin {

constexpr const char* derivative_doc = R"(derivative($self, x, /, **keywords)
--

Compute phi'(x), at a kink the one from the left.

Parameters
----------
x : array_like, shape (...)
    The pre-activation.
**keywords
    As for the call: the activation's parameters and every ufunc's keywords.

Returns
-------
array or scalar, shape (...)
)";

constexpr const char* backward_doc = R"(backward($self, grad, x, /, **keywords)
--

Compute grad * phi'(x) in one pass over memory.

Parameters
----------
grad : array_like
    The gradient with respect to the activation's output; broadcasts against `x`.
x : array_like, shape (...)
    The pre-activation.
**keywords
    As for the call.

Returns
-------
array or scalar
)";

}  // namespace nonlin
