"""What the kernels are compared with: the catalogue's definitions in mpmath, as long doubles."""

from collections.abc import Iterable

import mpmath
import numpy as np

from nonlin import Activation, symbolic


def longdouble(y: mpmath.mpf) -> np.longdouble:
    """Round to a long double by way of two doubles; the exponent goes apart, against underflow."""
    if not mpmath.isfinite(y) or y == 0:
        return np.longdouble(float(y))
    significand, exponent = mpmath.frexp(y)
    if abs(exponent) > 16000:
        return np.longdouble(0.0) if exponent < 0 else np.longdouble(np.inf) * int(mpmath.sign(y))
    with mpmath.workprec(200):
        high = float(significand)
        low = float(significand - high)
    return np.ldexp(np.longdouble(high) + np.longdouble(low), int(exponent))


def in_dtype(activation: Activation, dtype: type[np.floating]) -> Activation:
    """Give the parameters the values they have in the kernels of that dtype."""
    precision = np.float64 if dtype == np.float64 else np.float32
    values = {
        name: value if isinstance(value, str) else float(precision(value))
        for name, value in activation.parameters.items()
    }
    return activation.bind(**values)


def exact(activation: Activation, x: Iterable[float], derivative: bool = False) -> np.ndarray:
    """Evaluate the definition, or its derivative, at each x."""
    reference = symbolic.oracle(activation, derivative)
    return np.array([longdouble(reference(float(z))) for z in x], dtype=np.longdouble)
