"""The lines of Python that do what a view shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nonlin.explorer.api import propagation
from nonlin.explorer.functions import python as written
from nonlin.explorer.parameters import language
from nonlin.explorer.schema import record
from nonlin.explorer.views import VIEW, ViewEndpoint

__all__ = ["ENDPOINT", "lines"]

Values = Mapping[str, Any]


def lines(view: str, lang: str, state: Values) -> dict[str, str]:
    """Write the lines for a view in a state."""
    return {"python": "\n".join([*_LINES[view](state), ""])}


def _functions(values: Values) -> list[str]:
    start, stop = values["start"], values["stop"]
    return [
        "import numpy as np",
        *_imports(values),
        "",
        f"x = np.linspace({start!r}, {stop!r}, 401).astype(np.{values['dtype']})",
        f"functions = [{_listed(values)}]",
        "for phi in functions:",
        "    print(phi, phi(x), phi.derivative(x))",
        "    print(nl.properties(phi))",
        f"figure = nl.plot(*functions, derivative=True, xlim=({start!r}, {stop!r}))",
        'figure.savefig("functions.svg")',
    ]


def _depth(values: Values) -> list[str]:
    weight, bias, length = _drawn(values)
    known = [
        f"weight_variance={weight}",
        f"bias_variance={bias}",
        f"depth={values['depth']}",
        f"width={values['width']}",
        f"input_length={length}",
        f"input_correlation={values['correlation']!r}",
    ]
    return [
        *_imports(values),
        "",
        f"phi = {written(values['f'][0][1])}",
        "found = nl.propagate(",
        "    phi,",
        *(f"    {each}," for each in known),
        ")",
        "print(found.phase, found.chi1, found.max_depth)",
        "print(found.gradients, found.gradient_intervals)",
    ]


def _drawn(values: Values) -> tuple[str, ...]:
    ((_, act),) = values["f"]
    names = ("init", "weight_variance", "bias_variance", "width", "depth", "length")
    chosen = {name: values[name] for name in names}
    return tuple(map(repr, propagation.drawn(act, **chosen)))


def _gates(values: Values) -> list[str]:
    reach = values["reach"]
    return [
        "import numpy as np",
        "import nonlin as nl",
        "",
        f"gate, value = np.meshgrid(np.linspace({-reach!r}, {reach!r}, 81), {values['cut']!r})",
        f"print(nl.{values['gate']}(gate, value))",
        f"by_gate, by_value = nl.{values['gate']}.derivative(gate, value)",
        "print(by_gate, by_value)",
    ]


def _softmax(values: Values) -> list[str]:
    n, variance, temperature = (values[name] for name in ("n", "variance", "temperature"))
    return [
        "import numpy as np",
        "import nonlin as nl",
        "from nonlin.propagation.softmax import softmax_statistics",
        "",
        f"random = np.random.default_rng({values['seed']})",
        f"scores = np.sqrt({variance!r}) * random.standard_normal({n})",
        f"print(nl.softmax(scores / {temperature!r}))",
        f"print(softmax_statistics({n}, {variance!r} / {temperature!r} ** 2))",
    ]


def _time(values: Values) -> list[str]:
    return [
        *_imports(values),
        "",
        "# A recurrent network is as deep as it has steps; its inputs take the place of biases.",
        "found = nl.propagate(",
        f"    {written(values['f'][0][1])},",
        f"    weight_variance={values['recurrent_variance']!r},",
        f"    bias_variance={values['input_variance']!r},",
        f"    depth={values['steps']},",
        "    input_length=0.0,",
        ")",
        "print(found.phase, found.lengths, found.gradients)",
    ]


def _race(values: Values) -> list[str]:
    course = ", ".join(
        f"{name}={values[name]!r}" for name in ("hidden", "layers", "rate", "init", "batch", "seed")
    )
    functions = ", ".join(f"({spec!r}, {written(act)})" for spec, act in values["f"])
    return [
        "import nonlin as nl",
        "from nonlin.explorer.race.race import Race",
        "from nonlin.explorer.race.runner import Course",
        *_imports(values)[1:],
        "",
        f"course = Course({course})",
        f"race = Race([{functions}], {values['dataset']!r}, course, steps={values['steps']})",
        "while not race.over:",
        "    frame = race.advance(100)",
        '    for run in frame["runs"]:',
        '        print(frame["step"], run["spec"], run["loss"], run["accuracy"], run["dead"])',
    ]


def _study(values: Values) -> list[str]:
    return [
        "from nonlin import study",
        "",
        'results = study.run(path="study/results.json")',
        "for outcome in results.outcomes.values():",
        "    print(outcome.id, outcome.verdict, outcome.numbers)",
    ]


def _examine(values: Values) -> list[str]:
    return [
        "from nonlin.torch.runs import load",
        "from nonlin.torch.wording import describe",
        "",
        'run = load("run.jsonl")',
        "for finding in run.last.findings:",
        "    print(finding.severity, finding.site, describe(finding))",
        "for reading in run.snapshots:",
        "    print(reading.step, reading.loss, [site.gradient_rms for site in reading.sites])",
    ]


def _imports(values: Values) -> list[str]:
    own = any(act.record is None for _, act in values["f"])
    return ["import nonlin as nl", *(["from nonlin.formula import from_formula"] if own else [])]


def _listed(values: Values) -> str:
    return ", ".join(written(act) for _, act in values["f"])


_LINES: dict[str, Callable[[Values], list[str]]] = {
    "functions": _functions,
    "gates": _gates,
    "softmax": _softmax,
    "depth": _depth,
    "time": _time,
    "race": _race,
    "study": _study,
    "examine": _examine,
}

ENDPOINT = ViewEndpoint(
    "/api/python",
    "The lines of Python that do what a view of the page shows; the view's state are the other "
    "parameters, as in the address of the page",
    (VIEW, language),
    lines,
    record(python={"type": "string"}),
)
