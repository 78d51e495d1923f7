// The module `nonlin.ufuncs`. Only the files of this folder see Python.
#define NONLIN_IMPORTS_NUMPY
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "../threads/pool.hpp"
#include "caller.hpp"
#include "rows.hpp"
#include "torch.hpp"
#include "ufunc.hpp"

namespace {

using namespace nonlin;

const Table* chosen = nullptr;

const Function* find(const char* name) {
    const Function* found = nullptr;
    each_function(*chosen, [&](const Function& function) {
        if (std::strcmp(function.name, name) == 0) found = &function;
    });
    return found;
}

const Gate* find_gate(const char* name) {
    const Gate* found = nullptr;
    each_gate(*chosen, [&](const Gate& gate) {
        if (std::strcmp(gate.name, name) == 0) found = &gate;
    });
    return found;
}

PyObject* bind(PyObject*, PyObject* arguments) {
    if (PyTuple_Size(arguments) < 1) {
        PyErr_SetString(PyExc_TypeError, "_bind(name, *parameters)");
        return nullptr;
    }
    PyObject* encoded = PyUnicode_AsUTF8String(PyTuple_GetItem(arguments, 0));
    if (encoded == nullptr) return nullptr;
    const Function* function = find(PyBytes_AsString(encoded));
    const Gate* gate = find_gate(PyBytes_AsString(encoded));
    Py_DECREF(encoded);
    const int count = function != nullptr ? function->parameters
                      : gate != nullptr   ? gate->parameters
                                          : -1;
    if (PyTuple_Size(arguments) != count + 1) {
        PyErr_SetString(PyExc_ValueError, "_bind: no such function with that many parameters");
        return nullptr;
    }
    double parameters[most_parameters] = {};
    for (int k = 0; k < count; ++k) {
        parameters[k] = PyFloat_AsDouble(PyTuple_GetItem(arguments, k + 1));
        if (PyErr_Occurred()) return nullptr;
    }
    PyObject* result = PyTuple_New(kinds);
    for (int kind = 0; result != nullptr && kind < kinds; ++kind) {
        const auto which = static_cast<Kind>(kind);
        PyObject* ufunc = function != nullptr ? make_bound(*chosen, *function, which, parameters)
                                              : make_gate(*chosen, *gate, which, parameters);
        if (ufunc == nullptr || PyTuple_SetItem(result, kind, ufunc) < 0) Py_CLEAR(result);
    }
    return result;
}

// What `_bind` and the module's attributes are asked for.
PyObject* identity(PyObject*, PyObject* ufunc) {
    const Definition* const found = bound_definition(ufunc);
    const Definition* const raw = given_definition(ufunc);
    if (raw != nullptr)
        return Py_BuildValue("siO", raw->bound.function->name, int(raw->bound.kind), Py_None);
    if (found == nullptr) Py_RETURN_NONE;
    const int count = computed_parameters(found->bound);
    PyObject* const numbers = PyTuple_New(count);
    for (int k = 0; numbers != nullptr && k < count; ++k) {
        PyObject* const number = PyFloat_FromDouble(found->bound.parameters[k]);
        if (number == nullptr || PyTuple_SetItem(numbers, k, number) < 0) {
            Py_DECREF(numbers);
            return nullptr;
        }
    }
    return numbers
               ? Py_BuildValue("siN", computed_name(found->bound), int(found->bound.kind), numbers)
               : nullptr;
}

PyObject* gate_names(PyObject*, PyObject*) {
    PyObject* const names = PyList_New(0);
    bool done = names != nullptr;
    each_gate(*chosen, [&](const Gate& gate) {
        PyObject* const entry = done ? Py_BuildValue("si", gate.name, gate.parameters) : nullptr;
        done = entry != nullptr && PyList_Append(names, entry) == 0;
        Py_XDECREF(entry);
    });
    if (done) return names;
    Py_XDECREF(names);
    return nullptr;
}

PyObject* instruction_set(PyObject*, PyObject*) {
    return PyUnicode_FromString(chosen->instruction_set);
}

PyObject* set_threads(PyObject*, PyObject* count) {
    const long number = PyLong_AsLong(count);
    if (number == -1 && PyErr_Occurred()) return nullptr;
    nonlin::set_threads(static_cast<int>(std::min(number, 1L << 16)));
    Py_RETURN_NONE;
}

PyObject* register_torch(PyObject*, PyObject* arguments) {
    return nonlin::register_torch(*chosen, arguments);
}

PyMethodDef methods[] = {
    {"_bind", bind, METH_VARARGS,
     "_bind(name, *parameters) -> the value, derivative and backward ufuncs with these fixed, of a "
     "function or a gate."},
    {"_register_bfloat16", register_bfloat16, METH_O,
     "_register_bfloat16(dtype): every ufunc, present and future, takes ml_dtypes' bfloat16."},
    {"_register_torch", register_torch, METH_VARARGS,
     "_register_torch(addresses, two_slopes): the kernels of PyTorch's operators."},
    {"_call", call_ufunc, METH_VARARGS,
     "_call(ufunc, operands, keywords): what ufunc(*operands, **keywords) returns, sooner."},
    {"_set_threads", set_threads, METH_O, "_set_threads(count): split large arrays over as many."},
    {"_identity", identity, METH_O,
     "_identity(ufunc): (name, kind, parameters), parameters None if they are operands; None for "
     "a ufunc of another library."},
    {"_gates", gate_names, METH_NOARGS, "_gates() -> the kernels of gates: [(name, parameters)]."},
    {"_instruction_set", instruction_set, METH_NOARGS, "The instruction set the loops use."},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    "nonlin.ufuncs",
    "The raw NumPy ufuncs: name(x, *parameters), name_derivative(x, *parameters) and\n"
    "name_backward(grad, x, *parameters) for every activation.",
    0,
    methods,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

bool add_ufunc(PyObject* module, const Function& function, Kind kind) {
    PyObject* const ufunc = make_given(*chosen, function, kind);
    if (ufunc == nullptr) return false;
    const int failed = PyModule_AddObjectRef(module, name_of(function, kind).c_str(), ufunc);
    Py_DECREF(ufunc);
    return failed == 0;
}

bool add_ufuncs(PyObject* module) {
    bool done = true;
    each_function(*chosen, [&](const Function& function) {
        for (const Kind kind : {value, derivative, backward}) {
            done = done && add_ufunc(module, function, kind);
        }
    });
    return done;
}

}  // namespace

#if defined(Py_GIL_DISABLED)
#error "nonlin counts on Python's global lock: build it for the Python that has one."
#endif

PyMODINIT_FUNC PyInit_ufuncs() {
    if (PyInterpreterState_GetID(PyInterpreterState_Get()) != 0) {
        PyErr_SetString(PyExc_ImportError,
                        "nonlin works in Python's main interpreter alone, as NumPy does");
        return nullptr;
    }
    import_array();
    import_umath();
    const char* ceiling = std::getenv("NONLIN_INSTRUCTION_SET");
    chosen = choose(ceiling);
    if (chosen == nullptr) {
        return PyErr_Format(PyExc_ImportError,
                            "NONLIN_INSTRUCTION_SET is %s; expected v2, v3 or v4", ceiling);
    }
    PyObject* module = PyModule_Create(&definition);
    if (module != nullptr &&
        (!add_ufuncs(module) || !add_row_ufuncs(module, *chosen) || add_caller(module) < 0))
        Py_CLEAR(module);
    return module;
}
