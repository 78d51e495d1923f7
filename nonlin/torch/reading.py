"""What one examination measured: plain numbers, no tensors and no judgement."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nonlin.torch.parts import Attention, Gate, Layer, Residual, Router, Site


@dataclass(frozen=True, slots=True)
class Step:
    """One call on the way from the inputs to the loss, for the checks of structure.

    Attributes
    ----------
    kind : str
        "input", "layer", "activation", "normalization", "pooling", "dropout", "addition",
        "product", "softmax", "router", "loss" or "other".
    name : str
        The layer's, the site's or the function's.
    sources : tuple of int
        Indices of the steps that made its arguments.
    finite : bool
        Whether all of its outputs were finite.
    in_loss : bool
        Whether the loss calls it, not the model.
    """

    kind: str
    name: str
    sources: tuple[int, ...] = ()
    finite: bool = True
    in_loss: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """The loss, and what is compared in it.

    Attributes
    ----------
    loss : str
        "cross_entropy", "bce_with_logits", "bce", "nll", "mse" or the function's name.
    value : float
    classes : int or None
        Width of the outputs, where the loss compares with class labels.
    smallest, largest : float or None
        Of the targets; labels that the loss ignores are left out.
    output_smallest, output_largest : float
        Of the model's outputs.
    output_rows_sum_to_one : bool
    ignored : int or None
        The label that counts for nothing, where the loss compares with labels.
    error : tuple of float
        The mean of |output - target| of each unit of the outputs, or of all together where there
        are many; empty where outputs and targets are not of one shape.
    explained : float
        1 - E[(output - target)^2] / Var(target) over all; NaN where there is no such error.
    width : int or None
        Of the outputs, along the axis of the classes.
    known : bool
        Whether the loss computes what its name says: PyTorch's does, and so does one that is
        recognised.
    written_out : bool
        Whether the loss is the user's own and was recognised by its derivative, up to a factor and
        what is added.
    turned : bool
        Whether it grows where what it is named after falls.
    unstable : bool
        Whether it is not finite for outputs that PyTorch's own loss bears.
    normalised : bool
        Whether it divides the outputs by their sum over the classes first, as Keras' losses do.
    crossed : bool
        Whether each output is compared with each sample's target.
    output_rms : float
        Of the outputs; NaN if it is not known, like the next two.
    mean, deviation : float
        Of the targets.
    given : bool
        Whether the targets came with the inputs; a loss may make its own.
    integer, whole : bool
        Whether the targets' dtype is one of integers, as they were given, and whether they are
        whole numbers.
    classes_seen : tuple of int
        How many targets are 0, 1, 2, ...
    sums_along_another_axis, logarithms_along_another_axis : bool
        Whether the outputs, or their exponentials, sum to one, though not along the classes.
    rows_of_no_logarithms : float
        The share of rows of outputs whose exponentials do not sum to one.
    rows_of_several : float
        The share of rows of targets, as wide as the outputs, that do not sum to one.
    dropped : bool
        Whether dropout is applied to the outputs themselves.
    order : str
        Which axes of outputs and targets lie in different orders where the loss gets both
        flattened: "samples" or "classes"; "" where none do.
    regrouped : bool
        Whether the targets sum to one along the classes once their numbers are grouped anew.
    ahead : float
        How far outputs change with the inputs of later steps, which are their targets, over their
        deviation between samples.
    """

    loss: str
    value: float
    classes: int | None
    smallest: float | None
    largest: float | None
    output_smallest: float
    output_largest: float
    output_rows_sum_to_one: bool = False
    ignored: int | None = None
    error: tuple[float, ...] = ()
    explained: float = math.nan
    width: int | None = None
    known: bool = True
    written_out: bool = False
    turned: bool = False
    unstable: bool = False
    normalised: bool = False
    crossed: bool = False
    output_rms: float = math.nan
    mean: float = math.nan
    deviation: float = math.nan
    given: bool = True
    integer: bool = False
    whole: bool = False
    classes_seen: tuple[int, ...] = ()
    sums_along_another_axis: bool = False
    logarithms_along_another_axis: bool = False
    rows_of_no_logarithms: float = 0.0
    rows_of_several: float = 0.0
    order: str = ""
    regrouped: bool = False
    ahead: float = 0.0
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class GradientFault:
    """Where on the way back a gradient stops being finite, though the loss is.

    Attributes
    ----------
    operation : str
        The function whose backward pass makes it of finite numbers.
    own : bool
        Whether that is one of the user's, an autograd function.
    module : str
        In which it is called; "" for the model itself and for the loss.
    in_loss : bool
        Whether it belongs to the loss.
    value : str
        "infinite" or "undefined".
    line : str
        Of the code that calls it.
    broken, parameters : int
        Numbers in the parameters that are trained: those whose gradient is not finite, and all.
    """

    operation: str
    own: bool
    module: str
    in_loss: bool
    value: str
    line: str
    broken: int
    parameters: int


@dataclass(frozen=True, slots=True)
class Operation:
    """A function that bends what layers make and is not recognised as an activation.

    Attributes
    ----------
    name : str
        The function's, or the module's class where no call in it is seen.
    calls : int
        In the first batch.
    modules : tuple of str
        In which it is called; "" for the model itself.
    """

    name: str
    calls: int
    modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of a model was seen.

    Attributes
    ----------
    parameters : int
        How many tensors of parameters got a gradient.
    unseen : tuple of str
        The names of those among them that are part of nothing that was seen.
    unrecognized : tuple of Operation
    operations : int
        How many operations bend the signal in the first batch: those with a site, gates, softmaxes
        and routers, and those that were not recognised.
    unmeasured : mapping of str to str
        What could not be measured, by its name, and why.
    """

    parameters: int = 0
    unseen: tuple[str, ...] = ()
    unrecognized: tuple[Operation, ...] = ()
    operations: int = 0
    unmeasured: Mapping[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether nothing is known to be missing."""
        return not (self.unseen or self.unrecognized or self.unmeasured)


@dataclass(frozen=True, slots=True)
class RateTrial:
    """Short trainings of copies at several learning rates, on the same batches with the same draws.

    Attributes
    ----------
    steps : int
        Of each training; where the given rate ends worse than a lower one, both go on for longer.
    batches : int
        That were gone through in turn.
    rate : float
        The highest of the optimizers' groups, or that their schedules name: what factor 1 is.
    share : float
        What part of `rate` stands at present.
    stepped : bool
        Whether the model was trained at this rate before the reading.
    anew : bool
        Whether it began with first weights drawn anew, where the model's are not finite.
    factors : tuple of float
        That all rates were multiplied by, rising.
    losses : tuple of tuple of float
        A row a factor: the loss of a step's batch before the step, for each step and the one after
        the last. A row ends with the first loss that is not finite.
    still : tuple of float
        The same without a step.
    guess : float
        The loss of the model's outputs beside other samples' targets; NaN where they have none.
    silent : tuple of float
        For each factor up to 1, the share of the units that can die which are silent on the first
        batch after the training; NaN where there are none.
    constant : float
        The loss of the answer that is best for all samples, by the loss itself with whatever
        weights it has; NaN where it cannot be looked for.
    """

    steps: int
    batches: int
    rate: float
    share: float
    stepped: bool
    anew: bool
    factors: tuple[float, ...]
    losses: tuple[tuple[float, ...], ...]
    still: tuple[float, ...]
    guess: float
    silent: tuple[float, ...]
    constant: float = math.nan


@dataclass(frozen=True, slots=True)
class Easing:
    """Two short trainings of copies: with a restraint as it is given, and with less of it.

    Attributes
    ----------
    key : str
        "weight_decay" or "dropout".
    given, eased : float
        The largest of the groups or modules that have one, and what it is made.
    pull : float
        Of dropout `given`; of a decay that is part of the gradient what it adds to the loss, over
        the loss; of one beside it its step over the gradient's.
    steps : int
    rate : float
        At which both were trained.
    start, loss, eased_loss : float
        Before, and the lowest after some of the steps and all, without dropout, on samples that
        were held out where there are enough.
    anew : bool
        Whether both began with first weights drawn anew.
    """

    key: str
    given: float
    eased: float
    pull: float
    steps: int
    rate: float
    start: float
    loss: float
    eased_loss: float
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Stranger:
    """A tensor that is trained with the model and is no parameter of it, as of layers in a list.

    Attributes
    ----------
    module : str
        In which it is used; "" for the model itself.
    shape : tuple of int
    optimized : bool or None
        Whether an optimizer has it; None where none was given.
    """

    module: str
    shape: tuple[int, ...]
    optimized: bool | None = None


@dataclass(frozen=True, slots=True)
class Mixture:
    """A place where samples come into each other's outputs.

    Attributes
    ----------
    cause : str
        "recurrence" or "attention" along the samples, "softmax" over them, or "reshape", which
        takes another axis for theirs.
    place : str
        The module's name; "" for the model itself.
    samples : int
    change : float
        How far the outputs of half of the samples change if the others do, over their deviation
        between samples.
    shape, made : tuple of int
        Of what comes in, axes of the module's steps first; and of what a reshape makes of it.
    """

    cause: str
    place: str
    samples: int
    change: float
    shape: tuple[int, ...]
    made: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What of a model could not be measured, or could not be put back afterwards.

    Attributes
    ----------
    key : str
        Of its sentence: "unkept", "needs_closure", "no_updates", "nothing_optimized",
        "no_trial" or one of a trial that was not made.
    fields : mapping
        The names in it.
    """

    key: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that one examination measured, in the order of the forward pass.

    Attributes
    ----------
    sites : tuple of Site
    layers : tuple of Layer
    steps : tuple of Step
        Of the first batch.
    target : Target or None
    samples : int
    input_mean, input_deviation : float
        Of the first of the model's arguments that is of real numbers; NaN if none is.
    input_feature_spread : float
        The largest standard deviation of a feature over the median of those that are not 0. The
        features lie along axis 1 of four axes and more, else along the last.
    environment : mapping
        The conditions: versions, device, dtype, mode, how many batches and ranks.
    step : int or None
        Of a training.
    notes : tuple of Note
        What it could not measure or put back.
    gradient_fault : GradientFault or None
        Of the first batch whose loss is finite and whose gradient is not.
    coverage : Coverage
    gates : tuple of Gate
    attentions : tuple of Attention
    residuals : tuple of Residual
        Behind each addition of the residual stream, in their order.
    routers : tuple of Router
    strangers : tuple of Stranger
    begun : bool
        Whether a training has begun: an optimizer remembers a step, or a normalisation a batch.
    linear : bool or None
        Whether the outputs are linear in the inputs; measured where nothing that bends was seen
        between the first layer and the last.
    trial : RateTrial or None
        None where no rates were tried.
    easings : tuple of Easing
        Of restraints that look strong, where rates were tried.
    mixtures : tuple of Mixture
    """

    sites: tuple[Site, ...]
    layers: tuple[Layer, ...]
    steps: tuple[Step, ...]
    target: Target | None
    samples: int
    input_mean: float
    input_deviation: float
    input_feature_spread: float
    environment: Mapping[str, Any] = field(default_factory=dict)
    step: int | None = None
    notes: tuple[Note, ...] = ()
    gradient_fault: GradientFault | None = None
    coverage: Coverage = field(default_factory=Coverage)
    gates: tuple[Gate, ...] = ()
    attentions: tuple[Attention, ...] = ()
    residuals: tuple[Residual, ...] = ()
    routers: tuple[Router, ...] = ()
    strangers: tuple[Stranger, ...] = ()
    begun: bool = False
    linear: bool | None = None
    trial: RateTrial | None = None
    easings: tuple[Easing, ...] = ()
    mixtures: tuple[Mixture, ...] = ()
