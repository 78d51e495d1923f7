// What a call says by name.
#pragma once

#include <algorithm>

#include "ufunc.hpp"

namespace nonlin {

struct Caller {
    PyObject_HEAD PyObject* functions[kinds];
    // A tuple of the parameters' names, and what they are unless a call says otherwise.
    PyObject* names;
    double defaults[most_parameters];
};

struct Named {
    PyObject* out = nullptr;
    bool other_parameters = false;
    double parameters[most_parameters];
};

// The interned word "out".
inline PyObject* out_name = nullptr;

inline bool is_same(PyObject* name, PyObject* other) {
    return name == other || PyUnicode_Compare(name, other) == 0;
}

// Whether `named` holds all that is said by this name. Other objects than Python's own numbers are
// left to Python code.
inline bool take(const Caller* self, PyObject* name, PyObject* given, Named& named) {
    if (is_same(name, out_name)) {
        named.out = given;
        return true;
    }
    const Py_ssize_t count = self->names == nullptr ? 0 : PyTuple_Size(self->names);
    for (Py_ssize_t k = 0; k < count; ++k) {
        if (!is_same(name, PyTuple_GetItem(self->names, k))) continue;
        if (!PyFloat_CheckExact(given) && !PyLong_CheckExact(given)) return false;
        if (!named.other_parameters) {
            std::copy_n(self->defaults, most_parameters, named.parameters);
            named.other_parameters = true;
        }
        named.parameters[k] = PyFloat_AsDouble(given);
        if (named.parameters[k] != -1 || !PyErr_Occurred()) return true;
        PyErr_Clear();
        return false;
    }
    return false;
}

inline bool take_all(PyObject* self, PyObject* keywords, Named& named) {
    Py_ssize_t position = 0;
    PyObject *name, *given;
    while (keywords != nullptr && PyDict_Next(keywords, &position, &name, &given)) {
        if (!take(reinterpret_cast<Caller*>(self), name, given, named)) return false;
    }
    return true;
}

}  // namespace nonlin
