"""The numbers in kernels/: a proof is about what the kernels contain, never about a copy."""

from __future__ import annotations

import functools
import re
from pathlib import Path

KERNELS = Path(__file__).parents[2] / "kernels"
HEADERS = {
    "exponential": "arithmetic/exponential.hpp",
    "logistic_domain": "activations/bell.hpp",
    "hyperbolic_domain": "activations/tanh.hpp",
    "exponential_domain": "activations/exponential.hpp",
}
NUMBER = r"-?(?:0x[0-9a-f.]+p[+-]?\d+|\d+(?:\.\d+)?)"


@functools.cache
def text(header: str) -> str:
    return re.sub("//.*", "", (KERNELS / HEADERS[header]).read_text())


def value(digits: str) -> float:
    return float.fromhex(digits) if "0x" in digits else float(digits)


def constants(struct: str, header: str) -> dict[str, float]:
    """Read the numbers of `template <> struct NAME<double>`."""
    (body,) = re.findall(rf"struct {struct}<double> {{(.*?)}};", text(header), re.DOTALL)
    return {name: value(digits) for name, digits in re.findall(rf"(\w+) = ({NUMBER})", body)}


def horner(function: str, name: str = "") -> tuple[float, ...]:
    """Read the coefficients of the last Horner rule in a function, or of that which is `name`."""
    (body,) = re.findall(rf"V {function}\(V [^{{]*{{(.*?)\n}}", text("exponential"), re.DOTALL)
    start = rf"{name} = horner" if name else "return horner"
    (digits,) = re.findall(rf"{start}\(r_squared,([^;]*)\);", body.split("} else {")[-1])
    return tuple(value(each.strip()) for each in digits.split(","))


def last_number(function: str) -> float:
    """Read the constant term, `V(number)` at the end of a function's branch for double."""
    (body,) = re.findall(rf"V {function}\(V [^{{]*{{(.*?)\n}}", text("exponential"), re.DOTALL)
    return value(re.findall(rf"V\(({NUMBER})\)", body)[-1])


LN2 = constants("logarithm_of_2", "exponential")
LOGISTIC = constants("logistic_domain", "logistic_domain")
HYPERBOLIC = constants("hyperbolic_domain", "hyperbolic_domain")
EXPONENTIAL = constants("exponential_domain", "exponential_domain")

# By the function in arithmetic/exponential.hpp: the even powers, the odd ones, the constant term.
TAILS = {
    "exponential_tail": (
        horner("exponential_rest_even"),
        horner("exponential_rest_odd"),
        last_number("exponential_tail"),
    ),
    "short_exponential_tail": (
        horner("short_exponential_tail", "even"),
        horner("short_exponential_tail", "odd"),
        last_number("short_exponential_tail"),
    ),
}
