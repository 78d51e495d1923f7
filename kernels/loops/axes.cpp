// The functions along an axis, each in every precision.
#include "../axes/softmax.hpp"
#include "../axes/sparsemax.hpp"
#include "../dispatch/environment.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::axes {
namespace {

template <class S> using number_for = typename number_type<is_wide<S>>::type;

// One row of a call.
template <class S> struct Operands {
    char* const* start;
    const intptr_t *strides, *steps;
    intptr_t place, count;

    char* at(int k) const { return start[k] + place * strides[k]; }
    Row<S> row(int k) const { return {at(k), steps[k], count}; }
    double number(int k) const { return *reinterpret_cast<const double*>(at(k)); }
    W element(int k) const {
        S all[lanes];
        for (S& each : all) each = *reinterpret_cast<const S*>(at(k));
        return elements<S>::load(all);
    }
    void put(int k, W y) const {
        S results[lanes];
        elements<S>::store(results, y);
        *reinterpret_cast<S*>(at(k)) = results[0];
    }
};

template <class S, class Body>
void loop(char* const* operands, const intptr_t* strides, const intptr_t* steps, intptr_t rows,
          intptr_t count) {
    const DefaultEnvironment environment;
    for (intptr_t i = 0; i < rows; ++i)
        Body::template row<S>(Operands<S>{operands, strides, steps, i, count});
}

template <int sign> struct shares {
    template <class S> static void row(const Operands<S>& at) {
        softmax<S, number_for<S>>(at.row(0), at.number(1), sign, at.row(2));
    }
};
struct logarithms {
    template <class S> static void row(const Operands<S>& at) {
        log_softmax<S, number_for<S>>(at.row(0), at.number(1), 1, at.row(2));
    }
};
struct logarithm_of_sum {
    template <class S> static void row(const Operands<S>& at) {
        at.put(1, log_sum_exp<S, number_for<S>>(at.row(0)));
    }
};
struct sparse {
    template <class S> static void row(const Operands<S>& at) {
        sparsemax<S>(at.row(0), at.number(1), at.row(2));
    }
};
template <int sign, bool of_logarithm> struct shares_backward {
    template <class S> static void row(const Operands<S>& at) {
        softmax_backward<S, number_for<S>, of_logarithm>(at.row(0), at.row(1), at.number(2), sign,
                                                         at.row(3));
    }
};
struct logarithm_of_sum_backward {
    template <class S> static void row(const Operands<S>& at) {
        log_sum_exp_backward<S, number_for<S>>(at.element(0), at.row(1), at.row(2));
    }
};
struct sparse_backward {
    template <class S> static void row(const Operands<S>& at) {
        sparsemax_backward<S>(at.row(0), at.row(1), at.number(2), at.row(3));
    }
};

template <class Body>
constexpr RowFunction function(const char* name, const char* signature, int operands,
                               int temperature) {
    return {name,
            signature,
            operands,
            temperature,
            {loop<Float16, Body>, loop<float, Body>, loop<double, Body>, loop<BFloat16, Body>}};
}

constexpr const char* forwards = "(n),()->(n)";
constexpr const char* backwards = "(n),(n),()->(n)";

}  // namespace

extern const RowFunction functions[];
const RowFunction functions[] = {
    function<shares<1>>("softmax", forwards, 3, 1),
    function<shares_backward<1, false>>("softmax_backward", backwards, 4, 2),
    function<shares<-1>>("softmin", forwards, 3, 1),
    function<shares_backward<-1, false>>("softmin_backward", backwards, 4, 2),
    function<logarithms>("log_softmax", forwards, 3, 1),
    function<shares_backward<1, true>>("log_softmax_backward", backwards, 4, 2),
    function<logarithm_of_sum>("log_sum_exp", "(n)->()", 2, -1),
    function<logarithm_of_sum_backward>("log_sum_exp_backward", "(),(n)->(n)", 3, -1),
    function<sparse>("sparsemax", forwards, 3, 1),
    function<sparse_backward>("sparsemax_backward", backwards, 4, 2),
    {},
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::axes
