// The textbook definitions, for any type W that computes: a wide floating-point type, or one that
// keeps a bound of its own error (bounded.hpp). The functions they use share nothing with the
// kernels.
#pragma once

#include "wide.hpp"

namespace certify {
// The library's function, which reference::tanh hides.
template <class W> W library_tanh(W x) { return tanh(x); }

namespace reference {

template <class W> W sigmoid(W x) { return 1 / (1 + exp(-x)); }
template <class W> W sigmoid_derivative(W x) {
    const W t = exp(-magnitude(x));
    return t / ((1 + t) * (1 + t));
}

template <class W> W tanh(W x) { return library_tanh(x); }
template <class W> W tanh_derivative(W x) {
    const W c = cosh(x);
    return 1 / (c * c);
}

// x - tanh x = (cosh x - sinh(x) / x) x / cosh x, whose factor cancels near 0 and is summed there:
// the sum over k of x^(2 k) (1 / (2 k)! - 1 / (2 k + 1)!).
template <class W> W tanh_shrink(W x) {
    const W square = x * x;
    W power = W(1), sum = W(0);
    for (int k = 1; k < 15; ++k) {
        power = power * (square / (2 * k * (2 * k + 1)));
        sum = sum + 2 * k * power;
    }
    return choose(magnitude(x) > 1, x - library_tanh(x), x * sum / cosh(x));
}
template <class W> W tanh_shrink_derivative(W x) {
    const W t = library_tanh(x);
    return t * t;
}

template <class W> W relu(W x) { return choose(x > 0, x, W(0)); }
template <class W> W relu_derivative(W x) { return choose(x > 0, W(1), W(0)); }

template <class W> W relu_squared(W x) { return choose(x > 0, x * x, W(0)); }
template <class W> W relu_squared_derivative(W x) { return choose(x > 0, 2 * x, W(0)); }

template <class W> W star_relu(W x, W s, W b) { return choose(x > 0, s * x * x + b, b); }
template <class W> W star_relu_derivative(W x, W s, W) { return choose(x > 0, 2 * s * x, W(0)); }

template <class W> W leaky_relu(W x, W slope) { return choose(x > 0, x, slope * x); }
template <class W> W leaky_relu_derivative(W x, W slope) { return choose(x > 0, W(1), slope); }

template <class W> W elu(W x, W alpha) { return choose(x > 0, x, alpha * expm1(x)); }
template <class W> W elu_derivative(W x, W alpha) { return choose(x > 0, W(1), alpha * exp(x)); }

template <class W> W celu(W x, W alpha) { return choose(x > 0, x, alpha * expm1(x / alpha)); }
template <class W> W celu_derivative(W x, W alpha) { return choose(x > 0, W(1), exp(x / alpha)); }

// The constants of Klambauer et al. 2017.
template <class W> W selu(W x) {
    const W scale = W(1.0507009873554804934193349852946Q),
            alpha = W(1.6732632423543772848170429916717Q);
    return choose(x > 0, scale * x, scale * alpha * expm1(x));
}
template <class W> W selu_derivative(W x) {
    const W scale = W(1.0507009873554804934193349852946Q),
            alpha = W(1.6732632423543772848170429916717Q);
    return choose(x > 0, scale, scale * alpha * exp(x));
}

template <class W> W exponential(W x) { return exp(x); }
template <class W> W exponential_derivative(W x) { return exp(x); }

template <class W> W silu(W x, W beta) {
    const W y = beta * x;
    return choose(y < -20000, W(0), x / (1 + exp(-y)));
}
template <class W> W silu_derivative(W x, W beta) {
    const W y = beta * x;
    const W result = sigmoid(y) * (1 + y * sigmoid(-y));
    return choose(y < -5000, W(0), choose(y > 5000, W(1), result));
}

template <class W> W softplus(W x, W beta) {
    const W y = beta * x;
    return (choose(y > 0, y, W(0)) + log1p(exp(-magnitude(y)))) / beta;
}
template <class W> W softplus_derivative(W x, W beta) { return sigmoid(beta * x); }
template <class W> W log_sigmoid(W x) { return -softplus(-x, W(1)); }
template <class W> W log_sigmoid_derivative(W x) { return sigmoid(-x); }

// Far on the left log(1 + y), y = e^x, is y - y^2 / 2 + ..., and its root is taken in the exponent:
// that of a vanishing number would be a large one.
template <class W> W sqrt_softplus(W x) {
    const W near = sqrt(softplus(x, W(1)));
    return choose(x < -50, exp(x / 2) * (1 - exp(x) / 4), near);
}
template <class W> W sqrt_softplus_derivative(W x) {
    const W near = sigmoid(x) / (2 * sqrt(softplus(x, W(1))));
    return choose(x < -50, exp(x / 2) * (W(1) / 2 - exp(x) * 3 / 8), near);
}

template <class W> W mish(W x) {
    return choose(x < -20000, W(0), x * library_tanh(softplus(x, W(1))));
}
template <class W> W mish_derivative(W x) {
    const W s = softplus(x, W(1));
    const W result = library_tanh(s) + x * sigmoid(x) * tanh_derivative(s);
    return choose(x < -5000, W(0), choose(x > 5000, W(1), result));
}

template <class W> W normal_density(W x) {
    return exp(-x * x / 2) / sqrt(2 * W(3.14159265358979323846264338327950288Q));
}
template <class W> W gelu(W x) { return choose(x < -150, W(0), x * erfc(-x / sqrt(W(2))) / 2); }
template <class W> W gelu_derivative(W x) {
    return choose(x < -150, W(0),
                  choose(x > 150, W(1), erfc(-x / sqrt(W(2))) / 2 + x * normal_density(x)));
}
template <class W> W gelu_tanh(W x) {
    const W slope = 2 * sqrt(2 / W(3.14159265358979323846264338327950288Q));
    const W y = slope * (x + W(0.044715Q) * x * x * x);
    return choose(x < -50, W(0), choose(x > 50, x, x * sigmoid(y)));
}
template <class W> W gelu_tanh_derivative(W x) {
    const W slope = 2 * sqrt(2 / W(3.14159265358979323846264338327950288Q)), k = W(0.044715Q);
    const W y = slope * (x + k * x * x * x);
    const W result = sigmoid(y) * (1 + x * slope * (1 + 3 * k * x * x) * sigmoid(-y));
    return choose(x < -50, W(0), choose(x > 50, W(1), result));
}

template <class W> W laplace(W x, W mu, W sigma) {
    const W z = (x - mu) / sigma;
    return choose(z < -150, W(0), choose(z > 150, W(1), erfc(-z / sqrt(W(2))) / 2));
}
template <class W> W laplace_derivative(W x, W mu, W sigma) {
    const W z = (x - mu) / sigma;
    return choose(magnitude(z) > 150, W(0), normal_density(z) / sigma);
}

template <class W> W softcap(W x, W cap) { return cap * library_tanh(x / cap); }
template <class W> W softcap_derivative(W x, W cap) { return tanh_derivative(x / cap); }
template <class W> W stanh(W x, W a, W b) { return b * library_tanh(a * x); }
template <class W> W stanh_derivative(W x, W a, W b) { return a * b * tanh_derivative(a * x); }
template <class W> W lisht(W x) { return x * library_tanh(x); }
template <class W> W lisht_derivative(W x) {
    const W end = choose(x > 0, W(1), W(-1));
    return choose(magnitude(x) > 2000, end, library_tanh(x) + x * tanh_derivative(x));
}

template <class W> W snake_beta(W x, W alpha, W beta) {
    const W s = sin(alpha * x);
    return choose(infinite(x), x, x + s * s / beta);
}
template <class W> W snake_beta_derivative(W x, W alpha, W beta) {
    return 1 + alpha / beta * sin(2 * alpha * x);
}
template <class W> W snake(W x, W alpha) { return snake_beta(x, alpha, alpha); }
// 1 + sin(2 y) = (sin y + cos y)^2, which is small where the sum is.
template <class W> W snake_derivative(W x, W alpha) {
    const W root = sin(alpha * x) + cos(alpha * x);
    return root * root;
}

// e^x - 1 - x, which near 0 is summed: x^2 / 2 + x^3 / 6 + ...
template <class W> W exponential_bend(W x) {
    W term = x * x / 2, sum = term;
    for (int k = 3; k < 30; ++k) {
        term = term * x / k;
        sum = sum + term;
    }
    return choose(magnitude(x) > 1, expm1(x) - x, sum);
}
template <class W> W xielu(W x, W alpha_p, W alpha_n, W beta, W eps) {
    const W t = choose(x < eps, x, eps);
    const W left = alpha_n * (exponential_bend(t) + (t - x)) + beta * x;
    const W far = (beta - alpha_n) * x - alpha_n;
    return choose(x > 0, (alpha_p * x + beta) * x, choose(x < -2000, far, left));
}
template <class W> W xielu_derivative(W x, W alpha_p, W alpha_n, W beta, W eps) {
    const W left = alpha_n * expm1(x) + beta;
    return choose(x > 0, 2 * alpha_p * x + beta, choose(x > eps, beta - alpha_n, left));
}

template <class W> W squareplus(W x, W b) {
    const W root = sqrt(x * x + b);
    return choose(x > 0, (x + root) / 2, b / (2 * (root - x)));
}
template <class W> W squareplus_derivative(W x, W b) {
    const W root = sqrt(x * x + b);
    const W positive = choose(infinite(x), W(1), (1 + x / root) / 2);
    return choose(x > 0, positive, b / (2 * root * (root - x)));
}

template <class W> W softsign(W x) {
    return choose(infinite(x), choose(x > 0, W(1), W(-1)), x / (1 + magnitude(x)));
}
template <class W> W softsign_derivative(W x) {
    return 1 / ((1 + magnitude(x)) * (1 + magnitude(x)));
}

template <class W> W bounded(W x, W lower, W upper) {
    return choose(x < lower, lower, choose(x > upper, upper, x));
}
template <class W> W hard_sigmoid(W x, W width, W offset) {
    return bounded((x + width * offset) / width, W(0), W(1));
}
template <class W> W hard_sigmoid_derivative(W x, W width, W offset) {
    return choose(x > -width * offset && x - width <= -width * offset, 1 / width, W(0));
}
template <class W> W hard_swish(W x) {
    return choose(x <= -3, W(0), choose(x >= 3, x, x * (x + 3) / 6));
}
template <class W> W hard_swish_derivative(W x) {
    return choose(x <= -3, W(0), choose(x > 3, W(1), (2 * x + 3) / 6));
}
template <class W> W sparse_plus(W x) {
    return choose(x <= -1, W(0), choose(x >= 1, x, (x + 1) * (x + 1) / 4));
}
template <class W> W sparse_plus_derivative(W x) { return bounded((x + 1) / 2, W(0), W(1)); }
template <class W> W hard_tanh(W x, W lower, W upper) { return bounded(x, lower, upper); }
template <class W> W hard_tanh_derivative(W x, W lower, W upper) {
    return choose(x > lower && x <= upper, W(1), W(0));
}
template <class W> W sparse_sigmoid(W x) { return bounded((x + 1) / 2, W(0), W(1)); }
template <class W> W sparse_sigmoid_derivative(W x) {
    return choose(x > -1 && x <= 1, W(0.5), W(0));
}
template <class W> W threshold(W x, W from, W otherwise) { return choose(x > from, x, otherwise); }
template <class W> W threshold_derivative(W x, W from, W) { return choose(x > from, W(1), W(0)); }
template <class W> W thresholded_relu(W x, W from) { return choose(x > from, x, W(0)); }
template <class W> W thresholded_relu_derivative(W x, W from) {
    return choose(x > from, W(1), W(0));
}
template <class W> W hard_shrink(W x, W width) { return choose(magnitude(x) > width, x, W(0)); }
template <class W> W hard_shrink_derivative(W x, W width) {
    return choose(x > -width && x <= width, W(0), W(1));
}
template <class W> W soft_shrink(W x, W width, W bias) {
    return choose(x > width, x - bias, choose(x < -width, x + bias, W(0)));
}
template <class W> W soft_shrink_derivative(W x, W width, W) {
    return hard_shrink_derivative(x, width);
}
template <class W> W identity(W x) { return x; }
template <class W> W identity_derivative(W) { return W(1); }
template <class W> W step(W x) { return choose(x > 0, W(1), W(0)); }
template <class W> W step_derivative(W) { return W(0); }
template <class W> W relu6(W x) { return bounded(x, W(0), W(6)); }
template <class W> W relu6_derivative(W x) { return choose(x > 0 && x <= 6, W(1), W(0)); }

}  // namespace reference
}  // namespace certify
