"""A reading, looked up by name and by what comes before what."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from nonlin.torch.branches import Branch, branches
from nonlin.torch.findings.guessing import has_begun
from nonlin.torch.parts import Layer, Site
from nonlin.torch.reading import Reading, Step

# Calls that pass each value on as it is, to another place or to none.
MOVING = {"view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "permute", "transpose"}
MOVING |= {"view_as", "reshape_as", "swapaxes", "movedim", "t", "T", "mT", "expand", "contiguous"}
PICKING = {"getitem", "__getitem__", "select", "narrow", "chunk", "split", "unbind"}
COPYING = {"to", "float", "half", "double", "bfloat16", "type", "clone", "detach", "identity"}
CARRIERS = MOVING | PICKING | COPYING


class View:
    """Look-ups in a reading.

    Parameters
    ----------
    reading : Reading
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    @cached_property
    def layers(self) -> dict[str, Layer]:
        """Layers by name."""
        return {layer.name: layer for layer in self.reading.layers}

    @cached_property
    def fed(self) -> dict[str, list[tuple[Site, bool]]]:
        """The sites that a layer feeds, and whether a normalisation stands between.

        More than one layer feeds a site where their results are added, as in a recurrent cell.
        """
        found: dict[str, list[tuple[Site, bool]]] = {}
        sites = {site.name: site for site in self.reading.sites}
        for place, step in enumerate(self.reading.steps):
            if step.kind == "activation" and step.name in sites:
                for layer, normalized in self._feeding(place, False).items():
                    found.setdefault(layer, []).append((sites[step.name], normalized))
        return found

    def _feeding(self, place: int, normalized: bool) -> dict[str, bool]:
        found: dict[str, bool] = {}
        for source in self.reading.steps[place].sources:
            step = self.reading.steps[source]
            if step.kind == "layer":
                found[step.name] = normalized
            elif step.kind not in ("activation", "softmax", "product", "input"):
                found |= self._feeding(source, normalized or step.kind == "normalization")
        return found

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each site and layer on the way from the inputs."""
        found = {"inputs": -1}
        for place, step in enumerate(self.reading.steps):
            found.setdefault(step.name, place)
        for place, site in enumerate(self.reading.sites):
            found.setdefault(site.name, 2 * place + 1)
            if site.layer is not None:
                found.setdefault(site.layer, 2 * place)
        for layer in self.reading.layers:
            found.setdefault(layer.name, len(found))
        return found

    @cached_property
    def branches(self) -> tuple[Branch, ...]:
        """The residual branches."""
        return branches(self.reading.steps)

    @cached_property
    def on_branches(self) -> set[str]:
        """The names of all steps on residual branches."""
        steps = self.reading.steps
        return {steps[place].name for branch in self.branches for place in branch.steps}

    @cached_property
    def before_the_loss(self) -> set[str]:
        """The names of all steps that the loss depends on; empty where none is a loss."""
        steps = self.reading.steps
        row = [place for place, step in enumerate(steps) if step.kind == "loss"]
        seen = set(row)
        while row:
            row = [x for place in row for x in steps[place].sources if x not in seen]
            seen.update(row)
        return {steps[place].name for place in seen}

    def sources(self, layer: str) -> set[str]:
        """Name what a layer's inputs are made of, up to the layers and activations next to it."""
        steps = self.reading.steps
        row = [x for step in steps if step.name == layer for x in step.sources]
        seen: set[int] = set()
        while row:
            at = row.pop()
            if at not in seen:
                seen.add(at)
                row += () if steps[at].kind in ("layer", "activation") else steps[at].sources
        return {steps[at].name for at in seen}

    def made_with(self, layer: str) -> set[str]:
        """Give the names of all steps that a layer's result goes into, its own included."""
        found: set[int] = set()
        for place, step in enumerate(self.reading.steps):
            if step.name == layer or found.intersection(step.sources):
                found.add(place)
        return {self.reading.steps[place].name for place in found}

    def sees(self, layer: str, without: str) -> bool:
        """Tell whether something of the inputs comes to a layer past another one."""
        steps = self.reading.steps
        row = [i for i, step in enumerate(steps) if step.name == layer]
        seen = set(row)
        while row:
            step = steps[row.pop()]
            looked_up = step.name in self.layers and self.layers[step.name].kind == "embedding"
            if step.kind == "input" or looked_up:
                return True
            onwards = [x for x in step.sources if x not in seen and steps[x].name != without]
            seen.update(onwards)
            row += onwards
        return False

    @cached_property
    def _onwards(self) -> list[list[int]]:
        """The steps that take each step's result."""
        found: list[list[int]] = [[] for _ in self.reading.steps]
        for place, step in enumerate(self.reading.steps):
            for source in set(step.sources):
                found[source].append(place)
        return found

    def meets(self, start: str | int, *kinds: str) -> set[str]:
        """List the kinds of steps that the ways on from a layer, a site or a step meet first.

        Ways end at steps of the given kinds; "" stands for the end of a way that meets none.
        """
        steps = self.reading.steps
        row = [i for i, step in enumerate(steps) if start in (i, step.name)]
        seen, found = set(row), set()
        while row:
            onwards = self._onwards[row.pop()]
            found |= {steps[i].kind for i in onwards if steps[i].kind in kinds}
            found |= set() if onwards else {""}
            row += [i for i in onwards if i not in seen and steps[i].kind not in kinds]
            seen.update(onwards)
        return found

    def is_fed_directly(self, site: Site) -> bool:
        """Tell whether a layer's result comes to a site as it is."""
        steps = self.reading.steps
        place = next((i for i, x in enumerate(steps) if x.name == site.name), None)
        found = [] if place is None else [steps[i].kind for i in self.behind(place)]
        return found == ["layer"]

    def is_output(self, site: Site) -> bool:
        """Tell whether no layer follows a site: what it makes is what the loss compares."""
        return "layer" not in self.meets(site.name, "layer")

    @cached_property
    def has_begun(self) -> bool:
        """Whether the model is no longer at its first weights."""
        return has_begun(self.reading)

    def layer(self, site: Site) -> Layer | None:
        """Give the layer that makes a site's pre-activation."""
        return self.layers.get(site.layer) if site.layer is not None else None

    def place(self, name: str) -> int:
        """Give the place of a name; behind all others if it has none."""
        return self.places.get(name, len(self.places) + 10**6)

    def carried(self, step: Step) -> bool:
        """Tell whether a step changes no value that it passes on."""
        plain = step.kind == "dropout" or (step.kind == "other" and step.name in CARRIERS)
        return plain and len(step.sources) == 1

    @cached_property
    def _consumers(self) -> dict[int, int]:
        """Count the steps that take each step's result, past what carries it on as it is."""
        steps = self.reading.steps
        found: dict[int, int] = {}
        for place in reversed(range(len(steps))):
            own = found.get(place, 0) if self.carried(steps[place]) else 1
            for source in set(steps[place].sources):
                found[source] = found.get(source, 0) + own
        return found

    def consumers(self, place: int) -> int:
        """Tell how many steps take a step's result, past what carries it on as it is."""
        return self._consumers.get(place, 0)

    def behind(self, place: int, *through: str) -> Iterator[int]:
        """Go from a step to those that made it, past carriers and steps of the kinds given."""
        steps = self.reading.steps
        for source in steps[place].sources:
            step = steps[source]
            if self.carried(step) or (step.kind in through and len(step.sources) == 1):
                yield from self.behind(source, *through)
            else:
                yield source
