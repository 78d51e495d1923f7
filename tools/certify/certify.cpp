// The references and the measurement as a library that Python loads.
#include "filter.hpp"

namespace certify {
namespace {

const std::vector<Case> all = cases();

template <class T>
void add_by_definition(int which, const double* p, const T* x, const T* result, std::int64_t count,
                       Tally* tally) {
    for (std::int64_t i = 0; i < count; ++i) measure(all[which], p, x[i], result[i], *tally);
}

template <class T>
void add_block(const Case& c, const double* p, const T* x, const T* result, Tally& tally) {
    alignas(64) typename Filter<T>::wide values[block], errors[block];
    alignas(64) std::uint8_t verdicts[block];
    Filter<T>::of(c)(x, p, values, errors);
    judge(x, result, values, errors, tally.largest, verdicts);
    std::uint64_t settled = 0, wrong = 0, specials = 0;
    for (const std::uint8_t verdict : verdicts) {
        settled += verdict != unsettled;
        wrong += verdict == misrounded;
        specials += verdict == special;
    }
    tally.inputs += settled;
    tally.misrounded += wrong;
    tally.wrong_specials += specials;
    for (int i = 0; settled < block && i < block; ++i)
        if (verdicts[i] == unsettled) measure(c, p, x[i], result[i], tally);
}

template <class T>
void add(int which, const double* p, const T* x, const T* result, std::int64_t count,
         Tally* tally) {
    std::int64_t i = 0;
    for (; i + block <= count; i += block) add_block(all[which], p, x + i, result + i, *tally);
    add_by_definition(which, p, x + i, result + i, count - i, tally);
}

// The largest difference between filter and definition, in units of the bound.
template <class T> double check(int which, const double* p, const T* x, std::int64_t count) {
    using wide = typename Filter<T>::wide;
    alignas(64) wide values[block], errors[block];
    double largest = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        if (i % block == 0) Filter<T>::of(all[which])(x + i, p, values, errors);
        const wide value = values[i % block], error = errors[i % block];
        const quadruple y = all[which].in_quadruple(x[i], p);
        if (!finite(x[i]) || !(error < HUGE_VAL) || !finite(T(y)) ||
            widened<T>(value, error) == Filter<T>::limits::negligible)
            continue;
        const auto difference = magnitude(y - value);
        // The definition errs too: by less than 2^-9 of the bound, or of its own last places. In a
        // type with eleven digits more than the filter's it would err by as much as the bound where
        // a sum cancels and the filter's roundings happen to be small.
        const quadruple bound = error * (1 + 0x1p-9Q) + magnitude(y) * Filter<T>::of_definition;
        if (difference > 0) largest = std::max(largest, double(difference / bound));
    }
    return largest;
}

template <class T>
void fill(int which, const double* p, const T* x, std::int64_t count, quadruple* result) {
    for (std::int64_t i = 0; i < count; ++i) result[i] = all[which].in_quadruple(x[i], p);
}

}  // namespace
}  // namespace certify

extern "C" {

using namespace certify;

const char* certify_name(int which) {
    return which < int(all.size()) ? all[which].name.c_str() : nullptr;
}

#define CERTIFY_TYPE(T, name)                                                                      \
    void certify_add_##name(int which, const double* p, const T* x, const T* result,               \
                            std::int64_t count, Tally* tally) {                                    \
        add(which, p, x, result, count, tally);                                                    \
    }                                                                                              \
    void certify_add_by_definition_##name(int which, const double* p, const T* x, const T* result, \
                                          std::int64_t count, Tally* tally) {                      \
        add_by_definition(which, p, x, result, count, tally);                                      \
    }                                                                                              \
    double certify_check_##name(int which, const double* p, const T* x, std::int64_t count) {      \
        return check(which, p, x, count);                                                          \
    }                                                                                              \
    /* What Python holds for a quadruple is 16 opaque bytes. */                                    \
    void certify_exact_##name(int which, const double* p, const T* x, std::int64_t count,          \
                              quadruple* result) {                                                 \
        fill(which, p, x, count, result);                                                          \
    }
CERTIFY_TYPE(float, float32)
CERTIFY_TYPE(double, float64)
}
