// LibTorch's stable C functions without its headers, so that one extension serves every version of
// PyTorch, and Python without it. What they take is fixed by
// torch/csrc/inductor/aoti_torch/c/shim.h and torch/csrc/stable/c/shim.h, which change no function
// that has been there once.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace nonlin::torch {

using Value = std::uint64_t;
using Handle = void*;
using Library = void*;
using Operator = void (*)(Value* stack, Value inputs, Value outputs);
using Piece = void (*)(std::int64_t begin, std::int64_t end, void* context);

// How PyTorch numbers dtypes and devices.
enum Dtype : std::int32_t { uint8 = 0, half = 5, single = 6, twice = 7, brain = 15 };
constexpr std::int32_t cpu = 0;

// Each gives 0, or another number after an error.
struct Shim {
    std::int32_t (*library_init_impl)(const char* space, const char* key, const char* file,
                                      std::uint32_t line, Library* made);
    std::int32_t (*library_impl)(Library library, const char* name, Operator kernel);
    std::int32_t (*get_data_ptr)(Handle tensor, void** data);
    std::int32_t (*get_sizes)(Handle tensor, std::int64_t** sizes);
    std::int32_t (*get_strides)(Handle tensor, std::int64_t** strides);
    std::int32_t (*get_dim)(Handle tensor, std::int64_t* dimensions);
    std::int32_t (*get_dtype)(Handle tensor, std::int32_t* dtype);
    std::int32_t (*get_numel)(Handle tensor, std::int64_t* count);
    std::int32_t (*empty_strided)(std::int64_t dimensions, const std::int64_t* sizes,
                                  const std::int64_t* strides, std::int32_t dtype,
                                  std::int32_t device, std::int32_t index, Handle* made);
    std::int32_t (*delete_tensor_object)(Handle tensor);
    std::int32_t (*clone)(Handle tensor, Handle* made);
    std::int32_t (*copy_)(Handle to, Handle from, std::int32_t non_blocking);
    std::int32_t (*parallel_for)(std::int64_t begin, std::int64_t end, std::int64_t grain,
                                 Piece piece, void* context);
};

inline Shim shim;

// What is thrown from a kernel reaches Python as a RuntimeError.
inline void check(std::int32_t error) {
    if (error != 0) throw std::runtime_error("nonlin: a function of LibTorch failed");
}

// A tensor that a kernel holds: the strides of those that it makes leave no gaps.
class Tensor {
 public:
    explicit Tensor(Handle handle) : handle_(handle) {
        check(shim.get_data_ptr(handle, &data));
        check(shim.get_sizes(handle, &sizes));
        check(shim.get_strides(handle, &strides));
        check(shim.get_dim(handle, &dimensions));
        check(shim.get_dtype(handle, &dtype));
        check(shim.get_numel(handle, &count));
    }
    explicit Tensor(Value value) : Tensor(reinterpret_cast<Handle>(value)) {}
    Tensor(Tensor&& other) noexcept { *this = static_cast<Tensor&&>(other); }
    Tensor& operator=(Tensor&& other) noexcept {
        std::swap(handle_, other.handle_);
        data = other.data, sizes = other.sizes, strides = other.strides;
        dimensions = other.dimensions, count = other.count, dtype = other.dtype;
        return *this;
    }
    ~Tensor() {
        if (handle_ != nullptr) shim.delete_tensor_object(handle_);
    }

    // Hands the tensor over to whoever reads the stack.
    Value release() {
        const Handle given = handle_;
        handle_ = nullptr;
        return reinterpret_cast<Value>(given);
    }

    Tensor like(std::int32_t with_dtype) const {
        Handle made;
        check(shim.empty_strided(dimensions, sizes, strides, with_dtype, cpu, 0, &made));
        return Tensor(made);
    }

    // PyTorch's own copy without gaps, which keeps the order of the dimensions.
    Tensor cloned() const {
        Handle made;
        check(shim.clone(handle_, &made));
        return Tensor(made);
    }

    // The same elements where those of `other` lie.
    Tensor placed_as(const Tensor& other) const {
        Tensor made = other.like(dtype);
        check(shim.copy_(made.handle_, handle_, 0));
        return made;
    }

    // Whether the elements fill the memory without gaps or overlaps, in whatever order.
    bool is_dense() const {
        std::int64_t seen = 1;
        for (std::int64_t filled = 0, k = 0; filled < dimensions && k <= dimensions; ++k) {
            const std::int64_t before = seen;
            for (std::int64_t d = 0; d < dimensions; ++d) {
                if (sizes[d] != 1 && strides[d] == seen) {
                    seen *= sizes[d];
                    break;
                }
            }
            if (seen == before) break;
        }
        return count <= 1 || seen == count;
    }

    bool lies_as(const Tensor& other) const {
        for (std::int64_t d = 0; d < dimensions; ++d) {
            if (sizes[d] != 1 && strides[d] != other.strides[d]) return false;
        }
        return true;
    }

    bool is_one_element() const {
        for (std::int64_t d = 0; d < dimensions; ++d) {
            if (sizes[d] != 1 && strides[d] != 0) return false;
        }
        return true;
    }

    bool has_shape_of(const Tensor& other) const {
        return dimensions == other.dimensions &&
               std::memcmp(sizes, other.sizes, sizeof(*sizes) * dimensions) == 0;
    }

    void* data;
    std::int64_t *sizes, *strides, dimensions, count;
    std::int32_t dtype;

 private:
    Handle handle_ = nullptr;
};

inline double number(Value value) {
    double found;
    std::memcpy(&found, &value, sizeof found);
    return found;
}

}  // namespace nonlin::torch
