// The derivatives of the gated functions around their zeros.
#pragma once

#include "../arithmetic/double_double.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::activations {

// The sums that give these derivatives cancel at a zero: their error is small beside the terms, not
// beside the result. So around it the derivative is d (slope + d rest(d)), d the distance from the
// zero. The zero is a sum of three doubles, so that d has all its digits however near it is, and
// `slope` of two. d rest(d) is small beside `slope`, and what rounding does to it hardly counts.
// The coefficients are those of tools/coefficients.py, relative error 2^-55.5.
template <class Root, class V> NONLIN_INLINE double_double<V> carried_near_root(V y, V y_low) {
    const double_double<V> d = two_sum(y - Root::high, y_low - Root::low) - V(Root::lower);
    const double_double<V> slope = {V(Root::slope), V(Root::slope_low)};
    return d * (slope + d.high * Root::rest(d.high));
}
template <class Root, class V> NONLIN_INLINE V near_root(V y, V y_low) {
    return rounded(carried_near_root<Root>(y, y_low));
}

// The derivative at y + y_low: `far`, or where that cancels, the polynomial, which is computed only
// for a register that holds such a number. Carried in double for float32, `far` errs by 2^-51,
// which is 2^-28 of the result where d is 2^-20; nearer than 2^-12 two terms of the polynomial are
// enough. A y that is itself a float32 does not come so near, but beta x does.
template <class Number, class Root, class V> NONLIN_INLINE V with_root(V y, V y_low, V far) {
    if constexpr (in_pairs<Number>) {
        const auto near = abs(y - Root::high) < Root::width;
        for (int n = 0; n < V::registers; ++n) {
            if (!any(near.at(n))) continue;
            const auto root = near_root<Root>(y.at(n), y_low.at(n));
            far.part[n] = select(near.at(n), root, far.at(n)).part[0];
        }
        return far;
    } else {
        const V d = (y - Root::high) - Root::low;
        return select(abs(d) < 0x1p-12, d * fma(d, V(Root::rest(V(0))), Root::slope), far);
    }
}

struct silu_root {
    static constexpr double high = -0x1.474973c84120bp+0, low = -0x1.f8d74bc9ac154p-54,
                            lower = -0x1.44a50180ba780p-108, width = 0.125;
    static constexpr double slope = 0x1.be1410460527fp-3, slope_low = -0x1.25b3782423084p-58;
    template <class V> NONLIN_INLINE static V rest(V d) {
        return horner(d, 0x1.2c563458cc0adp-3, 0x1.353eb573ca45fp-6, -0x1.f2d0e32bc29b7p-7,
                      -0x1.b0f82c4995b3fp-8, 0x1.098e92b9bb4a2p-13, 0x1.a2a7cb2323a2ep-11,
                      0x1.8574d0bf82d9ep-13, -0x1.5725117703647p-15, -0x1.f2d79b27b243bp-16,
                      -0x1.858fc156f56d3p-19, 0x1.3a0c0fa620257p-19);
    }
};

struct gelu_root {
    static constexpr double high = -0x1.80ead197f00b4p-1, low = 0x1.13e74c58cada8p-56,
                            lower = 0x1.65d4b5b9cdd03p-111, width = 0.25;
    static constexpr double slope = 0x1.b9d98fa5a3215p-2, slope_low = 0x1.f7c2e49bc56dap-56;
    template <class V> NONLIN_INLINE static V rest(V d) {
        return horner(d, 0x1.8d9a941de3ac5p-2, -0x1.2a2ef9bb865aep-6, -0x1.d2fa4c17c7e84p-4,
                      -0x1.e4088244f8fb5p-7, 0x1.3e346def41fa9p-6, 0x1.297b9d6ff439cp-8,
                      -0x1.258a6d8548e4ap-9, -0x1.8680f741dbc20p-11, 0x1.86c863750d866p-13,
                      0x1.6960fbdb4448ep-14, -0x1.784a74c41dfe2p-17, -0x1.03f6fc2702225p-17,
                      0x1.d0523bdcc9015p-22, 0x1.2d66aa74b2bbep-21);
    }
};

struct gelu_tanh_root {
    static constexpr double high = -0x1.81429f9e97e4dp-1, low = 0x1.4f523ed77dbdcp-55,
                            lower = -0x1.a649fca8ac0e5p-109, width = 0.25;
    static constexpr double slope = 0x1.b8bacd2c96b91p-2, slope_low = 0x1.763317c1c1dd0p-56;
    template <class V> NONLIN_INLINE static V rest(V d) {
        return horner(d, 0x1.8cd1a2b2fff33p-2, -0x1.029615edb077bp-6, -0x1.d2b77346470a8p-4,
                      -0x1.104a83edc0ba0p-6, 0x1.427996dc242c4p-6, 0x1.58c9ed70ec9ebp-8,
                      -0x1.3d8d6415ebdfcp-9, -0x1.e63f28b5451dbp-11, 0x1.14bf87d68325bp-12,
                      0x1.049322f9aea91p-13, -0x1.253aa945a812fp-15, -0x1.0b6f544ae05bbp-16,
                      0x1.8cb4cc178d9f3p-18, 0x1.388e10bf4668ap-19, -0x1.f83f061345e14p-21);
    }
};

struct mish_root {
    static constexpr double high = -0x1.31432c0d12d84p+0, low = -0x1.bf319154da210p-55,
                            lower = -0x1.3b82ea8c1efc4p-109, width = 0.125;
    static constexpr double slope = 0x1.115acb42500bbp-2, slope_low = 0x1.1ab63248bc6b8p-56;
    template <class V> NONLIN_INLINE static V rest(V d) {
        return horner(d, 0x1.a34a251d8ad7bp-3, 0x1.574f121a868e0p-5, -0x1.4c222fe64d4a3p-6,
                      -0x1.03369d4acac22p-6, -0x1.b87ddfb56e07fp-9, 0x1.1e5e186700e90p-10,
                      0x1.03799208cb3b7p-10, 0x1.0a791d49c7995p-12, -0x1.60064c2bfbf75p-15,
                      -0x1.d3f1b7ffdf5cfp-15, -0x1.1fab2037b35dap-16);
    }
};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::activations
