"""Expectations of a gate under Gaussian inputs.

A gate is phi(g) psi(v). Of independent g ~ N(0, a) and v ~ N(0, b) every expectation is one of phi
times one of psi (`moments`). If they are correlated, the bivariate density couples the nodes of the
two meshes, which both have edges at the kinks; correlations of 1 and -1 leave one variable.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from nonlin.gate import Gate, expect_gate
from nonlin.propagation.arguments import between, variance
from nonlin.propagation.errors import NotConvergedError
from nonlin.propagation.mesh import Mesh, features, mesh_for, slopes
from nonlin.propagation.moments import moments
from nonlin.propagation.panels import evaluate
from nonlin.propagation.quadrature import Array, ascending, panels

# Nearer to 1 than this the density is narrower than what the meshes resolve.
COUPLED = 0.95

# What the weights of the two meshes may miss of the density's mass.
MASS = 1e-9

# Standard deviations beyond which there is 1e-32 of the mass.
REACH = 12.0


class GateMoments(NamedTuple):
    """Expectations of a gate h(g, v) = phi(g) psi(v).

    Attributes
    ----------
    value : float
        E[h].
    square : float
        E[h^2].
    by_gate, by_value : float
        E[(dh/dg)^2] and E[(dh/dv)^2].
    """

    value: float
    square: float
    by_gate: float
    by_value: float


def gate_moments(
    gate: Gate | str,
    gate_variance: float = 1.0,
    value_variance: float = 1.0,
    correlation: float = 0.0,
) -> GateMoments:
    r"""Compute what a gate makes of Gaussian inputs g ~ N(0, a) and v ~ N(0, b).

    ========== ==================================
    moment     what it is
    ========== ==================================
    value      E[phi(g) psi(v)]
    square     E[phi(g)^2 psi(v)^2]
    by_gate    E[phi'(g)^2 psi(v)^2]
    by_value   E[phi(g)^2 psi'(v)^2]
    ========== ==================================

    Parameters
    ----------
    gate : Gate or str
        Or its name.
    gate_variance, value_variance : float
        a and b, positive.
    correlation : float
        Of g and v, in [-1, 1]: 0 for projections with weights of their own, 1 where both are one.

    Returns
    -------
    GateMoments
        To 1e-10 of each, relative, for factors that are smooth between finitely many kinks.

    Raises
    ------
    TypeError
        If `gate` is no gate.
    ValueError
        If a variance or the correlation is out of its range.
    NotConvergedError
        If the factors cannot be integrated, or the correlation is between 0.95 and 1 in size.

    Examples
    --------
    >>> import nonlin as nl
    >>> found = gate_moments(nl.bilinear, 2.0, 3.0)
    >>> round(found.square, 9), round(found.by_gate, 9), round(found.by_value, 9)
    (6.0, 3.0, 2.0)
    >>> round(gate_moments(nl.bilinear, correlation=1.0).square, 9)
    3.0
    """
    chosen = expect_gate("gate_moments", gate)
    a = _positive("gate_variance", gate_variance)
    b = _positive("value_variance", value_variance)
    c = between("correlation", correlation, -1.0)
    phi, psi = chosen.activation, chosen.value_activation
    if c == 0.0:
        of_gate, of_value = moments(phi, a), moments(psi, b)
        return GateMoments(
            float(of_gate.value * of_value.value),
            float(of_gate.square * of_value.square),
            float(of_gate.slope_square * of_value.square),
            float(of_gate.square * of_value.slope_square),
        )
    if abs(c) == 1.0:
        return _as_one(chosen, a, math.copysign(math.sqrt(b / a), c))
    if abs(c) > COUPLED:
        raise NotConvergedError(
            f"E[h^2] of {chosen!r} is known for correlations up to {COUPLED}, and for 1; got {c:g}"
        )
    return _coupled(mesh_for(phi, a, a), mesh_for(psi, b, b), a, b, c)


def _positive(name: str, value: float) -> float:
    found = variance(name, value)
    if found == 0.0:
        raise ValueError(f"{name} must be above 0")
    return found


def _as_one(gate: Gate, a: float, ratio: float) -> GateMoments:
    """Integrate over g alone, where v = ratio g."""
    u, weight = (x.ravel() for x in panels(_edges(gate, ratio, a)))
    density = weight * np.exp(-0.5 * u * u / a) / math.sqrt(2.0 * math.pi * a)
    v = ratio * u
    value, slope = evaluate(gate.activation, u), slopes(gate.activation, u)
    other, other_slope = evaluate(gate.value_activation, v), slopes(gate.value_activation, v)
    return GateMoments(
        float(np.sum(density * value * other)),
        float(np.sum(density * (value * other) ** 2)),
        float(np.sum(density * (slope * other) ** 2)),
        float(np.sum(density * (value * other_slope) ** 2)),
    )


def _edges(gate: Gate, ratio: float, a: float) -> Array:
    """List the panels of both factors, those of psi where v = ratio g meets them."""
    reach = REACH * math.sqrt(a)
    own, others = features(gate.activation)[0], features(gate.value_activation)[0] / ratio
    regular = math.sqrt(a) * np.linspace(-REACH, REACH, 49)
    every = np.concatenate([own, others, regular])
    return ascending(every[np.abs(every) <= reach])


def _coupled(of_gate: Mesh, of_value: Mesh, a: float, b: float, c: float) -> GateMoments:
    g, v = _inside(of_gate, a), _inside(of_value, b)
    x, y = of_gate.u[g] / math.sqrt(a), of_value.u[v] / math.sqrt(b)
    rest = 1.0 - c * c
    exponent = (x[:, None] ** 2 - 2.0 * c * x[:, None] * y + y**2) / (-2.0 * rest)
    density = np.exp(exponent) / (2.0 * math.pi * math.sqrt(a * b * rest))
    density *= of_gate.weight[g][:, None] * of_value.weight[v]
    if abs(float(density.sum()) - 1.0) > MASS:
        raise NotConvergedError(f"a correlation of {c:g} is not resolved; take one nearer to 0")
    phi, slope = of_gate.value[g], of_gate.slope[g]
    psi, psi_slope = of_value.value[v], of_value.slope[v]
    return GateMoments(
        float(phi @ density @ psi),
        float(phi**2 @ density @ psi**2),
        float(slope**2 @ density @ psi**2),
        float(phi**2 @ density @ psi_slope**2),
    )


def _inside(known: Mesh, q: float) -> slice:
    return slice(*np.searchsorted(known.u, [-REACH * math.sqrt(q), REACH * math.sqrt(q)]))
