// Vector<T, k>: the numbers of k registers, with the operators of one number.
//
// An activation is a formula on a Vector, and does the same to each of its numbers. A formula is a
// chain of operations that wait for one another; each operator does all k registers before the next
// begins, so that k chains run side by side whatever the compiler thinks of interleaving them.
// Scalars stand for a Vector of them.
#pragma once

#include <type_traits>

#include "native.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {

template <class T> struct format;

template <> struct format<float> {
    using integer = int32_t;
    static constexpr int fraction_bits = 23;
    static constexpr int exponent_bias = 127;
    static constexpr float largest = __FLT_MAX__;
};

template <> struct format<double> {
    using integer = int64_t;
    static constexpr int fraction_bits = 52;
    static constexpr int exponent_bias = 1023;
    static constexpr double largest = __DBL_MAX__;
};

template <> struct format<int16_t> {
    using integer = int16_t;
};
template <> struct format<int32_t> {
    using integer = int32_t;
};
template <> struct format<int64_t> {
    using integer = int64_t;
};

template <class T> using integer_of = typename format<T>::integer;

template <int... i> struct Indices {};
template <int n, int... i> struct counted : counted<n - 1, n - 1, i...> {};
template <int... i> struct counted<0, i...> {
    using type = Indices<i...>;
};
template <int n> using up_to = typename counted<n>::type;

template <class T, class Parts> struct VectorOf;
template <class T, int k> using Vector = VectorOf<T, up_to<k>>;

template <class T, int... i> struct VectorOf<T, Indices<i...>> {
    using Number = T;
    using Register = register_of<T>;
    // Its numbers' bits; of a comparison, all bits where it holds, and none where it does not.
    using Integers = VectorOf<integer_of<T>, Indices<i...>>;
    using Bits = register_of<integer_of<T>>;
    template <int> using Part = Register;
    static constexpr int registers = sizeof...(i);
    static constexpr int lanes = register_bytes / static_cast<int>(sizeof(T));
    static constexpr int size = registers * lanes;

    Register part[registers];

    VectorOf() = default;
    // Register by register: what is copied as a whole a compiler may keep in memory.
    NONLIN_INLINE VectorOf(const VectorOf& x) : part{x.part[i]...} {}
    NONLIN_INLINE VectorOf& operator=(const VectorOf& x) {
        ((part[i] = x.part[i]), ...);
        return *this;
    }
    NONLIN_INLINE VectorOf(Part<i>... parts) : part{parts...} {}
    // Of zeros, x - 0 is the one that keeps the sign.
    NONLIN_INLINE VectorOf(T x) : part{(void(i), x - Register{})...} {}

    NONLIN_INLINE static VectorOf repeat(VectorOf<T, Indices<0>> x) {
        return {(void(i), x.part[0])...};
    }
    NONLIN_INLINE static VectorOf load(const T* from) {
        return {native::load<Register>(from + i * lanes)...};
    }
    NONLIN_INLINE void store(T* to) const { (native::store(to + i * lanes, part[i]), ...); }
    NONLIN_INLINE static VectorOf from_bits(Integers x) { return {Register(x.part[i])...}; }

#define NONLIN_OPERATOR(op)                                             \
    NONLIN_INLINE friend VectorOf operator op(VectorOf a, VectorOf b) { \
        return {(a.part[i] op b.part[i])...};                           \
    }
    NONLIN_OPERATOR(+)
    NONLIN_OPERATOR(-)
    NONLIN_OPERATOR(*)
    NONLIN_OPERATOR(/)
    NONLIN_OPERATOR(&)
    NONLIN_OPERATOR(|)
#undef NONLIN_OPERATOR
#define NONLIN_COMPARISON(op)                                           \
    NONLIN_INLINE friend Integers operator op(VectorOf a, VectorOf b) { \
        return {Bits(a.part[i] op b.part[i])...};                       \
    }
    NONLIN_COMPARISON(<)
    NONLIN_COMPARISON(<=)
    NONLIN_COMPARISON(>)
    NONLIN_COMPARISON(>=)
    NONLIN_COMPARISON(==)
    NONLIN_COMPARISON(!=)
#undef NONLIN_COMPARISON
    NONLIN_INLINE friend VectorOf operator-(VectorOf a) { return {(-a.part[i])...}; }
    NONLIN_INLINE friend VectorOf operator~(VectorOf a) { return {(~a.part[i])...}; }
    NONLIN_INLINE friend VectorOf operator<<(VectorOf a, int n) { return {(a.part[i] << n)...}; }
    NONLIN_INLINE friend VectorOf operator>>(VectorOf a, int n) { return {(a.part[i] >> n)...}; }

    // a where the condition holds, else b.
    NONLIN_INLINE friend VectorOf select(Integers condition, VectorOf a, VectorOf b) {
        return {(condition.part[i] ? a.part[i] : b.part[i])...};
    }
    NONLIN_INLINE friend bool any(VectorOf condition) {
        return native::any((condition.part[i] | ...));
    }
    NONLIN_INLINE friend bool all(VectorOf condition) { return !any(~condition); }

    NONLIN_INLINE friend Integers bits(VectorOf x) { return {Bits(x.part[i])...}; }
    NONLIN_INLINE friend VectorOf abs(VectorOf x) { return from_bits(bits(x) & ~sign_bit()); }
    NONLIN_INLINE friend VectorOf copy_sign(VectorOf x, VectorOf sign) {
        return from_bits((bits(x) & ~sign_bit()) | (bits(sign) & sign_bit()));
    }
    // Of an x that is not negative, or as negative as the sign says.
    NONLIN_INLINE friend VectorOf with_sign(VectorOf x, VectorOf sign) {
        return from_bits(bits(x) | (bits(sign) & sign_bit()));
    }
    // a b + c, and c - a b, rounded once where the processor can.
    NONLIN_INLINE friend VectorOf fma(VectorOf a, VectorOf b, VectorOf c) {
        return {native::fma(a.part[i], b.part[i], c.part[i])...};
    }
    NONLIN_INLINE friend VectorOf nfma(VectorOf a, VectorOf b, VectorOf c) {
        return {native::nfma(a.part[i], b.part[i], c.part[i])...};
    }
    // NaN stays NaN.
    NONLIN_INLINE friend VectorOf min(VectorOf x, VectorOf bound) {
        return {native::min(bound.part[i], x.part[i])...};
    }
    NONLIN_INLINE friend VectorOf max(VectorOf x, VectorOf bound) {
        return {native::max(bound.part[i], x.part[i])...};
    }
    NONLIN_INLINE friend VectorOf sqrt(VectorOf x) { return {native::sqrt(x.part[i])...}; }

    template <int entries, class Table>
    NONLIN_INLINE static VectorOf look_up(const Table& table, Integers index) {
        return {native::look_up<entries>(table, index.part[i])...};
    }

    NONLIN_INLINE VectorOf<T, Indices<0>> at(int n) const { return {part[n]}; }

 private:
    NONLIN_INLINE static constexpr integer_of<T> sign_bit() {
        return integer_of<T>(1ull << (8 * sizeof(T) - 1));
    }
};

