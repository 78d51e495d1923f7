// What PyTorch calls: forward and backward of every function of the table, on dense tensors of any
// layout. Others are copied first. No Python, and no header of PyTorch's.
#include "torch.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "torch_shim.hpp"

namespace nonlin {
namespace {

using torch::Tensor;
using torch::Value;

// As many elements as are worth a thread.
constexpr std::int64_t worth_a_thread = 1 << 15;
// See direct.cpp.
constexpr std::int64_t past_caches_bytes = std::int64_t{1} << 24;
// What the two passes of `with_slopes` leave in the first cache.
constexpr std::int64_t block = 1024;

// `with_slopes` gives the value, and of which of two slopes each element is; `of_slopes` is the
// backward pass from that.
enum Variant { forward, backward_pass, with_slopes, of_slopes };

// What a slope is called: that beside 1, 1, or NaN.
enum Slope : std::uint8_t { low, one, undefined };

// A function of one operand, or a gate.
struct Entry {
    const Function* function;
    const Gate* gate;
    Variant variant;
};

const Table* table = nullptr;
std::vector<Entry> entries;

int precision_of(const Tensor& tensor) {
    switch (tensor.dtype) {
        case torch::half:
            return float16;
        case torch::single:
            return float32;
        case torch::twice:
            return float64;
        case torch::brain:
            return bfloat16;
        default:
            throw std::runtime_error(
                "nonlin: expected a tensor of float16, bfloat16, float32 or float64");
    }
}

// Of the backward pass of a gate: the gradient, both inputs, and a gradient for each.
constexpr int most_arrays = 5;

constexpr std::intptr_t sizes_of[precisions] = {2, 4, 8, 2};

// Arrays of one dtype: what is read, each side by side or one element for all, and what is written.
struct Job {
    Loop loop;
    Bound bound;
    std::intptr_t size;
    char* operands[most_arrays];
    std::intptr_t strides[most_arrays];
    int count;
    // Of the two variants with slopes.
    std::uint8_t* slopes;
    int precision;

    Job(const Function& function, Kind kind, int precision)
        : loop(table->bound[precision]),
          bound{&function, kind, {}, false},
          size(sizes_of[precision]),
          operands{},
          strides{},
          count(0),
          slopes(nullptr),
          precision(precision) {}

    Job(const Gate& gate, Kind kind, int precision)
        : loop(table->gate[precision]),
          bound{nullptr, kind, {}, false, &gate},
          size(sizes_of[precision]),
          operands{},
          strides{},
          count(0),
          slopes(nullptr),
          precision(precision) {}

