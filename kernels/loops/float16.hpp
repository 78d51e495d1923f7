// The loops of 16 bits: blocks that are widened, computed in floats or doubles, and narrowed. What
// floats leave undecided is computed again in doubles, many blocks' elements together.
#pragma once

#include "../arithmetic/two_bytes.hpp"
#include "operands.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

// A slope leaves a float's range before its product with a gradient leaves a bfloat16's, which is
// as wide: what is infinite where the gradient is not, or far smaller than the gradient, except a
// zero where it is one.
template <class V>
NONLIN_INLINE typename V::Integers left_range(V y, V gradient, bool zero_is_one) {
    const V size = abs(gradient), magnitude = abs(y), infinity = __builtin_inff();
    const typename V::Integers is_zero = zero_is_one ? y == 0 : typename V::Integers(0);
    // The other way round the product would often be subnormal, which takes long.
    const auto is_small = (magnitude * 0x1p125F < size) & ~is_zero;
    return is_small | ((magnitude == infinity) & (size < infinity));
}

// Of any count; what is written is a whole number of registers, what is read is not.
template <class S> void widen_all(const uint16_t* from, float* to, intptr_t count) {
    intptr_t i = 0;
    for (; i + Floats::size <= count; i += Floats::size) S::widen(from + i).store(to + i);
    if (i == count) return;
    uint16_t rest[Floats::size];
    for (int k = 0; k < Floats::size; ++k) rest[k] = i + k < count ? from[i + k] : S::one;
    S::widen(rest).store(to + i);
}

NONLIN_INLINE Floats load_rounded(const float* from, const auto*) { return Floats::load(from); }
template <class S> NONLIN_INLINE Floats load_rounded(const double* from, const S*) {
    return rounded_to<S>(Doubles::load(from));
}

// Of any count; what is read is a whole number of registers, what is written is not.
template <class S, class T> void narrow_all(const T* from, uint16_t* to, intptr_t count) {
    constexpr const S* format = nullptr;
    intptr_t i = 0;
    for (; i + Floats::size <= count; i += Floats::size)
        S::narrow(to + i, load_rounded(from + i, format));
    if (i == count) return;
    uint16_t rest[Floats::size];
    S::narrow(rest, load_rounded(from + i, format));
    for (; i < count; ++i) to[i] = rest[i % Floats::size];
}
inline void widen_all(const float* from, double* to, intptr_t count) {
    for (intptr_t i = 0; i < count; i += Floats::size) widen(Floats::load(from + i)).store(to + i);
}

