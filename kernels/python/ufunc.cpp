// NumPy ufuncs that own what their loops read.
#include "ufunc.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "rows.hpp"

namespace nonlin {
namespace {

constexpr const char* suffixes[kinds] = {"", "_derivative", "_backward"};
constexpr int types[built_in] = {NPY_HALF, NPY_FLOAT, NPY_DOUBLE};

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
        "bfloat16_loop", ufunc->nin, ufunc->nout, NPY_NO_CASTING, NPY_METH_NO_FLOATINGPOINT_ERRORS,
        operands,        slots,
    };
    auto* const object = reinterpret_cast<PyObject*>(ufunc);
    definition->takes_bfloat16 = PyUFunc_AddLoopFromSpec(object, &specification) == 0;
    return definition->takes_bfloat16;
}

// A new ufunc that owns `definition`, in every precision, with `arity` operands besides its
// outputs.
PyObject* make_ufunc(Definition* definition, int arity, const char* capsule_name, int outputs = 1) {
    PyObject* owner = PyCapsule_New(definition, capsule_name, destroy);
    if (owner == nullptr) {
        delete definition;
        return nullptr;
    }
    for (int p = 0; p < built_in; ++p) {
        std::memset(definition->types + p * (arity + outputs), types[p], arity + outputs);
    }
    PyObject* ufunc = PyUFunc_FromFuncAndData(
        definition->loops, definition->data, definition->types, built_in, arity, outputs,
        PyUFunc_None, definition->name.c_str(), definition->doc.c_str(), 0);
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

Definition* define(const Bound& bound, const Loop* loops) {
    auto* definition = new Definition{bound};
    definition->name = std::string(computed_name(bound)) + suffixes[bound.kind];
    for (int p = 0; p < precisions; ++p) {
        definition->loops[p] = reinterpret_cast<PyUFuncGenericFunction>(loops[p]);
        definition->data[p] = &definition->bound;
    }
    return definition;
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

}  // namespace

std::string name_of(const Function& function, Kind kind) {
    return std::string(function.name) + suffixes[kind];
}

PyObject* make_given(const Table& table, const Function& function, Kind kind) {
    Definition* const definition = define({&function, kind, {}, false}, table.given);
    definition->doc = "The raw ufunc; nonlin." + std::string(function.name) + " documents it.";
    return make_ufunc(definition, inputs[kind] + function.parameters, given_name);
}

PyObject* make_bound(const Table& table, const Function& function, Kind kind,
                     const double* parameters) {
    Definition* const definition = define({&function, kind, {}, false}, table.bound);
    definition->doc = "The ufunc with its parameters fixed.";
    std::copy_n(parameters, most_parameters, definition->bound.parameters);
    return make_ufunc(definition, inputs[kind], bound_name);
}

PyObject* make_gate(const Table& table, const Gate& gate, Kind kind, const double* parameters) {
    Definition* const definition = define({nullptr, kind, {}, false, &gate}, table.gate);
    definition->doc = "The ufunc with its parameters fixed.";
    std::copy_n(parameters, most_parameters, definition->bound.parameters);
    return make_ufunc(definition, gate_inputs[kind], bound_name, gate_outputs[kind]);
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
    done = done && rows_take_bfloat16(bfloat16_dtype);
    return done ? Py_NewRef(Py_None) : nullptr;
}

const Definition* given_definition(PyObject* ufunc) { return definition_of(ufunc, given_name); }

const Definition* bound_definition(PyObject* ufunc) { return definition_of(ufunc, bound_name); }

int precision_of(int type) {
    for (int p = 0; p < built_in; ++p) {
        if (types[p] == type) return p;
    }
    return type == bfloat16_type ? bfloat16 : precisions;
}

}  // namespace nonlin
