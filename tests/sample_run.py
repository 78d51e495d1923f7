"""Readings and runs made by hand, for tests of what is done with them."""

import numpy as np

from nonlin.torch.finding import Finding
from nonlin.torch.parts import Layer, Site, Units
from nonlin.torch.reading import Reading, Step, Target
from nonlin.torch.runs.journal import header
from nonlin.torch.runs.run import Run
from nonlin.torch.runs.state import snapshot, structure

SAMPLES = 100


def units(count=8, dead=0, saturated=0.25):
    """`dead` units that are never active, the others in half of their observations."""
    alive = np.arange(count) >= dead
    active = np.where(alive, SAMPLES // 2, 0)
    ones = np.ones(count)
    return Units(
        samples=SAMPLES,
        observations=SAMPLES,
        active=active,
        active_samples=active,
        saturated=np.where(alive, int(saturated * SAMPLES), SAMPLES),
        zeros=SAMPLES - active,
        mean=np.where(alive, 0.0, -5.0),
        variance=ones,
        largest=np.where(alive, 3.0, -1.0),
        smallest=-3.0 * ones,
        output_mean=0.4 * ones,
        output_variance=0.3 * ones,
        derivative_square=np.where(alive, 0.5, 0.0),
        gradient_square=0.01 * ones,
    )


def site(name="1", layer="0", count=8, dead=0, gradient=0.1, **others):
    values = {
        "activation": "nl.relu",
        "parameters": {},
        "unit_axis": -1,
        "supremum": 1.0,
        "can_die": True,
        "calls": 1,
        "normalized": False,
        "residual": False,
        "gate": False,
        "length": 1.0,
        "output_gradient_rms": gradient * np.sqrt(2.0),
    }
    return Site(
        name=name,
        layer=layer,
        gradient_rms=gradient,
        units=units(count, dead),
        **{**values, **others},
    )


def layer(name="0", **others):
    values = {
        "kind": "linear",
        "fan_in": 8.0,
        "weight_variance": 2.0,
        "bias_variance": 0.0,
        "weight_rms": 0.5,
        "weight_gradient_rms": 0.01,
        "update_ratio": 1e-3,
        "input_length": 1.0,
        "input_mean": 0.0,
        "input_correlation": 0.1,
        "output_gradient_rms": 0.1,
    }
    return Layer(name=name, **{**values, **others})


def reading(dead=(0, 0), loss=0.5, count=8):
    """Two ReLU layers and a head; `dead` units in each."""
    names = ("0", "1", "2", "3", "4")
    kinds = ("layer", "activation", "layer", "activation", "layer")
    steps = [Step("input", "input")]
    steps += [
        Step(kind, name, (i,)) for i, (kind, name) in enumerate(zip(kinds, names, strict=True))
    ]
    steps.append(Step("loss", "mse_loss", (5,)))
    return Reading(
        sites=(site("1", "0", count, dead[0]), site("3", "2", count, dead[1])),
        layers=(layer("0"), layer("2"), layer("4")),
        steps=tuple(steps),
        target=Target("mse", loss, None, -1.0, 1.0, -2.0, 2.0),
        samples=SAMPLES,
        input_mean=0.0,
        input_deviation=1.0,
        input_feature_spread=1.0,
    )


def dead_units(name, dead, count=8, severity="error", **others):
    evidence = {
        "dead": dead,
        "units": count,
        "share": dead / count,
        "samples": SAMPLES,
        "bound": 0.03,
        "chance": 1e-30,
        "expected": 0.0,
        "p_value": 0.0,
        "undecided": 0,
        "samples_needed": 0,
        "largest": -1.0,
        "mean": -5.0,
        "deviation": 1.0,
    }
    return Finding(
        "dead_units", name, severity, tuple(range(dead)), evidence, "learning_rate", **others
    )


def taken(step, dead=(0, 0), loss=0.5, count=8, findings=None):
    """A snapshot of `reading`."""
    made = reading(dead, loss, count)
    if findings is None:
        pairs = zip(made.sites, dead, strict=True)
        findings = tuple(dead_units(each.name, n, count) for each, n in pairs if n)
    return snapshot(made, step, findings)


def run(deaths, every=100, count=8):
    """A run in which `deaths[k]` units of the second site are dead at reading k."""
    from torch import nn

    model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
    made = Run(header(model, every))
    made.describe(structure(reading(count=count)))
    for k, dead in enumerate(deaths):
        made.add(taken(k * every, (0, dead), 1.0 / (k + 1), count))
    return made
