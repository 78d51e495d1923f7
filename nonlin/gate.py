"""Gates: an activation of one input times another input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter as Argument
from inspect import Signature
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from nonlin import bfloat16, ufuncs
from nonlin.above import answerer
from nonlin.activation import METHODS, Activation, expect_activation
from nonlin.composed import composed_ufuncs, one_by_one, weak
from nonlin.errors import (
    UFUNC_KEYWORDS,
    explain,
    is_numpys,
    refuse_frameworks,
    scalar,
)
from nonlin.named import Named, remembered
from nonlin.pickling import bound_ufuncs

if TYPE_CHECKING:
    from nonlin.catalogue.gates import GateRecord
    from nonlin.catalogue.record import Value

VALUE, DERIVATIVE, BACKWARD = range(3)
OPERANDS = ("gate and value", "gate and value", "grad, gate and value")

# Which kernel a gate with the plain value has, by its activation's; the numbers are the same.
KERNELS = {
    "sigmoid": "glu",
    "silu": "swiglu",
    "gelu": "geglu",
    "gelu_tanh": "geglu_tanh",
    "relu": "reglu",
    "identity": "bilinear",
}


class Gate(Named):
    """A product of an activation of the gate and the value, phi(gate) * value.

    The members of the catalogue are instances (``nonlin.swiglu``); any activation makes another.
    A gate is immutable, hashable, compares by name and parameters and pickles.

    Parameters
    ----------
    activation : Activation or str
        phi, or its name.
    name : str, optional
        What it is called; by default the activation's name and ``"_glu"``.
    value : Activation or str, optional
        An activation psi of the value: phi(gate) * psi(value). Without it the value is taken as it
        is.

    Raises
    ------
    TypeError
        If `activation` or `value` is no activation.
    UnknownActivationError
        If there is none of that name.

    Notes
    -----
    What the catalogue's gates compute, and gates that are made of `sigmoid`, `silu`, `gelu`, `relu`
    and `identity`, is at most 1 ULP from the exact value, correctly rounded in float16 and
    bfloat16, and so are their gradients; they are computed in one pass. (In float64 the gradient of
    `situ_glu` by the gate has an absolute error of 2^-58 around its zero.) Other gates compute in
    float64 what is rounded once to narrower dtypes, and in float64 itself the product of rounded
    factors, within 2 ULP where none of them is subnormal.

    0 times infinity is NaN where one of them is a limit or an input, since the product has no limit
    there.

    Examples
    --------
    >>> import nonlin as nl
    >>> nl.reglu([-1.0, 2.0], [3.0, 3.0])
    array([0., 6.])
    >>> gated = Gate(nl.tanh)
    >>> gated, gated([0.0, 100.0], 3.0)
    (nl.Gate(nl.tanh), array([0., 3.]))
    >>> by_gate, by_value = nl.reglu.backward([1.0, 1.0], [-1.0, 2.0], [3.0, 3.0])
    >>> by_gate, by_value
    (array([0., 3.]), array([0., 2.]))

    References
    ----------
    Y. N. Dauphin, A. Fan, M. Auli, D. Grangier, Language Modeling with Gated Convolutional
    Networks, ICML 2017. N. Shazeer, GLU Variants Improve Transformer, 2020.
    """

    _kind = "Gate"
    __slots__ = (
        "__weakref__",
        "_activation",
        "_functions",
        "_kept",
        "_name",
        "_parameters",
        "_record",
        "_value",
    )

    def __init__(
        self,
        activation: Activation | str,
        name: str | None = None,
        value: Activation | str | None = None,
    ) -> None:
        phi = expect_activation("Gate", activation)
        psi = None if value is None else expect_activation("Gate", value)
        self._name = str(name or f"{phi.name}_glu")
        self._parameters = phi.parameters
        self._record: GateRecord | None = None
        self._activation, self._value = phi, psi
        self._functions = _functions(phi, psi, self._name)

    @classmethod
    def from_record(cls, record: GateRecord, parameters: Mapping[str, Value] | None = None) -> Gate:
        """Take a record of the catalogue; use `nonlin.get` for a member of it."""
        gate = cls.__new__(cls)
        defaults = {parameter.name: parameter.default for parameter in record.parameters}
        values = defaults | dict(parameters or {})
        gate._name, gate._record = record.name, record
        gate._parameters = MappingProxyType(values)
        gate._activation = record.activation(*values.values())
        gate._value = None if record.value is None else record.value(*values.values())
        gate._functions = bound_ufuncs(*record.kernel(tuple(values.values())))
        return gate

    @property
    def record(self) -> GateRecord | None:
        """What the catalogue knows of it: definition, paper; None for a gate of yours."""
        return self._record

    @property
    def activation(self) -> Activation:
        """The activation of the gate, phi."""
        return self._activation

    @property
    def value_activation(self) -> Activation:
        """The activation of the value, psi: `nonlin.identity` where it is taken as it is."""
        return expect_activation("Gate", "identity") if self._value is None else self._value

    def bind(self, **parameters: Value) -> Gate:
        """Make the same gate with other parameter values.

        Parameters
        ----------
        **parameters : float or str
            Scalars.

        Returns
        -------
        Gate

        Raises
        ------
        TypeError
            If a parameter is unknown or not a real number.
        ValueError
            If a word is none of those that the parameter knows.

        Examples
        --------
        >>> import nonlin as nl
        >>> nl.clamped_swiglu.bind(limit=10.0, alpha=1.0, offset=0.0)
        nl.clamped_swiglu.bind(limit=10.0, alpha=1.0, offset=0.0)
        """
        self._known(parameters, ())
        if self._record is None:
            own = self._name == f"{self._activation.name}_glu"
            name = None if own else self._name
            return Gate(self._activation.bind(**parameters), name, self._value)
        values = dict(self._parameters)
        for parameter in self._record.parameters:
            if parameter.name in parameters:
                values[parameter.name] = scalar(self, parameter, parameters[parameter.name])
        return Gate.from_record(self._record, values)

    def __call__(self, gate: Any, value: Any, /, *more: Any, **keywords: Any) -> Any:
        """Compute phi(gate) * value.

        Parameters
        ----------
        gate, value : array_like
            Real numbers that broadcast against one another.
        **keywords
            The gate's parameters, as scalars, and every ufunc's keywords: out, where, dtype.

        Returns
        -------
        array or scalar
        """
        return self._call(VALUE, (gate, value, *more), keywords)

    def derivative(self, gate: Any, value: Any, /, *more: Any, **keywords: Any) -> Any:
        """Compute the partial derivatives, by the gate and by the value.

        They are phi'(gate) psi(value) and phi(gate) psi'(value), where psi(value) mostly is the
        value; at a kink those from the left.

        Parameters
        ----------
        gate, value : array_like
            As for the call.
        **keywords
            As for the call; `out` is a pair of arrays.

        Returns
        -------
        by_gate, by_value : array or scalar
        """
        return self._call(DERIVATIVE, (gate, value, *more), keywords)

    def backward(self, grad: Any, gate: Any, value: Any, /, *more: Any, **keywords: Any) -> Any:
        """Compute the gradients by both inputs in one pass over memory.

        Parameters
        ----------
        grad : array_like
            The gradient with respect to the gate's output; broadcasts against the others.
        gate, value : array_like
            As for the call.
        **keywords
            As for the call; `out` is a pair of arrays.

        Returns
        -------
        grad_gate, grad_value : array or scalar
            Of the shape that the three broadcast to.
        """
        return self._call(BACKWARD, (grad, gate, value, *more), keywords)

    def backward_parameters(
        self, grad: Any, gate: Any, value: Any, **parameters: Any
    ) -> dict[str, Any]:
        """Compute grad times the derivative of the gate by each parameter that is a number.

        Parameters
        ----------
        grad, gate, value : array_like, shapes that broadcast to (...)
            As for the backward pass.
        **parameters : float
            Their values, as in a call.

        Returns
        -------
        dict of str to array, shape (...)
            By the parameters' names, of the dtype of ``backward(grad, gate, value)``: sum it over
            whatever shares a parameter. Computed in float64 and rounded once more; at most 8 ULP
            off for the sizes of ordinary networks, of `clamped_swiglu`'s limit 8 ULP of its terms.

        Raises
        ------
        TypeError
            If the gate has no parameter that is a number, or none of that name.

        Examples
        --------
        >>> import nonlin as nl
        >>> nl.clamped_swiglu.backward_parameters(1.0, 100.0, 2.0)["offset"]
        np.float64(6.999953128303317)
        """
        from nonlin.parameter_gradients import gate_parameter_gradients

        refuse_frameworks(f"{self!r}.backward_parameters", self, (grad, gate, value))
        self._known(parameters, ())
        values = {**self._parameters, **parameters}
        return gate_parameter_gradients(self, grad, gate, value, values)

    def _call(self, kind: int, operands: tuple[Any, ...], keywords: Mapping[str, Any]) -> Any:
        call = f"{self!r}{METHODS[kind]}"
        if len(operands) != (3 if kind == BACKWARD else 2):
            named = ", ".join(f"{name}=..." for name in self._parameters) or "there are none"
            raise TypeError(
                f"{call} takes {OPERANDS[kind]}, got {len(operands)} arrays; "
                f"parameters go by name: {named}"
            )
        refuse_frameworks(call, self, operands, self._on_tensors())
        for operand in operands:
            bfloat16.learn(operand)
        try:
            return self._apply(kind, weak(operands), keywords)
        except (TypeError, ValueError) as error:
            if not is_numpys(error):
                raise
            raise explain(self, error, operands, keywords) from None

    def _on_tensors(self) -> str:
        if self._record is not None:
            return f"on tensors, with gradients, it is nonlin.torch.functional.{self._name}"
        phi = f"nonlin.torch.activate({self._activation!r}, gate)"
        psi = "value" if self._value is None else f"nonlin.torch.activate({self._value!r}, value)"
        return f"on tensors, with gradients, it is {phi} * {psi}"

    def _apply(self, kind: int, operands: tuple[Any, ...], keywords: Mapping[str, Any]) -> Any:
        rest = dict(keywords)
        given = {name: rest.pop(name) for name in self._parameters if name in rest}
        self._known(rest, UFUNC_KEYWORDS)
        functions = self.bind(**given)._functions if given else self._functions
        if kind == VALUE:
            return ufuncs._call(functions[kind], operands, rest)
        self._check_pair(rest.get("out"))
        return one_by_one(functions[kind], operands, rest) or ufuncs._call(
            functions[kind], operands, rest
        )

    def _check_pair(self, out: Any) -> None:
        if out is not None and (not isinstance(out, tuple) or len(out) != 2):
            raise TypeError(
                f"{self!r}: out must be a pair of arrays, by gate and by value, got "
                f"{type(out).__name__}"
            )

    @property
    def __signature__(self) -> Signature:
        inputs = [Argument(name, Argument.POSITIONAL_ONLY) for name in ("gate", "value")]
        more = Argument("ufunc_keywords", Argument.VAR_KEYWORD)
        return Signature([*inputs, *self._keywords(out=None, where=True), more])

    def _made_of(self) -> tuple[Any, ...]:
        return (self._activation, self._value) if self._record is None else ()

    def __repr__(self) -> str:
        if self._record is None:
            more = "" if self._name == f"{self._activation.name}_glu" else f", {self._name!r}"
            more += "" if self._value is None else f", value={self._value!r}"
            return f"nl.Gate({self._activation!r}{more})"
        return super().__repr__()

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        if self._record is None:
            return Gate, (self._activation, self._name, self._value)
        return super().__reduce__()


def expect_gate(who: str, given: object) -> Gate:
    """Give the gate that `given` is or names; TypeError says what `who` expects."""
    if isinstance(given, Gate):
        return given
    if isinstance(given, str):
        found: Gate = answerer("find", Gate._kind)(given)
        return found
    raise TypeError(
        f"{who} expects a gate, such as nonlin.swiglu or its name, got {given!r}"
        " (nonlin.Gate makes a gate of an activation)"
    )


def given_gate(given: object) -> Gate | None:
    """Give the gate that `given` is or names, or None."""
    if isinstance(given, Gate):
        return given
    if not isinstance(given, str):
        return None
    found: Gate | None = answerer("know", Gate._kind)(given)
    return found


@remembered
def _functions(phi: Activation, psi: Activation | None, name: str) -> Any:
    if phi.record is not None and psi is None:
        kernel, numbers = phi.record.kernel(tuple(phi.parameters.values()))
        if kernel in KERNELS:
            return bound_ufuncs(KERNELS[kernel], numbers)
    return composed_ufuncs(phi, psi, name)
