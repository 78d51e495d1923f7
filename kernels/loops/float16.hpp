// float16 and bfloat16: two bytes in memory, a float or a double in the register.
//
// They are read exactly. A double has so many more bits that it rounds to what the exact number
// rounds to. So does a float, if it lies farther from the middle between two results than its own
// error reaches; a register holds twice as many of them. The few elements that a float leaves
// undecided are computed again in a double.
#pragma once

#include "../vectors/vector.hpp"
#include "operands.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

using Floats = Vector<float, 1>;
using Doubles = Vector<double, 2>;
using Integers = Floats::Integers;

NONLIN_INLINE Integers load_16(const uint16_t* from) {
    // GCC 12 converts the halves apart.
    if constexpr (native::has_widening) return {native::widen_16(from)};
    half_register_of<uint16_t> bits;
    __builtin_memcpy(&bits, from, sizeof bits);
    return {__builtin_convertvector(bits, register_of<int32_t>)};
}
NONLIN_INLINE void store_16(uint16_t* to, Integers x) {
    if constexpr (native::has_widening) return native::narrow_16(to, x.part[0]);
    const auto bits = __builtin_convertvector(x.part[0], half_register_of<uint16_t>);
    __builtin_memcpy(to, &bits, sizeof bits);
}

// The two formats: how many bits of a float's significand each drops, its smallest and largest
// exponent, and its NaN. Of two NaN that are multiplied a processor keeps the sign of the first,
// and which is the first is the compiler's choice: in two bytes NaN is always the same.
//
// A float16 has 5 exponent bits with bias 15 and 10 of significand; a float 8 with bias 127 and 23.
// Moving the significand up by 13 and adding 112 to the exponent converts every normal number. A
// subnormal is a multiple m of 2^-24: 0.5 has that unit in its last place, so 0.5 + m 2^-24 is m
// written into its significand.
struct Float16 {
    uint16_t pattern;
    static constexpr int dropped = 13, smallest = -14, largest = 16, nan = 0x7e00;
    static constexpr uint16_t one = 0x3c00;

    NONLIN_INLINE static Floats widen(const uint16_t* from) {
        if constexpr (native::has_float16) {
            return {native::widen_float16(from)};
        } else {
            const Integers all = load_16(from), magnitude = all & 0x7fff;
            const Floats subnormal = Floats::from_bits(magnitude | 0x3f000000) - 0.5F;
            const Integers special = select(magnitude >= 0x7c00, Integers(112 << 23), Integers(0));
            const Integers normal = (magnitude << 13) + (112 << 23) + special;
            const Integers found = select(magnitude < 0x0400, bits(subnormal), normal);
            return Floats::from_bits(found | ((all & 0x8000) << 16));
        }
    }
    // Rounded to nearest and to even.
    NONLIN_INLINE static void narrow(uint16_t* to, Floats y) {
        if constexpr (native::has_float16) {
            native::narrow_float16(to, select(y == y, y, Floats::from_bits(0x7fc00000)).part[0]);
        } else {
            const Integers sign = (bits(y) >> 16) & 0x8000;
            const Floats size = min(abs(y), 0x1p16F);
            const Integers magnitude = bits(size);
            const Integers normal =
                (magnitude - (112 << 23) + 0xfff + ((magnitude >> 13) & 1)) >> 13;
            const Integers subnormal = bits(size + 0.5F) & 0x07ff;
            const Integers found = select(size < 0x1p-14F, subnormal, normal) | sign;
            store_16(to, select(y == y, found, Integers(nan)));
        }
    }
};

// A bfloat16 is the upper half of a float.
struct BFloat16 {
    uint16_t pattern;
    static constexpr int dropped = 16, smallest = -126, largest = 128, nan = 0x7fc0;
    static constexpr uint16_t one = 0x3f80;

    NONLIN_INLINE static Floats widen(const uint16_t* from) {
        return Floats::from_bits(load_16(from) << 16);
    }
    NONLIN_INLINE static void narrow(uint16_t* to, Floats y) {
        const Integers all = bits(y), rounded = (all + 0x7fff + ((all >> 16) & 1)) >> 16;
        store_16(to, select(y == y, rounded, Integers(nan)));
    }
};

