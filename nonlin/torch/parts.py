"""What one examination measured of a model's parts: sites and their units, layers, gates, heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonlin.activation import Activation

Counts = NDArray[np.int64]
Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A function by its values and slopes at some places.

    Attributes
    ----------
    z, value, slope : array of float, shape (places,)
    """

    z: Reals
    value: Reals
    slope: Reals

    def activation(self, name: str) -> Activation:
        """Make an activation of it: cubic between the places, straight beyond them."""
        return Activation.from_function(self._value, self._slope, name)

    def _value(self, x: Any) -> Any:
        x = np.asarray(x, dtype=np.float64)
        place, t, width = self._place(x)
        one, other = self.value[place], self.value[place + 1]
        first, second = width * self.slope[place], width * self.slope[place + 1]
        inside = (
            (1 + 2 * t) * (1 - t) ** 2 * one + t * (1 - t) ** 2 * first
            + t**2 * (3 - 2 * t) * other + t**2 * (t - 1) * second
        )  # fmt: skip
        below = self.value[0] + (x - self.z[0]) * self.slope[0]
        above = self.value[-1] + (x - self.z[-1]) * self.slope[-1]
        return np.where(x < self.z[0], below, np.where(x > self.z[-1], above, inside))

    def _slope(self, x: Any) -> Any:
        x = np.asarray(x, dtype=np.float64)
        place, t, _ = self._place(x)
        return (1 - t) * self.slope[place] + t * self.slope[place + 1]

    def _place(self, x: Reals) -> tuple[NDArray[np.intp], Reals, Reals]:
        place = np.clip(np.searchsorted(self.z, x) - 1, 0, len(self.z) - 2)
        width = self.z[place + 1] - self.z[place]
        return place, np.clip((x - self.z[place]) / width, 0.0, 1.0), width


