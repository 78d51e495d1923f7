"""What people call a place in a model, and a row of places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from nonlin.messages import language, text
from nonlin.torch.finding import rank

if TYPE_CHECKING:
    from nonlin.torch.finding import Finding
    from nonlin.torch.reading import Reading
    from nonlin.torch.runs.state import Structure

__all__ = ["Part", "Places", "part"]

# Of a row that does not run through, so many parts are told.
PARTS = 4

# From so many neighbours on the first and the last are told.
RUN = 3

# What modules of a block are called, and what people call them.
BRANCHES = (
    ("mlp", re.compile(r"mlp|ffn?|feed_?forward|intermediate|fc\d*|linear\d*", re.IGNORECASE)),
    ("attention", re.compile(r".*att(n|ention).*", re.IGNORECASE)),
)

# A longer number in a name counts no blocks.
DIGITS = 7

# What an activation of the evidence is called; places are told apart.
ACTIVATIONS = ("activation", "first_activation", "second_activation")


class Site(NamedTuple):
    """What a site's label is made of."""

    activation: str
    layer: str | None


@dataclass(frozen=True, slots=True)
class Name:
    """A name in its parts.

    Attributes
    ----------
    path, index : str
        Of the block it lies in, "encoder.layers" and "3"; both "" outside of blocks.
    own : str
        The rest, without the number of the call.
    call : str
        Which call of a module or function that is called again and again; "" for the first.
    """

    path: str
    index: str
    own: str
    call: str

    @property
    def is_numbered(self) -> bool:
        """Whether it says no more than a place in a row."""
        return _is_index(self.own.rpartition(".")[2])


