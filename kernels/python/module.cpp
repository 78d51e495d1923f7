// Registers the kernels as NumPy ufuncs. Only this file, direct.cpp and caller.cpp see Python.
#define NONLIN_IMPORTS_NUMPY
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "../threads/pool.hpp"
#include "caller.hpp"
#include "definition.hpp"

namespace {

using namespace nonlin;

constexpr const char* suffixes[kinds] = {"", "_derivative", "_backward"};
constexpr int types[built_in] = {NPY_HALF, NPY_FLOAT, NPY_DOUBLE};

const Table* chosen = nullptr;

// The class of bfloat16's dtype and NumPy's number for it, once they are known.
PyArray_DTypeMeta* bfloat16_dtype = nullptr;
int bfloat16_type = -1;

// The names of the capsules in which ufuncs own their definitions.
constexpr const char* given_name = "nonlin.given";
constexpr const char* bound_name = "nonlin.bound";

// Every ufunc there is: all of them learn of a type that is registered later.
std::vector<Definition*> living;

Definition* owned_by(PyObject* capsule) {
    return static_cast<Definition*>(PyCapsule_GetPointer(capsule, PyCapsule_GetName(capsule)));
}

// The definition of a ufunc whose capsule has that name; null for any other object.
const Definition* definition_of(PyObject* ufunc, const char* capsule_name) {
    if (!PyObject_TypeCheck(ufunc, &PyUFunc_Type)) return nullptr;
    PyObject* const owner = reinterpret_cast<PyUFuncObject*>(ufunc)->obj;
    if (owner == nullptr || !PyCapsule_IsValid(owner, capsule_name)) return nullptr;
    return owned_by(owner);
}

void destroy(PyObject* capsule) {
    Definition* const definition = owned_by(capsule);
    living.erase(std::remove(living.begin(), living.end(), definition), living.end());
    delete definition;
}

// The loop of NumPy's newer interface, which says whose call this is but carries no data.
int bfloat16_loop(PyArrayMethod_Context* context, char* const* operands, const npy_intp* count,
                  const npy_intp* strides, NpyAuxData*) {
    const Definition* definition = owned_by(reinterpret_cast<PyUFuncObject*>(context->caller)->obj);
    definition->loops[bfloat16](const_cast<char**>(operands), count, strides,
                                definition->data[bfloat16]);
    return 0;
}

// A type registered in the older way would also be what a bool is converted to.
bool add_bfloat16(Definition* definition) {
    PyUFuncObject* const ufunc = definition->ufunc;
    PyArray_DTypeMeta* operands[most_operands];
    std::fill(operands, operands + ufunc->nargs, bfloat16_dtype);
    PyType_Slot slots[] = {
        {NPY_METH_strided_loop, reinterpret_cast<void*>(bfloat16_loop)},
        {0, nullptr},
    };
    PyArrayMethod_Spec specification = {
        "bfloat16_loop", ufunc->nin, 1, NPY_NO_CASTING, NPY_METH_NO_FLOATINGPOINT_ERRORS,
        operands,        slots,
    };
    auto* const object = reinterpret_cast<PyObject*>(ufunc);
    definition->takes_bfloat16 = PyUFunc_AddLoopFromSpec(object, &specification) == 0;
    return definition->takes_bfloat16;
}

// A new ufunc that owns `definition`, in every precision, with `arity` operands besides its
// output.
PyObject* make_ufunc(Definition* definition, int arity, const char* capsule_name) {
    PyObject* owner = PyCapsule_New(definition, capsule_name, destroy);
    if (owner == nullptr) {
        delete definition;
        return nullptr;
    }
    for (int p = 0; p < built_in; ++p) {
        std::memset(definition->types + p * (arity + 1), types[p], arity + 1);
    }
    PyObject* ufunc = PyUFunc_FromFuncAndData(definition->loops, definition->data,
                                              definition->types, built_in, arity, 1, PyUFunc_None,
                                              definition->name.c_str(), definition->doc.c_str(), 0);
    if (ufunc == nullptr) {
        Py_DECREF(owner);
        return nullptr;
    }
    definition->ufunc = reinterpret_cast<PyUFuncObject*>(ufunc);
    definition->ufunc->obj = owner;
    living.push_back(definition);
    if (bfloat16_dtype != nullptr && !add_bfloat16(definition)) Py_CLEAR(ufunc);
    return ufunc;
}

Definition* define(const Function& function, Kind kind, const Loop* loops) {
    auto* definition = new Definition{{&function, kind, {}, false}};
    definition->name = std::string(function.name) + suffixes[kind];
    for (int p = 0; p < precisions; ++p) {
        definition->loops[p] = reinterpret_cast<PyUFuncGenericFunction>(loops[p]);
        definition->data[p] = &definition->bound;
    }
    return definition;
}

PyObject* make_given(const Function& function, Kind kind) {
    Definition* const definition = define(function, kind, chosen->given);
    definition->doc = "The raw ufunc; nonlin." + std::string(function.name) + " documents it.";
    return make_ufunc(definition, inputs[kind] + function.parameters, given_name);
}

PyObject* make_bound(const Function& function, Kind kind, const double* parameters) {
    Definition* const definition = define(function, kind, chosen->bound);
    definition->doc = "The ufunc with its parameters fixed.";
    std::copy_n(parameters, most_parameters, definition->bound.parameters);
    return make_ufunc(definition, inputs[kind], bound_name);
}

const Function* find(const char* name) {
    for (int i = 0; i < chosen->size; ++i) {
        if (std::strcmp(chosen->functions[i]->name, name) == 0) return chosen->functions[i];
    }
    return nullptr;
}

PyObject* bind(PyObject*, PyObject* arguments) {
    if (PyTuple_Size(arguments) < 1) {
        PyErr_SetString(PyExc_TypeError, "_bind(name, *parameters)");
        return nullptr;
    }
    PyObject* encoded = PyUnicode_AsUTF8String(PyTuple_GetItem(arguments, 0));
    if (encoded == nullptr) return nullptr;
    const Function* function = find(PyBytes_AsString(encoded));
    Py_DECREF(encoded);
    if (function == nullptr || PyTuple_Size(arguments) != function->parameters + 1) {
        PyErr_SetString(PyExc_ValueError, "_bind: no such function with that many parameters");
        return nullptr;
    }
    double parameters[most_parameters] = {};
    for (int k = 0; k < function->parameters; ++k) {
        parameters[k] = PyFloat_AsDouble(PyTuple_GetItem(arguments, k + 1));
        if (PyErr_Occurred()) return nullptr;
    }
    PyObject* result = PyTuple_New(kinds);
    for (int kind = 0; result != nullptr && kind < kinds; ++kind) {
        PyObject* ufunc = make_bound(*function, static_cast<Kind>(kind), parameters);
        if (ufunc == nullptr || PyTuple_SetItem(result, kind, ufunc) < 0) Py_CLEAR(result);
    }
    return result;
}

// Whether a dtype is two bytes that somebody added to NumPy.
bool is_added(const PyArray_Descr* descriptor) {
    return PyTypeNum_ISUSERDEF(descriptor->type_num) &&
           PyDataType_ELSIZE(descriptor) == sizeof(std::uint16_t);
}

bool learn_bfloat16(PyArray_Descr* descriptor) {
    if (bfloat16_dtype != nullptr) return true;
    if (!is_added(descriptor)) {
        PyErr_SetString(PyExc_TypeError, "_register_bfloat16(dtype of ml_dtypes.bfloat16)");
        return false;
    }
    bfloat16_dtype = NPY_DTYPE(reinterpret_cast<PyObject*>(descriptor));
    Py_INCREF(reinterpret_cast<PyObject*>(bfloat16_dtype));
    bfloat16_type = descriptor->type_num;
    return true;
}

// A ufunc that has it already is passed over, so that a call that failed can be made again.
PyObject* register_bfloat16(PyObject*, PyObject* dtype) {
    PyArray_Descr* descriptor = nullptr;
    if (PyArray_DescrConverter(dtype, &descriptor) == NPY_FAIL) return nullptr;
    bool done = learn_bfloat16(descriptor);
    Py_DECREF(reinterpret_cast<PyObject*>(descriptor));
    for (std::size_t k = 0; done && k < living.size(); ++k) {
        done = living[k]->takes_bfloat16 || add_bfloat16(living[k]);
    }
    return done ? Py_NewRef(Py_None) : nullptr;
}

// What `_bind` and the module's attributes are asked for.
PyObject* identity(PyObject*, PyObject* ufunc) {
    const Definition* const found = definition_of(ufunc, bound_name);
    const Definition* const raw = definition_of(ufunc, given_name);
    if (raw != nullptr)
        return Py_BuildValue("siO", raw->bound.function->name, int(raw->bound.kind), Py_None);
    if (found == nullptr) Py_RETURN_NONE;
    PyObject* const numbers = PyTuple_New(found->bound.function->parameters);
    for (int k = 0; numbers != nullptr && k < found->bound.function->parameters; ++k) {
        PyObject* const number = PyFloat_FromDouble(found->bound.parameters[k]);
        if (number == nullptr || PyTuple_SetItem(numbers, k, number) < 0) {
            Py_DECREF(numbers);
            return nullptr;
        }
    }
    return numbers
               ? Py_BuildValue("siN", found->bound.function->name, int(found->bound.kind), numbers)
               : nullptr;
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

PyMethodDef methods[] = {
    {"_bind", bind, METH_VARARGS,
     "_bind(name, *parameters) -> the value, derivative and backward ufuncs with these fixed."},
    {"_register_bfloat16", register_bfloat16, METH_O,
     "_register_bfloat16(dtype): every ufunc, present and future, takes ml_dtypes' bfloat16."},
    {"_call", call_ufunc, METH_VARARGS,
     "_call(ufunc, operands, keywords): what ufunc(*operands, **keywords) returns, sooner."},
    {"_set_threads", set_threads, METH_O, "_set_threads(count): split large arrays over as many."},
    {"_identity", identity, METH_O,
     "_identity(ufunc): (name, kind, parameters), parameters None if they are operands; None for "
     "a ufunc of another library."},
    {"_instruction_set", instruction_set, METH_NOARGS, "The instruction set the loops use."},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    "nonlin.ufuncs",
    "The raw NumPy ufuncs: name(x, *parameters), name_derivative(x, *parameters) and\n"
    "name_backward(grad, x, *parameters) for every activation.",
    -1,
    methods,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

bool add_ufuncs(PyObject* module) {
    for (int i = 0; i < chosen->size; ++i) {
        for (int kind = 0; kind < kinds; ++kind) {
            const Function& function = *chosen->functions[i];
            PyObject* ufunc = make_given(function, static_cast<Kind>(kind));
            if (ufunc == nullptr) return false;
            const std::string name = std::string(function.name) + suffixes[kind];
            const int failed = PyModule_AddObjectRef(module, name.c_str(), ufunc);
            Py_DECREF(ufunc);
            if (failed < 0) return false;
        }
    }
    return true;
}

}  // namespace

namespace nonlin {

const Definition* bound_definition(PyObject* ufunc) { return definition_of(ufunc, bound_name); }

int precision_of(int type) {
    for (int p = 0; p < built_in; ++p) {
        if (types[p] == type) return p;
    }
    return type == bfloat16_type ? bfloat16 : precisions;
}

}  // namespace nonlin

PyMODINIT_FUNC PyInit_ufuncs() {
    import_array();
    import_umath();
    const char* ceiling = std::getenv("NONLIN_INSTRUCTION_SET");
    chosen = choose(ceiling);
    if (chosen == nullptr) {
        return PyErr_Format(PyExc_ImportError,
                            "NONLIN_INSTRUCTION_SET is %s; expected v2, v3 or v4", ceiling);
    }
    PyObject* module = PyModule_Create(&definition);
    if (module != nullptr && (!add_ufuncs(module) || add_caller(module) < 0)) Py_CLEAR(module);
    return module;
}
