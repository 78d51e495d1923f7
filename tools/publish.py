"""Write what the documents quote of a study: the READMEs' overview, docs/study.md, the figures.

    python tools/publish.py study/results.json
    python tools/publish.py --times other/results.json

Also keeps the outcomes in the package: `nonlin show` and the explorer fall back to them. With
`--times` only what the machine of these results took is put beside the others, into the pages too.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import nonlin as nl
from nonlin import study_figures
from nonlin.messages import languages, text
from nonlin.report.machines import heads, rows
from nonlin.report.page import how_decided
from nonlin.report.sections import OPEN, ClaimView, Section, sections, tally
from nonlin.study import claims, elsewhere, results
from nonlin.study.document import ADDED, PLACES
from nonlin.study.elsewhere import Times

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
READMES = {"en": ROOT / "README.md", "ko": ROOT / "README.ko.md"}
MACHINES = ROOT / "nonlin" / "study" / "machines.json"
PAGES = {"en": DOCS / "study.md", "ko": DOCS / "study.ko.md"}


def table(views: list[ClaimView], lang: str) -> str:
    """One row a claim: what the document says, and the verdict, linked to how it came out."""
    rows = [
        "| " + " | ".join(text(f"cli.study.{c}", lang) for c in ("id", "claim", "verdict")) + " |",
        "| --- | --- | --- |",
    ]
    for view in views:
        link = f"[{view.id}](#{view.id.lower()})"
        rows.append(f"| {link} | {_cell(view.claim)} | {_verdict(view, lang)} |")
    return "\n".join([*rows, "", _total(views, lang)])


def overview(chapters: list[Section], lang: str) -> str:
    """The READMEs' table, one row a chapter: the claims of each verdict, linked to their places."""
    verdicts = [name for name in tally(()) if name != OPEN]
    heads = [text("cli.study.claim", lang), *(text(f"report.verdict.{v}", lang) for v in verdicts)]
    rows = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    for chapter in chapters:
        cells = [_ids(chapter, verdict, lang) for verdict in verdicts]
        rows.append("| " + " | ".join([_cell(chapter.title), *cells]) + " |")
    views = [view for chapter in chapters for view in chapter.claims]
    return "\n".join([*rows, "", _total(views, lang)])


def _ids(chapter: Section, verdict: str, lang: str) -> str:
    page = f"docs/{PAGES[lang].name}"
    found = [view.id for view in chapter.claims if view.verdict == verdict]
    return " ".join(f"[{each}]({page}#{each.lower()})" for each in found)


def _total(views: list[ClaimView], lang: str) -> str:
    counted = {name: count for name, count in tally(views).items() if name != OPEN}
    return f"**{text('cli.study.tally', lang, count=len(views), **counted)}**"


def page(chapters: list[Section], lang: str) -> str:
    """The whole page: every claim with its finding, its method and its rule."""
    views = [view for chapter in chapters for view in chapter.claims]
    other = next(name for name in languages() if name != lang)
    parts = [
        f"# {text('report.title', lang)}",
        f"[{text('report.other_language', lang)}]({PAGES[other].name})",
        text("report.lead", lang, count=len(views)),
        text("report.published", lang),
        table(views, lang),
        how_decided(lang),
    ]
    for chapter in chapters:
        parts += [f"## {chapter.title}", chapter.introduction]
        for drawing in chapter.drawings:
            source = f"figures/study/{drawing.phenomenon}.{lang}.png"
            parts += [f"![{drawing.title}]({source})", f"*{drawing.caption}*"]
        for view in chapter.claims:
            parts += _claim(view, lang)
    parts += times(lang)
    parts += [f"## {text('report.places', lang)}", places(lang)]
    parts.append(text("report.added", lang, claims=", ".join(_linked(ADDED))))
    return "\n\n".join(parts) + "\n"


def times(lang: str) -> list[str]:
    """What the functions took on every machine of the repository."""
    lines = [heads(lang), ["---", "---", *["---:"] * (len(heads(lang)) - 2)]]
    lines += [[row.machine, row.implementation, *row.cells] for row in rows(machines(), lang)]
    table = "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)
    said = [text(f"report.machines.{key}", lang) for key in ("title", "lead", "published")]
    return [f"## {said[0]}", said[1], table, said[2]]


def places(lang: str) -> str:
    """One row a statement of the document, by place: the claims that cover it, or why none does."""
    heads = [text(f"report.{key}", lang) for key in ("place", "quote", "covering", "left")]
    rows = ["| " + " | ".join(heads) + " |", "| --- | --- | --- | --- |"]
    for place in PLACES:
        where = f"{place.section} {text(f'study.places.{place.part}', lang)} {place.number}"
        reason = text(f"study.reasons.{place.reason}", lang) if place.reason else ""
        covering = ", ".join(_linked(place.claims))
        rows.append(f"| {where} | {_cell(place.quote)} | {covering} | {reason} |")
    return "\n".join(rows)


