"""Writes docs/study-stability.md and its Korean twin; what they say is in results files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from bilingual import LANGUAGES, sentences

from nonlin.messages import text
from nonlin.study import claims
from nonlin.study.elsewhere import elsewhere
from nonlin.study.results import Results, Verdict
from stability.agreement import Agreement, agreement, differing, tally
from stability.settings import OTHER

__all__ = ["page", "rows", "write"]

say = sentences(Path(__file__).parent)


def write(found: Mapping[str, Results], path: Path) -> None:
    """Write the page in both languages; `found` has a study for each setting's name."""
    for lang in LANGUAGES:
        own = path if lang == "en" else path.with_suffix(f".{lang}.md")
        own.write_text(page(found, lang, path.stem), encoding="utf-8")


def rows(found: Mapping[str, Results]) -> dict[str, list[Verdict]]:
    """Each claim's verdict in every setting, in the document's order."""
    studies = list(found.values())
    return {
        key: [study.outcomes[key].verdict for study in studies]
        for key in claims.ids()
        if all(key in study.outcomes for study in studies)
    }


def page(found: Mapping[str, Results], lang: str, stem: str) -> str:
    """The whole page."""
    verdicts = rows(found)
    other = f"{stem}.ko.md" if lang == "en" else f"{stem}.md"
    parts = [
        f"# {say('title', lang)}",
        f"[{text('report.other_language', lang)}]({other})",
        say("lead", lang, settings=len(found)),
        _settings(found, lang, stem),
        f"## {say('agreement', lang)}",
        say("counting", lang),
        _counts(tally(verdicts), len(verdicts), lang),
        _pairs(found, verdicts, lang),
        f"## {say('claims', lang)}",
        _claims(found, verdicts, lang),
        f"## {say('differences', lang)}",
        *(_differences(found, verdicts, lang) or [say("none", lang)]),
    ]
    return "\n\n".join(parts) + "\n"


def _settings(found: Mapping[str, Results], lang: str, stem: str) -> str:
    lines = []
    for name, study in found.items():
        here = elsewhere(study)
        sets = [here.instruction_set, here.torch_instruction_set]
        seeds = "–".join(map(str, here.seeds))
        said = _name(name, lang)
        linked = f"[{said}]({stem}/{name}.json)" if name == OTHER else said
        lines.append([linked, *sets, seeds, here.processor])
    heads = ("setting", "kernels", "torch", "seeds", "processor")
    return _table([say(f"head.{head}", lang) for head in heads], lines)


def _counts(found: Mapping[Agreement, Sequence[str]], count: int, lang: str) -> str:
    lines = []
    for kind, ids in found.items():
        named = _linked(ids, lang) if kind != "same" else ""
        lines.append([say(f"kind.{kind}", lang), f"{len(ids)}", named])
    agreeing = count - len(found["different"])
    heads = [say("head.kind", lang), say("head.count", lang), say("head.claims", lang)]
    return _table(heads, lines) + "\n\n" + say("total", lang, agreeing=agreeing, count=count)


def _pairs(
    found: Mapping[str, Results], verdicts: Mapping[str, Sequence[Verdict]], lang: str
) -> str:
    """Each setting beside the first."""
    first, *others = found
    lines = []
    for place, name in enumerate(others, 1):
        counted = tally({key: [row[0], row[place]] for key, row in verdicts.items()})
        lines.append([_name(name, lang), *(f"{len(ids)}" for ids in counted.values())])
    heads = [say("head.beside", lang, first=_name(first, lang))]
    return _table([*heads, *(say(f"kind.{kind}", lang) for kind in tally({}))], lines)


def _claims(
    found: Mapping[str, Results], verdicts: Mapping[str, Sequence[Verdict]], lang: str
) -> str:
    lines = []
    for key, row in verdicts.items():
        words = [text(f"report.verdict.{verdict}", lang) for verdict in row]
        kind = say(f"kind.{agreement(row)}", lang)
        lines.append([_linked([key], lang), text(f"study.claims.{key}.claim", lang), *words, kind])
    heads = [text("cli.study.id", lang), text("cli.study.claim", lang)]
    names = [_name(name, lang) for name in found]
    return _table([*heads, *names, say("head.kind", lang)], lines)


def _differences(
    found: Mapping[str, Results], verdicts: Mapping[str, Sequence[Verdict]], lang: str
) -> list[str]:
    """One paragraph a claim whose verdict is not the same everywhere, and the conditions behind."""
    parts = []
    for key, row in verdicts.items():
        if agreement(row) == "same":
            continue
        by_setting = zip(found, row, strict=True)
        words = (
            f"{_name(name, lang)}: {text(f'report.verdict.{verdict}', lang)}"
            for name, verdict in by_setting
        )
        parts.append(f"**{_linked([key], lang)}** {say(f'kind.{agreement(row)}', lang)}. ")
        parts[-1] += ", ".join(words) + ".\n\n" + "\n".join(_conditions(found, key, lang))
    return [part.strip() for part in parts]


def _conditions(found: Mapping[str, Results], key: str, lang: str) -> Iterator[str]:
    outcomes = [study.outcomes[key] for study in found.values()]
    for name, answers in differing(outcomes).items():
        words = (say(f"answer.{answer}", lang) if answer else "–" for answer in answers)
        yield f"- {text(f'study.circumstances.{name}', lang)}: {', '.join(words)}"


def _name(setting: str, lang: str) -> str:
    return say(f"setting.{setting}", lang)


def _linked(ids: Iterable[str], lang: str) -> str:
    study = "study.md" if lang == "en" else f"study.{lang}.md"
    return " ".join(f"[{key}]({study}#{key.lower()})" for key in ids)


def _table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    each = [heads, ["---"] * len(heads), *lines]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in r) + " |" for r in each)
