// A call with one small array, and at most `out` besides, goes to the ufunc without passing
// through Python code, which for a few elements would cost as much as the ufunc itself. Every other
// call, and every call that fails, goes to the Python method `_call`.
#include "caller.hpp"

#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#define NPY_TARGET_VERSION NPY_2_0_API_VERSION
#define NO_IMPORT_ARRAY
#define PY_ARRAY_UNIQUE_SYMBOL nonlin_array_api
#include <numpy/ndarrayobject.h>

namespace nonlin {
namespace {

struct Caller {
    PyObject_HEAD PyObject* ufunc;
};

// Arrays of at least this many elements may be worth splitting over threads.
npy_intp large = 0;

// An array that Python code has to look at first: for its size, or for a dtype that is not NumPy's.
bool is_special(PyObject* x) {
    if (!PyArray_Check(x)) return false;
    auto* const array = reinterpret_cast<PyArrayObject*>(x);
    return PyArray_SIZE(array) >= large || PyTypeNum_ISUSERDEF(PyArray_TYPE(array));
}

PyObject* call_method(PyObject* self, PyObject* arguments, PyObject* keywords) {
    PyObject* method = PyObject_GetAttrString(self, "_call");
    if (method == nullptr) return nullptr;
    PyObject* result = PyObject_Call(method, arguments, keywords);
    Py_DECREF(method);
    return result;
}

bool only_out(PyObject* keywords) {
    if (keywords == nullptr) return true;
    const Py_ssize_t count = PyDict_Size(keywords);
    return count == 0 || (count == 1 && PyDict_GetItemString(keywords, "out") != nullptr);
}

PyObject* call(PyObject* self, PyObject* arguments, PyObject* keywords) {
    PyObject* const ufunc = reinterpret_cast<Caller*>(self)->ufunc;
    if (ufunc != nullptr && PyTuple_Size(arguments) == 1 && only_out(keywords) &&
        !is_special(PyTuple_GetItem(arguments, 0))) {
        PyObject* const result = PyObject_Call(ufunc, arguments, keywords);
        if (result != nullptr) return result;
        if (!PyErr_ExceptionMatches(PyExc_TypeError) && !PyErr_ExceptionMatches(PyExc_ValueError)) {
            return nullptr;
        }
        PyErr_Clear();
    }
    return call_method(self, arguments, keywords);
}

PyObject* use(PyObject* self, PyObject* ufunc) {
    auto* const caller = reinterpret_cast<Caller*>(self);
    PyObject* const previous = caller->ufunc;
    Py_INCREF(ufunc);
    caller->ufunc = ufunc;
    Py_XDECREF(previous);
    Py_RETURN_NONE;
}

void destroy(PyObject* self) {
    PyTypeObject* const type = Py_TYPE(self);
    Py_CLEAR(reinterpret_cast<Caller*>(self)->ufunc);
    reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

PyObject* set_large(PyObject*, PyObject* count) {
    const Py_ssize_t size = PyLong_AsSsize_t(count);
    if (size == -1 && PyErr_Occurred()) return nullptr;
    large = size;
    Py_RETURN_NONE;
}

PyMethodDef methods[] = {
    {"_use", use, METH_O, "_use(ufunc): call this with one operand."},
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
    PyObject* const type = PyType_FromModuleAndSpec(module, &specification, nullptr);
    if (type == nullptr) return -1;
    const int failed = PyModule_AddObjectRef(module, "_Caller", type);
    Py_DECREF(type);
    return failed;
}

}  // namespace nonlin