def _linked(ids: Iterable[str]) -> Iterator[str]:
    return (f"[{claim}](#{claim.lower()})" for claim in ids)


def _claim(view: ClaimView, lang: str) -> Iterator[str]:
    yield f'<a id="{view.id.lower()}"></a>'
    evidence = text(f"report.evidence.{view.evidence}", lang)
    yield f"### {view.id}. {view.claim}"
    yield f"**{_verdict(view, lang)}** ({evidence}). {''.join(piece for piece, _ in view.finding)}"
    how = text("report.how", lang)
    rule = text("report.rule", lang)
    # A blank line on both sides, or the Markdown within is not read as such.
    yield f"<details><summary>{how}</summary>"
    yield view.method
    yield f"{rule}: {view.rule}"
    yield "</details>"


def _verdict(view: ClaimView, lang: str) -> str:
    return text(f"report.verdict.{view.verdict}", lang)


def _cell(sentence: str) -> str:
    return sentence.replace("|", r"\|")


def draw(found: results.Results, lang: str) -> dict[str, str]:
    """Save the figures that the documents show; return the study's, by phenomenon.

    `sections` takes drawings to stand in a page of HTML. Here files are linked instead, so each is
    an empty drawing.
    """
    figures = DOCS / "figures"
    five = [nl.get(name) for name in nl.names()[:5]]
    curves = nl.plot(*five, derivative=True, xlim=(-6, 6), lang=lang)
    study_figures.save(curves, figures / f"functions.{lang}", ("png",))
    drawn = {}
    for phenomenon in study_figures.PHENOMENA:
        figure = study_figures.draw(phenomenon, found.outcomes, lang)
        if figure is not None:
            study_figures.save(figure, figures / "study" / f"{phenomenon}.{lang}", ("png",))
            drawn[phenomenon] = "<svg></svg>"
    return drawn


def keep(path: Path) -> None:
    """Keep the numbers in the package, the figures' data with four digits; not each run's own."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    for outcome in kept["outcomes"].values():
        outcome["series"] = _rounded(outcome["series"])
        for number in outcome["numbers"]:
            number["observations"] = None
    reference = ROOT / "nonlin" / "study" / "reference_results.json"
    reference.write_text(json.dumps(kept, ensure_ascii=False) + "\n", encoding="utf-8")


def _rounded(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _rounded(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_rounded(value) for value in data]
    return float(f"{data:.4g}") if isinstance(data, float) else data


def machines() -> list[Times]:
    """The machines of the repository, as they are on the disk."""
    entries = json.loads(MACHINES.read_text(encoding="utf-8")) if MACHINES.exists() else []
    return [Times(**entry) for entry in entries]


def keep_times(found: results.Results, path: Path) -> None:
    """Put the times of a study beside those of the other machines."""
    taken = elsewhere.times(found)
    if taken is None:
        sys.exit(f"{path} has no times of a whole study: measure S8 without --quick")
    kept = [asdict(each) for each in elsewhere.among(machines(), taken)]
    text = json.dumps(kept, indent=1, ensure_ascii=False)
    MACHINES.write_text(text + "\n", encoding="utf-8")


def add_times(path: Path) -> None:
    """Keep the times of another machine's study, and write them into the pages that are there."""
    keep_times(results.load(path), path)
    for lang, file in PAGES.items():
        title, end = (f"## {text(f'report.{key}', lang)}" for key in ("machines.title", "places"))
        content = file.read_text(encoding="utf-8")
        before, _, rest = content.partition(title if title in content else end)
        after = rest.partition(end)[2] if title in content else rest
        parts = "\n\n".join(times(lang))
        file.write_text(f"{before}{parts}\n\n{end}{after}", encoding="utf-8")


def main(path: Path) -> None:
    """Rewrite the tables, the pages, the figures and the fallback numbers."""
    found = results.load(path)
    if not found.complete or len(found.outcomes) < len(claims.CLAIMS):
        sys.exit(f"{path} is incomplete: finish it with nonlin study --resume")
    keep_times(found, path)
    for lang in languages():
        chapters = sections(found, draw(found, lang), lang)
        readme = READMES[lang].read_text(encoding="utf-8")
        before, _, rest = readme.partition("<!-- study -->")
        after = rest.partition("<!-- /study -->")[2]
        block = f"<!-- study -->\n{overview(chapters, lang)}\n<!-- /study -->"
        READMES[lang].write_text(before + block + after, encoding="utf-8")
        PAGES[lang].write_text(page(chapters, lang), encoding="utf-8")
    keep(path)


if __name__ == "__main__":
    if sys.argv[1] == "--times":
        add_times(Path(sys.argv[2]))
    else:
        main(Path(sys.argv[1]))
