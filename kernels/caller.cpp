// A call with small arrays, and at most `out` besides, goes to the ufunc without passing through
// Python code, which for a few elements would cost as much as the ufunc itself. Every other call,
// and every call that fails, goes to the Python method `_call`.
#include "caller.hpp"

#include "caller_documentation.hpp"
#include "dispatch.hpp"

#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#define NPY_TARGET_VERSION NPY_2_0_API_VERSION
#define NO_IMPORT_ARRAY
#define NO_IMPORT_UFUNC
#define PY_ARRAY_UNIQUE_SYMBOL nonlin_array_api
#define PY_UFUNC_UNIQUE_SYMBOL nonlin_ufunc_api
#include <numpy/ndarrayobject.h>
#include <numpy/ufuncobject.h>

namespace nonlin {
namespace {

struct Caller {
    PyObject_HEAD PyObject* functions[kinds];
};

constexpr Py_ssize_t operand_count[kinds] = {1, 1, 2};

// Arrays of at least this many elements may be worth splitting over threads.
npy_intp large = 0;

PyObject* out_name = nullptr;

// An array that Python code has to look at first: for its size, or for a dtype that is not NumPy's.
bool is_special(PyObject* x) {
    if (!PyArray_Check(x)) return false;
    auto* const array = reinterpret_cast<PyArrayObject*>(x);
    return PyArray_SIZE(array) >= large || PyTypeNum_ISUSERDEF(PyArray_TYPE(array));
}

// A ufunc takes `out` behind its operands, sooner than by name.
PyObject* packed(PyObject* const* operands, Kind kind, PyObject* out) {
    if (kind == backward) return PyTuple_Pack(2 + (out != nullptr), operands[0], operands[1], out);
    return PyTuple_Pack(1 + (out != nullptr), operands[0], out);
}

bool is_for_ufunc(PyObject* function, Kind kind, PyObject* const* operands, PyObject* out) {
    if (function == nullptr || !PyObject_TypeCheck(function, &PyUFunc_Type)) return false;
    if (out != nullptr && !PyArray_Check(out)) return false;
    for (Py_ssize_t k = 0; k < operand_count[kind]; ++k) {
        if (is_special(operands[k])) return false;
    }
    return true;
}

// Steals `operands`. The result, or null: with an exception set, or without one where Python code
// is to say what is wrong.
PyObject* call_ufunc(PyObject* ufunc, PyObject* operands) {
    if (operands == nullptr) return nullptr;
    PyObject* const result = PyObject_Call(ufunc, operands, nullptr);
    Py_DECREF(operands);
    if (result == nullptr &&
        (PyErr_ExceptionMatches(PyExc_TypeError) || PyErr_ExceptionMatches(PyExc_ValueError))) {
        PyErr_Clear();
    }
    return result;
}

PyObject* by_method(PyObject* self, Kind kind, PyObject* operands, PyObject* keywords) {
    return PyObject_CallMethod(self, "_call", "iOO", static_cast<int>(kind), operands, keywords);
}

PyObject* call(PyObject* self, PyObject* operands, PyObject* keywords) {
    PyObject* const function = reinterpret_cast<Caller*>(self)->functions[value];
    const Py_ssize_t named = keywords == nullptr ? 0 : PyDict_Size(keywords);
    PyObject* const out = named == 1 ? PyDict_GetItemWithError(keywords, out_name) : nullptr;
    if (PyTuple_Size(operands) == 1 && named == (out != nullptr)) {
        PyObject* const x = PyTuple_GetItem(operands, 0);
        if (is_for_ufunc(function, value, &x, out)) {
            PyObject* const all = out == nullptr ? Py_NewRef(operands) : packed(&x, value, out);
            PyObject* const result = call_ufunc(function, all);
            if (result != nullptr || PyErr_Occurred()) return result;
        }
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
    PyObject* const function = reinterpret_cast<Caller*>(self)->functions[kind];
    const Py_ssize_t named = names == nullptr ? 0 : PyTuple_Size(names);
    PyObject* const out =
        named == 1 && PyTuple_GetItem(names, 0) == out_name ? arguments[count] : nullptr;
    if (count == operand_count[kind] && named == (out != nullptr) &&
        is_for_ufunc(function, kind, arguments, out)) {
        PyObject* const result = call_ufunc(function, packed(arguments, kind, out));
        if (result != nullptr || PyErr_Occurred()) return result;
    }
    PyObject* const operands = PyTuple_New(count);
    PyObject* const keywords = PyDict_New();
    bool built = operands != nullptr && keywords != nullptr;
    for (Py_ssize_t k = 0; built && k < count; ++k) {
        built = PyTuple_SetItem(operands, k, Py_NewRef(arguments[k])) == 0;
    }
    for (Py_ssize_t k = 0; built && k < named; ++k) {
        built = PyDict_SetItem(keywords, PyTuple_GetItem(names, k), arguments[count + k]) == 0;
    }
    PyObject* const result = built ? by_method(self, kind, operands, keywords) : nullptr;
    Py_XDECREF(operands);
    Py_XDECREF(keywords);
    return result;
}

PyObject* use(PyObject* self, PyObject* functions) {
    if (!PyTuple_Check(functions) || PyTuple_Size(functions) != kinds) {
        PyErr_SetString(PyExc_TypeError, "_use((value, derivative, backward))");
        return nullptr;
    }
    for (int kind = 0; kind < kinds; ++kind) {
        PyObject*& place = reinterpret_cast<Caller*>(self)->functions[kind];
        PyObject* const previous = place;
        place = Py_NewRef(PyTuple_GetItem(functions, kind));
        Py_XDECREF(previous);
    }
    Py_RETURN_NONE;
}

void destroy(PyObject* self) {
    PyTypeObject* const type = Py_TYPE(self);
    for (PyObject*& function : reinterpret_cast<Caller*>(self)->functions) Py_CLEAR(function);
    reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

PyObject* set_large(PyObject*, PyObject* count) {
    const Py_ssize_t size = PyLong_AsSsize_t(count);
    if (size == -1 && PyErr_Occurred()) return nullptr;
    large = size;
    Py_RETURN_NONE;
}

PyCFunction function(_PyCFunctionFastWithKeywords method) {
    return reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(method));
}

constexpr int fast = METH_FASTCALL | METH_KEYWORDS;

PyMethodDef methods[] = {
    {"derivative", function(method<derivative>), fast, derivative_doc},
    {"backward", function(method<backward>), fast, backward_doc},
    {"_use", use, METH_O, "_use((value, derivative, backward)): the functions to call."},
    {"_set_large", set_large, METH_O | METH_STATIC,
     "_set_large(count): arrays of that many elements go to _call."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_call, reinterpret_cast<void*>(call)},
    {Py_tp_dealloc, reinterpret_cast<void*>(destroy)},
    {Py_tp_methods, methods},
    {0, nullptr},
};

PyType_Spec specification = {
    "nonlin.ufuncs._Caller", sizeof(Caller), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots,
};

}  // namespace

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
