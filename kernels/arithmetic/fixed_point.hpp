// Numbers with 320 bits behind the point, for the few elements at which a sum of carried numbers
// cancels, or an angle is so large that they do not tell where on the circle it lies. One element
// at a time and in integers: a hundred times as long, and the same bits everywhere.
#pragma once

#include "double_double.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::fixed_point {

constexpr int behind = 10, limbs = 12;

// A finite double as m 2^e or -m 2^e.
struct Parts {
    uint64_t m;
    int e;
    bool negative;

    explicit Parts(double x) {
        const auto all = __builtin_bit_cast(uint64_t, x);
        const int field = static_cast<int>(all >> 52) & 0x7ff;
        const uint64_t fraction = all & 0xfffffffffffff;
        m = field == 0 ? fraction : fraction | uint64_t(1) << 52;
        e = (field == 0 ? 1 : field) - 1075;
        negative = all >> 63;
    }
};

// The exact product of two doubles, 106 bits.
struct Product {
    uint32_t m[4];
    int e;
    bool negative;

    Product(double a, double b) : m{} {
        const Parts p(a), q(b);
        const uint64_t p_low = uint32_t(p.m), p_high = p.m >> 32;
        const uint64_t q_low = uint32_t(q.m), q_high = q.m >> 32;
        const uint64_t low = p_low * q_low, high = p_high * q_high;
        const uint64_t one = p_low * q_high, other = p_high * q_low;
        uint64_t sum = (low >> 32) + uint32_t(one) + uint32_t(other);
        m[0] = uint32_t(low);
        m[1] = uint32_t(sum);
        sum = (sum >> 32) + (one >> 32) + (other >> 32) + uint32_t(high);
        m[2] = uint32_t(sum);
        m[3] = uint32_t((sum >> 32) + (high >> 32));
        e = p.e + q.e;
        negative = p.negative != q.negative;
    }
    // The bits of m.
    int size() const {
        for (int i = 3; i >= 0; --i) {
            if (m[i] != 0) return 32 * i + 32 - __builtin_clz(m[i]);
        }
        return 0;
    }
};

// The sum of limb[i] 2^(32 (i - behind)), in two's complement. What is below is cut off.
struct Number {
    uint32_t limb[limbs];

    Number() : limb{} {}
    explicit Number(uint32_t whole) : limb{} { limb[behind] = whole; }
    // m 2^e
    template <int n> Number(const uint32_t (&m)[n], int e) : limb{} {
        const int place = e + 32 * behind, shift = place & 31, first = (place - shift) / 32;
        for (int i = 0; i < n; ++i) {
            const uint64_t part = uint64_t(m[i]) << shift;
            put(first + i, uint32_t(part));
            put(first + i + 1, uint32_t(part >> 32));
        }
    }
    Number(const Product& x, int up) : Number(x.m, x.e + up) {}
    Number(const Parts& x, int up) : Number({uint32_t(x.m), uint32_t(x.m >> 32)}, x.e + up) {}

    bool negative() const { return limb[limbs - 1] >> 31; }
    bool zero() const {
        uint32_t any = 0;
        for (const uint32_t each : limb) any |= each;
        return any == 0;
    }

    friend Number operator+(const Number& a, const Number& b) { return added(a, b, false); }
    friend Number operator-(const Number& a, const Number& b) { return added(a, b, true); }
    Number with(bool minus) const { return minus ? Number() - *this : *this; }

    // Of numbers that are not negative.
    friend Number operator*(const Number& a, const Number& b) {
        Number result;
        uint64_t carry = 0;
        for (int k = 0; k < limbs + behind; ++k) {
            uint64_t low = carry, high = 0;
            for (int i = k < limbs ? 0 : k - limbs + 1; i <= k && i < limbs; ++i) {
                const uint64_t part = uint64_t(a.limb[i]) * b.limb[k - i];
                low += uint32_t(part);
                high += part >> 32;
            }
            if (k >= behind) result.limb[k - behind] = uint32_t(low);
            carry = (low >> 32) + high;
        }
        return result;
    }
    Number over(uint32_t divisor) const {
        Number result;
        uint64_t rest = 0;
        for (int i = limbs - 1; i >= 0; --i) {
            rest = rest << 32 | limb[i];
            result.limb[i] = uint32_t(rest / divisor);
            rest %= divisor;
        }
        return result;
    }

 private:
    // Limbs that stand in for one another overlap by no bit.
    void put(int i, uint32_t part) {
        if (i >= 0 && i < limbs) limb[i] |= part;
    }
    static Number added(const Number& a, const Number& b, bool minus) {
        Number result;
        uint64_t carry = minus;
        for (int i = 0; i < limbs; ++i) {
            carry += uint64_t(a.limb[i]) + (minus ? ~b.limb[i] : b.limb[i]);
            result.limb[i] = uint32_t(carry);
            carry >>= 32;
        }
        return result;
    }
};

// 2^e, a normal double.
inline double two_to(int e) {
    return __builtin_bit_cast(double, static_cast<uint64_t>(1023 + e) << 52);
}

using One = Vector<double, 1>;

// 2^up times it, as a sum of two doubles.
inline double_double<One> rounded(const Number& x, int up) {
    const Number size = x.with(x.negative());
    double_double<One> sum = {One(0), One(0)};
    for (int i = limbs - 1, left = 5; i >= 0 && left > 0; --i) {
        if (left == 5 && size.limb[i] == 0) continue;
        const auto next = two_sum(sum.high, One(size.limb[i] * two_to(32 * (i - behind))));
        sum = {next.high, sum.low + next.low};
        --left;
    }
    const One sign = (x.negative() ? -1.0 : 1.0) * two_to(up / 2);
    return {sum.high * sign * two_to(up - up / 2), sum.low * sign * two_to(up - up / 2)};
}

