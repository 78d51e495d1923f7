// The references and the measurement as a library that Python loads.
#include "measure.hpp"

namespace certify {
namespace {

const std::vector<Case> all = cases();

template <class T>
void fill(int which, const double* p, const T* x, std::int64_t count, exact_of<T>* result) {
    for (std::int64_t i = 0; i < count; ++i) result[i] = exact(all[which], x[i], p);
}

template <class T>
void add(int which, const double* p, const T* x, const exact_of<T>* exact, const T* result,
         std::int64_t count, Tally* tally) {
    for (std::int64_t i = 0; i < count; ++i)
        measure(all[which], p, x[i], exact[i], result[i], *tally);
}

}  // namespace
}  // namespace certify

extern "C" {

using namespace certify;

const char* certify_name(int which) {
    return which < int(all.size()) ? all[which].name.c_str() : nullptr;
}

// NumPy's long double is an extended; what Python holds for a quadruple is 16 opaque bytes.
#define CERTIFY_TYPE(T, name)                                                                 \
    void certify_exact_##name(int which, const double* p, const T* x, std::int64_t count,     \
                              exact_of<T>* result) {                                          \
        fill(which, p, x, count, result);                                                     \
    }                                                                                         \
    void certify_add_##name(int which, const double* p, const T* x, const exact_of<T>* exact, \
                            const T* result, std::int64_t count, Tally* tally) {              \
        add(which, p, x, exact, result, count, tally);                                        \
    }
CERTIFY_TYPE(float, float32)
CERTIFY_TYPE(double, float64)
}
