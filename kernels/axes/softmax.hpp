// Softmax, its logarithm, and the logarithm of the sum of exponentials.
//
//     softmax(x)_i = e^y_i / sum e^y_j,  y_i = (x_i - m) / T,  m = max x
//     log_softmax(x)_i = y_i - L,        L = ln sum e^y_j
//     log_sum_exp(x) = m + L             (T = 1)
//
// The 1 of the largest element is kept apart from the `rest` of the sum, so that L = ln(1 + rest)
// has all its digits where that one dominates. With the bounds in numbers.hpp a result is rounded
// once from one that is within 2^-40 (float64: 2^-56) of the exact one, where nothing cancels: 0.5
// ULP and a little. In log_sum_exp m and L may cancel; what is left then is within 2^-57 of L.
#pragma once

#include "row.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::axes {

// dividend / T, with the digits of N.
template <class N> NONLIN_INLINE N inverse_of(double temperature, double dividend = 1) {
    return quotient_of(whole<N>(W(dividend)), whole<N>(W(temperature)));
}

// The y of a row. For pairs halves are subtracted, which cannot overflow where the quotient by T
// does not.
template <class S, class N> struct Scores {
    Row<S> row;
    double sign, temperature;
    Largest largest;
    N factor;

    Scores(const Row<S>& row, double temperature, double sign)
        : row(row),
          sign(sign),
          temperature(temperature),
          largest(largest_of(row, sign)),
          factor(inverse_of<N>(temperature, in_pairs<N> ? 2 : 1)) {
        if (!(temperature > 0 && temperature < inf)) largest.state = unknown;
    }

    bool usual() const { return largest.state == axes::usual; }

    NONLIN_INLINE N at(intptr_t i) const {
        const W x = row.at(i, -sign * inf) * sign;
        if constexpr (in_pairs<N>) {
            if (temperature == 1) return two_sum(x, W(-largest.value));
            return product(two_sum(0.5 * x, W(-0.5 * largest.value)), factor);
        } else {
            return (x - largest.value) * factor;
        }
    }
};

// e^y of a row. Of a short row they are kept for the second time that they are asked for.
template <class S, class N> class Terms {
    static constexpr intptr_t most_kept = in_pairs<N> ? 2048 : 4096;
    const Scores<S, N>& scores_;
    alignas(64) double high_[most_kept];
    alignas(64) double low_[in_pairs<N> ? most_kept : lanes];
    N rest_;

    bool kept() const { return scores_.row.count <= most_kept; }

    NONLIN_INLINE void keep(intptr_t i, N term) {
        head(term).store(high_ + i);
        if constexpr (in_pairs<N>) term.low.store(low_ + i);
    }

    // The elements whose y is 0 are counted, and one of them is left out.
    template <bool keeps> void add() {
        const N nothing = whole<N>(W(0));
        N rest = nothing;
        W ones = 0;
        for (intptr_t i = 0; i < scores_.row.count; i += lanes) {
            const N y = scores_.at(i), term = exponential(y);
            if constexpr (keeps) keep(i, term);
            const auto largest = head(y) == 0;
            ones = ones + select(largest, W(1), W(0));
            add_to(rest, chosen(largest, nothing, term));
        }
        rest_ = sum(across(rest), whole<N>((across(ones) - 1) * scale<N>));
    }

 public:
    explicit Terms(const Scores<S, N>& scores) : scores_(scores) {
        if (kept()) {
            add<true>();
        } else {
            add<false>();
        }
    }

    // The sum without the largest element's, `scale` times.
    N rest() const { return rest_; }
    N total() const { return sum(whole<N>(W(1)), scaled(rest_, 1 / scale<N>)); }

    NONLIN_INLINE N at(intptr_t i) const {
        if (!kept()) return exponential(scores_.at(i));
        if constexpr (in_pairs<N>) {
            return {W::load(high_ + i), W::load(low_ + i)};
        } else {
            return W::load(high_ + i);
        }
    }
};

