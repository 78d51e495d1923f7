"""The weight variance that a function asks of a layer, as `nonlin.first_weights` chooses it."""

from __future__ import annotations

import math

from nonlin.propagation import FirstWeights, NotConvergedError, first_weights
from nonlin.torch.findings.curves import function
from nonlin.torch.findings.view import View
from nonlin.torch.followers import ROW
from nonlin.torch.parts import Layer, Site


def chosen(view: View, site: Site) -> FirstWeights | None:
    """Choose first weights for a site; None if its function is not known."""
    act = function(site)
    if act is None:
        return None
    depth = _depth(view, site)
    if site.gate or (depth < ROW and view.is_output(site)):
        depth = 1
    try:
        return first_weights(act, max(depth, 1))
    except NotConvergedError:
        return None


def asked(view: View, layer: Layer, site: Site, own: float) -> float | None:
    """Give the sw2 that comes nearest to `own` among those that its site asks for.

    That is the one of a row of layers, and the one of a single layer; each as it stands and as it
    makes the wanted length of what does come in, since a first layer's inputs, or a row with large
    outputs, are not what the function before makes. None if the function is not known.
    """
    found = chosen(view, site)
    if found is None:
        return None
    alone = first_weights(found.activation)
    wanted = [x.weight_variance for x in (found, alone)]
    if layer.input_length > 0.0 and math.isfinite(layer.input_length):
        wanted += [x.input_variance(layer.input_length) for x in (found, alone)]
    if not own > 0.0:
        return wanted[0]
    return min(wanted, key=lambda x: abs(math.log(own / x)))


def to_draw(view: View, layer: str, site: Site) -> float:
    """Give the sw2 to draw a layer anew with; 1 if the function is not known."""
    found = chosen(view, site)
    if found is None:
        return 1.0
    length = view.layers[layer].input_length
    if _is_first(view, layer) and length > 0.0 and math.isfinite(length):
        return found.input_variance(length)
    return found.weight_variance


def _depth(view: View, site: Site) -> int:
    """Count the layers that the site's function follows."""
    same = (site.activation, dict(site.parameters))
    return sum(
        any((x.activation, dict(x.parameters)) == same for x, _ in fed) for fed in view.fed.values()
    )


def _is_first(view: View, layer: str) -> bool:
    """Whether what comes into a layer was made by no other layer and no activation."""
    steps = view.reading.steps
    todo = [i for i, x in enumerate(steps) if x.kind == "layer" and x.name == layer][:1]
    seen: set[int] = set()
    while todo:
        for source in steps[todo.pop()].sources:
            if steps[source].kind in ("layer", "activation", "normalization"):
                return False
            if source not in seen:
                seen.add(source)
                todo.append(source)
    return True
