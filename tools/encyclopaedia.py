"""Find every function's facts anew, ship them, and write docs/activations.md and its Korean twin.

python tools/encyclopaedia.py [NAME ...]

The facts go into nonlin/facts/catalogue.json and the formulas into nonlin/cards/formulas.json, from
which the package and the pages read them. With names, the facts of these alone are found; those of
the others stay as they are.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import nonlin as nl
from nonlin.activation import Activation
from nonlin.cards.formulas import FILE, written
from nonlin.facts import properties, shipped
from nonlin.facts.record import anew
from nonlin.facts.words import label, say
from nonlin.figures import STYLES, new_figure, plain_style, save
from nonlin.figures.sampling import curve
from nonlin.messages import languages, text

ROOT = Path(__file__).parents[1]
PAGES = {"en": ROOT / "docs" / "activations.md", "ko": ROOT / "docs" / "activations.ko.md"}
PICTURES = ROOT / "docs" / "figures" / "activations"

TABLES = {
    "shape": ("range", "asymptotes", "continuity", "monotone", "convex", "parity"),
    "slopes": ("lipschitz", "steepest", "at_zero", "zeros", "fixed_points", "saturated", "dead",
               "inverse"),
    "signals": ("mean", "mean_square", "mean_square_slope", "sparsity", "zero_slope", "gain",
                "self_normalising"),
    "rounding": ("rounding",),
}  # fmt: skip


# Seconds of processor time: far more than any proof needs.
PATIENCE = 600.0


def facts(act: Activation) -> dict[str, Any]:
    """Find the facts of a function, and of which definition they are."""
    found = anew(act, PATIENCE).to_json()
    late = [name for name, fact in found.items() if "not_proved_within" in fact]
    if late:
        raise SystemExit(f"not proved of {act!r} within {PATIENCE:g} s: {', '.join(late)}")
    return {"of": shipped.fingerprint(act), "facts": found}


def ship(names: Sequence[str]) -> None:
    """Write both files that the package reads, a fact or a formula a line."""
    acts = [nl.get(name) for name in nl.names()]
    kept = json.loads(shipped.FILE.read_text(encoding="utf-8"))
    known = {act.name: facts(act) if act.name in names else kept[act.name] for act in acts}
    _write(shipped.FILE, known, depth=2)
    _write(FILE, {act.name: written(act) for act in acts}, depth=1)


def _write(file: Path, found: dict[str, Any], depth: int) -> None:
    file.write_text(_lines(found, depth) + "\n", encoding="utf-8")


def _lines(value: Any, depth: int, indent: str = "") -> str:
    """Write JSON whose objects are spread over lines down to a depth."""
    if depth < 0 or not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    inner = indent + " "
    parts = [
        f"{inner}{json.dumps(key)}: {_lines(each, depth - 1, inner)}" for key, each in value.items()
    ]
    return "{\n" + ",\n".join(parts) + f"\n{indent}}}"


def draw(act: Activation) -> None:
    """Draw phi and phi' into a small picture without words."""
    with plain_style():
        figure = new_figure(2.2, 1.5)
        axes = figure.subplots()
        x = np.linspace(-5.0, 5.0, 401)
        seen = []
        looks = ((act.derivative, STYLES[1], 1.2), (act, STYLES[0], 1.8))
        for f, (color, line), width in looks:
            u, y = curve(f, x)
            axes.plot(u, y, color=color, linestyle=line, linewidth=width)
            seen.append(y[np.isfinite(y)])
        values = np.concatenate(seen)
        low, high = max(values.min(), -3.0), min(values.max(), 5.0)
        margin = 0.08 * (high - low)
        axes.set(xlim=(-5, 5), ylim=(low - margin, high + margin))
        axes.axhline(0, color="k", linewidth=0.6)
        axes.axvline(0, color="k", linewidth=0.6)
        axes.tick_params(labelsize=7)
        save(figure, PICTURES / act.name, ("svg",))


def page(lang: str) -> str:
    """Write the whole page."""
    parts = [
        f"# {_word('title', lang)}",
        f"[{_word('other', lang)}]({_word('other_file', lang)})",
        _word("intro", lang),
    ]
    for name, facts in TABLES.items():
        parts.append(f"## {_word(name, lang)}")
        parts += [_word("rounding_intro", lang)] if name == "rounding" else []
        parts.append(_table(facts, lang, pictures=name == "shape"))
    return "\n\n".join(parts) + "\n"


def _table(facts: tuple[str, ...], lang: str, pictures: bool) -> str:
    heads = [_word("function", lang)]
    heads += [_word("picture", lang), _word("formula", lang)] if pictures else []
    heads += [label(fact, lang) for fact in facts]
    rows = [heads, ["---"] * len(heads)]
    for name in nl.names():
        act = nl.get(name)
        record = act.record
        assert record is not None
        first = [f"[{record.title}]({record.url}) `{name}`"] if pictures else [f"`{name}`"]
        if pictures:
            first += [f"![{record.title}](figures/activations/{name}.svg)", f"`{record.formula}`"]
        rows.append(first + [_cell(act, fact, lang) for fact in facts])
    return "\n".join("| " + " | ".join(_safe(cell) for cell in row) + " |" for row in rows)


def _cell(act: Activation, name: str, lang: str) -> str:
    fact = properties(act)[name]
    written = say(name, fact, lang)
    measured = fact.evidence == "measured" and isinstance(fact.value, float)
    if name == "inverse" and fact.value is not None and fact.value.formula:
        return f"`{written}`"
    return f"≈ {written}" if measured else written


def _safe(cell: str) -> str:
    if cell.startswith("`"):
        return cell.replace("|", r"\|")
    return cell.replace("|", r"\|").replace("\n", "<br>")


def _word(key: str, lang: str) -> str:
    return text(f"properties.page.{key}", lang)


def main() -> None:
    """Ship the facts, draw every picture and write both pages."""
    names = [nl.get(name).name for name in sys.argv[1:]] or nl.names()
    ship(names)
    for name in names:
        draw(nl.get(name))
    for lang in languages():
        PAGES[lang].write_text(page(lang), encoding="utf-8")


if __name__ == "__main__":
    main()
