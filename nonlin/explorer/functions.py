"""Functions as a link writes them: ``elu``, ``elu(alpha=0.5)``, ``formula:x*tanh(x)``."""

from __future__ import annotations

import re
from functools import lru_cache

from nonlin import catalogue
from nonlin.activation import Activation
from nonlin.explorer.wrong import Phrase, WrongRequestError
from nonlin.facts.deadline import OutOfTimeError, within
from nonlin.facts.measured import require_values, segments
from nonlin.formula import FormulaError, from_formula, names

__all__ = ["FORMULA", "LONGEST", "function", "python", "title"]

FORMULA = "formula:"
LONGEST = 200
# Beyond this a parameter is a slip of the finger, and formulas run out of numbers.
LARGEST_PARAMETER = 1e6
_NAMED = re.compile(r"(\w+(?::\w+)?)(?:\((.*)\))?", re.ASCII)
# What it may take to read a function, and to see that it has values.
_SECONDS = 4.0


def function(spec: str) -> Activation:
    """Find or make the function that a text names.

    Parameters
    ----------
    spec : str
        A name of the catalogue, with parameters in parentheses where they differ from the usual
        ones, or ``formula:`` and a formula in x.

    Returns
    -------
    Activation

    Raises
    ------
    WrongRequestError
        If there is no such function, or it has no values near 0.

    Examples
    --------
    >>> function("elu(alpha=0.5)")
    nl.elu.bind(alpha=0.5)
    """
    if len(spec) > LONGEST + len(FORMULA):
        raise WrongRequestError("long", name="f", longest=LONGEST)
    found = _read(spec)
    if isinstance(found, WrongRequestError):
        raise found
    return found


@lru_cache(maxsize=512)
def _read(spec: str) -> Activation | WrongRequestError:
    """Find a function once, or once why it is none: some take seconds to be seen through."""
    try:
        if spec.startswith(FORMULA):
            return within(_SECONDS, lambda: _followed(_from_formula(spec.removeprefix(FORMULA))))
        return _usable(_from_catalogue(spec))
    except WrongRequestError as error:
        return error
    except OutOfTimeError:
        return WrongRequestError("slow_function", given=spec[:60])


def title(act: Activation) -> str:
    """Name a function in prose, with the parameters that are not the usual ones.

    Examples
    --------
    >>> title(function("elu(alpha=0.5)"))
    'ELU (alpha = 0.5)'
    """
    if act.record is None:
        return act.name
    usual = {parameter.name: parameter.default for parameter in act.record.parameters}
    changed = {name: value for name, value in act.parameters.items() if value != usual[name]}
    written = ", ".join(f"{name} = {_short(value)}" for name, value in changed.items())
    return f"{act.record.title} ({written})" if written else act.record.title


def python(act: Activation) -> str:
    """Write the expression that makes a function, after ``import nonlin as nl``.

    Examples
    --------
    >>> python(function("formula:x*tanh(x)"))
    "from_formula('x*tanh(x)')"
    """
    return repr(act) if act.record is not None else f"from_formula({act.name!r})"


def _short(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _usable(act: Activation) -> Activation:
    """Refuse a function without values where one needs them."""
    try:
        require_values(act)
    except ArithmeticError:
        raise WrongRequestError("cli.own.undefined", name=act.name) from None
    return act


def _followed(act: Activation) -> Activation:
    """Refuse a function that oscillates too fast, too, as a person's own may."""
    try:
        segments(_usable(act), 0)
    except ArithmeticError:
        raise WrongRequestError("cli.own.undefined", name=act.name) from None
    return act


def _from_formula(formula: str) -> Activation:
    try:
        return from_formula(formula)
    except FormulaError as error:
        key = "cli.own.bad_formula_at" if error.culprit else "cli.own.bad_formula"
        reason = Phrase(f"cli.own.reason.{error.reason}", {"names": ", ".join(names())})
        raise WrongRequestError(key, reason=reason, culprit=error.culprit) from None


def _from_catalogue(spec: str) -> Activation:
    named = _NAMED.fullmatch(spec)
    if named is None:
        raise WrongRequestError("function", given=spec[:60])
    name, inside = named.groups()
    try:
        act = catalogue.get(name)
    except KeyError:
        # A gate is none of the functions of one input that the pages show.
        raise WrongRequestError("function", given=spec[:60]) from None
    return act.bind(**_parameters(act, inside)) if inside else act


def _parameters(act: Activation, inside: str) -> dict[str, float | str]:
    found: dict[str, float | str] = {}
    for each in inside.split(","):
        name, equals, written = (part.strip() for part in each.partition("="))
        if not equals or name not in act.parameters or name in found:
            known = ", ".join(act.parameters) or "–"
            raise WrongRequestError("parameter", given=each.strip()[:60], known=known)
        found[name] = _value(act, name, written)
    return found


def _value(act: Activation, name: str, written: str) -> float | str:
    assert act.record is not None, "a function of the catalogue has a record"
    (parameter,) = (each for each in act.record.parameters if each.name == name)
    if parameter.kernels:
        if written not in parameter.kernels:
            known = ", ".join(parameter.kernels)
            raise WrongRequestError("choice", name=name, given=written[:60], known=known)
        return written
    if written == "inf" and parameter.default == float("inf"):
        return float("inf")
    try:
        value = float(written)
    except ValueError:
        value = float("nan")
    if not abs(value) <= LARGEST_PARAMETER:
        low, high = (f"{end:g}" for end in (-LARGEST_PARAMETER, LARGEST_PARAMETER))
        raise WrongRequestError("bounds", name=name, given=written[:60], low=low, high=high)
    return value
