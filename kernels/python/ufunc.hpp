// NumPy ufuncs, and what each of them is made of.
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

// New ufuncs in every precision: one that takes the parameters as operands, and one whose
// parameters are fixed. Null with an exception set if that fails.
PyObject* make_given(const Table& table, const Function& function, Kind kind);
PyObject* make_bound(const Table& table, const Function& function, Kind kind,
                     const double* parameters);

// The same of a gate: those have fixed parameters always.
PyObject* make_gate(const Table& table, const Gate& gate, Kind kind, const double* parameters);

// "elu_backward" and the like.
std::string name_of(const Function& function, Kind kind);

// What a ufunc computes, be it a function or a gate, and how many parameters that has.
inline const char* computed_name(const Bound& bound) {
    return bound.gate != nullptr ? bound.gate->name : bound.function->name;
}
inline int computed_parameters(const Bound& bound) {
    return bound.gate != nullptr ? bound.gate->parameters : bound.function->parameters;
}

// The definition of a ufunc of the first kind, or the second; null for any other object.
const Definition* given_definition(PyObject* ufunc);
const Definition* bound_definition(PyObject* ufunc);

// Every ufunc, present and future, takes the dtype of ml_dtypes' bfloat16.
PyObject* register_bfloat16(PyObject* module, PyObject* dtype);

// The precision of a dtype, by NumPy's number for it; `precisions` for one that no loop takes.
int precision_of(int type);

}  // namespace nonlin