template <class V> using number_of = typename V::Number;
template <class V> constexpr bool is_float = sizeof(number_of<V>) == sizeof(float);

template <class V> NONLIN_INLINE V broadcast(number_of<V> x) { return V(x); }

// float to double, to twice as many registers, and back, rounded.
template <class V, int... i> NONLIN_INLINE auto widened(V x, Indices<i...>) {
    return Vector<double, sizeof...(i)>(
        (i % 2 == 0 ? native::widen_lower(x.part[i / 2]) : native::widen_upper(x.part[i / 2]))...);
}
template <class V, int... i> NONLIN_INLINE auto narrowed(V x, Indices<i...>) {
    return Vector<float, sizeof...(i)>(native::narrow(x.part[2 * i], x.part[2 * i + 1])...);
}
template <int... i> NONLIN_INLINE auto widen(VectorOf<float, Indices<i...>> x) {
    return widened(x, up_to<2 * sizeof...(i)>{});
}
template <int... i> NONLIN_INLINE auto narrow(VectorOf<double, Indices<i...>> x) {
    return narrowed(x, up_to<sizeof...(i) / 2>{});
}

#define NONLIN_BODY [&]() __attribute__((always_inline))

// a() where the condition holds, else b(); neither is computed where no number asks for it.
template <class Mask, class A, class B> NONLIN_INLINE auto split(Mask condition, A a, B b) {
    decltype(a()) result = 0;
    if (any(condition)) result = a();
    if (!all(condition)) result = select(condition, result, b());
    return result;
}

// A polynomial c0 + r (c1 + r (c2 + ...)), Horner's rule.
template <class V> NONLIN_INLINE V horner(V, number_of<V> c0) { return V(c0); }
template <class V, class... Rest>
NONLIN_INLINE V horner(V r, number_of<V> c0, number_of<V> c1, Rest... rest) {
    return fma(r, horner(r, c1, rest...), V(c0));
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
