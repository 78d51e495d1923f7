// What a ufunc does for a call beyond its loop, finding the dtypes and setting up an iterator,
// takes as long as computing a thousand elements. Most calls need none of it.
#include "direct.hpp"

#include <algorithm>
#include <chrono>

#include "../threads/pool.hpp"

namespace nonlin {
namespace {

using std::intptr_t;

constexpr int most_inputs = 2;

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

// A call whose operands, the output last, are NumPy's own arrays of one dtype, shape and order.
struct Call {
    const Definition& definition;
    int precision, inputs;
    npy_intp size;
    intptr_t itemsize;
    char* first[most_inputs + 1];
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

// A number of Python's, or NumPy's float64, which is one too.
bool is_number(PyObject* object) {
    return PyFloat_CheckExact(object) || PyArray_IsScalar(object, Double);
}

PyObject* compute_numbers(const Definition& definition, const Bound& bound,
                          PyObject* const* operands, int count) {
    double numbers[most_inputs + 1] = {};
    char* places[most_inputs + 1];
    for (int k = 0; k <= count; ++k) {
        if (k < count) numbers[k] = PyFloat_AsDouble(operands[k]);
        places[k] = reinterpret_cast<char*>(numbers + k);
    }
    const npy_intp size = 1,
                   strides[most_inputs + 1] = {sizeof(double), sizeof(double), sizeof(double)};
    definition.loops[float64](places, &size, strides, const_cast<Bound*>(&bound));
    PyArray_Descr* const descriptor = PyArray_DescrFromType(NPY_DOUBLE);
    PyObject* const result = PyArray_Scalar(numbers + count, descriptor, nullptr);
    Py_DECREF(reinterpret_cast<PyObject*>(descriptor));
    return result;
}

void apply(const Call& call, const Bound& bound, intptr_t first, npy_intp size) {
    char* operands[most_inputs + 1];
    npy_intp strides[most_inputs + 1];
    for (int k = 0; k <= call.inputs; ++k) {
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
           std::find(call.first, out, *out) == out;
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

}  // namespace

PyObject* compute(PyObject* ufunc, PyObject* const* operands, int count, PyObject* out,
                  const double* parameters) {
    const Definition* const definition = bound_definition(ufunc);
    if (definition == nullptr) return nullptr;
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
    if (out != nullptr && !is_output(out, first, operands, count)) return nullptr;
    PyObject* const result = out != nullptr ? Py_NewRef(out) : new_array(first);
    if (result == nullptr) return nullptr;
    Call call = {*definition, precision, count, PyArray_SIZE(first), PyArray_ITEMSIZE(first), {}};
    for (int k = 0; k <= count; ++k) {
        PyObject* const operand = k < count ? operands[k] : result;
        call.first[k] = PyArray_BYTES(reinterpret_cast<PyArrayObject*>(operand));
    }
    if (call.size < worth_unlocking) {
        apply(call, bound, 0, call.size);
    } else {
        apply_unlocked(call, bound);
    }
    return result;
}

}  // namespace nonlin
