"""Functions that the mean-field tests need, each with its mpmath twin and its kinks.

A member of the catalogue is taken where there is one; else the function is given as a user's.
"""

import math

import mpmath as mp
import numpy as np

import nonlin as nl

# Those that grow faster than a line: no length of a deep network's signal stays as it is.
EXPLODING = ("exponential", "relu_squared", "star_relu", "xielu")

erf = np.vectorize(math.erf, otypes=[float])

# Klambauer et al. 2017.
LAMBDA, ALPHA = 1.0507009873554805, 1.6732632423543772


def logistic(x):
    return nl.sigmoid(x)


USERS = {
    "gelu": lambda x: 0.5 * x * (1.0 + erf(x / math.sqrt(2.0))),
    "silu": lambda x: x * logistic(x),
    "selu": lambda x: LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0.0))),
    "softplus": lambda x: np.logaddexp(x, 0.0),
    "hardswish": lambda x: x * np.clip(x + 3.0, 0.0, 6.0) / 6.0,
    "relu6": lambda x: np.clip(x, 0.0, 6.0),
    "jump": lambda x: (x > 0.3) * 1.0,
    "exponential": np.exp,
    "sine": np.sin,
    "shrink": lambda x: np.where(x > 1 / 3, x - 1 / 3, np.where(x < -math.pi, x + math.pi, 0.0)),
    "steep": lambda x: np.tanh(100.0 * (x - 5.0)),
    "error": lambda x: erf(x),
    "bump": lambda x: np.exp(-x * x),
}

EXACT = {
    "relu": lambda x: x if x > 0 else mp.mpf(0),
    "leaky_relu": lambda x: x if x > 0 else x * mp.mpf("0.01"),
    "elu": lambda x: x if x > 0 else mp.expm1(x),
    "tanh": mp.tanh,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "gelu": lambda x: x * mp.ncdf(x),
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "selu": lambda x: mp.mpf(LAMBDA) * (x if x > 0 else mp.mpf(ALPHA) * mp.expm1(x)),
    "softplus": lambda x: mp.log1p(mp.exp(x)) if x < 40 else x + mp.log1p(mp.exp(-x)),
    "hardswish": lambda x: mp.mpf(0) if x < -3 else x if x > 3 else x * (x + 3) / 6,
    "relu6": lambda x: min(max(x, mp.mpf(0)), mp.mpf(6)),
    "jump": lambda x: mp.mpf(x > 0.3),
    "shrink": lambda x: (
        x - mp.mpf(1 / 3) if x > 1 / 3 else x + mp.mpf(math.pi) if x < -math.pi else mp.mpf(0)
    ),
}

SLOPE = {
    "relu": lambda x: mp.mpf(x > 0),
    "leaky_relu": lambda x: mp.mpf(1) if x > 0 else mp.mpf("0.01"),
    "elu": lambda x: mp.mpf(1) if x > 0 else mp.exp(x),
    "tanh": lambda x: mp.sech(x) ** 2,
    "sigmoid": lambda x: 1 / (2 * mp.cosh(x / 2)) ** 2,
    "gelu": lambda x: mp.ncdf(x) + x * mp.npdf(x),
    "silu": lambda x: (1 + x / (1 + mp.exp(x))) / (1 + mp.exp(-x)),
    "selu": lambda x: mp.mpf(LAMBDA) * (1 if x > 0 else mp.mpf(ALPHA) * mp.exp(x)),
    "softplus": lambda x: 1 / (1 + mp.exp(-x)),
    "hardswish": lambda x: mp.mpf(0) if x < -3 else mp.mpf(1) if x > 3 else (2 * x + 3) / 6,
    "relu6": lambda x: mp.mpf(0 < x < 6),
    "jump": lambda x: mp.mpf(0),
    "shrink": lambda x: mp.mpf(x > 1 / 3 or x < -math.pi),
}

KINKS = {
    "relu": [0.0],
    "leaky_relu": [0.0],
    "elu": [],
    "tanh": [],
    "sigmoid": [],
    "gelu": [],
    "silu": [],
    "selu": [0.0],
    "softplus": [],
    "hardswish": [-3.0, 3.0],
    "relu6": [0.0, 6.0],
    "jump": [],
    "shrink": [-math.pi, 1 / 3],
    "steep": [],
    "sine": [],
    "exponential": [],
}


def activation(name):
    if name in nl.names():
        return nl.get(name)
    return users(name)


def users(name):
    return nl.Activation.from_function(USERS[name], name=name)


def exact(name, function, q):
    """E[function(phi, phi', z)], z ~ N(0, 1), u = sqrt(q) z, by mpmath between the kinks."""
    with mp.workdps(45 if name in ("shrink", "jump") else 25):  # mp.quad stops at 10^-dps
        root = mp.sqrt(mp.mpf(q))
        places = [*KINKS[name], 0.3 if name == "jump" else 0.0]
        scales = [2**k for k in range(-2, 8, 2)]
        ends = {mp.mpf(k) / root for k in places}
        ends |= {
            mp.mpf(k) / root + s * d for k in places for s in (-1, 1) for d in (0.02, 0.1, 0.3, 0.8)
        }
        ends |= {sign * mp.mpf(s) / root for s in scales for sign in (-1, 1)}
        ends |= {mp.mpf(z) for z in (-16, -6, -3, 0, 3, 6, 16)}
        inside = sorted(x for x in ends if abs(x) <= 16)
        return mp.quad(
            lambda z: mp.npdf(z) * function(EXACT[name](root * z), SLOPE[name](root * z), z), inside
        )
