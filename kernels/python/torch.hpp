// The kernels as operators of PyTorch, by the functions that LibTorch keeps stable for others.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "../dispatch/dispatch.hpp"

namespace nonlin {

// Registers a kernel for the CPU for each operator of `nonlin` that Python has defined; the
// arguments are a dict from the names of LibTorch's functions to where they lie, and one whose keys
// are the functions that have two slopes. Null with an exception set if it fails.
PyObject* register_torch(const Table& table, PyObject* arguments);

}  // namespace nonlin