    void take(const Tensor& tensor, bool is_one_element = false) {
        operands[count] = static_cast<char*>(tensor.data);
        strides[count++] = is_one_element ? 0 : size;
    }
    void run(std::int64_t begin, std::int64_t end, char* const* places) const {
        char* here[most_arrays];
        for (int k = 0; k < count; ++k) here[k] = places[k] + begin * strides[k];
        const std::intptr_t elements = end - begin;
        loop(here, &elements, strides, const_cast<Bound*>(&bound));
    }
    // Not where elements are read after others were written.
    void write_past_caches(std::int64_t elements) {
        bound.past_caches = elements * size >= past_caches_bytes;
    }
};

void whole(std::int64_t begin, std::int64_t end, void* context) {
    const Job& job = *static_cast<const Job*>(context);
    job.run(begin, end, job.operands);
}

void in_threads(std::int64_t count, torch::Piece piece, Job& job) {
    if (count <= worth_a_thread) return piece(0, count, &job);
    torch::check(torch::shim.parallel_for(0, count, worth_a_thread, piece, &job));
}

// A derivative's pattern as it lies in memory.
template <class Bits> Slope slope_of(Bits pattern, Bits of_one, Bits infinity) {
    constexpr Bits sign = Bits(Bits(1) << (8 * sizeof(Bits) - 1));
    if (pattern == of_one) return one;
    return Bits(pattern & Bits(~sign)) > infinity ? undefined : low;
}

template <class Bits>
void name_slopes(const char* derivatives, std::uint8_t* slopes, std::int64_t count, Bits of_one,
                 Bits infinity) {
    for (std::int64_t i = 0; i < count; ++i) {
        Bits pattern;
        std::memcpy(&pattern, derivatives + i * sizeof(Bits), sizeof(Bits));
        slopes[i] = slope_of(pattern, of_one, infinity);
    }
}

void name_slopes(int precision, const char* derivatives, std::uint8_t* slopes, std::int64_t count) {
    using std::uint16_t, std::uint32_t, std::uint64_t;
    switch (precision) {
        case float16:
            return name_slopes<uint16_t>(derivatives, slopes, count, 0x3c00, 0x7c00);
        case bfloat16:
            return name_slopes<uint16_t>(derivatives, slopes, count, 0x3f80, 0x7f80);
        case float32:
            return name_slopes<uint32_t>(derivatives, slopes, count, 0x3f800000, 0x7f800000);
        default:
            return name_slopes<uint64_t>(derivatives, slopes, count, std::uint64_t{0x3ff} << 52,
                                         std::uint64_t{0x7ff} << 52);
    }
}

void values_and_slopes(std::int64_t begin, std::int64_t end, void* context) {
    const Job& job = *static_cast<const Job*>(context);
    Bound of_derivative = job.bound;
    of_derivative.kind = derivative;
    alignas(64) char derivatives[block * sizeof(double)];
    for (std::int64_t i = begin; i < end; i += block) {
        const std::int64_t stop = std::min(i + block, end);
        job.run(i, stop, job.operands);
        char* places[] = {job.operands[0] + i * job.size, derivatives};
        const std::intptr_t count = stop - i;
        job.loop(places, &count, job.strides, &of_derivative);
        name_slopes(job.precision, derivatives, job.slopes + i, count);
    }
}

// An element of each slope of Leaky ReLU, whose backward pass multiplies as all of them do.
template <class Bits> struct Examples {
    Bits of[3];
};

template <class Bits>
void write_examples(char* to, const std::uint8_t* slopes, std::int64_t count, Examples<Bits> is) {
    for (std::int64_t i = 0; i < count; ++i)
        std::memcpy(to + i * sizeof(Bits), &is.of[slopes[i]], sizeof(Bits));
}

void write_examples(int precision, char* to, const std::uint8_t* slopes, std::int64_t count) {
    using std::uint16_t, std::uint32_t, std::uint64_t;
    switch (precision) {
        case float16:
            return write_examples<uint16_t>(to, slopes, count, {{0xbc00, 0x3c00, 0x7e00}});
        case bfloat16:
            return write_examples<uint16_t>(to, slopes, count, {{0xbf80, 0x3f80, 0x7fc0}});
        case float32:
            return write_examples<uint32_t>(to, slopes, count,
                                            {{0xbf800000, 0x3f800000, 0x7fc00000}});
        default: {
            constexpr uint64_t minus_one = uint64_t{0xbff} << 52, plus_one = uint64_t{0x3ff} << 52;
            return write_examples<uint64_t>(to, slopes, count,
                                            {{minus_one, plus_one, uint64_t{0xfff} << 51}});
        }
    }
}

void gradients_of_slopes(std::int64_t begin, std::int64_t end, void* context) {
    const Job& job = *static_cast<const Job*>(context);
    alignas(64) char examples[block * sizeof(double)];
    for (std::int64_t i = begin; i < end; i += block) {
        const std::int64_t stop = std::min(i + block, end);
        write_examples(job.precision, examples, job.slopes + i, stop - i);
        char* places[] = {job.operands[0] + i * job.strides[0], examples,
                          job.operands[2] + i * job.size};
        const std::intptr_t count = stop - i;
        job.loop(places, &count, job.strides, const_cast<Bound*>(&job.bound));
    }
}

Tensor dense(Value value) {
    Tensor given(value);
    return given.is_dense() ? std::move(given) : given.cloned();
}

// A gradient is often one number for all elements, that of a sum.
struct Gradient {
    Tensor tensor;
    bool is_one_element;
};

Gradient gradient_for(Value value, const Tensor& x) {
    Tensor given(value);
    if (!given.has_shape_of(x))
        throw std::runtime_error("nonlin: the gradient must have the shape of the input");
    if (given.is_one_element()) return {std::move(given), true};
    return {given.lies_as(x) ? std::move(given) : given.placed_as(x), false};
}

void take_parameters(Bound& bound, const Value* stack) {
    const int count = bound.gate ? bound.gate->parameters : bound.function->parameters;
    for (int k = 0; k < count; ++k) bound.parameters[k] = torch::number(stack[k]);
}

void run_forward(const Function& function, Value* stack) {
    const Tensor x = dense(stack[0]);
    Job job(function, value, precision_of(x));
    take_parameters(job.bound, stack + 1);
    Tensor y = x.like(x.dtype);
    job.take(x), job.take(y), job.write_past_caches(x.count);
    in_threads(x.count, whole, job);
    stack[0] = y.release();
}

void run_backward(const Function& function, Value* stack) {
    Tensor held(stack[0]);
    const Tensor x = dense(stack[1]);
    Job job(function, backward, precision_of(x));
    if (held.dtype != x.dtype)
        throw std::runtime_error("nonlin: the gradient must have the dtype of the input");
    const Gradient gradient = gradient_for(held.release(), x);
    take_parameters(job.bound, stack + 2);
    Tensor result = x.like(x.dtype);
    job.take(gradient.tensor, gradient.is_one_element), job.take(x), job.take(result);
    job.write_past_caches(x.count);
    in_threads(x.count, whole, job);
    stack[0] = result.release();
}

void run_with_slopes(const Function& function, Value* stack) {
    const Tensor x = dense(stack[0]);
    Job job(function, value, precision_of(x));
    take_parameters(job.bound, stack + 1);
    Tensor y = x.like(x.dtype), slopes = x.like(torch::uint8);
    job.take(x), job.take(y);
    job.slopes = static_cast<std::uint8_t*>(slopes.data);
    in_threads(x.count, values_and_slopes, job);
    stack[0] = y.release();
    stack[1] = slopes.release();
}

void run_of_slopes(const Function& function, Value* stack) {
    Tensor held(stack[0]);
    const Tensor slopes = dense(stack[1]);
    if (slopes.dtype != torch::uint8)
        throw std::runtime_error("nonlin: the slopes must be a tensor of uint8");
    Job job(function, backward, precision_of(held));
    const Gradient gradient = gradient_for(held.release(), slopes);
    job.bound.parameters[0] = torch::number(stack[2]);
    Tensor result = slopes.like(gradient.tensor.dtype);
    job.take(gradient.tensor, gradient.is_one_element);
    job.strides[job.count++] = job.size;
    job.take(result);
    job.slopes = static_cast<std::uint8_t*>(slopes.data);
    in_threads(slopes.count, gradients_of_slopes, job);
    stack[0] = result.release();
}

// The value of a gate, laid out as the gate is.
Tensor value_for(Value value, const Tensor& gate) {
    Tensor given(value);
    if (!given.has_shape_of(gate) || given.dtype != gate.dtype)
        throw std::runtime_error("nonlin: gate and value must have one shape and one dtype");
    return given.lies_as(gate) ? std::move(given) : given.placed_as(gate);
}

void run_gate(const Gate& function, Value* stack) {
    Tensor held(stack[1]);
    const Tensor gate = dense(stack[0]), other = value_for(held.release(), gate);
    Job job(function, value, precision_of(gate));
    take_parameters(job.bound, stack + 2);
    Tensor y = gate.like(gate.dtype);
    job.take(gate), job.take(other), job.take(y), job.write_past_caches(gate.count);
    in_threads(gate.count, whole, job);
    stack[0] = y.release();
}

void run_gate_backward(const Gate& function, Value* stack) {
    Tensor held_gradient(stack[0]), held_value(stack[2]);
    const Tensor gate = dense(stack[1]), other = value_for(held_value.release(), gate);
    if (held_gradient.dtype != gate.dtype)
        throw std::runtime_error("nonlin: the gradient must have the dtype of the input");
    const Gradient gradient = gradient_for(held_gradient.release(), gate);
    Job job(function, backward, precision_of(gate));
    take_parameters(job.bound, stack + 3);
    Tensor by_gate = gate.like(gate.dtype), by_value = gate.like(gate.dtype);
    job.take(gradient.tensor, gradient.is_one_element), job.take(gate), job.take(other);
    job.take(by_gate), job.take(by_value), job.write_past_caches(gate.count);
    in_threads(gate.count, whole, job);
    stack[0] = by_gate.release();
    stack[1] = by_value.release();
}

void run(const Entry& entry, Value* stack) {
    if (entry.gate != nullptr) {
        return entry.variant == forward ? run_gate(*entry.gate, stack)
                                        : run_gate_backward(*entry.gate, stack);
    }
    switch (entry.variant) {
        case forward:
            return run_forward(*entry.function, stack);
        case backward_pass:
            return run_backward(*entry.function, stack);
        case with_slopes:
            return run_with_slopes(*entry.function, stack);
        case of_slopes:
            return run_of_slopes(*entry.function, stack);
    }
}

// LibTorch takes a function without data: one for each entry.
constexpr int most_entries = 512;
template <int n> void operator_of(Value* stack, Value, Value) { run(entries[n], stack); }
template <int... n> torch::Operator nth_operator(std::size_t i, std::integer_sequence<int, n...>) {
    constexpr torch::Operator all[] = {operator_of<n>...};
    return all[i];
}

bool find(PyObject* addresses, const char* name, auto& function) {
    PyObject* const found = PyDict_GetItemString(addresses, name);
    void* const address = found == nullptr ? nullptr : PyLong_AsVoidPtr(found);
    if (address == nullptr && !PyErr_Occurred())
        PyErr_Format(PyExc_RuntimeError, "LibTorch has no function %s", name);
    std::memcpy(&function, &address, sizeof address);
    return address != nullptr;
}

bool find_all(PyObject* addresses) {
    torch::Shim& shim = torch::shim;
    return find(addresses, "aoti_torch_library_init_impl", shim.library_init_impl) &&
           find(addresses, "aoti_torch_library_impl", shim.library_impl) &&
           find(addresses, "aoti_torch_get_data_ptr", shim.get_data_ptr) &&
           find(addresses, "aoti_torch_get_sizes", shim.get_sizes) &&
           find(addresses, "aoti_torch_get_strides", shim.get_strides) &&
           find(addresses, "aoti_torch_get_dim", shim.get_dim) &&
           find(addresses, "aoti_torch_get_dtype", shim.get_dtype) &&
           find(addresses, "aoti_torch_get_numel", shim.get_numel) &&
           find(addresses, "aoti_torch_empty_strided", shim.empty_strided) &&
           find(addresses, "aoti_torch_delete_tensor_object", shim.delete_tensor_object) &&
           find(addresses, "aoti_torch_clone", shim.clone) &&
           find(addresses, "aoti_torch_copy_", shim.copy_) &&
           find(addresses, "torch_parallel_for", shim.parallel_for);
}

bool add(torch::Library library, const std::string& name, const Entry& entry) {
    if (entries.size() == most_entries) {
        PyErr_SetString(PyExc_RuntimeError, "more operators than torch.cpp has room for");
        return false;
    }
    constexpr std::make_integer_sequence<int, most_entries> each{};
    const torch::Operator kernel = nth_operator(entries.size(), each);
    entries.push_back(entry);
    if (torch::shim.library_impl(library, name.c_str(), kernel) == 0) return true;
    PyErr_Format(PyExc_RuntimeError, "PyTorch took no kernel for nonlin::%s", name.c_str());
    return false;
}

bool add_all(torch::Library library, PyObject* with_two_slopes) {
    bool done = true;
    each_function(*table, [&](const Function& function) {
        const std::string name = function.name;
        done = done && add(library, name, {&function, nullptr, forward}) &&
               add(library, name + "_backward", {&function, nullptr, backward_pass});
        if (done && PyDict_GetItemString(with_two_slopes, function.name) != nullptr)
            done = add(library, name + "_with_slopes", {&function, nullptr, with_slopes});
        if (done && name == "leaky_relu")
            done = add(library, "backward_of_slopes", {&function, nullptr, of_slopes});
    });
    each_gate(*table, [&](const Gate& gate) {
        const std::string name = gate.name;
        done = done && add(library, name, {nullptr, &gate, forward}) &&
               add(library, name + "_backward", {nullptr, &gate, backward_pass});
    });
    return done;
}

}  // namespace

PyObject* register_torch(const Table& chosen, PyObject* arguments) {
    PyObject *addresses, *with_two_slopes;
    if (!PyArg_ParseTuple(arguments, "O!O!", &PyDict_Type, &addresses, &PyDict_Type,
                          &with_two_slopes)) {
        return nullptr;
    }
    // The kernels stay registered as long as PyTorch is loaded.
    if (table != nullptr) Py_RETURN_NONE;
    if (!find_all(addresses)) return nullptr;
    torch::Library library;
    if (torch::shim.library_init_impl("nonlin", "CPU", "nonlin", 0, &library) != 0) {
        PyErr_SetString(PyExc_RuntimeError, "PyTorch took no library of the name nonlin");
        return nullptr;
    }
    table = &chosen;
    if (!add_all(library, with_two_slopes)) return nullptr;
    Py_RETURN_NONE;
}

}  // namespace nonlin
