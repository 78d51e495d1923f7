// Generalised ufuncs, which live as long as the module; large arrays are split over threads by
// rows.
#include "rows.hpp"

#include <algorithm>
#include <cstring>
#include <deque>

#include "../threads/pool.hpp"

namespace nonlin {
namespace {

constexpr int types[built_in] = {NPY_HALF, NPY_FLOAT, NPY_DOUBLE};

// From so many elements on waking other threads is worth while, and a piece of rows has so many.
constexpr npy_intp worth_waking = 1 << 15, piece = 1 << 13;

// What a ufunc reads as long as it lives.
struct Rows {
    const RowFunction* function;
    std::string doc{};
    PyUFuncGenericFunction loops[built_in]{};
    void* data[built_in]{};
    char types[built_in * most_row_operands]{};
    PyUFuncObject* ufunc = nullptr;
    bool takes_bfloat16 = false;
};

// A deque does not move what it holds.
std::deque<Rows>& all() {
    static auto* const held = new std::deque<Rows>;
    return *held;
}

// Which operands have an element for each of the row's.
bool is_row(const RowFunction& function, int operand) {
    const char* at = function.signature;
    for (int k = 0; k < operand; ++k) at = std::strchr(at + 1, '(');
    return at[1] == 'n';
}

// The pool of the threads, which only who holds Python's lock may ask for.
std::shared_ptr<Pool> pool_for(npy_intp rows, npy_intp count) {
    if (rows < 2 || rows * std::max<npy_intp>(count, 1) < worth_waking) return nullptr;
    const PyGILState_STATE state = PyGILState_Ensure();
    std::shared_ptr<Pool> found = threads() > 1 ? pool() : nullptr;
    PyGILState_Release(state);
    return found;
}

// NumPy gives the strides between rows of every operand, then the steps of those that are rows.
void compute(const RowFunction& function, RowLoop loop, char* const* operands,
             const npy_intp* dimensions, const npy_intp* strides) {
    const npy_intp rows = dimensions[0], count = dimensions[1];
    npy_intp steps[most_row_operands] = {};
    const npy_intp* next = strides + function.operands;
    for (int k = 0; k < function.operands; ++k)
        if (is_row(function, k)) steps[k] = *next++;
    const std::shared_ptr<Pool> shared = pool_for(rows, count);
    if (shared == nullptr) return loop(operands, strides, steps, rows, count);
    const npy_intp taken = std::max<npy_intp>(1, piece / std::max<npy_intp>(count, 1));
    shared->run(rows, taken, [&](npy_intp first, npy_intp some) {
        char* places[most_row_operands];
        for (int k = 0; k < function.operands; ++k) places[k] = operands[k] + first * strides[k];
        loop(places, strides, steps, some, count);
    });
}

template <int precision>
void numpys_loop(char** operands, const npy_intp* dimensions, const npy_intp* strides, void* data) {
    const auto& function = *static_cast<const RowFunction*>(data);
    compute(function, function.loops[precision], operands, dimensions, strides);
}

constexpr PyUFuncGenericFunction numpys_loops[built_in] = {
    numpys_loop<float16>, numpys_loop<float32>, numpys_loop<float64>};

const RowFunction* function_of(PyObject* ufunc) {
    for (const Rows& each : all())
        if (reinterpret_cast<PyObject*>(each.ufunc) == ufunc) return each.function;
    return nullptr;
}

int bfloat16_loop(PyArrayMethod_Context* context, char* const* operands, const npy_intp* dimensions,
                  const npy_intp* strides, NpyAuxData*) {
    const RowFunction& function = *function_of(context->caller);
    compute(function, function.loops[bfloat16], operands, dimensions, strides);
    return 0;
}

bool add_bfloat16(Rows& rows, PyArray_DTypeMeta* dtype) {
    const RowFunction& function = *rows.function;
    PyArray_DTypeMeta* dtypes[most_row_operands];
    std::fill(dtypes, dtypes + most_row_operands, dtype);
    PyArray_Descr* const number = PyArray_DescrFromType(NPY_DOUBLE);
    if (function.temperature >= 0)
        dtypes[function.temperature] = NPY_DTYPE(reinterpret_cast<PyObject*>(number));
    PyType_Slot slots[] = {
        {NPY_METH_strided_loop, reinterpret_cast<void*>(bfloat16_loop)},
        {0, nullptr},
    };
    PyArrayMethod_Spec specification = {
        "bfloat16_loop",
        function.operands - 1,
        1,
        NPY_NO_CASTING,
        NPY_METH_NO_FLOATINGPOINT_ERRORS,
        dtypes,
        slots,
    };
    auto* const ufunc = reinterpret_cast<PyObject*>(rows.ufunc);
    rows.takes_bfloat16 = PyUFunc_AddLoopFromSpec(ufunc, &specification) == 0;
    Py_DECREF(reinterpret_cast<PyObject*>(number));
    return rows.takes_bfloat16;
}

bool add_row_ufunc(PyObject* module, const RowFunction& function) {
    Rows& rows = all().emplace_back(Rows{&function});
    const int operands = function.operands;
    rows.doc = "The raw ufunc; nonlin." + std::string(function.name) + " documents it.";
    for (int p = 0; p < built_in; ++p) {
        rows.loops[p] = numpys_loops[p];
        rows.data[p] = const_cast<RowFunction*>(&function);
        std::fill_n(rows.types + p * operands, operands, static_cast<char>(types[p]));
        if (function.temperature >= 0) rows.types[p * operands + function.temperature] = NPY_DOUBLE;
    }
    PyObject* const ufunc = PyUFunc_FromFuncAndDataAndSignature(
        rows.loops, rows.data, rows.types, built_in, operands - 1, 1, PyUFunc_None, function.name,
        rows.doc.c_str(), 0, function.signature);
    if (ufunc == nullptr) return false;
    rows.ufunc = reinterpret_cast<PyUFuncObject*>(ufunc);
    // The module has one reference, and `all` another.
    return PyModule_AddObjectRef(module, function.name, ufunc) == 0;
}

}  // namespace

bool add_row_ufuncs(PyObject* module, const Table& table) {
    for (const RowFunction* each = table.rows; each->name != nullptr; ++each)
        if (!add_row_ufunc(module, *each)) return false;
    return true;
}

bool rows_take_bfloat16(PyArray_DTypeMeta* dtype) {
    for (Rows& each : all())
        if (!each.takes_bfloat16 && !add_bfloat16(each, dtype)) return false;
    return true;
}

}  // namespace nonlin