// The sum of the first, first z / d(1), first z^2 / (d(1) d(2)), ..., with signs in turn; z < 64.
template <class Divisor> Number series(Number term, const Number& z, Divisor divisor) {
    Number sum = term;
    for (int k = 1; !term.zero(); ++k) {
        term = (term * z).over(divisor(k));
        sum = k % 2 == 1 ? sum - term : sum + term;
    }
    return sum;
}

// sin x, and sin x / x, given x^2.
inline Number sine(const Number& x) {
    return series(x, x * x, [](uint32_t k) { return 2 * k * (2 * k + 1); });
}
inline Number sine_ratio(const Number& square) {
    return series(Number(1), square, [](uint32_t k) { return 2 * k * (2 * k + 1); });
}
// (1 - e^-y) / y and (e^-y - 1 + y) / y^2.
inline Number growth(const Number& y) {
    return series(Number(1), y, [](uint32_t k) { return k + 1; });
}
inline Number curvature(const Number& y) {
    return series(Number(1).over(2), y, [](uint32_t k) { return k + 2; });
}
// e^-y for 0 <= y < 2^10, by the 2^8-th power of that of y / 2^8.
inline Number falling(const Number& y) {
    Number power = series(Number(1), y.over(256), [](uint32_t k) { return k; });
    for (int k = 0; k < 8; ++k) power = power * power;
    return power;
}

// pi, and 1 / pi in words behind the point: enough for every product of two doubles.
constexpr uint32_t pi[limbs] = {
    0x38d01377, 0x452821e6, 0xec4e6c89, 0x082efa98, 0x299f31d0, 0xa4093822,
    0x03707344, 0x13198a2e, 0x85a308d3, 0x243f6a88, 0x00000003, 0x00000000,
};
constexpr int words = 84;
constexpr uint32_t inverse_pi[words] = {
    0x517cc1b7, 0x27220a94, 0xfe13abe8, 0xfa9a6ee0, 0x6db14acc, 0x9e21c820, 0xff28b1d5, 0xef5de2b0,
    0xdb92371d, 0x2126e970, 0x03249775, 0x04e8c90e, 0x7f0ef58e, 0x5894d39f, 0x74411afa, 0x975da242,
    0x74ce3813, 0x5a2fbf20, 0x9cc8eb1c, 0xc1a99cfa, 0x4e422fc5, 0xdefc941d, 0x8ffc4bff, 0xef02cc07,
    0xf79788c5, 0xad05368f, 0xb69b3f67, 0x93e584db, 0xa7a31fb3, 0x4f2ff516, 0xba93dd63, 0xf5f2f8bd,
    0x9e839cfb, 0xc5294975, 0x35fdafd8, 0x8fc6ae84, 0x2b019823, 0x7e3db5d5, 0xf867de10, 0x4d7a1b0e,
    0xd4f1c8b0, 0xaf730d84, 0x32ccc2af, 0x8a503420, 0x46ffec40, 0x26b99398, 0x83030aab, 0x6539d464,
    0xb0713de0, 0x4635a3e2, 0x0ce1b3e6, 0xee740495, 0x41ace23b, 0x45cb0e53, 0x6ed7a268, 0xab8c829f,
    0x52ff8382, 0x9fbf19f4, 0x19616f27, 0xcc193edd, 0xe19e9377, 0xb58f2f7c, 0x4f9d0f9a, 0xe5793f8e,
    0xc3f890c8, 0x3e3e1235, 0x7d376abb, 0x9698219d, 0x8ae30a5a, 0xce8ce1e1, 0x6256a0a6, 0x962e8006,
    0x233ec316, 0xb8f1cd63, 0x4d803119, 0xbe695a4b, 0xd3da6aaa, 0x9bfb1f6b, 0x8c0851fe, 0x3b26954e,
    0xb255ebb8, 0x7c3e31ab, 0xd83d738a, 0x8bab24e0,
};

// x / pi less an even number: the words of 1 / pi are left out whose product with x is one, and
// those that are too small to count (Payne, Hanek 1983).
inline Number half_turns(const Product& x) {
    const int shift = x.e & 31, whole = (x.e - shift) / 32;
    uint32_t m[5] = {};
    for (int i = 0; i < 4; ++i) {
        const uint64_t part = uint64_t(x.m[i]) << shift;
        m[i] |= uint32_t(part);
        m[i + 1] |= uint32_t(part >> 32);
    }
    Number result;
    uint64_t carry = 0;
    for (int k = -behind - 3; k <= 1; ++k) {
        uint64_t low = carry, high = 0;
        for (int i = 0; i < 5; ++i) {
            const int word = i + whole - 1 - k;
            if (word < 0 || word >= words) continue;
            const uint64_t part = uint64_t(m[i]) * inverse_pi[word];
            low += uint32_t(part);
            high += part >> 32;
        }
        if (k >= -behind) result.limb[k + behind] = uint32_t(low);
        carry = (low >> 32) + high;
    }
    result.limb[behind] &= 1;
    result.limb[behind + 1] = 0;
    return result;
}

// `exact` of the elements of `which`, `otherwise` of the others.
template <class V, class Exact, class... P>
NONLIN_INLINE V one_by_one(typename V::Integers which, V otherwise, Exact exact, P... operands) {
    for (int n = 0; n < V::registers; ++n) {
        if (!any(which.at(n))) continue;
        for (int lane = 0; lane < V::lanes; ++lane) {
            if (which.part[n][lane] == 0) continue;
            otherwise.part[n][lane] = exact(double(operands.part[n][lane])...);
        }
    }
    return otherwise;
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::fixed_point