class Places:
    """Names of a model's sites and layers for people.

    A module of a block, "h.3.mlp.act", is "block 3 · mlp.act"; the second module of a row is told
    with the layer before it and what it computes, "layer 0 → ReLU (1)"; and so is a module or a
    function that is called again and again, "act#7", as "convs.6 → act".

    Parameters
    ----------
    sites : iterable of (name, activation, layer)
        In the order of the forward pass.
    layers : iterable of str

    Examples
    --------
    >>> places = Places([("1", "nl.relu", "0"), ("3", "nl.relu", "2")], ["0", "2", "4"])
    >>> places.label("1", "en"), places.label("4", "en")
    ('layer 0 → ReLU (1)', 'layer 4')
    >>> blocks = Places([(f"h.{i}.mlp.act", "nl.gelu", None) for i in range(12)], [])
    >>> blocks.row([f"h.{i}.mlp.act" for i in range(12)], "en")
    'blocks 0 to 11 · mlp.act (12 layers)'
    """

    def __init__(
        self, sites: Iterable[tuple[str, str, str | None]] = (), layers: Iterable[str] = ()
    ) -> None:
        self._sites = {name: Site(activation, layer) for name, activation, layer in sites}
        known = list(layers)
        self._order = {name: (0, place) for place, name in enumerate(self._sites)}
        self._order |= {name: (1, place) for place, name in enumerate(known)}
        names = [_parted(name) for name in (*self._sites, *known)]
        self._paths = {name.path for name in names if name.index}
        self._again = {(name.path, name.index, name.own) for name in names if name.call}

    @classmethod
    def of_reading(cls, reading: Reading) -> Places:
        """Name the places of an examination."""
        sites = ((site.name, site.activation, site.layer) for site in reading.sites)
        return cls(sites, (layer.name for layer in reading.layers))

    @classmethod
    def of_structure(cls, structure: Structure) -> Places:
        """Name the places of a run."""
        sites = (
            (str(site["name"]), str(site["activation"]), _or_none(site["layer"]))
            for site in structure.sites
        )
        return cls(sites, (str(layer["name"]) for layer in structure.layers))

    def label(self, name: str, lang: str | None = None) -> str:
        """Name one place.

        Parameters
        ----------
        name : str
            Of a site or a layer, or any other word, which then stays as it is.
        lang : str, optional
            "en" or "ko"; by default the locale's.

        Returns
        -------
        str
        """
        if name not in self._order:
            return name
        spoken, parts = language(lang), _parted(name)
        inside = self._inside(name, parts, spoken)
        return f"{self._block(parts, spoken)} · {inside}" if parts.index else inside

    def titles(self, lang: str | None = None) -> list[str]:
        """Name every site as a list of them does, "block 3 · MLP · GELU"; no two alike.

        Where two would be, both have the name that `label` gives them, or else that of the code.
        """
        spoken = language(lang)
        for name in (self._title, self.label):
            found = [name(site, spoken) for site in self._sites]
            if len(set(found)) == len(found):
                return found
        return list(self._sites)

    def _title(self, name: str, lang: str) -> str:
        parts, computed = _parted(name), _spoken(self._sites[name].activation)
        if not parts.index:
            return self.label(name, lang)
        module = parts.own.partition(".")[0]
        branch = next((key for key, known in BRANCHES if known.fullmatch(module)), None)
        # A module of the block itself, as "act", says no more than what it computes.
        inner = "." in parts.own or branch
        said = [text(f"doctor.place.{branch}", lang)] if branch else [module] if inner else []
        return " · ".join([self._block(parts, lang), *said, computed])

    def exact(self, name: str, lang: str | None = None) -> str:
        """Name one place, with the name that it has in code behind it where that is left out."""
        parts = _parted(name)
        hidden = name in self._order and parts.path and len(self._paths) == 1
        return f"{self.label(name, lang)} ({name})" if hidden else self.label(name, lang)

    def called(self, name: str, lang: str | None = None) -> str:
        """Name one place as code does, but for calls of what is called again and again."""
        parts = _parted(name)
        again = name in self._order and (parts.path, parts.index, parts.own) in self._again
        return self.label(name, lang) if again else name

    def row(self, names: Sequence[str], lang: str | None = None) -> str:
        """Name several places: the first and the last of those that lie in a row, and how many."""
        if len(names) == 1:
            return self.exact(names[0], lang)
        spoken = language(lang)
        parts = list(self._runs(names, spoken))
        if len(parts) > PARTS:
            left = len(parts) - PARTS + 1
            parts[PARTS - 1 :] = [text("doctor.place.more", spoken, count=f"{left:,}")]
        count, layers = f"{len(names):,}", any(name in self._order for name in names)
        key = "doctor.place.count" if layers else "doctor.place.count_of_others"
        return text(key, spoken, places=", ".join(parts), count=count)

    def blocks(self, names: Sequence[str], lang: str | None = None) -> str:
        """Name the blocks that places lie in: "blocks 0 to 11"."""
        spoken = language(lang)
        indices = sorted({int(_parted(name).index) for name in names if _parted(name).index})
        one = "block" if len(indices) == 1 else "blocks"
        numbers = _ranges(indices, spoken)
        return text(f"doctor.place.{one}", spoken, index=numbers, indices=numbers)

    def paragraphs(self, findings: Sequence[Finding]) -> list[tuple[Finding, ...]]:
        """Put findings together that differ in their place and their numbers alone.

        Parameters
        ----------
        findings : sequence of Finding

        Returns
        -------
        list of tuple of Finding
            In the order of the first of each; every finding stands in one of them.
        """
        roots = {each.caused_by for each in findings}
        groups: dict[tuple[object, ...], list[Finding]] = {}
        for each in findings:
            groups.setdefault(self._fault(each), []).append(each)
        told: list[tuple[Finding, ...]] = []
        for group in groups.values():
            by_severity: dict[str, list[Finding]] = {}
            for each in group:
                by_severity.setdefault(each.severity, []).append(each)
            told += map(tuple, _joined(list(by_severity.values()), roots))
        place = {id(each): number for number, each in enumerate(findings)}
        return sorted(told, key=lambda group: place[id(group[0])])

    def _fault(self, finding: Finding) -> tuple[object, ...]:
        """Say what findings that are told together share, but for their severity."""
        here = self._sites.get(finding.site)
        functions = (str(finding.evidence.get(name)) for name in ACTIVATIONS)
        activation = here.activation if here else None
        return (finding.kind, finding.cause, finding.caused_by, activation, *functions)

    def _block(self, name: Name, lang: str) -> str:
        return self._of_path(name.path, text("doctor.place.block", lang, index=name.index), lang)

    def _of_path(self, path: str, block: str, lang: str) -> str:
        """Say of which blocks where the model has several kinds."""
        if not path or len(self._paths) == 1:
            return block
        return text("doctor.place.block_of", lang, path=path, block=block)

    def _inside(self, name: str, parts: Name, lang: str) -> str:
        site = self._sites.get(name)
        if site is None:
            bare = _is_index(parts.own)
            return text("doctor.place.layer", lang, index=parts.own) if bare else parts.own
        again = (parts.path, parts.index, parts.own) in self._again
        shown = f"{_spoken(site.activation)} ({parts.own})" if parts.is_numbered else parts.own
        if not (again or parts.is_numbered):
            return shown
        if site.layer is not None:
            return f"{self._before(site.layer, parts, lang)} → {shown}"
        call = parts.call or "1"
        return text("doctor.place.call", lang, name=shown, call=call) if again else shown

    def _before(self, layer: str, parts: Name, lang: str) -> str:
        """Name a site's layer, without the block that both lie in."""
        own = _parted(layer)
        if (own.path, own.index) == (parts.path, parts.index):
            return self._inside(layer, own, lang)
        return self.label(layer, lang)

    def _runs(self, names: Sequence[str], lang: str) -> Iterator[str]:
        """Name those together that are the same part of several blocks, or neighbours."""
        alike: dict[tuple[str, str], list[str]] = {}
        for name in dict.fromkeys(names):
            parts = _parted(name)
            inside = self._inside(name, parts, lang) if name in self._order else ""
            key = (parts.path, inside) if parts.index and inside else ("", "")
            alike.setdefault(key, []).append(name)
        for (path, inside), found in alike.items():
            if inside:
                indices = sorted(int(_parted(name).index) for name in found)
                one = "block" if len(indices) == 1 else "blocks"
                numbers = _ranges(indices, lang)
                block = text(f"doctor.place.{one}", lang, index=numbers, indices=numbers)
                yield f"{self._of_path(path, block, lang)} · {inside}"
            else:
                yield from self._neighbours(found, lang)

    def _neighbours(self, names: Sequence[str], lang: str) -> Iterator[str]:
        behind = (2, len(self._order))
        ordered = sorted(names, key=lambda name: self._order.get(name, behind))
        places = [self._order.get(name, (2, 2 * i)) for i, name in enumerate(ordered)]
        for first, last in _consecutive(places):
            low, high = ordered[first], ordered[last]
            if last - first + 1 < RUN:
                yield from dict.fromkeys(self.label(name, lang) for name in (low, high))
            elif self._is_bare(low) and self._is_bare(high):
                run = text("doctor.range", lang, low=low, high=high)
                yield text("doctor.place.layers", lang, indices=run)
            else:
                ends = (self.label(name, lang) for name in (low, high))
                yield text("doctor.range", lang, **dict(zip(("low", "high"), ends, strict=True)))

    def _is_bare(self, name: str) -> bool:
        """Tell whether a layer's whole name is its number."""
        return _is_index(name) and name in self._order and name not in self._sites


