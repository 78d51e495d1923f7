// A call that names nothing but `out` and parameters, and those as numbers, is answered without
// passing through Python code, which for a few elements would cost as much as the ufunc itself.
// Every other call goes to the Python method `_call`. What NumPy turns down gets its sentence from
// `_explained`.
#include "caller.hpp"

#include <algorithm>

#include "../dispatch/environment.hpp"
#include "caller_documentation.hpp"
#include "direct.hpp"
#include "named.hpp"

namespace nonlin {
namespace {

using NONLIN_INSTRUCTION_SET::DefaultEnvironment;

// What NumPy converts on the way to a loop and back depends on its arguments alone, too.
PyObject* call_numpy(PyObject* function, PyObject* operands, PyObject* keywords) {
    if (!PyObject_TypeCheck(function, &PyUFunc_Type)) {
        return PyObject_Call(function, operands, keywords);
    }
    const DefaultEnvironment environment;
    return PyObject_Call(function, operands, keywords);
}

// Of a dtype that NumPy does not have itself the kernels may have to be told first. What is an
// array of another library's, and does not know ufuncs, may have a function of its own to be named.
bool is_foreign(PyObject* x) {
    if (PyArray_Check(x)) {
        return PyTypeNum_ISUSERDEF(PyArray_TYPE(reinterpret_cast<PyArrayObject*>(x)));
    }
    return !PyArray_IsScalar(x, Generic) && PyObject_HasAttrString(x, "__array__") &&
           !PyObject_HasAttrString(x, "__array_ufunc__");
}

// A ufunc takes `out` behind its operands, sooner than by name.
PyObject* packed(PyObject* const* operands, Kind kind, PyObject* out) {
    if (kind == backward) return PyTuple_Pack(2 + (out != nullptr), operands[0], operands[1], out);
    return PyTuple_Pack(1 + (out != nullptr), operands[0], out);
}

bool is_for_ufunc(PyObject* function, Kind kind, PyObject* const* operands, PyObject* out) {
    if (!PyObject_TypeCheck(function, &PyUFunc_Type)) return false;
    if (out != nullptr && !PyArray_Check(out)) return false;
    return std::none_of(operands, operands + inputs[kind], is_foreign);
}

// Replaces an exception of NumPy's own by its sentence. One that has passed through Python code, an
// operand's say, has a traceback and is that code's.
void explain(PyObject* self, Kind kind, PyObject* operands) {
    if (!PyErr_ExceptionMatches(PyExc_TypeError) && !PyErr_ExceptionMatches(PyExc_ValueError)) {
        return;
    }
    PyObject *type, *error, *traceback;
    PyErr_Fetch(&type, &error, &traceback);
    if (traceback != nullptr) return PyErr_Restore(type, error, traceback);
    PyErr_NormalizeException(&type, &error, &traceback);
    PyObject* const said = PyObject_CallMethod(self, "_explained", "OiO", error, kind, operands);
    if (said != nullptr) PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(said)), said);
    Py_XDECREF(said);
    Py_XDECREF(type);
    Py_XDECREF(error);
    Py_XDECREF(traceback);
}

PyObject* answer_by(PyObject* function, PyObject* self, Kind kind, PyObject* const* operands,
                    const Named& named) {
    PyObject* const computed = compute(function, operands, inputs[kind], named.out,
                                       named.other_parameters ? named.parameters : nullptr);
    if (computed != nullptr || PyErr_Occurred()) return computed;
    if (named.other_parameters || !is_for_ufunc(function, kind, operands, named.out)) {
        return nullptr;
    }
    PyObject* const all = packed(operands, kind, named.out);
    if (all == nullptr) return nullptr;
    PyObject* const result = call_numpy(function, all, nullptr);
    if (result == nullptr) explain(self, kind, all);
    Py_DECREF(all);
    return result;
}

// The result, or null: with an exception set, or without one where Python code is to answer. While
// it computes somebody may give `self` other functions.
PyObject* answer(PyObject* self, Kind kind, PyObject* const* operands, const Named& named) {
    PyObject* const function = Py_XNewRef(reinterpret_cast<Caller*>(self)->functions[kind]);
    if (function == nullptr) return nullptr;
    PyObject* const result = answer_by(function, self, kind, operands, named);
    Py_DECREF(function);
    return result;
}

PyObject* by_method(PyObject* self, Kind kind, PyObject* operands, PyObject* keywords) {
    return PyObject_CallMethod(self, "_call", "iOO", static_cast<int>(kind), operands, keywords);
}

PyObject* call(PyObject* self, PyObject* operands, PyObject* keywords) {
    Named named;
    if (PyTuple_Size(operands) == 1 && take_all(self, keywords, named)) {
        PyObject* const x = PyTuple_GetItem(operands, 0);
        PyObject* const result = answer(self, value, &x, named);
        if (result != nullptr || PyErr_Occurred()) return result;
    }
    if (keywords != nullptr) return by_method(self, value, operands, keywords);
    PyObject* const none = PyDict_New();
    PyObject* const result = none ? by_method(self, value, operands, none) : nullptr;
    Py_XDECREF(none);
    return result;
}

