// A row of an array, read and written sixteen elements at a time, and what is first asked of it.
#pragma once

#include "../loops/float16.hpp"
#include "numbers.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::axes {

using F = Vector<float, lanes * 4 / register_bytes>;

template <class S> struct elements {
    // The formats of two bytes, by way of float.
    NONLIN_INLINE static W load(const S* from) {
        alignas(64) float wide[lanes];
        for (int i = 0; i < lanes; i += Floats::size) S::widen(&from[i].pattern).store(wide + i);
        return widen(F::load(wide));
    }
    NONLIN_INLINE static void store(S* to, W y) {
        alignas(64) double wide[lanes];
        y.store(wide);
        for (int i = 0; i < lanes; i += Floats::size)
            S::narrow(&to[i].pattern, rounded_to<S>(Doubles::load(wide + i)));
    }
};
template <> struct elements<float> {
    NONLIN_INLINE static W load(const float* from) { return widen(F::load(from)); }
    NONLIN_INLINE static void store(float* to, W y) { narrow(y).store(to); }
};
template <> struct elements<double> {
    NONLIN_INLINE static W load(const double* from) { return W::load(from); }
    NONLIN_INLINE static void store(double* to, W y) { y.store(to); }
};

template <class S> constexpr bool is_wide = false;
template <> constexpr bool is_wide<double> = true;

// The elements first, first + step, ... of `count`. Beyond the last one there is `filling`.
template <class S> struct Row {
    char* start;
    intptr_t step, count;

    NONLIN_INLINE W at(intptr_t i, double filling = -inf) const {
        if (step == sizeof(S) && i + lanes <= count)
            return elements<S>::load(reinterpret_cast<const S*>(start) + i);
        S gathered[lanes] = {};
        const intptr_t left = smaller(count - i, lanes);
        for (intptr_t k = 0; k < left; ++k)
            gathered[k] = *reinterpret_cast<const S*>(start + (i + k) * step);
        const W inside = elements<S>::load(gathered);
        return select(lane_numbers() < static_cast<double>(left), inside, W(filling));
    }

    NONLIN_INLINE void put(intptr_t i, W y) const {
        if (step == sizeof(S) && i + lanes <= count)
            return elements<S>::store(reinterpret_cast<S*>(start) + i, y);
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

// `sign` times the elements is what is looked at.
template <class S> Largest largest_of(const Row<S>& row, double sign) {
    W most = -inf;
    W::Integers is_nan = 0;
    for (intptr_t i = 0; i < row.count; i += lanes) {
        const W x = row.at(i, -sign * inf) * sign;
        most = max(most, x);
        is_nan = is_nan | (x != x);
    }
    if (any(is_nan)) return {__builtin_nan(""), 0, unknown};
    alignas(64) double lane[lanes];
    most.store(lane);
    Largest found = {-inf, 0, usual};
    for (const double each : lane) found.value = each > found.value ? each : found.value;
    if (row.count == 1) return {found.value, 0, one_hot};
    if (found.value == -inf) return {found.value, 0, unknown};
    intptr_t start = 0;
    while (!any(row.at(start, -sign * inf) * sign == found.value)) start += lanes;
    (row.at(start, -sign * inf) * sign).store(lane);
    while (lane[found.place] != found.value) ++found.place;
    found.place += start;
    if (found.value < inf) return found;
    double count = 0;
    for (intptr_t i = 0; i < row.count; i += lanes) {
        select(row.at(i, -sign * inf) * sign == inf, W(1), W(0)).store(lane);
        for (const double each : lane) count += each;
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