// A float's distance from the middles is in the bits that are dropped. It decides if it is farther
// than `margin` units in its last place: a value or a derivative is off by 1 at most, its product
// with a gradient by 2.5. Not decided either is what is subnormal in the format but not in float,
// where the middles lie otherwise, except a zero, which stands for less than any of these formats
// holds; and NaN, which may come of numbers, as of infinity times a slope too small for a float.
template <class S> NONLIN_INLINE unsigned undecided(Floats y) {
    constexpr int margin = 4, unit = 1 << S::dropped, first = unit / 2 - margin;
    const Integers magnitude = bits(y) & 0x7fffffff;
    Integers found = ((magnitude - first) & (unit - 1)) <= 2 * margin;
    found = found | (magnitude > 255 << 23);
    if constexpr (S::smallest > -126) {
        constexpr int least = (127 + S::smallest) << 23;
        found = found | ((magnitude < least) & (magnitude != 0));
    }
    return native::lanes_of(found.part[0]);
}

// A slope leaves a float's range before its product with a gradient leaves a bfloat16's, which is
// as wide: what is infinite where the gradient is not, or far smaller than the gradient, except a
// zero where it is one.
NONLIN_INLINE unsigned left_range(Floats y, Floats gradient, bool zero_is_one) {
    const Floats size = abs(gradient), magnitude = abs(y), infinity = __builtin_inff();
    const Integers is_zero = zero_is_one ? y == 0 : Integers(0);
    // The other way round the product would often be subnormal, which takes long.
    const auto is_small = (magnitude * 0x1p125F < size) & ~is_zero;
    return native::lanes_of((is_small | ((magnitude == infinity) & (size < infinity))).part[0]);
}

// A double rounded, to nearest and to even, to what S holds.
//
// The unit in the last place is 2^(e - significand) for a number of exponent e, and never less than
// that of the smallest normal. Adding 1.5 * 2^52 units brings the sum's own last place to that
// unit, so the addition rounds as the format does; taking the addend away again is exact.
template <class S> NONLIN_INLINE Floats rounded_to(Doubles y) {
    using Bits = Doubles::Integers;
    constexpr int64_t one = int64_t{1} << 52;
    constexpr int significand = 23 - S::dropped;
    constexpr double limit = __builtin_bit_cast(double, (1023 + S::largest) * one);
    const Doubles bounded = min(abs(y), limit);
    const Bits exponent = bits(bounded) & 0x7ff0000000000000;
    const Bits least = (1023 + S::smallest) * one;
    const Bits raised = select(exponent > least, exponent, least) + (52 - significand) * one;
    const Doubles addend = Doubles::from_bits(raised | (one / 2));
    const Doubles found = (bounded + addend) - addend;
    // The limit stands for infinity.
    const Doubles size = select(found >= limit, Doubles(__builtin_huge_val()), found);
    return narrow(copy_sign(select(y == y, size, y), y));
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

    // Which of a register's elements floats leave undecided.
    unsigned undecided_at(intptr_t i) const {
        const Floats y = Floats::load(results_ + i);
        unsigned lanes = undecided<S>(y);
        if (S::dropped == 16 && request_.kind == backward)
            lanes |= left_range(y, Floats::load(in_[0] + i), rounding_ == near_or_zero);
        return lanes;
    }

    // Sets aside what floats leave undecided, of the elements alone, not what fills up.
    void set_aside(intptr_t start, intptr_t size) {
        for (intptr_t i = 0; i < size; i += Floats::size) {
            for (unsigned lanes = undecided_at(i); lanes != 0; lanes &= lanes - 1) {
                const intptr_t at = i + __builtin_ctz(lanes);
                if (at >= size || comes_of_nan(at)) continue;
                each_operand([&](const Operand<S>&, int k) { wide_[k][waiting_] = in_[k][at]; });
                places_[waiting_] = request_.out + (start + at) * request_.out_stride;
                if (++waiting_ == block) decide();
            }
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
        if (rounding_ == through_double) {
            each_operand([&](const Operand<S>&, int k) { widen_all(in_[k], wide_[k], size); });
            fill(wide_, size);
            const Kernel<double>& kernel = request_.function.twice[request_.kind];
            compute(kernel, wide_, wide_fixed_, wide_results_, size);
            narrow_all<S>(wide_results_, target, size);
        } else {
            const Kernel<float>& kernel = request_.function.single[request_.kind];
            compute(kernel, in_, fixed_, results_, size);
            narrow_all<S>(results_, target, size);
        }
        if (!writes) put(target, place, request_.out_stride, size);
        if (rounding_ == near || rounding_ == near_or_zero) set_aside(start, size);
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
