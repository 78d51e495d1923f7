// Computes numbers, and arrays that lie side by side in memory, without NumPy's iterator; large
// arrays on several threads.
#pragma once

#include "ufunc.hpp"

namespace nonlin {

// What ufunc(operands..., out) returns, with `parameters` in place of its own unless they are null;
// `out` may be null, and is a tuple where there are two. Null if there is an exception, or, without
// one, if this is not for here and NumPy's iterator has to see to it: for anything but numbers in
// double precision or NumPy's own arrays of one dtype, shape and order.
PyObject* compute(PyObject* ufunc, PyObject* const* operands, int count, PyObject* out,
                  const double* parameters);

}  // namespace nonlin