class Part(NamedTuple):
    """A part of a model: the blocks of one path, or what lies in one module.

    Attributes
    ----------
    path : str
        "encoder.layers"; "" for what lies in no module and for blocks of the model itself.
    has_blocks : bool
    """

    path: str
    has_blocks: bool


def part(name: str) -> Part:
    """Tell which part of a model a site or a layer lies in.

    Examples
    --------
    >>> part("encoder.layers.3.mlp.act"), part("features.1")
    (Part(path='encoder.layers', has_blocks=True), Part(path='features', has_blocks=False))
    """
    parts = _parted(name)
    if parts.index:
        return Part(parts.path, True)
    module, dot, _ = name.partition(":")[0].rpartition(".")
    return Part(module.partition(".")[0] if dot else "", False)


def _joined(groups: Sequence[list[Finding]], roots: set[str | None]) -> Iterator[list[Finding]]:
    """Put a fault that is graded higher for what follows from it to the same fault elsewhere."""
    raised: list[Finding] = []
    ordered = sorted(groups, key=lambda group: -rank(group[0].severity))
    for place, group in enumerate(ordered, 1):
        if place < len(ordered) and all(each.site in roots for each in group):
            raised += group
        else:
            yield [*raised, *group]
            raised = []


def _parted(name: str) -> Name:
    """Take a name into its parts.

    Examples
    --------
    >>> _parted("h.3.mlp.act#2")
    Name(path='h', index='3', own='mlp.act', call='2')
    >>> _parted("blocks.0:relu").own, _parted(":tanh#4"), _parted("convs.6").index
    ('relu', Name(path='', index='', own='tanh', call='4'), '')
    """
    module, colon, function = name.partition(":")
    parts = [part for part in module.split(".") if part] + ([function] if colon else [])
    last, _, call = parts[-1].partition("#") if parts else ("", "", "")
    parts[-1:] = [last]
    numbers = [place for place, part in enumerate(parts[:-1]) if _is_index(part)]
    if not numbers:
        return Name("", "", name.partition("#")[0].removeprefix(":"), call)
    at = numbers[-1]
    return Name(".".join(parts[:at]), parts[at], ".".join(parts[at + 1 :]), call)


def _is_index(part: str) -> bool:
    return part.isascii() and part.isdigit() and len(part) < DIGITS


def _spoken(activation: str) -> str:
    """Write a function as its papers do: nl.relu as ReLU."""
    name = activation.removeprefix("nl.")
    try:
        return text(f"figures.names.{name}", "en")
    except KeyError:
        return name


def _ranges(indices: Sequence[int], lang: str) -> str:
    runs = (
        (indices[first], indices[last]) for first, last in _consecutive([(0, i) for i in indices])
    )
    written = []
    for low, high in runs:
        if high - low + 1 >= RUN:
            written.append(text("doctor.range", lang, low=low, high=high))
        else:
            written += [str(i) for i in range(low, high + 1)]
    return ", ".join(written)


def _consecutive(places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Give the first and the last position of each run of places without a gap."""
    begun = 0
    for at, place in enumerate(places):
        following = (place[0], place[1] + 1)
        if at + 1 == len(places) or places[at + 1] != following:
            yield begun, at
            begun = at + 1


def _or_none(value: object) -> str | None:
    return None if value is None else str(value)
