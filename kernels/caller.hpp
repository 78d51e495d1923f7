// The Python type that activations inherit their call from.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

namespace nonlin {

// Adds `_Caller` to the module; -1 with an exception set if that fails.
int add_caller(PyObject* module);

}  // namespace nonlin