@dataclass(frozen=True, slots=True)
class Units:
    """Each unit's statistics at one site; arrays of shape (units,).

    Attributes
    ----------
    samples : int
        Samples that came through. They are independent; the positions of one sample are not.
    observations : int
        Values a unit had: samples times positions (pixels, tokens, calls).
    active : array of int
        Observations whose derivative is not 0.
    active_samples : array of int
        Samples with at least one such observation. A dead unit has none.
    saturated : array of int
        Observations with a derivative below 1 % of its supremum.
    zeros : array of int
        Outputs that are exactly 0.
    mean, variance : array of float
        Of the pre-activation, over the observations.
    largest, smallest : array of float
        Pre-activations.
    output_mean, output_variance : array of float
        Of the activation's output.
    derivative_square : array of float
        E[phi'(z)^2].
    gradient_square : array of float
        E[(dL/dphi)^2]; 0 where no gradient came.
    """

    samples: int
    observations: int
    active: Counts
    active_samples: Counts
    saturated: Counts
    zeros: Counts
    mean: Reals
    variance: Reals
    largest: Reals
    smallest: Reals
    output_mean: Reals
    output_variance: Reals
    derivative_square: Reals
    gradient_square: Reals

    @property
    def count(self) -> int:
        """How many units there are."""
        return len(self.active)


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer with weights, as it was called.

    Attributes
    ----------
    name : str
        As in `named_modules` if the parameter is the module's "weight", else the parameter's name.
    kind : str
        "linear", "conv", "attention", "recurrent" or "embedding".
    fan_in : float
        Products summed in one output.
    weight_variance : float
        sw2, fan_in times the mean square of a weight about its mean.
    bias_variance : float
        Mean square of a bias; 0 without.
    weight_rms, weight_gradient_rms : float
    update_ratio : float or None
        RMS of the update the optimizer would make over that of the weights; None where no optimizer
        has it or its step cannot be told.
    input_length : float
        E[h^2] of what came in.
    input_mean : float
        E[h] of what came in.
    input_correlation : float
        The mean of <h_a, h_b> over pairs of samples, over the mean of <h_a, h_a>: c. NaN with one
        sample a batch. The three are NaN where the input is no real numbers or is not seen, as
        inside a fused recurrent layer.
    output_gradient_rms : float
        RMS of dL/du, u the layer's output; NaN where no gradient came.
    trainable : bool
    update_untold : bool
        Whether an optimizer has it whose step cannot be told.
    rate_share : float
        The learning rate over the highest that its schedule names; 0 where the rate is 0.
    shape : tuple of int
        The features or channels that come in and go out, and the extent of a convolution's kernel.
    weights : int
        How many there are.
    tied : bool
        Whether another layer has the same weights, as an embedding and the head over its words.
    reached : bool
        Whether a way leads back to its weights from the loss, be the gradient 0 or not.
    unmoved : float or None
        Of weights in half precision: the share of those with a gradient that the next step leaves
        as they are, bit for bit.
    first : bool
        Whether the inputs come into it, with neither a layer nor an activation nor a normalisation
        before it; of many such layers the first few are. What is looked up may come beside them.
    input_spread : float
        Of such a layer: how many times as much as the median one the feature varies that varies
        most, by its deviation or its range, whichever says less.
    biased : bool
        Whether it has a bias.
    drawn : bool
        Of weights that are not trained: whether they have the law by which PyTorch draws them.
    """

    name: str
    kind: str
    fan_in: float
    weight_variance: float
    bias_variance: float
    weight_rms: float
    weight_gradient_rms: float
    update_ratio: float | None
    input_length: float
    input_mean: float
    input_correlation: float
    output_gradient_rms: float
    trainable: bool = True
    update_untold: bool = False
    rate_share: float = 1.0
    shape: tuple[int, ...] = ()
    weights: int = 0
    tied: bool = False
    reached: bool = True
    unmoved: float | None = None
    first: bool = False
    input_spread: float = 1.0
    biased: bool = True
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """One place where an activation is applied.

    Attributes
    ----------
    name : str
        The module's name for a module ("features.3"), else the enclosing module's name and the
        function's ("block.0:relu"). One name at several places gets a number ("relu#2"): a module
        that is called behind different layers is a site behind each.
    activation : str
        As nonlin writes it, "nl.leaky_relu"; the class or function for one of the user's.
    parameters : mapping
        Of the activation.
    unit_axis : int
        1 for channels, -1 for features.
    supremum : float
        Of |phi'|.
    can_die : bool
        Whether the derivative is 0 on a half line.
    calls : int
        How often it was called in one pass: more than once where the layers before it are called
        again, as in a recurrence.
    layer : str or None
        The layer that makes its pre-activation.
    normalized : bool
        Whether a normalisation stands between that layer and it.
    residual : bool
        Whether it lies on a branch that an addition puts beside a stream.
    gate : bool
        Whether its output is a factor of a product.
    length : float
        E[z^2].
    gradient_rms : float
        RMS of dL/dz, z the pre-activation.
    output_gradient_rms : float
        RMS of dL/dphi.
    units : Units
    where : str
        File and line of the model's code that applies it, "net.py:12"; "" where torch's own does.
    curve : Curve or None
        Of a function that is none of the catalogue's.
    ranges : mapping of str to (float, float)
        Of parameters that differ from unit to unit; `parameters` has their root mean square.
    gradient_by_call : tuple of float
        RMS of dL/dz call by call, of a site that is called more than once: step by step in time.
    """

    name: str
    activation: str
    parameters: Mapping[str, float | str]
    unit_axis: int
    supremum: float
    can_die: bool
    calls: int
    layer: str | None
    normalized: bool
    residual: bool
    gate: bool
    length: float
    gradient_rms: float
    output_gradient_rms: float
    units: Units
    where: str = ""
    curve: Curve | None = None
    ranges: Mapping[str, Sequence[float]] = field(default_factory=dict)
    gradient_by_call: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """A product of what two pre-activations became: GLU, SwiGLU, the gates of a memory cell.

    Attributes
    ----------
    name : str
    factors : (str, str)
        The site, or else the layer, that made each.
    samples, observations : int
        As in `Units`.
    zeros : array of int, shape (units,)
        Products that are exactly 0.
    active_samples : array of int, shape (units,)
        Samples with at least one product that is not. A silent unit has none.
    """

    name: str
    factors: tuple[str, str]
    samples: int
    observations: int
    zeros: Counts
    active_samples: Counts


@dataclass(frozen=True, slots=True)
class Attention:
    """A softmax over scores; arrays of shape (heads,), over some evenly spaced queries.

    Attributes
    ----------
    name : str
    queries : int
        How many were looked at, of all heads and samples; those with one allowed key are left out.
    keys : float
        How many keys the mask leaves a query, on average.
    entropy : array of float
        Over that of uniform attention to the allowed keys: 1 where a head looks at all alike, 0
        where each query looks at one.
    saturated : array of float
        The share of queries whose softmax has a Jacobian of less than 1 % of its supremum.
    largest_score : array of float
    spread : array of float
        The standard deviation of a query's scores, over the keys that it may look at.
    passed : array of float
        What comes back to the scores of the gradient at the weights, |dL/ds| / |dL/dp|, over what
        uniform attention lets through; NaN where no gradient came. Empty if it was not measured.
    step : int
        The index of its softmax among the reading's steps; -1 if it is not known.
    """

    name: str
    queries: int
    keys: float
    entropy: Reals
    saturated: Reals
    largest_score: Reals
    spread: Reals = field(default_factory=lambda: np.array([]))
    passed: Reals = field(default_factory=lambda: np.array([]))
    step: int = -1


@dataclass(frozen=True, slots=True)
class Residual:
    """The residual stream behind an addition; root mean squares, over samples and positions.

    Attributes
    ----------
    name : str
    channels : int
    rms : float
        Of all channels together.
    median, largest : float
        Of the channels' own.
    outlying : tuple of int
        Channels beyond 100 times the median.
    step : int
        Of the addition, in the reading's steps; -1 where it is not known.
    """

    name: str
    channels: int
    rms: float
    median: float
    largest: float
    outlying: tuple[int, ...] = ()
    step: int = -1


@dataclass(frozen=True, slots=True)
class Router:
    """A choice of experts.

    Attributes
    ----------
    name : str
    chosen : int
        Experts for each token.
    tokens : array of int, shape (experts,)
        That each expert was given.
    """

    name: str
    chosen: int
    tokens: Counts
