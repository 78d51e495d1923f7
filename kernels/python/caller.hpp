// The Python type that activations inherit their call from.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

namespace nonlin {

// ufunc(*operands, **keywords), without NumPy's iterator where that is possible. Takes the three
// as a tuple.
PyObject* call_ufunc(PyObject* module, PyObject* arguments);

// Adds `_Caller` to the module; -1 with an exception set if that fails.
int add_caller(PyObject* module);

}  // namespace nonlin