// A block of a call: operands and parameters in float and in double, filled up to whole steps.
template <class S> class Block {
    const Request<S>& request_;
    const Rounding rounding_;
    const int inputs_ = inputs[request_.kind], parameters_ = request_.function.parameters;
    alignas(line_bytes) float in_[2 + most_parameters][block];
    alignas(line_bytes) double wide_[2 + most_parameters][block];
    alignas(line_bytes) float results_[block];
    alignas(line_bytes) double wide_results_[block];
    alignas(line_bytes) uint16_t narrow_[block];
    // Where the elements in `wide_` belong that wait for enough others to be worth a computation.
    char* places_[block];
    intptr_t waiting_ = 0;
    uint16_t index_[block];
    float fixed_[most_parameters];
    double wide_fixed_[most_parameters];

    template <class T>
    void compute(const Kernel<T>& kernel, T (*in)[block], const T* fixed, T* out, intptr_t size) {
        Arrays<T> arrays = {inputs_, parameters_, request_.varying, {in[0], in[1]}, {}};
        for (int k = 0; k < parameters_; ++k)
            arrays.parameter[k] = request_.varying ? in[2 + k] : fixed + k;
        whole_steps(kernel, out, arrays, (size + kernel.step - 1) / kernel.step * kernel.step);
    }

    template <class Body> void each_operand(Body body) {
        for (int k = 0; k < inputs_; ++k) body(request_.in[k], k);
        for (int k = 0; request_.varying && k < parameters_; ++k)
            body(request_.parameter[k], 2 + k);
    }

    bool comes_of_nan(intptr_t i) const {
        bool found = false;
        for (int k = 0; k < inputs_; ++k) found |= in_[k][i] != in_[k][i];
        return found;
    }

    // Rounds what floats decide, and lists where they do not. A value or a derivative is off by a
    // unit in the last place at most, its product with a gradient by 2.5.
    intptr_t narrow_decided(uint16_t* to, intptr_t size) {
        using V = Vector<float, 2>;
        constexpr int margin = 4;
        intptr_t found = 0;
        for (intptr_t i = 0; i < size; i += V::size) {
            const V y = V::load(results_ + i);
            auto decided = narrow_most<S, margin>(to + i, y, up_to<V::registers>{});
            if (S::dropped == 16 && request_.kind == backward)
                decided = decided & ~left_range(y, V::load(in_[0] + i), rounding_ == near_or_zero);
            if (!all(decided)) found = lanes_listed(~decided, i, index_, found);
        }
        return found;
    }

    // Of the elements alone, not of what fills up.
    void set_aside(intptr_t start, intptr_t size, intptr_t found) {
        for (intptr_t n = 0; n < found; ++n) {
            const intptr_t at = index_[n];
            if (at >= size) continue;
            char* const place = request_.out + (start + at) * request_.out_stride;
            if (comes_of_nan(at)) {
                const uint16_t pattern = S::nan;
                __builtin_memcpy(place, &pattern, sizeof pattern);
                continue;
            }
            each_operand([&](const Operand<S>&, int k) { wide_[k][waiting_] = in_[k][at]; });
            places_[waiting_] = place;
            if (++waiting_ == block) decide();
        }
    }

    // Up to the longest step.
    template <class T> void fill(T (*in)[block], intptr_t size) {
        const intptr_t end = (size + most_in_part - 1) / most_in_part * most_in_part;
        each_operand([&](const Operand<S>&, int k) {
            for (intptr_t i = size; i < end; ++i) in[k][i] = 1;
        });
    }

 public:
    Block(const Request<S>& request, Rounding rounding) : request_(request), rounding_(rounding) {
        for (int k = 0; k < most_parameters; ++k)
            wide_fixed_[k] = fixed_[k] = static_cast<float>(request.fixed[k]);
    }

    void run(intptr_t start, intptr_t size) {
        each_operand([&](const Operand<S>& operand, int k) {
            S staged[block];
            widen_all<S>(&operand.staged(start, size, staged)->pattern, in_[k], size);
        });
        fill(in_, size);
        char* const place = request_.out + start * request_.out_stride;
        const bool writes = request_.out_stride == sizeof(S);
        uint16_t* const target = writes ? reinterpret_cast<uint16_t*>(place) : narrow_;
        intptr_t found = 0;
        if (rounding_ == through_double) {
            each_operand([&](const Operand<S>&, int k) { widen_all(in_[k], wide_[k], size); });
            fill(wide_, size);
            const Kernel<double>& kernel = request_.function.twice[request_.kind];
            compute(kernel, wide_, wide_fixed_, wide_results_, size);
            narrow_all<S>(wide_results_, target, size);
        } else {
            const Kernel<float>& kernel = request_.function.single[request_.kind];
            compute(kernel, in_, fixed_, results_, size);
            if (rounding_ == exact) {
                narrow_all<S>(results_, target, size);
            } else {
                // A whole number of registers.
                found = narrow_decided(size == block ? target : narrow_, size);
                if (size != block && writes) __builtin_memcpy(target, narrow_, size * sizeof(S));
            }
        }
        if (!writes) put(target, place, request_.out_stride, size);
        set_aside(start, size, found);
    }

    // Computes in double what was set aside.
    void decide() {
        if (waiting_ == 0) return;
        fill(wide_, waiting_);
        compute(request_.function.twice[request_.kind], wide_, wide_fixed_, wide_results_,
                waiting_);
        uint16_t decided[block];
        narrow_all<S>(wide_results_, decided, waiting_);
        for (intptr_t i = 0; i < waiting_; ++i)
            __builtin_memcpy(places_[i], decided + i, sizeof(S));
        waiting_ = 0;
    }
};

template <class S> void run_16(const Request<S>& request) {
    Block<S> room(request, request.function.rounding[request.kind]);
    for (intptr_t start = 0; start < request.count; start += block)
        room.run(start, smaller(request.count - start, block));
    room.decide();
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
