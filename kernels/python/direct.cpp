// What a ufunc does for a call beyond its loop, finding the dtypes and setting up an iterator,
// takes as long as computing a thousand elements. Most calls need none of it.
#include "direct.hpp"

#include <algorithm>
#include <chrono>

#include "../threads/pool.hpp"

namespace nonlin {
namespace {

using std::intptr_t;

constexpr int most_inputs = 3, most_outputs = 2, most_places = most_inputs + most_outputs;

// From here on the interpreter's lock is let go meanwhile, which costs as much as 2^9 elements.
constexpr npy_intp worth_unlocking = 1 << 12;

// Longer arrays are split over threads, if there are several. Where those look out for work that
// halves the time at once; to wake them takes a system call of some 10 microseconds, in which a
// cheap kernel has done 2^16 elements.
constexpr npy_intp worth_splitting = 1 << 15;

// So long does a call of fewer elements take if it is split too: from so many on it is measured
// what an element takes, and pieces are smaller.
constexpr float worth_waking = 10'000;
constexpr npy_intp worth_measuring = 1 << 13;
constexpr npy_intp large_piece = 1 << 13, small_piece = 1 << 11;

// An output of so many bytes and its input do not both stay in 32 MiB, which is what the last cache
// has on many processors.
constexpr npy_intp past_caches_bytes = npy_intp{1} << 24;

constexpr intptr_t line_bytes = 64;

// A call whose operands, the outputs last, are NumPy's own arrays of one dtype, shape and order.
struct Call {
    const Definition& definition;
    int precision, inputs, outputs;
    npy_intp size;
    intptr_t itemsize;
    char* first[most_places];
};

int order_of(PyArrayObject* array) {
    return PyArray_IS_C_CONTIGUOUS(array) ? NPY_ARRAY_C_CONTIGUOUS : NPY_ARRAY_F_CONTIGUOUS;
}

bool is_plain(PyObject* object, int order) {
    if (!PyArray_CheckExact(object)) return false;
    auto* const array = reinterpret_cast<PyArrayObject*>(object);
    return PyArray_CHKFLAGS(array, order | NPY_ARRAY_ALIGNED) && PyArray_ISNOTSWAPPED(array);
}

bool is_alike(PyObject* object, PyArrayObject* first) {
    if (!is_plain(object, order_of(first))) return false;
    auto* const array = reinterpret_cast<PyArrayObject*>(object);
    const npy_intp* const shape = PyArray_DIMS(first);
    return PyArray_TYPE(array) == PyArray_TYPE(first) &&
           PyArray_NDIM(array) == PyArray_NDIM(first) &&
           std::equal(shape, shape + PyArray_NDIM(first), PyArray_DIMS(array));
}

// An output may be an input, but where it begins within one it would be written over elements that
// are still to be read.
bool is_output(PyObject* object, PyArrayObject* first, PyObject* const* operands, int count) {
    if (!is_alike(object, first)) return false;
    auto* const out = reinterpret_cast<PyArrayObject*>(object);
    const npy_intp bytes = PyArray_NBYTES(out);
    const char* const written = PyArray_BYTES(out);
    for (int k = 0; k < count; ++k) {
        const char* const read = PyArray_BYTES(reinterpret_cast<PyArrayObject*>(operands[k]));
        if (read != written && read < written + bytes && written < read + bytes) return false;
    }
    return PyArray_ISWRITEABLE(out);
}

PyObject* new_array(PyArrayObject* like) {
    const int fortran = order_of(like) == NPY_ARRAY_F_CONTIGUOUS;
    return PyArray_New(&PyArray_Type, PyArray_NDIM(like), PyArray_DIMS(like), PyArray_TYPE(like),
                       nullptr, nullptr, 0, fortran, nullptr);
}

// A function has one output, a gate's derivatives two; what is returned then is a tuple.
int outputs_of(const Bound& bound) { return bound.gate != nullptr ? gate_outputs[bound.kind] : 1; }

// A new reference to one of the outputs that a call names; null without an exception if it is not
// for here.
PyObject* given_output(PyObject* out, int outputs, int k) {
    if (outputs == 1) return Py_NewRef(out);
    if (!PyTuple_CheckExact(out) || PyTuple_Size(out) != outputs) return nullptr;
    return Py_NewRef(PyTuple_GetItem(out, k));
}

PyObject* packed(PyObject** results, int count) {
    if (count == 1) return results[0];
    PyObject* const all = PyTuple_Pack(count, results[0], results[1]);
    for (int k = 0; k < count; ++k) Py_DECREF(results[k]);
    return all;
}

// A number of Python's, or NumPy's float64, which is one too.
bool is_number(PyObject* object) {
    return PyFloat_CheckExact(object) || PyArray_IsScalar(object, Double);
}

PyObject* compute_numbers(const Definition& definition, const Bound& bound,
                          PyObject* const* operands, int count) {
    const int outputs = outputs_of(bound);
    double numbers[most_places] = {};
    char* places[most_places];
    npy_intp strides[most_places];
    for (int k = 0; k < count + outputs; ++k) {
        if (k < count) numbers[k] = PyFloat_AsDouble(operands[k]);
        places[k] = reinterpret_cast<char*>(numbers + k);
        strides[k] = sizeof(double);
    }
    const npy_intp size = 1;
    definition.loops[float64](places, &size, strides, const_cast<Bound*>(&bound));
    PyArray_Descr* const descriptor = PyArray_DescrFromType(NPY_DOUBLE);
    PyObject* results[most_outputs] = {};
    bool done = true;
    for (int k = 0; k < outputs; ++k) {
        results[k] = PyArray_Scalar(numbers + count + k, descriptor, nullptr);
        done = done && results[k] != nullptr;
    }
    Py_DECREF(reinterpret_cast<PyObject*>(descriptor));
    if (done) return packed(results, outputs);
    for (PyObject* result : results) Py_XDECREF(result);
    return nullptr;
}

void apply(const Call& call, const Bound& bound, intptr_t first, npy_intp size) {
    char* operands[most_places];
    npy_intp strides[most_places];
    for (int k = 0; k < call.inputs + call.outputs; ++k) {
        operands[k] = call.first[k] + first * call.itemsize;
        strides[k] = call.itemsize;
    }
    call.definition.loops[call.precision](operands, &size, strides, const_cast<Bound*>(&bound));
}

// The pieces are counted from the beginning of the line that the output begins in, so that each but
// the first begins on a line, and no two threads write into the same.
void apply_split(const Call& call, const Bound& bound, Pool& pool) {
    const npy_intp piece = call.size > worth_splitting ? large_piece : small_piece;
    const auto address = reinterpret_cast<std::uintptr_t>(call.first[call.inputs]);
    const auto before = static_cast<intptr_t>(address % line_bytes) / call.itemsize;
    pool.run(call.size + before, piece, [&](intptr_t first, intptr_t size) {
        const intptr_t begin = std::max(first - before, intptr_t{0});
        apply(call, bound, begin, first + size - before - begin);
    });
}

void apply_measured(const Call& call, const Bound& bound) {
    using clock = std::chrono::steady_clock;
    const clock::time_point start = clock::now();
    apply(call, bound, 0, call.size);
    const std::chrono::duration<float, std::nano> taken = clock::now() - start;
    std::atomic<float>& least = call.definition.nanoseconds[call.precision];
    const float before = least.load(std::memory_order_relaxed);
    const float now = taken.count() / static_cast<float>(call.size);
    if (before == 0 || now < before) least.store(now, std::memory_order_relaxed);
}

bool is_worth_splitting(const Call& call) {
    const float element =
        call.definition.nanoseconds[call.precision].load(std::memory_order_relaxed);
    return call.size > worth_splitting || element * static_cast<float>(call.size) > worth_waking;
}

bool goes_past_caches(const Call& call) {
    char* const* const out = call.first + call.inputs;
    return call.size * call.itemsize >= past_caches_bytes &&
           std::find_first_of(call.first, out, out, out + call.outputs) == out;
}

void apply_unlocked(const Call& call, Bound bound) {
    bound.past_caches = goes_past_caches(call);
    const bool large = call.size > worth_measuring && threads() > 1;
    const std::shared_ptr<Pool> shared = large && is_worth_splitting(call) ? pool() : nullptr;
    PyThreadState* const state = PyEval_SaveThread();
    if (shared != nullptr) {
        apply_split(call, bound, *shared);
    } else if (large) {
        apply_measured(call, bound);
    } else {
        apply(call, bound, 0, call.size);
    }
    PyEval_RestoreThread(state);
}

bool is_same_place(PyObject* a, PyObject* b) {
    return PyArray_BYTES(reinterpret_cast<PyArrayObject*>(a)) ==
           PyArray_BYTES(reinterpret_cast<PyArrayObject*>(b));
}

// The outputs that are given, or new ones; false, with or without an exception, if that cannot be.
bool take_outputs(PyObject* out, PyArrayObject* first, PyObject* const* operands, int count,
                  int outputs, PyObject** results) {
    PyObject* places[most_places];
    std::copy_n(operands, count, places);
    for (int k = 0; k < outputs; ++k) {
        results[k] = out != nullptr ? given_output(out, outputs, k) : new_array(first);
        const bool fits = results[k] != nullptr &&
                          (out == nullptr || (is_output(results[k], first, places, count + k) &&
                                              (k == 0 || !is_same_place(results[k], results[0]))));
        if (!fits) {
            for (int j = 0; j <= k; ++j) Py_CLEAR(results[j]);
            return false;
        }
        places[count + k] = results[k];
    }
    return true;
}

}  // namespace

PyObject* compute(PyObject* ufunc, PyObject* const* operands, int count, PyObject* out,
                  const double* parameters) {
    const Definition* const definition = bound_definition(ufunc);
    if (definition == nullptr || definition->ufunc->nin != count) return nullptr;
    Bound bound = definition->bound;
    if (parameters != nullptr) std::copy_n(parameters, most_parameters, bound.parameters);
    if (out == nullptr && std::all_of(operands, operands + count, is_number)) {
        return compute_numbers(*definition, bound, operands, count);
    }
    if (!PyArray_Check(operands[0])) return nullptr;
    auto* const first = reinterpret_cast<PyArrayObject*>(operands[0]);
    const int precision = precision_of(PyArray_TYPE(first));
    // Of an array without dimensions a ufunc makes a scalar.
    if (precision == precisions || PyArray_NDIM(first) == 0) return nullptr;
    for (int k = 0; k < count; ++k) {
        if (!is_alike(operands[k], first)) return nullptr;
    }
    const int outputs = outputs_of(bound);
    PyObject* results[most_outputs] = {};
    if (!take_outputs(out, first, operands, count, outputs, results)) return nullptr;
    Call call = {
        *definition, precision, count, outputs, PyArray_SIZE(first), PyArray_ITEMSIZE(first), {}};
    for (int k = 0; k < count + outputs; ++k) {
        PyObject* const operand = k < count ? operands[k] : results[k - count];
        call.first[k] = PyArray_BYTES(reinterpret_cast<PyArrayObject*>(operand));
    }
    if (call.size < worth_unlocking) {
        apply(call, bound, 0, call.size);
    } else {
        apply_unlocked(call, bound);
    }
    return packed(results, outputs);
}

}  // namespace nonlin