// The same for a method, which gets its arguments as an array: the operands, then those by name.
template <Kind kind>
PyObject* method(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* names) {
    const Py_ssize_t said = names == nullptr ? 0 : PyTuple_Size(names);
    Named named;
    bool taken = count == inputs[kind];
    for (Py_ssize_t k = 0; taken && k < said; ++k) {
        const auto* const caller = reinterpret_cast<Caller*>(self);
        taken = take(caller, PyTuple_GetItem(names, k), arguments[count + k], named);
    }
    if (taken) {
        PyObject* const result = answer(self, kind, arguments, named);
        if (result != nullptr || PyErr_Occurred()) return result;
    }
    PyObject* const operands = PyTuple_New(count);
    PyObject* const keywords = PyDict_New();
    bool built = operands != nullptr && keywords != nullptr;
    for (Py_ssize_t k = 0; built && k < count; ++k) {
        built = PyTuple_SetItem(operands, k, Py_NewRef(arguments[k])) == 0;
    }
    for (Py_ssize_t k = 0; built && k < said; ++k) {
        built = PyDict_SetItem(keywords, PyTuple_GetItem(names, k), arguments[count + k]) == 0;
    }
    PyObject* const result = built ? by_method(self, kind, operands, keywords) : nullptr;
    Py_XDECREF(operands);
    Py_XDECREF(keywords);
    return result;
}

// Puts a new reference in `place`.
void replace(PyObject*& place, PyObject* object) {
    PyObject* const previous = place;
    place = Py_NewRef(object);
    Py_XDECREF(previous);
}

PyObject* use(PyObject* self, PyObject* arguments) {
    PyObject *functions, *names, *defaults;
    if (!PyArg_ParseTuple(arguments, "O!O!O!", &PyTuple_Type, &functions, &PyTuple_Type, &names,
                          &PyTuple_Type, &defaults)) {
        return nullptr;
    }
    const Py_ssize_t count = PyTuple_Size(names);
    if (PyTuple_Size(functions) != kinds || PyTuple_Size(defaults) != count ||
        count > most_parameters) {
        PyErr_SetString(PyExc_TypeError, "_use((value, derivative, backward), names, defaults)");
        return nullptr;
    }
    auto* const caller = reinterpret_cast<Caller*>(self);
    for (Py_ssize_t k = 0; k < count; ++k) {
        caller->defaults[k] = PyFloat_AsDouble(PyTuple_GetItem(defaults, k));
        if (PyErr_Occurred()) return nullptr;
    }
    for (int kind = 0; kind < kinds; ++kind) {
        replace(caller->functions[kind], PyTuple_GetItem(functions, kind));
    }
    replace(caller->names, names);
    Py_RETURN_NONE;
}

// A function of the user's may hold who calls it: the collector of cycles has to know.
int visit_all(PyObject* self, visitproc visit, void* arg) {
    for (PyObject* const function : reinterpret_cast<Caller*>(self)->functions) Py_VISIT(function);
    Py_VISIT(Py_TYPE(self));
    return 0;
}

int clear(PyObject* self) {
    for (PyObject*& function : reinterpret_cast<Caller*>(self)->functions) Py_CLEAR(function);
    Py_CLEAR(reinterpret_cast<Caller*>(self)->names);
    return 0;
}

void destroy(PyObject* self) {
    PyTypeObject* const type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    clear(self);
    reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

PyCFunction function(_PyCFunctionFastWithKeywords method) {
    return reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(method));
}

constexpr int fast = METH_FASTCALL | METH_KEYWORDS;

PyMethodDef methods[] = {
    {"derivative", function(method<derivative>), fast, derivative_doc},
    {"backward", function(method<backward>), fast, backward_doc},
    {"_use", use, METH_VARARGS,
     "_use((value, derivative, backward), names, defaults): the functions to call, the names of "
     "the "
     "parameters that are numbers, and what they are unless a call says otherwise."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_call, reinterpret_cast<void*>(call)},
    {Py_tp_dealloc, reinterpret_cast<void*>(destroy)},
    {Py_tp_traverse, reinterpret_cast<void*>(visit_all)},
    {Py_tp_clear, reinterpret_cast<void*>(clear)},
    {Py_tp_methods, methods},
    {0, nullptr},
};

PyType_Spec specification = {
    "nonlin.ufuncs._Caller",
    sizeof(Caller),
    0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    slots,
};

}  // namespace

PyObject* call_ufunc(PyObject*, PyObject* arguments) {
    PyObject *ufunc, *operands, *keywords;
    if (!PyArg_ParseTuple(arguments, "OO!O!", &ufunc, &PyTuple_Type, &operands, &PyDict_Type,
                          &keywords)) {
        return nullptr;
    }
    const Py_ssize_t count = PyTuple_Size(operands), said = PyDict_Size(keywords);
    PyObject* const out = said == 1 ? PyDict_GetItemWithError(keywords, out_name) : nullptr;
    PyObject* given[most_gate_inputs] = {};
    if (1 <= count && count <= most_gate_inputs && said == (out != nullptr)) {
        for (Py_ssize_t k = 0; k < count; ++k) given[k] = PyTuple_GetItem(operands, k);
        PyObject* const result = compute(ufunc, given, static_cast<int>(count), out, nullptr);
        if (result != nullptr || PyErr_Occurred()) return result;
    }
    return call_numpy(ufunc, operands, keywords);
}

int add_caller(PyObject* module) {
    out_name = PyUnicode_InternFromString("out");
    if (out_name == nullptr) return -1;
    PyObject* const type = PyType_FromModuleAndSpec(module, &specification, nullptr);
    if (type == nullptr) return -1;
    const int failed = PyModule_AddObjectRef(module, "_Caller", type);
    Py_DECREF(type);
    return failed;
}

}  // namespace nonlin
