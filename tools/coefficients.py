"""The polynomials in the kernels and what each approximates.

Run ``python tools/coefficients.py [NAME ...]`` to print the coefficient tables that ``kernels/``
contains.
"""

import sys

import mpmath
from minimax import Function, Problem, Real, horner, solve


def exponential_tail(r: Real) -> Real:
    """(e^r - 1 - r) / r^2."""
    if abs(r) < Real("1e-12"):
        return Real(1) / 2 + r / 6 + r * r / 24
    return (mpmath.expm1(r) - r) / (r * r)


HALF_LOG_2 = mpmath.log(2) / 2 * (1 + Real(2) ** -10)
# A little longer on one side: that keeps the exchange's nodes off r = 0, where the weight is 0.
WIDER = 1 + Real(2) ** -10


def relative_to_expm1(r: Real) -> Real:
    """What an error of P weighs in r + r^2 P(r) = e^r - 1, relative to that."""
    return r * r / abs(mpmath.expm1(r))


def relative_to_exp(r: Real) -> Real:
    """What an error of P weighs in 1 + r + r^2 P(r) = e^r, relative to that."""
    return r * r * mpmath.exp(-r)


def atanh_tail(z: Real) -> Real:
    """(2 atanh(s) - 2 s) / s^3, z = s^2."""
    if z < Real("1e-20"):
        return Real(2) / 3 + 2 * z / 5
    s = mpmath.sqrt(z)
    return (2 * mpmath.atanh(s) - 2 * s) / s**3


def scaled_normal_tail(u: Real) -> Real:
    """(a + 3/4) R(a), R(a) = Phi(-a) e^(a^2 / 2), u = (a - 4) / (a + 4)."""
    a = 4 * (1 + u) / (1 - u)
    return (a + Real(3) / 4) * mpmath.ncdf(-a) * mpmath.exp(a * a / 2)


def tanh_shrink_tail(z: Real) -> Real:
    """((x - tanh x) / x^3 - 1/3) / x^2, z = x^2."""
    if z < Real("1e-10"):
        return -Real(2) / 15 + 17 * z / 315 - 62 * z * z / 2835
    x = mpmath.sqrt(z)
    return ((x - mpmath.tanh(x)) / x**3 - Real(1) / 3) / z


def silu_slope(y: Real) -> Real:
    s = 1 / (1 + mpmath.exp(-y))
    return s * (1 + y * (1 - s))


def mish_slope(x: Real) -> Real:
    s = mpmath.log1p(mpmath.exp(x))
    return mpmath.tanh(s) + x * mpmath.sech(s) ** 2 / (1 + mpmath.exp(-x))


def gelu_slope(x: Real) -> Real:
    return mpmath.ncdf(x) + x * mpmath.npdf(x)


def gelu_tanh_slope(x: Real) -> Real:
    slope, cubic = 2 * mpmath.sqrt(2 / mpmath.pi), Real("0.044715")
    s = 1 / (1 + mpmath.exp(-slope * (x + cubic * x**3)))
    return s * (1 + x * slope * (1 + 3 * cubic * x * x) * (1 - s))


def around_root(name: str, function: Function, guess: str, width: str, degree: int) -> Problem:
    """f(root + d) / d for |d| <= width."""
    root = mpmath.findroot(function, Real(guess))
    taylor = mpmath.taylor(function, root, 8)

    def target(d: Real) -> Real:
        if abs(d) < Real("1e-6"):
            return horner(taylor[1:], d)
        return function(root + d) / d

    def weight(d: Real) -> Real:
        return 1 / target(d)

    high, low, lower = parts(root, 3)
    print(f"{name}: root {high.hex()}, {low.hex()}, {lower.hex()}")
    return Problem(name, target, weight, -Real(width), Real(width), degree, 53, pairs=1)


def parts(value: Real, count: int) -> list[float]:
    """Doubles whose sum is ``value``, each the nearest to what the ones before leave."""
    found: list[float] = []
    for _ in range(count):
        found.append(float(value - sum(map(Real, found))))
    return found


PROBLEMS = (
    Problem(
        "exponential_tail<float>",
        exponential_tail,
        relative_to_expm1,
        -HALF_LOG_2,
        HALF_LOG_2 * WIDER,
        5,
        24,
    ),
    Problem(
        "exponential_tail<double>",
        exponential_tail,
        relative_to_expm1,
        -HALF_LOG_2,
        HALF_LOG_2 * WIDER,
        10,
        53,
    ),
    Problem(
        "short_exponential_tail<float>",
        exponential_tail,
        relative_to_exp,
        -HALF_LOG_2,
        HALF_LOG_2 * WIDER,
        4,
        24,
    ),
    Problem(
        "short_exponential_tail<double>",
        exponential_tail,
        relative_to_exp,
        -HALF_LOG_2,
        HALF_LOG_2 * WIDER,
        9,
        53,
    ),
    Problem("atanh_tail", atanh_tail, lambda z: z / 2, Real("1e-12"), Real(1) / 9 * WIDER, 11, 53),
    Problem(
        "scaled_normal_tail",
        scaled_normal_tail,
        lambda u: 1 / scaled_normal_tail(u),
        Real(-1),
        Real(36) / 44,
        25,
        53,
        pairs=3,
    ),
    Problem(
        "tanh_shrink_tail", tanh_shrink_tail, lambda z: z, Real("1e-12"), Real(25) / 64, 11, 53
    ),
    around_root("silu_root", silu_slope, "-1.278", "0.125", 11),
    around_root("mish_root", mish_slope, "-1.192", "0.125", 11),
    around_root("gelu_root", gelu_slope, "-0.752", "0.25", 14),
    around_root("gelu_tanh_root", gelu_tanh_slope, "-0.752", "0.25", 15),
)


def main() -> None:
    for problem in PROBLEMS:
        if len(sys.argv) > 1 and problem.name not in sys.argv:
            continue
        coefficients, error = solve(problem)
        suffix = "F" if problem.precision == 24 else ""
        print(f"{problem.name}: weighted error 2^{float(mpmath.log(error, 2)):.2f}")
        for index, coefficient in enumerate(coefficients):
            numbers = parts(coefficient, problem.bits(index) // problem.precision)
            print("    " + ", ".join(f"{number.hex()}{suffix}" for number in numbers) + ",")


if __name__ == "__main__":
    main()
