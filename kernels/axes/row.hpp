// A row of an array, read and written sixteen elements at a time, and what is first asked of it.
#pragma once

#include "../loops/float16.hpp"
#include "numbers.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::axes {

using F = Vector<float, lanes * 4 / register_bytes>;

// How sixteen elements are read: as they are, which for the formats of two bytes is as floats, and
// in double; and written.
template <class S> struct elements {
    using Raw = F;
    NONLIN_INLINE static F load_raw(const S* from) {
        alignas(64) float wide[lanes];
        for (int i = 0; i < lanes; i += Floats::size) S::widen(&from[i].pattern).store(wide + i);
        return F::load(wide);
    }
    NONLIN_INLINE static W load(const S* from) { return widen(load_raw(from)); }
    NONLIN_INLINE static void store(S* to, W y) {
        alignas(64) double wide[lanes];
        y.store(wide);
        for (int i = 0; i < lanes; i += Floats::size)
            S::narrow(&to[i].pattern, rounded_to<S>(Doubles::load(wide + i)));
    }
};
template <> struct elements<float> {
    using Raw = F;
    NONLIN_INLINE static F load_raw(const float* from) { return F::load(from); }
    NONLIN_INLINE static W load(const float* from) { return widen(F::load(from)); }
    NONLIN_INLINE static void store(float* to, W y) { narrow(y).store(to); }
};
template <> struct elements<double> {
    using Raw = W;
    NONLIN_INLINE static W load_raw(const double* from) { return W::load(from); }
    NONLIN_INLINE static W load(const double* from) { return W::load(from); }
    NONLIN_INLINE static void store(double* to, W y) { y.store(to); }
};

NONLIN_INLINE W as_double(F x) { return widen(x); }
NONLIN_INLINE W as_double(W x) { return x; }

template <class S> constexpr bool is_wide = false;
template <> constexpr bool is_wide<double> = true;

// The elements first, first + step, ... of `count`. Beyond the last one there is `filling`.
template <class S> struct Row {
    char* start;
    intptr_t step, count;

    // Whether the sixteen elements from i on lie side by side.
    NONLIN_INLINE bool is_plain(intptr_t i) const {
        return step == sizeof(S) && i + lanes <= count;
    }
    NONLIN_INLINE auto raw(intptr_t i) const {
        return elements<S>::load_raw(reinterpret_cast<const S*>(start) + i);
    }
    NONLIN_INLINE W at(intptr_t i, double filling = -inf) const {
        if (is_plain(i)) return elements<S>::load(reinterpret_cast<const S*>(start) + i);
        S gathered[lanes] = {};
        const intptr_t left = smaller(count - i, lanes);
        for (intptr_t k = 0; k < left; ++k)
            gathered[k] = *reinterpret_cast<const S*>(start + (i + k) * step);
        const W inside = elements<S>::load(gathered);
        return select(lane_numbers() < static_cast<double>(left), inside, W(filling));
    }

    NONLIN_INLINE void put(intptr_t i, W y) const {
        if (is_plain(i)) return elements<S>::store(reinterpret_cast<S*>(start) + i, y);
        S results[lanes];
        elements<S>::store(results, y);
        const intptr_t left = smaller(count - i, lanes);
        for (intptr_t k = 0; k < left; ++k)
            *reinterpret_cast<S*>(start + (i + k) * step) = results[k];
    }
};

// What a row's largest element says of it.
enum State {
    usual,
    // The limit: all for one element, which is infinite or the only one.
    one_hot,
    // The elements of +inf have no limit, the others have.
    several_infinite,
    // There is a NaN (which is the value then), or nothing but -inf.
    unknown,
};

struct Largest {
    double value;
    intptr_t place;
    State state;
};

// `sign` times the elements is what is looked at. The place is that of the one which has everything
// in the limit.
template <class S> Largest largest_of(const Row<S>& row, double sign) {
    using Raw = typename elements<S>::Raw;
    constexpr auto lowest = -static_cast<number_of<Raw>>(inf);
    const auto raw_sign = static_cast<number_of<Raw>>(sign);
    Raw most_plain = lowest;
    typename Raw::Integers nan_plain = 0;
    intptr_t i = 0;
    for (; row.is_plain(i); i += lanes) {
        const Raw x = row.raw(i) * raw_sign;
        most_plain = max(most_plain, x);
        nan_plain = nan_plain | (x != x);
    }
    W most = as_double(most_plain);
    W::Integers is_nan = 0;
    for (; i < row.count; i += lanes) {
        const W x = row.at(i, -sign * inf) * sign;
        most = max(most, x);
        is_nan = is_nan | (x != x);
    }
    if (any(nan_plain) || any(is_nan)) return {__builtin_nan(""), 0, unknown};
    alignas(64) double lane[lanes];
    most.store(lane);
    Largest found = {-inf, 0, usual};
    for (const double each : lane) found.value = each > found.value ? each : found.value;
    if (row.count == 1) return {found.value, 0, one_hot};
    if (found.value == -inf) return {found.value, 0, unknown};
    if (found.value < inf) return found;
    double count = 0;
    for (i = 0; i < row.count; i += lanes) {
        select(row.at(i, -sign * inf) * sign == inf, W(1), W(0)).store(lane);
        for (int k = 0; k < lanes; ++k) {
            count += lane[k];
            if (lane[k] == 1) found.place = i + k;
        }
    }
    found.state = count == 1 ? one_hot : several_infinite;
    return found;
}

// Where the element at `place` stands among the sixteen from i on.
NONLIN_INLINE W::Integers is_at(intptr_t place, intptr_t i) {
    return lane_numbers() == static_cast<double>(place - i);
}

// What stands in place of the formula: `all` for the element that has everything, `none` for the
// others, and NaN for those to which the limit says nothing.
template <class S>
void write_limit(const Row<S>& row, const Largest& found, double sign, const Row<S>& out,
                 double all, double none) {
    for (intptr_t i = 0; i < row.count; i += lanes) {
        W y = __builtin_nan("");
        if (found.state == one_hot) {
            y = select(is_at(found.place, i), W(all), W(none));
        } else if (found.state == several_infinite) {
            y = select(row.at(i) * sign == inf, y, W(none));
        }
        out.put(i, y);
    }
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::axes