// softmax, `scale` times: rounding to a subnormal result comes last.
template <class S, class N> class Shares {
    const Scores<S, N>& scores_;
    const Terms<S, N> terms_;
    const N inverse_;

 public:
    explicit Shares(const Scores<S, N>& scores)
        : scores_(scores), terms_(scores), inverse_(quotient_of(whole<N>(W(1)), terms_.total())) {}

    NONLIN_INLINE N scaled_at(intptr_t i) const { return product(terms_.at(i), inverse_); }

    // Of a row that has a limit that.
    NONLIN_INLINE N at(intptr_t i) const {
        if (!scores_.usual()) {
            const W one = select(is_at(scores_.largest.place, i), W(1), W(0));
            return whole<N>(one);
        }
        return scaled(scaled_at(i), 1 / scale<N>);
    }
};

template <class S, class N>
[[gnu::noinline]] void softmax(const Row<S>& x, double temperature, double sign,
                               const Row<S>& out) {
    const Scores<S, N> scores(x, temperature, sign);
    if (!scores.usual()) return write_limit(x, scores.largest, sign, out, 1, 0);
    const Shares<S, N> shares(scores);
    for (intptr_t i = 0; i < x.count; i += lanes)
        out.put(i, rounded(shares.scaled_at(i)) * (1 / scale<N>));
}

template <class S, class N>
[[gnu::noinline]] void log_softmax(const Row<S>& x, double temperature, double sign,
                                   const Row<S>& out) {
    const Scores<S, N> scores(x, temperature, sign);
    if (!scores.usual()) return write_limit(x, scores.largest, sign, out, 0, -inf);
    const N minus_logarithm = -logarithm_of_1_plus(Terms<S, N>(scores).rest());
    for (intptr_t i = 0; i < x.count; i += lanes) {
        const N y = finite(scores.at(i));
        const W found = rounded(sum(y, minus_logarithm));
        out.put(i, select(head(y) > -inf, found, W(-inf)));
    }
}

// Where m and L nearly cancel they are found in pairs, whatever the elements are.
template <class S, class N> [[gnu::noinline]] W log_sum_exp(const Row<S>& x) {
    const Scores<S, N> scores(x, 1, 1);
    const W m = scores.largest.value;
    if (!scores.usual()) return m;
    const N logarithm = logarithm_of_1_plus(Terms<S, N>(scores).rest());
    const W found = rounded(sum(whole<N>(m), logarithm));
    if constexpr (!in_pairs<N>) {
        if (any(abs(found) < abs(m) * 0x1p-6)) return log_sum_exp<S, Pair>(x);
    }
    return found;
}

// The products of a gradient with the Jacobians
//     softmax:      (diag(s) - s s^T) / T, so s (g - sum g s) / T
//     log_softmax:  (1 - 1 s^T) / T, so (g - s sum g) / T
//     log_sum_exp:  s
// each rounded once from the sums and products of N: beside 0.5 ULP of the result an error of
// 2^-40 (float64: 2^-56) of max |g| s, of |g| + s |sum g|, and of nothing.
template <class S, class N, bool of_logarithm>
[[gnu::noinline]] void softmax_backward(const Row<S>& grad, const Row<S>& x, double temperature,
                                        double sign, const Row<S>& out) {
    const Scores<S, N> scores(x, temperature, sign);
    if (scores.largest.state > one_hot) return write_limit(x, {0, 0, unknown}, sign, out, 0, 0);
    const Shares<S, N> shares(scores);
    N total = whole<N>(W(0));
    for (intptr_t i = 0; i < x.count; i += lanes) {
        const N g = whole<N>(grad.at(i, 0));
        if constexpr (of_logarithm) {
            add_to(total, g);
        } else {
            add_to(total, product(shares.at(i), g));
        }
    }
    const N minus_total = -across(total), factor = inverse_of<N>(temperature, sign);
    for (intptr_t i = 0; i < x.count; i += lanes) {
        const N g = whole<N>(grad.at(i, 0)), share = shares.at(i);
        if constexpr (of_logarithm) {
            out.put(i, rounded(product(sum(g, product(share, minus_total)), factor)));
        } else {
            out.put(i, rounded(product(product(share, sum(g, minus_total)), factor)));
        }
    }
}

template <class S, class N>
[[gnu::noinline]] void log_sum_exp_backward(W grad, const Row<S>& x, const Row<S>& out) {
    const Scores<S, N> scores(x, 1, 1);
    if (scores.largest.state > one_hot) return write_limit(x, {0, 0, unknown}, 1, out, 0, 0);
    const Shares<S, N> shares(scores);
    for (intptr_t i = 0; i < x.count; i += lanes)
        out.put(i, rounded(product(shares.at(i), whole<N>(grad))));
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::axes
