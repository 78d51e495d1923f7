// What a ufunc of this library is made of.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#define NPY_TARGET_VERSION NPY_2_0_API_VERSION
#define PY_ARRAY_UNIQUE_SYMBOL nonlin_array_api
#define PY_UFUNC_UNIQUE_SYMBOL nonlin_ufunc_api
#ifndef NONLIN_IMPORTS_NUMPY
#define NO_IMPORT_ARRAY
#define NO_IMPORT_UFUNC
#endif
#include <numpy/ndarrayobject.h>
#include <numpy/ufuncobject.h>

#include <atomic>
#include <string>

#include "../dispatch/dispatch.hpp"

namespace nonlin {

static_assert(sizeof(npy_intp) == sizeof(std::intptr_t));

// What a ufunc reads as long as it lives.
struct Definition {
    Bound bound;
    std::string name{}, doc{};
    PyUFuncGenericFunction loops[precisions]{};
    void* data[precisions]{};
    char types[built_in * most_operands]{};
    // What an element has taken at the least, by precision; 0 as long as nothing was measured.
    mutable std::atomic<float> nanoseconds[precisions]{};
    PyUFuncObject* ufunc = nullptr;
    bool takes_bfloat16 = false;
};

// The definition of a ufunc whose parameters are fixed; null for any other object.
const Definition* bound_definition(PyObject* ufunc);

// The precision of a dtype, by NumPy's number for it; `precisions` for one that no loop takes.
int precision_of(int type);

}  // namespace nonlin
