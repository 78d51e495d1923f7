// Sparsemax, the point of the simplex that is nearest to x / T.
//
//     sparsemax(x)_i = max(y_i - tau, 0),  tau = (sum of y_j over the support - 1) / its size,
//
// the support being where y_j > tau. The largest y is 0, so that tau >= -1. Beginning there, each
// tau is that of the support that the last one leaves, which so only loses elements, until it loses
// none (Michelot 1986); no sorting and no memory are needed. In pairs of doubles, whatever the
// elements are: the y are exact for T = 1, and what they leave of tau is within 2^-98.
#pragma once

#include "softmax.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::axes {

NONLIN_INLINE W::Integers exceeds(Pair a, Pair b) {
    return (a.high > b.high) | ((a.high == b.high) & (a.low > b.low));
}

template <class S> struct Simplex {
    const Scores<S, Pair> scores;
    Pair tau = {W(-1), W(0)};
    double support = 0;

    Simplex(const Row<S>& x, double temperature) : scores(x, temperature, 1) {
        while (scores.usual()) {
            Pair total = {W(0), W(0)};
            W count = 0;
            for (intptr_t i = 0; i < x.count; i += lanes) {
                const Pair y = at(i);
                const auto counts = exceeds(y, tau);
                add_to(total, chosen(counts, y, {W(0), W(0)}));
                count = count + select(counts, W(1), W(0));
            }
            const double found = first(across(count));
            if (support > 0 && found >= support) break;
            support = found;
            tau = quotient_of(sum(across(total), Pair{W(-1), W(0)}), Pair{W(found), W(0)});
        }
    }

    NONLIN_INLINE Pair at(intptr_t i) const {
        const Pair y = finite(scores.at(i));
        return fast_two_sum(max(y.high, -0x1p900), y.low);
    }
};

template <class S>
[[gnu::noinline]] void sparsemax(const Row<S>& x, double temperature, const Row<S>& out) {
    const Simplex<S> simplex(x, temperature);
    const auto& scores = simplex.scores;
    if (!scores.usual()) return write_limit(x, scores.largest, 1, out, 1, 0);
    for (intptr_t i = 0; i < x.count; i += lanes) {
        const Pair y = simplex.at(i);
        out.put(i, select(exceeds(y, simplex.tau), rounded(sum(y, -simplex.tau)), W(0)));
    }
}

// (g - the mean of g over the support) / T there, elsewhere 0.
template <class S>
[[gnu::noinline]] void sparsemax_backward(const Row<S>& grad, const Row<S>& x, double temperature,
                                          const Row<S>& out) {
    const Simplex<S> simplex(x, temperature);
    const auto& largest = simplex.scores.largest;
    if (!simplex.scores.usual())
        return write_limit(x, {0, largest.place, largest.state == one_hot ? one_hot : unknown}, 1,
                           out, 0, 0);
    Pair total = {W(0), W(0)};
    for (intptr_t i = 0; i < x.count; i += lanes) {
        const auto inside = exceeds(simplex.at(i), simplex.tau);
        add_to(total, {select(inside, grad.at(i, 0), W(0)), W(0)});
    }
    const Pair mean = quotient_of(across(total), Pair{W(simplex.support), W(0)});
    const Pair factor = inverse_of<Pair>(temperature);
    for (intptr_t i = 0; i < x.count; i += lanes) {
        const auto inside = exceeds(simplex.at(i), simplex.tau);
        const Pair centred = sum(Pair{grad.at(i, 0), W(0)}, -mean);
        out.put(i, select(inside, rounded(product(centred, factor)), W(0)));
    }
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::axes
